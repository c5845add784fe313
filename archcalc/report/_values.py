"""What a report is made of: columns, the values in them, and how machines read these."""

from __future__ import annotations

from enum import StrEnum
from numbers import Integral, Rational
from typing import Any, Literal, NamedTuple, TypeAlias

# int; a tuple of ints (a sum: shown term by term to people, added for machines); Fraction (a share or
# a ratio); str; Shape; None (an empty cell); in formulas an expression.
Value: TypeAlias = Any
Kind: TypeAlias = Literal["text", "count", "share", "ratio", "mark", "formula"]
Audience: TypeAlias = Literal["all", "people", "machines"]


class Mark(StrEnum):
    """What a cell of a check says; what differs may follow it."""

    OK = "ok"
    MISMATCH = "MISMATCH"
    BROKEN_OFF = "broken off"


class Column(NamedTuple):
    """One column: its plain name for machines, its heading for people, what its values are.

    `spanner` is a heading that neighbouring columns share. `priority` says how readily a column is
    left out of a terminal that is too narrow: 0 never, then the highest first. `wrap` says that its texts
    are long: a narrow terminal shows them on several lines, in their column or below their row.
    """

    key: str
    title: str
    kind: Kind = "text"
    spanner: str = ""
    audience: Audience = "all"
    priority: int = 0
    wrap: bool = False


def full_title(column: Column) -> str:
    """A column's heading where no line above it can hold its spanner.

    >>> full_title(Column("printed_params", "params", spanner="paper"))
    'paper: params'
    """
    return f"{column.spanner}: {column.title}" if column.spanner else column.title


def machine_value(value: Value) -> int | float | str | bool | None:
    """A value as machines read it: a sum added up, a fraction as a float, a shape as HxWxC.

    >>> machine_value((16384, 110592))
    126976
    """
    if value is None or isinstance(value, (int, float, str)):
        return value
    if type(value) is tuple:
        return machine_value(sum(value))
    if isinstance(value, Integral):  # numpy's and sympy's ints, which a float could not hold exactly
        return int(value)
    if isinstance(value, Rational):
        return float(value)
    return str(value)
