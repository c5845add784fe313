"""The table on a terminal, drawn by rich: no cell is ever wrapped or cut."""

from __future__ import annotations

import codecs
import textwrap
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import zip_longest

from rich.box import SIMPLE, Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod
from rich.segment import Segment
from rich.style import Style
from rich.table import Table

from archcalc.report import Audience, Column, Report, Target
from archcalc.report._text import (
    Line,
    Sheet,
    folded,
    full_title,
    has_spanner,
    is_number,
    sheet_of,
    spans,
)

ENDING = ".txt"
AUDIENCE: Audience = "people"

GAP = 2  # cells between two columns

_MARK_STYLES = (
    ("agrees", "green"),
    ("ok", "green"),
    ("truncated", "yellow"),
    ("off by one", "yellow"),
    ("differs", "red"),
    ("MISMATCH", "red"),
    ("known erratum", "magenta"),
)

_SIMPLE_ASCII = Box(
    "    \n"
    "    \n"
    " -- \n"
    "    \n"
    "    \n"
    " -- \n"
    "    \n"
    "    \n",
    ascii=True,
)  # fmt: skip


def render(report: Report, target: Target) -> str:
    """Caption, table and notes, at the target's width or at the table's own where that is wider."""
    whole = sheet_of(report, target.encoding)
    whole = _with_folded_formulas(whole, target.width)
    kept = _fit(whole, target.width)
    sheet = whole.pick(kept)
    widths = _widths(sheet)
    text = StringIO()
    console = _console(text, max(_total_width(widths), 1), target.color)
    unicode = codecs.lookup(target.encoding).name.startswith("utf")
    if sheet.caption:
        console.print(_wrapped(sheet.caption, target.width), style="bold", soft_wrap=True)
        console.print()
    if has_spanner(sheet.columns):
        console.print(_spanner_line(sheet.columns, widths, "─" if unicode else "-"))
    if sheet.columns:
        console.print(_table(sheet, widths, SIMPLE if unicode else _SIMPLE_ASCII))
    notes = [*_left_out(whole, kept, target), *sheet.notes]
    if notes:
        console.print()
    for note in notes:
        console.print(_wrapped(note, target.width), soft_wrap=True)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").split("\n")) + "\n"


def _console(file: StringIO, width: int, color: bool) -> Console:
    # Everything that rich would otherwise ask the environment or the terminal for is stated here.
    return Console(
        file=file,
        width=width,
        height=25,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _wrapped(text: str, width: int | None) -> str:
    # Not by rich, which breaks a word that is longer than the line: a number or an address.
    if width is None or len(text) <= width:
        return text
    return textwrap.fill(text, max(width, 1), break_long_words=False, break_on_hyphens=False)


def _with_folded_formulas(sheet: Sheet, width: int | None) -> Sheet:
    """The sheet with formulas that the width cannot hold on several lines: no other cell is ever broken."""
    formulas = [index for index, column in enumerate(sheet.columns) if column.kind == "formula"]
    if not formulas or width is None:
        return sheet
    widths = _widths(sheet)
    others = sum(each + GAP for index, each in enumerate(widths) if index not in formulas)
    room = (width - others) // len(formulas) - GAP * (len(formulas) > 1)
    lines: list[Line] = []
    for line in sheet.lines:
        parts = [folded(cell, room) if index in formulas else [cell] for index, cell in enumerate(line.cells)]
        broken = zip_longest(*parts, fillvalue="")
        lines += [Line(line.group if not number else "", cells) for number, cells in enumerate(broken)]
    return sheet._replace(lines=tuple(lines))


def _fit(sheet: Sheet, width: int | None) -> list[int]:
    """The positions of the columns to show: the highest priorities go first, from the right."""
    kept = list(range(len(sheet.columns)))
    while width is not None and len(kept) > 1 and _total_width(_widths(sheet.pick(kept))) > width:
        readily = max(kept, key=lambda index: (sheet.columns[index].priority, index))
        if sheet.columns[readily].priority <= 0:
            break
        kept.remove(readily)
    return kept


def _widths(sheet: Sheet) -> list[int]:
    """The width of each column; the last one under a spanner grows where the spanner is longer."""
    rows = [[column.title for column in sheet.columns], *(line.cells for line in sheet.lines)]
    widths = [
        max(map(cell_len, texts)) for texts in zip(*rows, *[sheet.total] * bool(sheet.total), strict=True)
    ]
    if widths:
        widths[0] = max(widths[0], *(cell_len(line.group) for line in sheet.lines), 0)
    end = 0
    for spanner, count in spans(sheet.columns):
        end += count
        widths[end - 1] += max(0, cell_len(spanner) - _total_width(widths[end - count : end]))
    return widths


def _total_width(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)


def _spanner_line(columns: Sequence[Column], widths: Sequence[int], dash: str) -> str:
    parts, end = [], 0
    for spanner, count in spans(columns):
        end += count
        width = _total_width(widths[end - count : end])
        free = width - cell_len(spanner)
        if spanner and free >= 4:  # room for a dash and a space on either side
            parts.append(f"{dash * ((free - 2) // 2)} {spanner} {dash * ((free - 1) // 2)}")
        else:
            parts.append(" " * (free - free // 2) + spanner + " " * (free // 2))
    return (" " * GAP).join(parts)


def _table(sheet: Sheet, widths: Sequence[int], box: Box) -> Table:
    padding = (0, GAP - 1, 0, 0)  # the rest of the gap is rich's divider
    table = Table(box=box, show_edge=False, padding=padding, pad_edge=False, show_footer=bool(sheet.total))
    totals = sheet.total or [""] * len(widths)
    for column, width, total in zip(sheet.columns, widths, totals, strict=True):
        justify: JustifyMethod = "right" if is_number(column) else "left"
        table.add_column(column.title, total, justify=justify, width=width, no_wrap=True)
    if sheet.lines:
        table.add_row(*(_Cells(sheet, index, width) for index, width in enumerate(widths)))
    return table


class _Cells:
    """All cells of one column, to rich a single one: given one by one they take four times as long."""

    def __init__(self, sheet: Sheet, index: int, width: int) -> None:
        self.sheet = sheet
        self.index = index
        self.width = width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        column = self.sheet.columns[self.index]
        for line in self.sheet.lines:
            if line.group:
                yield from self._one(line.group if self.index == 0 else "", console.get_style("bold"), False)
            cell = line.cells[self.index]
            style = console.get_style(_mark_style(cell)) if column.kind == "mark" else None
            yield from self._one(cell, style, is_number(column))

    def _one(self, text: str, style: Style | None, to_the_right: bool) -> tuple[Segment, Segment]:
        space = " " * (self.width - cell_len(text))
        return Segment(space + text if to_the_right else text + space, style), Segment.line()


def _mark_style(mark: str) -> str:
    return next((style for beginning, style in _MARK_STYLES if mark.startswith(beginning)), "none")


def _left_out(sheet: Sheet, kept: Sequence[int], target: Target) -> Iterator[str]:
    names = [full_title(column) for index, column in enumerate(sheet.columns) if index not in kept]
    if names:
        yield (
            f"Left out at {target.width} columns wide: {', '.join(dict.fromkeys(names))}. "
            "Use a wider terminal, or --format csv."
        )
