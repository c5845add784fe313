"""Sizes that are sympy expressions: how they are divided and compared, so that people can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    import sympy

    from archcalc.sizes import Relation, Size


def quotient(dividend: Size, divisor: Size) -> Size:
    """A division that a requirement says is exact. Of a rounded size it may then be rounded too, and reads
    floor(H/8) where a half of floor(H/4) is exact.
    """
    import sympy

    size = sympy.sympify(dividend)
    if isinstance(size.as_coeff_Add()[1], sympy.floor) and sympy.sympify(divisor).is_Integer:
        return rounded_down(dividend, divisor)
    exact: Size = size / divisor
    return exact


def rounded_down(dividend: Size, divisor: Size) -> Size:
    """A rounded quotient of symbols as floor(x + r) + n: 0 <= r < 1, n whole, and no rounded x.

    For whole n and d, floor((floor(x) + n) / d) is floor((x + n) / d): layers one after the other round as
    one does, and what five of them leave of a height reads floor((H + 1)/32).
    """
    import sympy

    number, rest = sympy.sympify(dividend).as_coeff_Add()
    if isinstance(rest, sympy.floor) and number.is_integer and sympy.sympify(divisor).is_Integer:
        rest = rest.args[0]
    number, rest = ((rest + number) / divisor).as_coeff_Add()
    whole = sympy.floor(number)
    rounded: Size = sympy.floor(rest + number - whole) + whole
    return rounded


def smaller(first: sympy.Expr, second: sympy.Expr) -> sympy.Expr:
    """The smaller of two expressions, which is known where they differ by a number before rounding."""
    import sympy

    difference = _unrounded(first) - _unrounded(second)
    if difference.is_number:
        return first if difference <= 0 else second
    return sympy.Min(first, second)


def _unrounded(size: sympy.Expr) -> sympy.Expr:
    """The x + n of floor(x) + n; any other size as it is."""
    import sympy

    number, rest = sympy.sympify(size).as_coeff_Add()
    return number + rest.args[0] if isinstance(rest, sympy.floor) else size


def condition(left: Size, relation: Relation, right: Size) -> sympy.Basic | bool:
    """A requirement on symbols as a sympy condition, or a bool where it is decided."""
    import sympy

    if relation == "<=":
        needed = sympy.Le(left, right)
    elif relation == "==":
        needed = sympy.Eq(left, right)
    elif relation == "divides":
        needed = sympy.Eq(sympy.Mod(right, left), 0)
    elif relation == "is 1 or":
        needed = sympy.Or(sympy.Eq(left, 1), sympy.Eq(left, right))
    else:
        assert_never(relation)
    return bool(needed) if needed in (sympy.true, sympy.false) else needed
