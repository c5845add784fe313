"""Which operations of two graphs are each other's, where their names do not say it?

Both graphs are put in one order, depth first from the output, so that the order in which they were built
does not matter. Two sequences of operations are then aligned as Needleman & Wunsch (1970) do with proteins:
the pairs, in order, whose likeness sums up to the most.

>>> from archcalc.sources.paper import load
>>> found = align(load("googlenet").graph(), load("googlenet-torchvision").graph())
>>> len(found.pairs), len(found.only_first), len(found.only_second), found.alike
(139, 3, 57, 80)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc import numerals
from archcalc.alignment.pairing import MOST, Places, pairing
from archcalc.alignment.steps import Placed, steps
from archcalc.errors import Refused
from archcalc.graph import Graph, Node

INPUTS = "inputs"
"""The fact that says where an operation takes its inputs from; no operation writes it."""


class Change(NamedTuple):
    """One fact in which the operations of a pair differ: its value in the first and in the second."""

    fact: str
    first: Any
    second: Any


class Pair(NamedTuple):
    """Two operations that are each other's, or one that has no other; what differs between the two.

    An operation of another kind takes the place of one where both stand alone between two pairs.
    """

    first: Placed | None
    second: Placed | None
    changes: tuple[Change, ...] = ()

    @property
    def replaced(self) -> bool:
        """Whether the second is of another kind."""
        return bool(self.first and self.second and self.first.kind != self.second.kind)

    @property
    def differs(self) -> bool:
        """Whether one is missing or does something else."""
        return not (self.first and self.second) or self.replaced or bool(self.changes)


class Alignment(NamedTuple):
    """All operations of two graphs in one order, as `pairs` and as what has no other.

    `likeness` lies between 0 and 1, which it is where all operations are alike.
    """

    every: tuple[Pair, ...]
    likeness: Fraction

    @property
    def pairs(self) -> list[Pair]:
        """The operations that are each other's."""
        return [pair for pair in self.every if pair.first and pair.second]

    @property
    def only_first(self) -> list[Placed]:
        """The operations that the second graph has not."""
        return [pair.first for pair in self.every if pair.first and not pair.second]

    @property
    def only_second(self) -> list[Placed]:
        """The operations that the first graph has not."""
        return [pair.second for pair in self.every if pair.second and not pair.first]

    @property
    def alike(self) -> int:
        """How many pairs do the same."""
        return sum(not pair.differs for pair in self.every)


def align(first: Graph, second: Graph) -> Alignment:
    """Find the operations of two graphs that are each other's.

    What does nothing at its input, such as an identity or a flatten, is left out. Raises Refused where the
    graphs are too large.
    """
    ours, theirs = steps(first), steps(second)
    found = pairing([step.traits for step in ours], [step.traits for step in theirs])
    if found is None:
        raise Refused(
            f"{len(ours)} and {len(theirs)} operations are too many to be set against each other:"
            f" {numerals.whole(MOST)} pairs are looked at where the two differ, and no more"
        )
    merged = _merged(ours, theirs, found.places)
    most = max(len(ours), len(theirs))
    likeness = Fraction(found.score, 30 * most) if most else Fraction(1)
    return Alignment(tuple(_with_inputs(merged, first, second)), likeness)


def _merged(ours: Sequence[Placed], theirs: Sequence[Placed], places: Places) -> list[Pair]:
    """Both sequences as one; between two pairs the first's own operations stand before the second's."""
    merged: list[Pair] = []
    here = there = 0
    for mine, its in (*places, (len(ours), len(theirs))):
        left, right = ours[here:mine], theirs[there:its]
        if len(left) == len(right) == 1 and left[0].replaceable(right[0]):
            merged.append(Pair(left[0], right[0]))
        else:
            merged += [Pair(step, None) for step in left]
            merged += [Pair(None, step) for step in right]
        if mine < len(ours):
            merged.append(Pair(ours[mine], theirs[its], _changes(ours[mine], theirs[its])))
        here, there = mine + 1, its + 1
    return merged


def _changes(first: Placed, second: Placed) -> tuple[Change, ...]:
    """The facts that both state, and state differently."""
    left, right = first.effect.facts, second.effect.facts
    return tuple(
        Change(name, left[name], right[name]) for name in left if name in right and left[name] != right[name]
    )


def _with_inputs(merged: list[Pair], first: Graph, second: Graph) -> list[Pair]:
    """The pairs, and which of them take their inputs from elsewhere."""
    ours = _Sources(first, {pair.first.node.name: at for at, pair in enumerate(merged) if pair.first}, merged)
    theirs = _Sources(
        second, {pair.second.node.name: at for at, pair in enumerate(merged) if pair.second}, merged
    )
    found = []
    for pair in merged:
        if pair.first and pair.second:
            mine, its = ours.of(pair.first), theirs.of(pair.second)
            if len(mine) != len(its):
                pair = pair._replace(changes=(*pair.changes, Change(INPUTS, len(mine), len(its))))
            elif None not in mine + its and sorted(map(str, mine)) != sorted(map(str, its)):
                pair = pair._replace(changes=(*pair.changes, Change(INPUTS, "", "")))
        found.append(pair)
    return found


class _Sources:
    """Where operations take their inputs from: the place of a pair, or the name of an input's place."""

    def __init__(self, graph: Graph, places: Mapping[str, int], merged: Sequence[Pair]) -> None:
        self.graph = graph
        self.standing = places.keys()
        self.paired = {name: at for name, at in places.items() if merged[at].first and merged[at].second}
        self.entering = {name: f"input {number}" for number, name in enumerate(graph.inputs)}

    def of(self, step: Placed) -> list[int | str | None]:
        """The source of each input; None where a join that has no other lies between."""
        return [self._source(name) for name in self._unnested(step.node)]

    def _unnested(self, node: Node) -> Iterator[str]:
        """The inputs of a node, past what does nothing; a join of its kind gives way to that join's own."""
        waiting = list(reversed(node.inputs))
        while waiting:
            name = waiting.pop()
            above = self.graph.nodes.get(name)
            nested = above is not None and node.op.nests and type(above.op) is type(node.op)
            if above and (nested or name not in self.standing):
                waiting += reversed(above.inputs)
            else:
                yield name

    def _source(self, name: str) -> int | str | None:
        while name not in self.entering:
            if name in self.paired:
                return self.paired[name]
            above = self.graph.nodes[name].inputs
            if len(above) != 1:
                return None
            name = above[0]
        return self.entering[name]
