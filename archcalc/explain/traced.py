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

from archcalc.sizes import Size, as_int


class Key(NamedTuple):
    """The structure of an expression: equal for expressions that were computed alike."""

    sign: str
    value: int
    parts: tuple[Key, ...] = ()


class Traced:
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

    def __add__(self, other: Size) -> Traced:
        other = traced(other)
        for one, rest in ((self, other), (other, self)):
            if one.fixed and not one.exact:
                return rest
        return self._join("+", other, self.value + other.value, self.exact + other.exact, fold=True)

    def __sub__(self, other: Size) -> Traced:
        other = traced(other)
        if other.fixed and not other.exact:
            return self
        return self._join("-", other, self.value - other.value, self.exact - other.exact, fold=True)

    def __mul__(self, other: Size) -> Traced:
        plain_one = not isinstance(other, Traced) and other == 1  # what products begin with
        return self if plain_one else self._times(traced(other))

    def _times(self, other: Traced) -> Traced:
        for one in (self, other):
            if one.fixed and not one.exact:
                return one
        return self._join("x", other, self.value * other.value, self.exact * other.exact)

    def __floordiv__(self, other: Size) -> Traced:
        other = traced(other)
        if other.fixed and other.value == 1:
            return self
        exact = Fraction(self.value, other.value)
        sign = "/" if exact.denominator == 1 else "floor"
        return self._join(sign, other, self.value // other.value, exact, fold=True)

    def __neg__(self) -> Traced:
        if self.sign in ("/", "floor") and self.parts[0].sign == "neg":  # -(-a // b) is a / b, rounded up
            above, below = self.parts[0].parts[0], self.parts[1]
            sign = "/" if self.sign == "/" else "ceil"
            return Traced(-self.value, -self.exact, sign, (above, below), self.fixed)
        return Traced(-self.value, -self.exact, "neg", (self,), self.fixed)

    def __radd__(self, other: int) -> Traced:
        return traced(other) + self

    def __rsub__(self, other: int) -> Traced:
        return traced(other) - self

    def __rmul__(self, other: int) -> Traced:
        return self if other == 1 else traced(other)._times(self)

    def __rfloordiv__(self, other: int) -> Traced:
        return traced(other) // self

    def __mod__(self, other: Size) -> int:
        return self.value % traced(other).value

    def __rmod__(self, other: int) -> int:
        return other % self.value

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Traced) else other)

    def __lt__(self, other: Size) -> bool:
        return self.value < traced(other).value

    def __le__(self, other: Size) -> bool:
        return self.value <= traced(other).value

    def minimum(self, other: Size) -> Traced:
        """The smaller of two; its expression is the smaller one's."""
        return self if self <= other else traced(other)

    def __index__(self) -> int:
        return self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def _join(self, sign: str, other: Traced, value: int, exact: Fraction, fold: bool = False) -> Traced:
        fixed = self.fixed and other.fixed
        if fixed and fold and exact == value:
            return constant(value)
        return Traced(value, exact, sign, (self, other), fixed)

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
            return f"{self.value:,}"
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
