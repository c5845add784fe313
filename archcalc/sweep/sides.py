"""What an axis of a sweep varies of a network's inputs: `input.height`, `frames`, or `target.tokens`."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.costs.counting import Counting
from archcalc.errors import InputError, UsageError
from archcalc.graph import Network
from archcalc.sizes import Shape, Size
from archcalc.sizes.inputs import INPUT, Inputs

PLACES = ("input.height", "input.width", "input.tokens")
"""What `input` varies, each alone."""
CHANNELS = "input.channels"
SIDES = (INPUT, *PLACES, "input.frames", CHANNELS)


class Side(NamedTuple):
    """An input by its name, and what is varied of it as it is called of an input without one."""

    input: str
    varied: str


def side_of(inputs: Inputs, name: str) -> Side | None:
    """What an axis of this name varies; None where it is no input's.

    >>> side_of(Inputs({"target": Shape((64,), 512)}), "target.tokens")
    Side(input='target', varied='input.tokens')
    """
    for own in inputs:
        varied = INPUT + name.removeprefix(own)
        if name.startswith(own) and varied in SIDES:
            return Side(own, varied)
    return None


def own_inputs(network: Network, counting: Counting) -> Inputs:
    """What enters where no axis varies it. Raises InputError where the network states no input."""
    inputs = counting.entering(network) or network.inputs
    if inputs is None:
        raise InputError(f"{network.source}: states no input; give --input")
    return inputs


def resized(inputs: Inputs, side: Side, axis: str, value: Size) -> Inputs:
    """The inputs with one of their sizes replaced. Raises UsageError where there is no such size."""
    shape = inputs[side.input]
    return Inputs({**inputs, side.input: _resized(shape, side.varied, axis, value)})


def _resized(shape: Shape, varied: str, axis: str, value: Size) -> Shape:
    if varied == CHANNELS:
        return Shape(shape.places, value)
    named = [f"{INPUT}.{each}" for each in shape.axes]
    changes = [name in PLACES if varied == INPUT else name == varied for name in named]
    if not any(changes):
        needed = "places" if varied == INPUT else varied.partition(".")[2]
        raise UsageError(f"--vary '{axis}' needs an input that has {needed}, not {shape}")
    places = [value if at else own for at, own in zip(changes, shape.places, strict=True)]
    return Shape(tuple(places), shape.channels)
