"""Runs a sweep block by block: points -> costs -> what is kept, with a count of the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from operator import and_
from typing import NamedTuple, Protocol

import numpy

from archcalc.recorded.recording import Term
from archcalc.sweep.design import SweepDesign
from archcalc.sweep.program import Array, Program
from archcalc.sweep.selection import Points, Selection, join, pick
from archcalc.sweep.space import BLOCK, Digits, Space

CHUNK = 2**13
"""Points computed at once: 64 KiB an array, so that the arrays of a program stay in the cache."""


class Summary(NamedTuple):
    """How many points there were, could be built and fit; for each condition how many points it alone, or
    it first, rules out, and the digits of the first of them (-1 where there is none).
    """

    points: int
    buildable: int
    kept: int
    reasons: Array
    examples: Array

    def plus(self, other: Summary) -> Summary:
        """Both together, this one's examples first."""
        examples = numpy.where(self.reasons[:, None] > 0, self.examples, other.examples)
        return Summary(
            self.points + other.points,
            self.buildable + other.buildable,
            self.kept + other.kept,
            self.reasons + other.reasons,
            examples,
        )


class BlockResult(NamedTuple):
    """What a block leaves behind: the points that are kept of it and its summary."""

    points: Points
    summary: Summary


class Store(Protocol):
    """Where parts are kept."""

    def done(self, number: int) -> bool:
        """Whether this block was finished before."""

    def add(self, number: int, part: BlockResult) -> None:
        """Keep a finished block."""


class Engine:
    """Computes blocks of a sweep: `where` is a condition on the design's columns, or True.

    Pickled, it is what the blocks take and nothing else: no network, no file, no term that was recorded.
    """

    def __init__(self, design: SweepDesign, space: Space, where: Term, selection: Selection) -> None:
        self.design = design
        self.space = space
        self.selection = selection
        self.filters = where is not True or selection.kind != "all"
        masks = [condition.value for condition in design.conditions]
        buildable: Term = reduce(and_, masks, True)
        self.outputs = (buildable, where, *design.costs.values(), *selection.keys)
        self.program = Program(self.outputs)
        self.conditions = Program(masks)
        self._variables = design.variables
        axes = (f"axis {index}" for index in range(len(space.axes)))
        keys = (f"key {index}" for index in range(len(selection.keys)))
        self._names = [*axes, *design.costs, *keys, "buildable"]
        """The names of the columns that are kept of each point."""

    def __getstate__(self) -> dict[str, object]:
        selection = replace(self.selection, keys=(None,) * len(self.selection.keys))
        return {**self.__dict__, "design": None, "outputs": (), "selection": selection}

    def empty(self) -> Summary:
        """The summary of no points."""
        conditions, axes = self.conditions.width, len(self.space.axes)
        return Summary(0, 0, 0, numpy.zeros(conditions, int), numpy.full((conditions, axes), -1))

    def block(self, number: int) -> BlockResult:
        """One block of points."""
        summary, kept = self.empty(), []
        for digits in self.space.block(number, CHUNK):
            part = self._chunk(digits)
            summary = summary.plus(part.summary)
            kept.append(part.points)
        return BlockResult(self.selection(join(kept)), summary)

    def _chunk(self, digits: Digits) -> BlockResult:
        length = len(digits[0])
        values = self._variables(digits, self.program.variables)
        buildable, fits, *numbers = self.program(values, length)
        built = int(numpy.count_nonzero(buildable))
        reasons, examples = self._reasons(digits, ~buildable) if built < length else self.empty()[3:]
        chosen = buildable & fits if self.filters else numpy.ones(length, dtype=bool)
        columns = [*digits, *numbers, buildable]
        points = pick(dict(zip(self._names, columns, strict=True)), chosen)
        kept = len(points["buildable"])
        return BlockResult(self.selection(points), Summary(length, built, kept, reasons, examples))

    def _reasons(self, digits: Digits, failed: Array) -> tuple[Array, Array]:
        """For each condition the number of points that it is the first to rule out, and one of them."""
        _, _, _, reasons, examples = self.empty()
        waiting = [each[failed] for each in digits]
        values = self._variables(waiting, self.conditions.variables)
        masks = self.conditions(values, len(waiting[0]))
        undecided = numpy.ones(len(waiting[0]), dtype=bool)
        for index, mask in enumerate(masks):
            first = undecided & ~mask
            reasons[index] = numpy.count_nonzero(first)
            if reasons[index]:
                examples[index] = [each[numpy.argmax(first)] for each in waiting]
                undecided &= mask
        return reasons, examples


class Chosen:
    """What a selection leaves of some parts; of all points, where nothing chooses, the first `limit`.

    Parts wait until there are as many points again as were left the last time: selecting is shared among
    them, and no more than twice the answer and a block is held.
    """

    def __init__(self, engine: Engine, limit: int) -> None:
        self.selection = engine.selection
        self.limit = limit
        self.summary = engine.empty()
        self._waiting: list[Points] = []
        self._left = 0

    def add(self, part: BlockResult) -> None:
        """Take a part that follows those before."""
        self.summary = self.summary.plus(part.summary)
        if self.selection.kind == "all":
            room = self.limit - sum(map(_length, self._waiting))
            self._waiting.append(_copied(pick(part.points, slice(max(room, 0)))))
            return
        self._waiting.append(_copied(part.points))
        if sum(map(_length, self._waiting)) > max(2 * self._left, BLOCK):
            self._waiting = [self.points()]
            self._left = _length(self._waiting[0])

    def points(self) -> Points:
        """The points that are left."""
        points = join(self._waiting)
        return points if len(self._waiting) == 1 else self.selection(points)


def _length(points: Points) -> int:
    return len(points["buildable"])


def _copied(points: Points) -> Points:
    """Points that hold on to no larger array."""
    return {name: column.copy() for name, column in points.items()}


class Memory:
    """Keeps in memory what is chosen, and nothing else."""

    def __init__(self, engine: Engine, limit: int) -> None:
        self.chosen = Chosen(engine, limit)

    def done(self, number: int) -> bool:
        """Nothing is there from before."""
        return False

    def add(self, number: int, part: BlockResult) -> None:
        """Keep what is chosen of a block."""
        self.chosen.add(part)


Runner = Callable[[Engine, Iterable[int]], Iterable[tuple[int, BlockResult]]]
"""Computes the blocks that are numbered, and gives them in that order."""


def one_by_one(engine: Engine, numbers: Iterable[int]) -> Iterable[tuple[int, BlockResult]]:
    """Blocks in this process."""
    return ((number, engine.block(number)) for number in numbers)


def run(
    engine: Engine,
    store: Store,
    progress: Callable[[int], None] = lambda done: None,
    runner: Runner = one_by_one,
) -> None:
    """Compute the blocks that the store has not, in order; `progress` gets the number of points done."""
    numbers = (number for number in range(engine.space.blocks) if not store.done(number))
    for number, part in runner(engine, numbers):
        store.add(number, part)
        progress(min((number + 1) * BLOCK, engine.space.points))


def chosen(engine: Engine, parts: Iterable[BlockResult]) -> Chosen:
    """What is chosen of all parts."""
    found = Chosen(engine, sys.maxsize)
    for part in parts:
        found.add(part)
    return found
