"""The depths of a sweep: each combination of them is a network of its own, recorded once.

A point's digits on the axes of depths say which of the structures it has; all other axes are variables of
every structure, and their terms are recorded together, so that equal ones are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import NamedTuple

import numpy

from archcalc.costs import Layer, layers, total
from archcalc.costs.counting import Counting
from archcalc.errors import DocumentError, UsageError
from archcalc.graph import Condition, Graph, Network
from archcalc.numerals import abbreviated, whole
from archcalc.recorded.recording import Recorded, Term
from archcalc.sizes import Requirement, Size
from archcalc.sweep.program import Array, require_64_bits
from archcalc.sweep.space import Axis, Digits

MOST_STRUCTURES = 5_000
"""As many networks are recorded before the first point of a sweep is counted: of ResNet-50, two minutes."""


class Structure(NamedTuple):
    """A network at some depths, over what else varies.

    `costs` are its numbers by the names that expressions use, `conditions` must all hold where it can be
    built, and `layers` are what was counted; there are none where it can be built nowhere.
    """

    costs: Mapping[str, Term]
    conditions: tuple[Condition, ...]
    layers: tuple[Layer, ...]


class Depths:
    """The axes of a sweep that vary how often something stands in the network: `cells` by the axis.

    Raises UsageError where there are more structures than a sweep records.
    """

    def __init__(self, axes: Sequence[Axis], cells: Mapping[int, tuple[str, str]]) -> None:
        self.axes = {index: axes[index] for index in cells}
        self.cells = cells
        self.count = prod(axis.count for axis in self.axes.values())
        if self.count > MOST_STRUCTURES:
            names = " and ".join(axis.name for axis in self.axes.values())
            raise UsageError(
                f"--vary {names}: {abbreviated(self.count)} combinations of depths, each a network of its"
                f" own, are more than {whole(MOST_STRUCTURES)}; vary fewer, or in larger steps"
            )

    def __iter__(self) -> Iterator[Mapping[int, int | Fraction]]:
        """The depths of each structure, by the axis, in order."""
        for values in product(*(axis.values for axis in self.axes.values())):
            yield dict(zip(self.axes, values, strict=True))

    def numbers(self, digits: Digits) -> Array:
        """Which structure each point has."""
        numbers = numpy.zeros(len(digits[0]), dtype=numpy.int64)
        for index, axis in self.axes.items():
            numbers = numbers * axis.count + digits[index]
        return numbers

    def network(self, network: Network, values: Mapping[int, int | Fraction]) -> Network:
        """The network at some depths, by the axis."""
        times = {cell: int(values[index]) for index, cell in self.cells.items()}
        return network.deepened(times) if times else network


def structure(graph: Graph, counting: Counting, batch: Size) -> Structure:
    """What a graph on recorded sizes costs. Raises UsageError where a number can leave 64 bits."""
    counted = layers(graph, batch, counting.bias)
    for layer in counted:
        for what, size in (*layer.cost._asdict().items(), ("output elements", layer.output_elements)):
            require_64_bits(f"'{layer.node.name}': the number of {what}", size)
    costs = {what: _term(size) for what, size in _costs(counting, counted).items()}
    for what, size in costs.items():
        require_64_bits(f"the number of {what}", size)
    for condition in graph.conditions:
        require_64_bits(f"a size of '{condition.node}'", condition.value)
    return Structure(costs, tuple(graph.conditions), tuple(counted))


def nowhere(error: DocumentError, like: Structure) -> Structure:
    """A structure that can be built at no point, whatever else varies."""
    never = Requirement(1, "==", 0, str(error.place))
    return Structure(dict.fromkeys(like.costs, 0), (Condition("", never, False),), ())


def reasons(structures: Sequence[Structure]) -> list[list[int]]:
    """For each structure the numbers of its conditions, so that what is one in several has one number.

    It is one where the same node needs the same, as often as it needs it.
    """
    known: dict[tuple[str, str, int], int] = {}
    numbered = []
    for each in structures:
        seen: dict[tuple[str, str], int] = {}
        numbers = []
        for node, requirement, _ in each.conditions:
            key = node, requirement.fact if isinstance(requirement.fact, str) else ""
            seen[key] = seen.get(key, 0) + 1
            numbers.append(known.setdefault((*key, seen[key]), len(known)))
        numbered.append(numbers)
    return numbered


def _costs(counting: Counting, counted: Sequence[Layer]) -> dict[str, Size]:
    """The costs of a whole network by the names that expressions use."""
    whole = total(counted)
    return {
        "params": whole.params,
        counting.count: counting.work(whole.macs),
        "activations": sum(layer.output_elements for layer in counted if layer.weighted),
        "weights": whole.weights,
        "biases": whole.biases,
        "norms": whole.norms,
        "elementwise": whole.elementwise,
    }


def _term(size: Size) -> Term:
    """A size that the rules made of recorded sizes."""
    if not isinstance(size, Recorded | int | Fraction):
        raise TypeError(f"{size} is no recorded term")
    return size
