"""The points of a sweep: what is varied, over which values, and which point has which.

Points are made chunk by chunk, by arithmetic on their numbers: a grid of 10^10 points takes no more memory
than one of ten. A point is held as its digits, the position of its value on each axis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import TypeAlias

import numpy

from archcalc.errors import UsageError, quoted
from archcalc.numerals import abbreviated, whole
from archcalc.sweep.expressions import MOST_DIGITS, number
from archcalc.sweep.program import LARGEST, Array

Digits: TypeAlias = list[Array]

BLOCK = 2**17
"""How many points a part holds. The draws of a sample depend on it: it is no matter of taste."""
MOST_POINTS = 10**11
"""More than a day of work on one core."""
MOST_DRAWN = 2**31
"""The largest sample: the square of a number in it must fit into 64 bits."""
MOST_LISTED = 10**6
"""The longest axis whose values are looked up in a list."""


@dataclass(frozen=True)
class Axis:
    """One thing that is varied: `count` values from `start` in steps, or those of a list."""

    name: str
    start: int | Fraction
    step: int | Fraction
    count: int
    listed: tuple[int | Fraction, ...] = ()

    @property
    def values(self) -> tuple[int | Fraction, ...]:
        """All values, of an axis that is short enough. Raises UsageError where it is not."""
        if self.listed:
            return self.listed
        if self.count > MOST_LISTED:
            raise UsageError(
                f"--vary '{self.name}' has {abbreviated(self.count)} values, more than {whole(MOST_LISTED)}"
            )
        return tuple(self.start + self.step * digit for digit in range(self.count))

    @property
    def low(self) -> int | Fraction:
        """The smallest value."""
        return min(self.listed) if self.listed else self.start

    @property
    def high(self) -> int | Fraction:
        """The largest value."""
        return max(self.listed) if self.listed else self.start + self.step * (self.count - 1)

    def value(self, digit: int) -> int | Fraction:
        """The value at a position."""
        return self.listed[digit] if self.listed else self.start + self.step * digit

    def at(self, digits: Array) -> Array:
        """The values, whole numbers all, at some positions."""
        if self.listed:
            return numpy.array(self.listed, dtype=numpy.int64)[digits]
        return digits * int(self.step) + int(self.start)


def parse_axis(text: str) -> Axis:
    """Read `input=128:512:32` (both ends included), `batch=1,2,4` or `width=0.25:2:0.05`.

    Raises UsageError where it is malformed or empty.

    >>> parse_axis("input=128:512:32").count, parse_axis("3a.#3x3=64,96").listed
    (13, (64, 96))
    """
    name, equals, values = text.rpartition("=")
    name = name.strip()
    if not equals or not name:
        raise UsageError(f"--vary is NAME=FIRST:LAST:STEP or NAME=A,B,C, not {quoted(text)}")
    if ":" in values:
        return _range(name, text, values.split(":"))
    listed = tuple(_number(each, text) for each in values.split(","))
    if len(set(listed)) < len(listed):
        counts = Counter(listed)
        twice = next(each for each, value in zip(values.split(","), listed, strict=True) if counts[value] > 1)
        raise UsageError(f"--vary {quoted(text)} lists {twice.strip()} twice")
    return Axis(name, listed[0], 0, len(listed), listed)


def _range(name: str, text: str, written: Sequence[str]) -> Axis:
    if len(written) > 3:
        raise UsageError(f"--vary {quoted(text)} has {len(written)} numbers; a range is FIRST:LAST:STEP")
    start, stop = _number(written[0], text), _number(written[1], text)
    step = _number(written[2], text) if len(written) == 3 else 1
    if step == 0:
        raise UsageError(f"--vary {quoted(text)} has a step of 0")
    if stop < start:
        raise UsageError(f"--vary {quoted(text)} is an empty range: it ends before it begins")
    return Axis(name, start, step, int((stop - start) // step) + 1)


def _number(written: str, text: str) -> int | Fraction:
    value = number(written.strip())
    if value is None:
        fact = "an empty value" if not written.strip() else f"{quoted(written.strip())}, which is no number"
        if len(written) > MOST_DIGITS or "e" in written.lower():
            fact += f" of at most {MOST_DIGITS} digits"
        raise UsageError(f"--vary {quoted(text)} holds {fact}")
    if value > LARGEST:
        raise UsageError(f"--vary {quoted(text)} holds a number of more than 64 bits")
    return value


class Space:
    """The points of a sweep, in order: the full grid, the last axis fastest, or a sample of it.

    A sample holds one point of each of `sample` equal stretches of the grid, drawn with a seed: no point
    twice. Where the grid has more points than 64 bits count, each axis is drawn alone. Raises UsageError
    where a grid is too large to be swept.
    """

    def __init__(self, axes: Sequence[Axis], sample: int | None = None, seed: int = 0) -> None:
        self.axes = tuple(axes)
        self.seed = seed
        self.grid = prod(axis.count for axis in axes)
        self.sample = sample if sample is not None and sample < self.grid else None
        self.points = self.grid if self.sample is None else self.sample
        if self.sample is not None and self.sample > MOST_DRAWN:
            raise UsageError(f"--sample draws at most {whole(MOST_DRAWN)} points, not {whole(self.sample)}")
        if self.points > MOST_POINTS:
            raise UsageError(
                f"the sweep has {abbreviated(self.points)} points, more than {whole(MOST_POINTS)}; "
                f"take some of them with --sample N, or larger steps"
            )

    @property
    def blocks(self) -> int:
        """How many parts of BLOCK points, the last one shorter, the sweep has."""
        return -(-self.points // BLOCK)

    def block(self, number: int, chunk: int) -> Iterator[Digits]:
        """The digits of one block's points, in chunks."""
        first, last = number * BLOCK, min((number + 1) * BLOCK, self.points)
        starts = range(0, last - first, chunk)
        if self.sample is None:
            for start in starts:
                yield self._digits(numpy.arange(first + start, min(first + start + chunk, last)))
            return
        draws = numpy.random.default_rng((self.seed, number))
        if self.grid > 2**62:
            digits = [draws.integers(0, axis.count, last - first) for axis in self.axes]
        else:
            width, rest = divmod(self.grid, self.sample)
            numbers = numpy.arange(first, last + 1)
            bounds = numbers * width + numbers * rest // self.sample
            digits = self._digits(bounds[:-1] + draws.integers(0, numpy.diff(bounds)))
        yield from ([each[start : start + chunk] for each in digits] for start in starts)

    def _digits(self, points: Array) -> Digits:
        """The digits of points by their number in the grid."""
        digits = []
        for axis in reversed(self.axes):
            points, digit = numpy.divmod(points, axis.count)
            digits.append(digit)
        return digits[::-1]
