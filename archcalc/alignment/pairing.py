"""Needleman & Wunsch (A general method applicable to the search for similarities, 1970) on operations.

A gap costs nothing. A pair counts 3 where both are of one kind and do the same with the same output, 2 where
the output alone is the same, 1 where what they do is, 0.3 where it is their kind alone; operations of two
kinds make no pair. Counted in tenths, so that all sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from archcalc.alignment.steps import Traits

Places: TypeAlias = list[tuple[int, int]]
MOST = 10_000_000
"""As many pairs are looked at, at a byte each."""
SAME, OUTPUT, FACTS, KIND = 30, 20, 10, 3
PAIRED, ABOVE, LEFT = 0, 1, 2


class Pairing(NamedTuple):
    """The places of each pair in both sequences, in order, and the sum of what they count."""

    places: Places
    score: int


def pairing(first: Sequence[Traits], second: Sequence[Traits]) -> Pairing | None:
    """The pairs whose likeness sums up to the most; None where there are too many to look at.

    Which of two sequences is the first makes no difference.

    >>> conv, relu = Traits("conv", "8", "3x3"), Traits("relu", "8", "")
    >>> pairing([conv, relu], [conv, Traits("batch norm", "8", ""), relu])
    Pairing(places=[(0, 0), (1, 2)], score=60)
    """
    if (len(first), first) > (len(second), second):
        found = pairing(second, first)
        return found and Pairing([(mine, its) for its, mine in found.places], found.score)
    # What is the same at both ends is each other's: no other pairs count more.
    head = _shared(first, second)
    tail = _shared(first[head:][::-1], second[head:][::-1])
    inner, outer = first[head : len(first) - tail], second[head : len(second) - tail]
    if len(inner) * len(outer) > MOST:
        return None
    between = [(head + mine, head + its) for mine, its in _best(inner, outer)]
    places = [(at, at) for at in range(head)] + between
    places += [(len(first) - at, len(second) - at) for at in range(tail, 0, -1)]
    return Pairing(places, sum(_likeness(first[mine], second[its]) for mine, its in places))


def _shared(first: Sequence[Traits], second: Sequence[Traits]) -> int:
    """How many operations both begin with."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(first, second, strict=False)))


def _likeness(mine: Traits, its: Traits) -> int:
    if mine.kind != its.kind:
        return 0
    if mine.output == its.output:
        return SAME if mine.facts == its.facts else OUTPUT
    return FACTS if mine.facts == its.facts else KIND


def _best(first: Sequence[Traits], second: Sequence[Traits]) -> Places:
    """The pairs that count most. Of several such choices it takes the one whose pairs come last."""
    turns = []
    rows: dict[Traits, list[int]] = {}
    above = [0] * (len(second) + 1)
    for traits in first:
        if traits not in rows:
            rows[traits] = [_likeness(traits, other) for other in second]
        above, turn = _row(above, rows[traits])
        turns.append(turn)
    places = []
    mine, its = len(first), len(second)
    while mine and its:
        turned = turns[mine - 1][its]
        if turned == PAIRED:
            places.append((mine - 1, its - 1))
        mine -= turned != LEFT
        its -= turned != ABOVE
    return places[::-1]


def _row(above: list[int], likeness: list[int]) -> tuple[list[int], bytearray]:
    """The best sums for one operation more of the first sequence, and how each came about."""
    best = 0
    row, turns = [0], bytearray(len(above))
    for place, counts in enumerate(likeness):
        skipped = above[place + 1]
        turn = ABOVE
        if best > skipped:
            skipped, turn = best, LEFT
        if counts and (paired := above[place] + counts) >= skipped:
            skipped, turn = paired, PAIRED
        best = skipped
        turns[place + 1] = turn
        row.append(best)
    return row, turns
