"""A call as an operation of archcalc, and what reads a call's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from archcalc.models._values import TracedValue
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Op

FIRST = 1
"""The axis in which torch's convolutions keep the channels."""
LAST = -1
"""The axis in which torch's linear layers do."""


class Lifted(NamedTuple):
    """One operation, or several in a row, that a call is said to be.

    `inputs` enter the first of them with their channels in `axis`; None leaves them where they are. The
    output has them in `gives`; None where `axis` is. `tensors` are the first operation's by name. An `exact`
    one is right only where the channels are in `axis` already.
    """

    ops: tuple[Op, ...]
    inputs: tuple[TracedValue, ...]
    axis: int | None = None
    gives: int | None = None
    tensors: Mapping[str, TracedValue] = {}
    exact: bool = False


Lift = Callable[[FunctionCall], Lifted | None]
"""Says what a call is; None where that is no operation of archcalc."""


def one(call: FunctionCall, op: Op, axis: int | None = None, **tensors: TracedValue | None) -> Lifted | None:
    """A call whose first argument is what enters."""
    x = activation(call)
    if x is None:
        return None
    return Lifted((op,), (x,), axis, tensors={name: own for name, own in tensors.items() if own is not None})


def activation(call: FunctionCall, place: int = 0, name: str = "input") -> TracedValue | None:
    """The argument that a call calculates with; None where it is no tensor."""
    return tensor(call, place, name)


def tensor(call: FunctionCall, place: int, name: str) -> TracedValue | None:
    """An argument that is a tensor; None where it is none."""
    value = call.argument(place, name)
    return value if isinstance(value, TracedValue) else None


def sizes(value: object, count: int) -> tuple[int, ...] | None:
    """One number for each of so many places, from one or so many; None where it is something else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,) * count
    if isinstance(value, Sequence) and all(isinstance(each, int) for each in value):
        numbers = tuple(value)
        return numbers * count if len(numbers) == 1 else numbers if len(numbers) == count else None
    return None


def whole(value: object) -> int | None:
    """A whole number; None where it is something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def real(value: object, default: float) -> float:
    """A number; the default where it is something else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


class Padding(NamedTuple):
    """How a window says its padding: not at all where it keeps the size, as `valid`, or in numbers."""

    valid: bool
    pad: tuple[int, ...] | None


def padding_of(padding: tuple[int, ...], span: tuple[int, ...]) -> Padding:
    """The padding of a window that reaches so far.

    >>> padding_of((1, 1), (3, 3)), padding_of((0, 0), (3, 3)), padding_of((0, 1), (3, 3))
    (Padding(valid=False, pad=None), Padding(valid=True, pad=None), Padding(valid=False, pad=(0, 1)))
    """
    if all(2 * p == s - 1 for p, s in zip(padding, span, strict=True)):
        return Padding(False, None)
    return Padding(not any(padding), padding if any(padding) else None)
