"""Which points of a sweep are kept: all, the Pareto front, the top N, or the largest that fits.

A selection is made chunk by chunk and again of what was kept, so that it never holds more than its answer
and one block. `keys` are the numbers it compares, made of the sweep's columns.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from archcalc.recorded.recording import Term
from archcalc.sweep.program import Array

BEST = 16
"""How many good points are tried against all others before a front is looked for in earnest."""
Points = dict[str, Array]
"""Columns of equal length: `axis 0`, ... (digits), the costs, `buildable`, and `key 0`, ..."""


@dataclass(frozen=True)
class Selection:
    """What is kept: `kind` is "all", "pareto", "top" or "solve".

    pareto: the points that no other beats, each key the smaller the better; equals all stay. top: the
    `count` points whose key is largest, the earlier of equals first. solve: for each combination of the
    other axes, the point whose key, the value on the axis `solved`, is largest.
    """

    kind: str = "all"
    keys: tuple[Term | None, ...] = ()
    count: int = 0
    solved: int = 0

    def __call__(self, points: Points) -> Points:
        """The points that are kept, in the selection's order."""
        if self.kind == "all" or not len(points["buildable"]):
            return points
        keys = [points[f"key {index}"] for index in range(len(self.keys))]
        if self.kind == "pareto":
            return pick(points, pareto(keys))
        if self.kind == "top":
            return pick(points, numpy.argsort(_descending(keys[0]), kind="stable")[: self.count])
        others = [name for name in points if name.startswith("axis ") and name != f"axis {self.solved}"]
        return pick(points, _largest(keys[0], [points[name] for name in others]))


def pick(points: Points, chosen: Array | slice) -> Points:
    """Some of the points, by a mask or by positions."""
    return {name: column[chosen] for name, column in points.items()}


def join(parts: Sequence[Points]) -> Points:
    """The points of several parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: numpy.concatenate([part[name] for part in parts]) for name in parts[0]}


def pareto(keys: Sequence[Array]) -> Array:
    """The positions of the points that no other beats, in the order of their keys: smaller keys are better.

    A point beats another if it is larger in no key and smaller in one. One to three keys take n log n steps;
    with more, a front of many thousand points takes long.

    >>> pareto([numpy.array([1, 2, 3, 1]), numpy.array([5, 4, 4, 5])]).tolist()
    [0, 3, 1]
    """
    order = numpy.lexsort(tuple(reversed(keys)))
    ranks = numpy.stack([numpy.unique(key, return_inverse=True)[1][order] for key in keys])
    begins = numpy.concatenate(([True], (ranks[:, 1:] != ranks[:, :-1]).any(axis=0)))
    kept = _front(ranks[:, begins])
    chosen: Array = order[kept[numpy.cumsum(begins) - 1]]
    return chosen


def _front(ranks: Array) -> Array:
    """Which of some distinct points, sorted by their keys, are beaten by none of those before them."""
    kept = numpy.ones(ranks.shape[1], dtype=bool)
    if len(ranks) == 1:
        kept[1:] = False
    elif len(ranks) == 2:
        kept[1:] = ranks[1, 1:] < numpy.minimum.accumulate(ranks[1])[:-1]
    else:
        waiting = _not_beaten_by_the_best(ranks)
        kept[:] = False
        kept[_stairs(ranks, waiting) if len(ranks) == 3 else _one_by_one(ranks, waiting)] = True
    return kept


def _not_beaten_by_the_best(ranks: Array) -> Array:
    """The positions that are left when a few good points have ruled out what they beat."""
    waiting = numpy.arange(ranks.shape[1])
    for best in numpy.argsort(ranks.sum(axis=0), kind="stable")[:BEST]:
        waiting = waiting[(ranks[:, waiting] < ranks[:, [best]]).any(axis=0) | (waiting == best)]
    return waiting


def _stairs(ranks: Array, waiting: Array) -> list[int]:
    """The front of three keys: of the points so far, those that no other beats in the last two are stairs,
    and a new point is beaten if it does not lie below them.
    """
    kept, seconds, thirds = [], list[int](), list[int]()
    for position, second, third in zip(waiting.tolist(), *ranks[1:, waiting].tolist(), strict=True):
        place = bisect_right(seconds, second)
        if place and thirds[place - 1] <= third:
            continue
        kept.append(position)
        first = bisect_left(seconds, second)
        last = first
        while last < len(thirds) and thirds[last] >= third:
            last += 1
        seconds[first:last], thirds[first:last] = [second], [third]
    return kept


def _one_by_one(ranks: Array, waiting: Array) -> list[int]:
    """The front of any number of keys: the first that waits is beaten by none, and rules out others."""
    kept = []
    while len(waiting):
        kept.append(int(waiting[0]))
        waiting = waiting[(ranks[:, waiting] < ranks[:, waiting[:1]]).any(axis=0)]
    return kept


def _descending(key: Array) -> Array:
    return -key  # the smallest 64-bit integer, which has no negative, is refused before it is counted


def _largest(key: Array, others: Sequence[Array]) -> Array:
    """The positions of the largest key for each combination of the others, in the order of these."""
    order = numpy.lexsort((key, *reversed(others)))
    if not others:
        return order[-1:]
    columns = numpy.stack(others)[:, order]
    ends = numpy.concatenate(((columns[:, 1:] != columns[:, :-1]).any(axis=0), [True]))
    return order[ends]
