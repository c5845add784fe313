"""The table on a terminal: no number is ever cut, and no line is wider than the terminal.

It is drawn here and not by a library: that is the quickest of all formats to start, and a table of ten
thousand rows is drawn at once.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from archcalc.report import Audience, Column, Report, Target
from archcalc.report._layout import GAP, Layout, lay_out, total_width
from archcalc.report._lines import cells_wide, folded, wrapped
from archcalc.report._text import Sheet, SheetLine, has_spanner, is_number, sheet_of, spans
from archcalc.report._values import full_title

ENDING = ".txt"
AUDIENCE: Audience = "people"

INDENT = "  "
"""What stands before a line below its row."""

_BOLD = "1"
_MARK_STYLES = (
    ("agrees", "32"),
    ("ok", "32"),
    ("truncated", "33"),
    ("off by one", "33"),
    ("differs", "31"),
    ("MISMATCH", "31"),
    ("known erratum", "35"),
)


def render(report: Report, target: Target) -> str:
    """Caption, table and notes, at the target's width or, without one, at the table's own."""
    sheet = sheet_of(report, target.encoding)
    layout = lay_out(sheet, target.width)
    drawing = _Drawing(sheet, layout, target)
    table = drawing.table() if layout.beside or not sheet.columns else drawing.blocks()
    caption = [drawing.bold(line) for line in _sentence(sheet.caption, target.width)]
    notes = [line for note in (*_left_out(drawing), *sheet.notes) for line in _sentence(note, target.width)]
    parts = ("\n".join(line.rstrip() for line in part) for part in (caption, table, notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(text: str, width: int | None) -> list[str]:
    if not text:
        return []
    return [text] if width is None else wrapped(text, max(width, 1))


class _Drawing(NamedTuple):
    """A sheet that is drawn in a layout for a target."""

    sheet: Sheet
    layout: Layout
    target: Target

    @property
    def dash(self) -> str:
        return "\N{BOX DRAWINGS LIGHT HORIZONTAL}" if _is_unicode(self.target.encoding) else "-"

    def table(self) -> Iterator[str]:
        """The headings, the rows side by side and what stands below them, the total."""
        sheet, layout = self.sheet, self.layout
        if not sheet.columns:
            return
        rule = self.dash * layout.width
        columns = [sheet.columns[index] for index in layout.beside]
        if has_spanner(columns):
            yield self._spanner_line()
        yield from self._headings()
        yield rule
        yield from self._lines(sheet.lines)
        if sheet.total:
            yield rule
            yield from self._lines([SheetLine("", sheet.total)], _BOLD)

    def blocks(self) -> Iterator[str]:
        """One block a row, one line a cell, for a terminal that holds no two columns."""
        sheet, width = self.sheet, self.target.width or 0
        between = ""
        for line in sheet.lines:
            if line.group:
                yield from ("", "")[: len(between)]
                yield from map(self.bold, folded(line.group, width))
            yield from self._block(line.cells)
            between = " "
        if sheet.total:
            yield self.dash * width
            yield from self._block(sheet.total)

    def _block(self, cells: Sequence[str]) -> Iterator[str]:
        """The cells of a row that are not empty, each after its heading; all but the first are indented."""
        before = ""
        for column, cell in zip(self.sheet.columns, cells, strict=True):
            if not cell:
                continue
            heading = f"{column.spanner} {column.title}".strip()
            text, width = f"{heading}: {cell}", self.target.width or 0
            fits = cells_wide(text) <= width - len(before)
            first, *others = [text] if fits else folded(text, width - 2 * len(INDENT))
            style = _mark_style(cell) if column.kind == "mark" else "" if before else _BOLD
            yield before + self.styled(first, style)
            yield from (INDENT * 2 + self.styled(other, style) for other in others)
            before = INDENT

    def bold(self, text: str) -> str:
        """A text as headings and names of groups are."""
        return self.styled(text, _BOLD)

    def styled(self, text: str, style: str) -> str:
        """A text in a style, where colour is welcome."""
        return f"\x1b[{style}m{text}\x1b[0m" if style and text and self.target.color else text

    def _spanner_line(self) -> str:
        parts, end, widths = [], 0, self.layout.widths
        for spanner, count in spans(self.sheet.columns[index] for index in self.layout.beside):
            end += count
            width = total_width(widths[end - count : end])
            free = width - cells_wide(spanner)
            if spanner and free >= 4:  # room for a dash and a space on either side
                parts.append(f"{self.dash * ((free - 2) // 2)} {spanner} {self.dash * ((free - 1) // 2)}")
            else:
                parts.append(" " * (free - free // 2) + spanner + " " * (free // 2))
        return (" " * GAP).join(parts)

    def _headings(self) -> Iterator[str]:
        columns = self.sheet.columns
        titles = [
            folded(columns[index].title, width)
            for index, width in zip(self.layout.beside, self.layout.widths, strict=True)
        ]
        height = max(map(len, titles))
        raised = [[""] * (height - len(lines)) + lines for lines in titles]
        yield from self._side_by_side(raised, [_BOLD] * len(titles))
        below = [columns[index] for index in self.layout.below]
        if len(below) == 1 or (_have_one_spanner(below) and not _have_marks(below)):
            yield INDENT + self.bold(below[0].spanner or below[0].title)

    def _lines(self, lines: Sequence[SheetLine], style: str = "") -> Iterator[str]:
        """Rows with the names of their groups and what stands below them."""
        beside = [self._column(index, width, lines, style) for index, width in self._placed()]
        for place, texts in enumerate(zip(*beside, strict=True)):
            if lines[place].group:
                yield from map(self.bold, _sentence(lines[place].group, self.target.width))
            yield from self._row(texts, lines[place], style)
            if self.layout.below:
                yield from self._below(lines[place])

    def _placed(self) -> Iterator[tuple[int, int]]:
        return zip(self.layout.beside, self.layout.widths, strict=True)

    def _row(self, texts: Sequence[str | None], line: SheetLine, style: str) -> Iterator[str]:
        if None not in texts:
            yield (" " * GAP).join(texts)  # type: ignore[arg-type]  # none is None
            return
        cells = [folded(line.cells[index], width) for index, width in self._placed()]
        styles = [self._style(index, line.cells[index], style) for index in self.layout.beside]
        yield from self._side_by_side(cells, styles)

    def _side_by_side(self, cells: Sequence[list[str]], styles: Sequence[str]) -> Iterator[str]:
        """Cells of several lines beside each other."""
        for texts in zip_longest(*cells, fillvalue=""):
            yield (" " * GAP).join(
                self._padded(text, width, is_number(self.sheet.columns[index]), style)
                for text, (index, width), style in zip(texts, self._placed(), styles, strict=True)
            )

    def _column(self, index: int, width: int, lines: Sequence[SheetLine], style: str) -> list[str | None]:
        """The cells of one column that stand on one line; None for those that take several."""
        to_the_right = is_number(self.sheet.columns[index])
        return [
            self._padded(cell, width, to_the_right, self._style(index, cell, style))
            if cells_wide(cell) <= width
            else None
            for cell in (line.cells[index] for line in lines)
        ]

    def _style(self, index: int, cell: str, style: str) -> str:
        return _mark_style(cell) if self.target.color and self.sheet.columns[index].kind == "mark" else style

    def _padded(self, text: str, width: int, to_the_right: bool, style: str) -> str:
        space = " " * (width - cells_wide(text))
        text = self.styled(text, style)
        return space + text if to_the_right else text + space

    def _below(self, line: SheetLine) -> Iterator[str]:
        """The lines below a row."""
        columns = self.sheet.columns
        below = [(columns[index], line.cells[index]) for index in self.layout.below]
        for text in _details(below):
            marks = {cell for column, cell in below if column.kind == "mark" and cell}
            for number, part in enumerate(folded(text, (self.target.width or 0) - 2 * len(INDENT))):
                yield INDENT * (1 + bool(number)) + self._marked(part, marks)

    def _marked(self, text: str, marks: set[str]) -> str:
        """A text in which verdicts have their colours."""
        for mark in marks if self.target.color else ():
            text = text.replace(mark, self.styled(mark, _mark_style(mark)))
        return text


def _details(below: Sequence[tuple[Column, str]]) -> Iterator[str]:
    """What stands below a row, a text a column; printed numbers and the verdicts on them share one."""
    columns = [column for column, _ in below]
    if _have_one_spanner(columns) and _have_marks(columns):
        said: list[str] = []
        for column, cell in below:
            if cell and column.kind == "mark" and said:
                said[-1] += f", {cell}"
            elif cell:
                said.append(f"{column.title} {cell}")
        yield from [f"{columns[0].spanner}: {'; '.join(said)}"] * bool(said)
        return
    for column, cell in below:
        heading = column.title if _have_one_spanner(columns) else full_title(column)
        if cell:
            yield f"{heading}: {cell}" if len(below) > 1 else cell


def _have_one_spanner(columns: Sequence[Column]) -> bool:
    return bool(columns) and bool(columns[0].spanner) and len({each.spanner for each in columns}) == 1


def _have_marks(columns: Sequence[Column]) -> bool:
    return any(column.kind == "mark" for column in columns)


def _is_unicode(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf")


def _mark_style(mark: str) -> str:
    return next((style for beginning, style in _MARK_STYLES if mark.startswith(beginning)), "")


def _left_out(drawing: _Drawing) -> Iterator[str]:
    names = [full_title(drawing.sheet.columns[index]) for index in drawing.layout.left_out]
    if names:
        yield (
            f"Left out at {drawing.target.width} columns wide: {', '.join(dict.fromkeys(names))}. "
            "Use a wider terminal, --columns or --format csv."
        )
