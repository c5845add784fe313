"""CSV for machines: one header line of plain keys, one line a row, numbers without separators."""

from __future__ import annotations

import csv
import io

from archcalc.report import Audience, Report, Target, Value, machine_value
from archcalc.report._text import plain

ENDING = ".csv"
AUDIENCE: Audience = "machines"
TOTAL_ON_REQUEST = True  # a line that is no row spoils a sum or a frame of the column


def render(report: Report, target: Target) -> str:
    """The rows, then the total where the report has one, with 'total' in its first column."""
    keys = [column.key for column in report.columns_for(AUDIENCE)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(key) for key in keys])
    for row in report.rows:
        writer.writerow([_cell(row.get(key)) for key in keys])
    if report.total is not None:
        first, *others = (machine_value(report.total.get(key)) for key in keys)
        named = "total" if first is None or isinstance(first, str) else first
        writer.writerow(map(_cell, (named, *others)))
    return text.getvalue()


def _cell(value: Value) -> int | float | str | bool | None:
    """A value as machines read it; a text that a spreadsheet would run as a formula is quoted."""
    written = machine_value(value)
    if isinstance(written, str):
        written = plain(written)
    if isinstance(written, str) and written.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + written
    return written
