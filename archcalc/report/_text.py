"""How a report reads for people: every value a text, and what their formats have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from numbers import Integral, Rational
from typing import NamedTuple

from archcalc import numerals
from archcalc.report import Column, Kind, Report, Value

# SheetLine and paragraph ends become a space. What else could move a cursor, turn the direction of writing
# or not be encoded at all becomes a question mark.
_LINE_END = r"\r\n|[\t-\r\x1c-\x1e\x85\u2028\u2029]"
_HARMFUL = r"[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


class SheetLine(NamedTuple):
    """One row as texts, and the name of the group that begins with it (empty where none does)."""

    group: str
    cells: tuple[str, ...]


class Sheet(NamedTuple):
    """A report as people read it: texts without control characters, and no column that is empty.

    `total` is empty where the report has none; `notes` begin with the footnotes.
    """

    caption: str
    columns: tuple[Column, ...]
    lines: tuple[SheetLine, ...]
    total: tuple[str, ...]
    notes: tuple[str, ...]

    def pick(self, kept: Sequence[int]) -> Sheet:
        """The sheet with the columns of these positions alone."""
        return self._replace(
            columns=tuple(self.columns[index] for index in kept),
            lines=tuple(SheetLine(line.group, tuple(line.cells[i] for i in kept)) for line in self.lines),
            total=tuple(self.total[index] for index in kept) if self.total else (),
        )


def sheet_of(
    report: Report, encoding: str = "utf-8", write: Callable[[Value, Kind], str] | None = None
) -> Sheet:
    """The report as texts that the encoding has; `write` takes the place of `readable`."""
    write = write or readable
    columns = report.columns_for("people")
    read = Sheet(
        caption=plain(report.caption, encoding).strip(),
        columns=tuple(
            column._replace(title=plain(column.title, encoding), spanner=plain(column.spanner, encoding))
            for column in columns
        ),
        lines=tuple(
            SheetLine(
                group,
                tuple(plain(write(row.get(column.key), column.kind), encoding) for column in columns),
            )
            for group, row in zip(_beginnings(report, encoding), report.rows, strict=True)
        ),
        total=()
        if report.total is None
        else tuple(plain(write(report.total.get(column.key), column.kind), encoding) for column in columns),
        notes=tuple(plain(note, encoding).strip() for note in _sentences(report)),
    )
    return _with_total_named(read.pick(_filled(read)))


def readable(value: Value, kind: Kind) -> str:
    """One value as people read it.

    >>> readable((16384, 110592), "count"), readable(Fraction(31, 125), "share")
    ('16,384 + 110,592', '24.8%')
    """
    if value is None:
        return ""
    if type(value) is tuple:
        return " + ".join(readable(term, "count") for term in value) or "0"
    if kind == "count" and isinstance(value, Integral):
        return numerals.whole(int(value))
    if kind == "share" and isinstance(value, Rational):
        return numerals.share(Fraction(value))
    if kind == "ratio" and isinstance(value, Rational):
        return numerals.ratio(Fraction(value))
    return str(value)


def plain(text: str, encoding: str = "utf-8") -> str:
    """A text without anything that moves a cursor, in the characters of an encoding.

    >>> plain("\\x1b[31mred\\n"), plain("\N{MULTIPLICATION SIGN}", "ascii")
    ('?[31mred ', '?')
    """
    if not text.isprintable():
        text = re.sub(_HARMFUL, "?", re.sub(_LINE_END, " ", text))
    return text if text.isascii() else text.encode(encoding, errors="replace").decode(encoding)


def is_number(column: Column) -> bool:
    """Whether a column stands to the right, as numbers do."""
    return column.kind in ("count", "share", "ratio")


def spans(columns: Iterable[Column]) -> list[tuple[str, int]]:
    """The spanners from left to right (empty for none), each with how many neighbours share it."""
    return [(spanner, len(list(run))) for spanner, run in groupby(column.spanner for column in columns)]


def has_spanner(columns: Iterable[Column]) -> bool:
    """Whether a line of spanners must stand above the headings."""
    return any(column.spanner for column in columns)


def _beginnings(report: Report, encoding: str) -> Iterator[str]:
    before = ""
    for index in range(len(report.rows)):
        group = plain(report.groups[index], encoding).strip() if index < len(report.groups) else ""
        yield group if group != before else ""
        before = group


def _sentences(report: Report) -> Iterator[str]:
    yield from (f"{mark} {text}" for mark, text in report.footnotes)
    yield from report.notes


def _filled(sheet: Sheet) -> list[int]:
    every = range(len(sheet.columns))
    if not sheet.lines and not sheet.total:
        return list(every)  # nothing is known of an empty table's columns: all headings stand
    rows = [line.cells for line in sheet.lines] + [sheet.total] * bool(sheet.total)
    return [index for index in every if any(cells[index] for cells in rows)]


def _with_total_named(sheet: Sheet) -> Sheet:
    if sheet.total and not sheet.total[0]:
        return sheet._replace(total=("total", *sheet.total[1:]))
    return sheet
