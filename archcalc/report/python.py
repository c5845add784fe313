"""Python that computes: a function for each group of formulas; a report without formulas as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from keyword import iskeyword

from archcalc.report import Audience, Column, Report, Target, Value, machine_value
from archcalc.report._text import plain

ENDING = ".py"
AUDIENCE: Audience = "machines"


def render(report: Report, target: Target) -> str:
    """A module whose functions take the formulas' symbols and return exact integers.

    It imports nothing, but for the fractions of what need not be whole.
    """
    columns = report.columns_for(AUDIENCE)
    formulas = [column for column in columns if column.kind == "formula"]
    lines = [f"# {plain(text).strip()}" for text in (report.caption, *report.notes) if text.strip()]
    body = list(_functions(report, columns, formulas) if formulas else _data(report, columns))
    if any(line.startswith("    ") and "Fraction(" in line for line in body):
        lines += ["", "from fractions import Fraction"]
    lines += body
    return "\n".join(lines) + "\n"


def _functions(report: Report, columns: Sequence[Column], formulas: Sequence[Column]) -> Iterator[str]:
    """One function a group: what stands before the first formula -> its value, several as a tuple.

    In a group that is one cell; without groups all cells before it tell the rows apart.
    """
    before = [column.key for column in columns[: columns.index(formulas[0])]]
    keys = (before[-1:] if report.groups else before) or [formulas[0].key]
    groups = report.groups or ("",) * len(report.rows)
    order = list(report.head.get("symbols", ()))
    taken: set[str] = set()
    for group, members in groupby(zip(groups, report.rows, strict=True), key=lambda each: each[0]):
        rows = [row for _, row in members]
        found = {name for row in rows for column in formulas for name in row[column.key].symbols}
        known = [name for name in order if name in found]
        name = _name(group or str(report.head.get("network", "formula")), taken)
        yield from (
            "",
            "",
            f"def {name}({', '.join([*known, *sorted(found - set(known))])}):",
            "    return {",
        )
        for row in rows:
            values = [row[column.key].python() for column in formulas]
            value = values[0] if len(values) == 1 else f"({', '.join(values)})"
            names = tuple(machine_value(row.get(key)) for key in keys)
            yield f"        {(names[0] if len(names) == 1 else names)!r}: {value},"
        yield "    }"


def _data(report: Report, columns: Sequence[Column]) -> Iterator[str]:
    yield from ("", "rows = [")
    yield from (f"    {_record(row, columns)}," for row in report.rows)
    yield "]"
    if report.total is not None:
        yield f"total = {_record(report.total, columns)}"


def _record(row: Mapping[str, Value], columns: Sequence[Column]) -> str:
    return repr({column.key: machine_value(row.get(column.key)) for column in columns})


def _name(text: str, taken: set[str]) -> str:
    """A text as the name of a function that no other has."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "formula"
    name = f"_{name}" if name[0].isdigit() or iskeyword(name) else name
    while name in taken:
        name += "_"
    taken.add(name)
    return name
