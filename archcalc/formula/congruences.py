"""What conditions of one symbol say together: that it is a number more than a multiple of another.

A network of valid convolutions and halvings asks at each depth that rounding up and down give the same. Each
of these is periodic, so the sizes at which all of them hold are found by trying one period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor, lcm
from typing import NamedTuple

import sympy

from archcalc.formula.expression import terms_of

LONGEST = 2**12
"""The longest period that is tried."""


class Congruence(NamedTuple):
    """A symbol is `rest` more than a multiple of `modulus`; of 1 where nothing is asked of it."""

    modulus: int
    rest: int

    def least(self, bound: int) -> int:
        """The least number from a bound on that is so."""
        return bound + (self.rest - bound) % self.modulus


class _Sum(NamedTuple):
    """A sum of one symbol times a number, rounded parts of it times numbers, and a number.

    `rounded` are triples: floor(slope * symbol + shift) times the first of them.
    """

    linear: Fraction
    rounded: tuple[tuple[Fraction, Fraction, Fraction], ...]
    number: Fraction

    def at(self, size: int) -> Fraction:
        """Its value at a size."""
        parts = (factor * floor(slope * size + shift) for factor, slope, shift in self.rounded)
        return self.linear * size + sum(parts) + self.number

    @property
    def slope(self) -> Fraction:
        """What it grows by, all in all, for one more."""
        return self.linear + sum(factor * slope for factor, slope, _ in self.rounded)

    @property
    def period(self) -> int:
        """After how much more nothing in it is rounded otherwise."""
        return lcm(self.linear.denominator, *(slope.denominator for _, slope, _ in self.rounded))


def reduced(
    conditions: Iterable[sympy.Basic],
) -> tuple[dict[sympy.Symbol, Congruence], list[sympy.Basic]]:
    """What conditions ask of single symbols, each as one congruence, and the conditions that are left.

    >>> H = sympy.Symbol("H", integer=True, positive=True)
    >>> whole = sympy.Eq(sympy.floor(H / 4) - 3, sympy.floor(H / 4 + sympy.Rational(1, 2)) - 3)
    >>> reduced([sympy.Eq(sympy.Mod(H - 2, 6), 0), whole, sympy.Le(5, H)])
    ({H: Congruence(modulus=12, rest=8)}, [5 <= H])
    """
    asked: dict[sympy.Symbol, list[tuple[sympy.Basic, int, frozenset[int]]]] = {}
    left: list[sympy.Basic] = []
    for condition in conditions:
        if own := _solutions(condition):
            asked.setdefault(own[0], []).append((condition, own[1], frozenset(own[2])))
        else:
            left.append(condition)
    found: dict[sympy.Symbol, Congruence] = {}
    for name, each in asked.items():
        congruence = _together([(period, rests) for _, period, rests in each])
        if congruence is None:
            left += [condition for condition, _, _ in each]
        else:
            found[name] = congruence
    return found, left


def _together(asked: Iterable[tuple[int, frozenset[int]]]) -> Congruence | None:
    """What periodic conditions of one symbol ask together; None where that is no one congruence."""
    period, rests = 1, [0]
    for other, fine in asked:
        longer = lcm(period, other)
        if longer > LONGEST:
            return None
        own = set(rests)
        rests = [size for size in range(longer) if size % period in own and size % other in fine]
        period = longer
    if not rests or period % len(rests):
        return None
    modulus = period // len(rests)
    alike = all(rest == rests[0] + place * modulus for place, rest in enumerate(rests))
    return Congruence(modulus, rests[0]) if alike else None


def _solutions(condition: sympy.Basic) -> tuple[sympy.Symbol, int, list[int]] | None:
    """A periodic condition of one symbol: the period, and where it holds within one; None for any other."""
    if not isinstance(condition, sympy.Eq) or len(condition.free_symbols) != 1:
        return None
    (name,) = condition.free_symbols
    left, right = condition.args
    modulus = 0
    if isinstance(left, sympy.Mod) and right == 0 and left.args[1].is_Integer:
        modulus, difference = int(left.args[1]), _sum(left.args[0], name)
    else:
        difference = _sum(left - right, name)
    if difference is None or (not modulus and difference.slope != 0):
        return None
    period = difference.period * (modulus or 1)
    if period > LONGEST:
        return None
    values = (difference.at(size) for size in range(period))
    return (
        name,
        period,
        [size for size, value in enumerate(values) if (value % modulus if modulus else value) == 0],
    )


def _sum(expression: sympy.Expr, name: sympy.Symbol) -> _Sum | None:
    """An expression as a sum of parts; None where it is anything more."""
    linear, number = Fraction(0), Fraction(0)
    rounded: list[tuple[Fraction, Fraction, Fraction]] = []
    for term in terms_of(sympy.expand(expression)):
        factor, part = term.as_coeff_Mul()
        if not factor.is_Rational:
            return None
        if part == 1:
            number += _fraction(factor)
        elif part == name:
            linear += _fraction(factor)
        elif isinstance(part, sympy.floor) and (inside := _linear(part.args[0], name)):
            rounded.append((_fraction(factor), *inside))
        else:
            return None
    return _Sum(linear, tuple(rounded), number)


def _linear(expression: sympy.Expr, name: sympy.Symbol) -> tuple[Fraction, Fraction] | None:
    """The numbers a and b of a*name + b."""
    number, rest = sympy.expand(expression).as_coeff_Add()
    factor, part = rest.as_coeff_Mul()
    if part != name or not factor.is_Rational or not number.is_Rational:
        return None
    return _fraction(factor), _fraction(number)


def _fraction(number: sympy.Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def words(name: sympy.Symbol, congruence: Congruence) -> Iterator[str]:
    """A congruence in words: `H - 12 is a multiple of 16`."""
    modulus, rest = congruence
    if modulus > 1:
        yield f"{name}{f' - {rest}' if rest else ''} is a multiple of {modulus}"
