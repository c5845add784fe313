"""Exact arithmetic on numbers, and on the bounds of numbers that are not known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

COMPARISONS = ("<=", "<", "==", "!=", "and", "or")


def _true_divide(left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    exact = Fraction(left) / right
    return int(exact) if exact.denominator == 1 else exact


EXACT: dict[str, Callable[..., Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "//": lambda left, right: left // right,
    "/": _true_divide,
    "min": min,
    "<=": lambda left, right: left <= right,
    "<": lambda left, right: left < right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
    "not": lambda value: not value,
}
"""The operations on plain numbers."""


def bounds(operation: str, *limits: tuple[Any, Any]) -> tuple[Any, Any]:
    """Between which numbers an operation's result lies, from those between which its operands lie.

    >>> bounds("*", (-2, 3), (4, 5)), bounds("<=", (1, 2), (2, 3)), bounds("//", (7, 9), (2, 2))
    ((-10, 15), (True, 1), (3, 4))
    """
    if operation == "not":
        return 0, 1
    (low, high), (other_low, other_high) = limits
    if operation == "+":
        return low + other_low, high + other_high
    if operation == "-":
        return low - other_high, high - other_low
    if operation == "min":
        return min(low, other_low), min(high, other_high)
    if operation in COMPARISONS:
        return _always(operation, low, high, other_low, other_high), 1
    if operation in ("//", "/"):
        return _quotients(EXACT[operation], low, high, other_low, other_high)
    corners = [each * other for each in (low, high) for other in (other_low, other_high)]
    return min(corners), max(corners)


def _always(operation: str, low: Any, high: Any, other_low: Any, other_high: Any) -> bool:
    """Whether a comparison holds whatever the variables are."""
    if operation == "<=":
        return bool(high <= other_low)
    if operation == "<":
        return bool(high < other_low)
    if operation == "!=":
        return bool(high < other_low or other_high < low)
    return False


def _quotients(divide: Callable[..., Any], low: Any, high: Any, least: Any, most: Any) -> tuple[Any, Any]:
    if least <= 0 <= most:  # what a requirement rules out may divide by 0, which gives 0
        largest = max(abs(low), abs(high), 1)
        return -largest, largest
    corners = [divide(each, other) for each in (low, high) for other in (least, most)]
    return min(corners), max(corners)
