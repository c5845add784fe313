"""Which points of a sweep are kept: all, the Pareto front, the top N, or the largest that fits.

A selection is made chunk by chunk and again of what was kept, so that it never holds more than its answer
and one block. `keys` are the numbers it compares, made of the sweep's columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from archcalc.sweep.space import Array

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
    keys: tuple[Any, ...] = ()
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


def pick(points: Points, chosen: Any) -> Points:
    """Some of the points, by a mask or by positions."""
    return {name: column[chosen] for name, column in points.items()}


def join(parts: Sequence[Points]) -> Points:
    """The points of several parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: numpy.concatenate([part[name] for part in parts]) for name in parts[0]}


def pareto(keys: Sequence[Array]) -> Array:
    """The positions of the points that no other beats, by their first key: smaller keys are better.

    A point beats another if it is larger in no key and smaller in one.

    >>> pareto([numpy.array([1, 2, 3, 1]), numpy.array([5, 4, 4, 5])]).tolist()
    [0, 3, 1]
    """
    order = numpy.lexsort(tuple(reversed(keys)))
    ranks = numpy.stack([numpy.unique(key, return_inverse=True)[1][order] for key in keys])
    if len(keys) == 2:
        return order[_front_of_two(*ranks)]
    kept = []
    waiting = numpy.arange(len(order))
    while len(waiting):  # the first that waits is beaten by none, and whatever it beats waits no longer
        first = ranks[:, waiting[:1]]
        others = ranks[:, waiting]
        equal = (others == first).all(axis=0)
        kept.append(waiting[equal])
        waiting = waiting[(others < first).any(axis=0)]
    return order[numpy.concatenate(kept)] if kept else order


def _front_of_two(first: Array, second: Array) -> Array:
    """Which of the points, sorted by both keys, are beaten by none of those before them."""
    least = numpy.minimum.accumulate(second)
    before = numpy.concatenate(([numpy.iinfo(second.dtype).max], least[:-1]))
    begins = numpy.concatenate(([True], (first[1:] != first[:-1]) | (second[1:] != second[:-1])))
    kept: Array = (second < before)[
        numpy.maximum.accumulate(numpy.where(begins, numpy.arange(len(first)), 0))
    ]
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
