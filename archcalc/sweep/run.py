"""Runs a sweep block by block: points -> costs -> what is kept, with a count of the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import chain
from operator import and_
from typing import NamedTuple, Protocol

import numpy

from archcalc.recorded.recording import Term
from archcalc.sweep.design import SweepDesign
from archcalc.sweep.program import Array, Program
from archcalc.sweep.selection import Points, Selection, join, pick
from archcalc.sweep.space import BLOCK, Digits, Space
from archcalc.sweep.structures import reasons

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
    """Computes blocks of a sweep: of each structure, `wheres` is a condition on its columns, or True, and
    `selections` says by its columns what is kept.

    Pickled, it is what the blocks take and nothing else: no network, no file, no term that was recorded.
    """

    def __init__(
        self,
        design: SweepDesign,
        space: Space,
        wheres: Sequence[Term],
        selections: Sequence[Selection],
    ) -> None:
        self.design = design
        self.space = space
        self.selection = selections[0]
        self.filters = self.selection.kind != "all" or any(where is not True for where in wheres)
        masks = [[condition.value for condition in each.conditions] for each in design.structures]
        self.outputs = [
            (reduce(and_, own, True), where, *(each.costs[name] for name in design.costs), *selection.keys)
            for each, own, where, selection in zip(design.structures, masks, wheres, selections, strict=True)
        ]
        self.programs = [Program(each) for each in self.outputs]
        self.conditions = [Program(each) for each in masks]
        self._reasons_of = reasons(design.structures)
        self._reasons = len(set(chain.from_iterable(self._reasons_of)))
        self._depths = design.depths
        self._ready = 0
        self._variables = design.variables
        axes = (f"axis {index}" for index in range(len(space.axes)))
        keys = (f"key {index}" for index in range(len(self.selection.keys)))
        self._names = [*axes, *design.costs, *keys, "buildable"]
        """The names of the columns that are kept of each point."""

    def __getstate__(self) -> dict[str, object]:
        selection = replace(self.selection, keys=(None,) * len(self.selection.keys))
        return {**self.__dict__, "design": None, "outputs": [], "selection": selection}

    def empty(self) -> Summary:
        """The summary of no points."""
        count, axes = self._reasons, len(self.space.axes)
        return Summary(0, 0, 0, numpy.zeros(count, int), numpy.full((count, axes), -1))

    def block(self, number: int) -> BlockResult:
        """One block of points."""
        summary, kept = self.empty(), []
        for digits in self.space.block(number, CHUNK):
            part = self._chunk(digits)
            summary = summary.plus(part.summary)
            kept.append(part.points)
        return BlockResult(self.selection(join(kept)), summary)

    def _chunk(self, digits: Digits) -> BlockResult:
        """Some points, each by the program of its structure."""
        groups = self._groups(digits)
        if len(groups) == 1:
            computed = self._run(self.programs, groups[0][0], digits)
        else:
            parts = [self._run(self.programs, number, _at(digits, own)) for number, own in groups]
            order = numpy.argsort(numpy.concatenate([own for _, own in groups]))
            computed = [numpy.concatenate(each)[order] for each in zip(*parts, strict=True)]
        buildable, fits, *numbers = computed
        length = len(buildable)
        built = int(numpy.count_nonzero(buildable))
        failures = self._failures(digits, ~buildable, groups) if built < length else self.empty()[3:]
        chosen = buildable & fits if self.filters else numpy.ones(length, dtype=bool)
        columns = [*digits, *numbers, buildable]
        points = pick(dict(zip(self._names, columns, strict=True)), chosen)
        kept = len(points["buildable"])
        return BlockResult(self.selection(points), Summary(length, built, kept, *failures))

    def _groups(self, digits: Digits) -> list[tuple[int, Array]]:
        """The structures that some points have, each with the positions of its points."""
        if len(self.programs) == 1:
            return [(0, numpy.arange(len(digits[0])))]
        numbers = self._depths.numbers(digits)
        order = numpy.argsort(numbers, kind="stable")
        found, begins = numpy.unique(numbers[order], return_index=True)
        return list(zip(found.tolist(), numpy.split(order, begins[1:]), strict=True))

    def _run(self, programs: Sequence[Program], number: int, digits: Digits) -> list[Array]:
        """What the program of a structure says of points; of all programs one structure's keep arrays."""
        if number != self._ready:
            self.programs[self._ready].release()
            self.conditions[self._ready].release()
            self._ready = number
        program = programs[number]
        return program(self._variables(digits, program.variables), len(digits[0]))

    def _failures(
        self, digits: Digits, failed: Array, groups: Sequence[tuple[int, Array]]
    ) -> tuple[Array, Array]:
        """For each condition the number of points that it is the first to rule out, and the first of them."""
        _, _, _, counts, examples = self.empty()
        first = numpy.full(len(counts), len(failed))
        for number, own in groups:
            waiting = own[failed[own]]
            if not len(waiting):
                continue
            undecided = numpy.ones(len(waiting), dtype=bool)
            masks = self._run(self.conditions, number, _at(digits, waiting))
            for reason, mask in zip(self._reasons_of[number], masks, strict=True):
                ruled_out = undecided & ~mask
                if ruled_out.any():
                    counts[reason] += numpy.count_nonzero(ruled_out)
                    first[reason] = min(first[reason], waiting[numpy.argmax(ruled_out)])
                    undecided &= mask
        found = counts > 0
        examples[found] = numpy.stack(digits, axis=1)[first[found]]
        return counts, examples


def _at(digits: Digits, positions: Array) -> Digits:
    return [each[positions] for each in digits]


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
