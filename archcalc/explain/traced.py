"""A size that remembers how it was computed: what a derivation is written from.

The operations' rules run on it as on any size. Sums and exact divisions of constants (an operation's own
fields) are carried out, as a person would; everything else stays as it was computed.

    >>> height, kernel, stride, padding = given(224), constant(7), constant(2), constant(3)
    >>> size = (height - kernel + 2 * padding) // stride + 1
    >>> str(size), size.exact, size.value
    ('floor((224 - 7 + 2 x 3)/2) + 1', Fraction(225, 2), 112)
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from archcalc.numerals import whole
from archcalc.sizes import Size, as_int
from archcalc.sizes.operators import Operators


class Key(NamedTuple):
    """The structure of an expression: equal for expressions that were computed alike."""

    sign: str
    value: int
    parts: tuple[Key, ...] = ()


class Traced(Operators[Size, "Traced", bool]):
    """An integer with the expression that gave it.

    `value` is the integer and `exact` what it was before its divisions were rounded. `sign` is the
    expression's outermost operation (empty for a number) and `parts` what it joins; `fixed` says that only
    constants are in it.
    """

    __slots__ = ("exact", "fixed", "parts", "sign", "value")

    def __init__(
        self, value: int, exact: Fraction, sign: str = "", parts: tuple[Traced, ...] = (), fixed: bool = False
    ) -> None:
        self.value = value
        self.exact = exact
        self.sign = sign
        self.parts = parts
        self.fixed = fixed

    def operated(self, sign: str, other: Size, swapped: bool = False) -> Traced:
        if sign == "*" and not isinstance(other, Traced) and other == 1:  # what products begin with
            return self
        left, right = (traced(other), self) if swapped else (self, traced(other))
        return _GIVEN[sign](left, right)

    def compared(self, sign: str, other: Size, swapped: bool = False) -> bool:
        left, right = (as_int(other), self.value) if swapped else (self.value, as_int(other))
        return left <= right if sign == "<=" else left < right

    def __neg__(self) -> Traced:
        if self.sign == "neg":
            return self.parts[0]
        if self.sign in ("/", "floor") and self.parts[0].sign == "neg":  # -(-a // b) is a / b, rounded up
            above, below = self.parts[0].parts[0], self.parts[1]
            sign = "/" if self.sign == "/" else "ceil"
            return Traced(-self.value, -self.exact, sign, (above, below), self.fixed)
        return Traced(-self.value, -self.exact, "neg", (self,), self.fixed)

    def __mod__(self, other: Size) -> int:
        return self.value % traced(other).value

    def __rmod__(self, other: int) -> int:
        return other % self.value

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Traced) else other)

    def __index__(self) -> int:
        return self.value

    def __hash__(self) -> int:
        return hash(self.value)

    @property
    def key(self) -> Key:
        """The structure of the expression."""
        if not self.sign:
            return Key("", self.value)
        return Key(self.sign, self.value, tuple(part.key for part in self.parts))

    @property
    def roundings(self) -> int:
        """How many of its divisions are not exact."""
        return (self.sign in ("floor", "ceil")) + sum(part.roundings for part in self.parts)

    def __str__(self) -> str:
        return self.text({})

    def text(self, known: Mapping[Key, int], plain: bool = False) -> str:
        """The expression as one writes it; parts that are known already stand as their value.

        Where a division is rounded it says so, unless it is to be `plain`.
        """
        return self._text(known, plain, outermost=True)

    def _text(self, known: Mapping[Key, int], plain: bool, outermost: bool = False) -> str:
        if not self.sign or (not outermost and self.key in known):
            return whole(self.value)
        texts = [part._text(known, plain) for part in self.parts]
        strengths = [part._strength(known, plain) for part in self.parts]
        own = _STRENGTHS[self.sign]
        if self.sign == "neg":
            return f"-{_bracketed(texts[0], strengths[0] <= own)}"
        left = _bracketed(texts[0], strengths[0] < own)
        divides = self.sign not in "+-x"
        right = _bracketed(
            texts[1], strengths[1] < own or (strengths[1] == own and (divides or self.sign == "-"))
        )
        if not divides:
            return f"{left} {self.sign} {right}"
        return f"{left}/{right}" if plain or self.sign == "/" else f"{self.sign}({left}/{right})"

    def _strength(self, known: Mapping[Key, int], plain: bool) -> int:
        """How strongly its text holds together."""
        alone = self.key in known or (not plain and self.sign in ("floor", "ceil"))
        return _STRENGTHS[""] if alone else _STRENGTHS[self.sign]


_STRENGTHS = {"+": 1, "-": 1, "neg": 1, "x": 2, "/": 3, "floor": 3, "ceil": 3, "": 4}
"""Sums hold together least, then products and quotients, numbers most."""


def _sum(left: Traced, right: Traced) -> Traced:
    for one, rest in ((left, right), (right, left)):
        if _is_zero(one):
            return rest
    return _joined("+", left, right, left.value + right.value, left.exact + right.exact, fold=True)


def _difference(left: Traced, right: Traced) -> Traced:
    if _is_zero(right):
        return left
    return _joined("-", left, right, left.value - right.value, left.exact - right.exact, fold=True)


def _product(left: Traced, right: Traced) -> Traced:
    for one in (left, right):
        if _is_zero(one):
            return one
    return _joined("x", left, right, left.value * right.value, left.exact * right.exact)


def _quotient(left: Traced, right: Traced) -> Traced:
    if right.fixed and right.value == 1:
        return left
    exact = Fraction(left.value, right.value)
    sign = "/" if exact.denominator == 1 else "floor"
    return _joined(sign, left, right, left.value // right.value, exact, fold=True)


def _smaller(left: Traced, right: Traced) -> Traced:
    """The smaller of two; its expression is the smaller one's."""
    return left if left.value <= right.value else right


def _is_zero(number: Traced) -> bool:
    return number.fixed and not number.exact and not number.value


def _joined(
    sign: str, left: Traced, right: Traced, value: int, exact: Fraction, fold: bool = False
) -> Traced:
    fixed = left.fixed and right.fixed
    if fixed and fold and exact == value:
        return constant(value)
    return Traced(value, exact, sign, (left, right), fixed)


_GIVEN = {"+": _sum, "-": _difference, "*": _product, "//": _quotient, "min": _smaller}
"""What each operation gives."""


def given(value: int) -> Traced:
    """A number that a derivation starts from."""
    return Traced(value, Fraction(value))


def constant(value: int) -> Traced:
    """A number that belongs to the operation: a kernel, a stride."""
    return Traced(value, Fraction(value), fixed=True)


def traced(number: Size) -> Traced:
    """A size as one that remembers; a plain number is a constant."""
    return number if isinstance(number, Traced) else constant(as_int(number))


def _bracketed(text: str, needed: bool) -> str:
    return f"({text})" if needed else text
