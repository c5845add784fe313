"""Which columns of a report are shown, in which order, and by which of them its rows are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from archcalc.errors import UsageError, nearest
from archcalc.report._values import Audience, Column, Value, full_title, machine_value
from archcalc.sizes import Shape

if TYPE_CHECKING:
    from archcalc.report import Report


def chosen(report: Report, names: Sequence[str], sort: str, audience: Audience) -> Report:
    """The report with these columns alone, in this order, and its rows sorted by a column.

    A column is called by its key or its heading; `-` before the name sorts the largest first. Raises
    UsageError with the nearest name.
    """
    if sort:
        report = _sorted(report, sort, audience)
    if names:
        columns = dict.fromkeys(_find(report, name, audience) for name in names)
        shown = (column._replace(audience="all", priority=0) for column in columns)
        report = replace(report, columns=tuple(shown))
    return report


def _find(report: Report, name: str, audience: Audience) -> Column:
    """The column of that name: of those that the audience is shown, else of all."""
    shown = report.columns_for(audience)
    others = [column for column in report.columns if column not in shown]
    for columns in (shown, others):
        for called in (_key, full_title, _title):
            found = [column for column in columns if called(column) == name]
            if len(found) > 1:
                keys = ", ".join(column.key for column in found)
                raise UsageError(f"'{name}' is the heading of several columns: call them {keys}")
            if found:
                return found[0]
    known = dict.fromkeys(chain(map(_title, shown), map(_key, shown), map(_key, others)))
    raise UsageError(f"no column is called '{name}'{nearest(name, [each for each in known if each])}")


def _key(column: Column) -> str:
    return column.key


def _title(column: Column) -> str:
    return column.title


def _sorted(report: Report, sort: str, audience: Audience) -> Report:
    """The rows in the order of one column; rows without a value stand last in either direction."""
    try:
        column, descending = _find(report, sort, audience), False
    except UsageError:
        if not sort.startswith("-"):
            raise
        column, descending = _find(report, sort[1:], audience), True
    groups = (*report.groups, *[""] * (len(report.rows) - len(report.groups)))
    pairs = list(zip(report.rows, groups, strict=True))
    filled = [pair for pair in pairs if pair[0].get(column.key) not in (None, "")]
    empty = [pair for pair in pairs if pair[0].get(column.key) in (None, "")]
    filled.sort(key=lambda pair: _order(pair[0][column.key]), reverse=descending)
    rows = tuple(row for row, _ in (*filled, *empty))
    return replace(report, rows=rows, groups=tuple(group for _, group in (*filled, *empty)))


def _order(value: Value) -> tuple[int, Any]:
    """What a value is sorted by: numbers by their size, shapes by their elements, texts by their letters."""
    if isinstance(value, Shape):
        return 0, value.elements
    if type(value) is tuple:
        value = sum(value)
    if isinstance(value, str):
        return 1, value.casefold()
    read = machine_value(value) if not hasattr(value, "numerator") else value
    return (1, read.casefold()) if isinstance(read, str) else (0, read)
