"""The operations that can be recorded: exact on numbers, and on the bounds of numbers that are not known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = "int | float | Fraction"
Limits: TypeAlias = tuple[Number, Number]
"""Between which numbers something lies, both included."""


@dataclass(frozen=True)
class Operation:
    """One operation, and all that is known of it.

    `exact` does it on plain numbers. `bounds` gives the limits of the result from those of the operands.
    `mask`: it gives true or false. `symmetric`: the operands may change places, and a constant comes first.
    `neutral` and `absorbing`: the constants that give the other operand and the constant itself; where the
    operands may not change places, the second one is meant. `of_equals`: the result of two equal operands,
    which is the operand itself where the operation is `idempotent`.
    """

    sign: str
    exact: Callable[..., Number]
    bounds: Callable[..., Limits]
    mask: bool = False
    symmetric: bool = False
    neutral: int | None = None
    absorbing: int | None = None
    of_equals: int | None = None
    idempotent: bool = False


def _true_divide(left: Number, right: Number) -> Number:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    exact = Fraction(left) / right
    return int(exact) if exact.denominator == 1 else exact


def _sum(one: Limits, other: Limits) -> Limits:
    return one[0] + other[0], one[1] + other[1]


def _difference(one: Limits, other: Limits) -> Limits:
    return one[0] - other[1], one[1] - other[0]


def _product(one: Limits, other: Limits) -> Limits:
    corners = [each * factor for each in one for factor in other]
    return min(corners), max(corners)


def _smaller(one: Limits, other: Limits) -> Limits:
    return min(one[0], other[0]), min(one[1], other[1])


def _quotient(divide: Callable[[Number, Number], Number]) -> Callable[[Limits, Limits], Limits]:
    """The limits of a quotient.

    >>> OPERATIONS["//"].bounds((7, 9), (2, 2)), OPERATIONS["/"].bounds((7, 9), (-1, 1))
    ((3, 4), (-9, 9))
    """

    def bounds(one: Limits, other: Limits) -> Limits:
        if other[0] <= 0 <= other[1]:  # what a requirement rules out may divide by 0, which gives 0
            largest: Number = max(*one, *(-each for each in one), 1)
            return -largest, largest
        corners = [divide(each, divisor) for each in one for divisor in other]
        return min(corners), max(corners)

    return bounds


def _never_above(one: Limits, other: Limits) -> bool:
    return one[1] <= other[0]


def _below(one: Limits, other: Limits) -> bool:
    return one[1] < other[0]


def _apart(one: Limits, other: Limits) -> bool:
    return _below(one, other) or _below(other, one)


def _truth(always: Callable[..., bool] = lambda *limits: False) -> Callable[..., Limits]:
    """The limits of a mask: 1 and 1 where it always holds, whatever the variables are."""
    return lambda *limits: (always(*limits), 1)


OPERATIONS = {
    operation.sign: operation
    for operation in (
        Operation("+", operator.add, _sum, symmetric=True, neutral=0),
        Operation("-", operator.sub, _difference, of_equals=0),
        Operation("*", operator.mul, _product, symmetric=True, neutral=1, absorbing=0),
        Operation("//", operator.floordiv, _quotient(operator.floordiv), neutral=1),
        Operation("/", _true_divide, _quotient(_true_divide)),
        Operation("min", min, _smaller, symmetric=True, idempotent=True),
        Operation("<=", operator.le, _truth(_never_above), mask=True, of_equals=True),
        Operation("<", operator.lt, _truth(_below), mask=True),
        Operation("==", operator.eq, _truth(), mask=True, symmetric=True, of_equals=True),
        Operation("!=", operator.ne, _truth(_apart), mask=True, symmetric=True),
        Operation("and", operator.and_, _truth(), True, True, neutral=True, absorbing=False, idempotent=True),
        Operation("or", operator.or_, _truth(), True, True, neutral=False, absorbing=True, idempotent=True),
        Operation("not", operator.not_, _truth(), mask=True),
    )
}
"""Every operation by its sign; what does them again, numpy or a script, has a function for each."""
