"""Where each column of a table stands in a width: side by side, on lines below its row, or left out.

The first of these that fits is taken, and each is tried with every column before any column is left out:

1. every column side by side, each cell on one line;
2. long texts and headings folded within their columns; sums too, when all that is left matters;
3. the longest texts on lines of their own below their rows.

A table that does not fit even so is written as blocks, one line a cell: nothing is left out of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archcalc.report import Column
from archcalc.report._lines import cells_wide, narrowest, term_width
from archcalc.report._text import Sheet, is_number, spans

GAP = 2  # cells between two columns
COMFORT = 40
"""How wide a folded text is at least, where it is not shorter and would not fit on three lines."""
SHORT = 12
"""What is not wider is never folded within its column."""


class Layout(NamedTuple):
    """The columns side by side and their widths, those below their rows, those left out.

    A layout without columns side by side is that of blocks.
    """

    beside: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """The width of what stands side by side."""
        return total_width(self.widths)


class _Extent(NamedTuple):
    """How wide a column is on single lines, and how narrow it may become."""

    natural: int
    least: int


def lay_out(sheet: Sheet, width: int | None) -> Layout:
    """The layout of a sheet in a width (None: any)."""
    every = tuple(range(len(sheet.columns)))
    extents = [_extent(sheet, index, False) for index in every]
    natural = _under_spanners([each.natural for each in extents], sheet.columns)
    if width is None or not every or total_width(natural) <= width:
        return Layout(every, tuple(natural))
    folded = [_extent(sheet, index, True) for index in every]
    kept = list(every)
    left_out: list[int] = []
    while True:
        for each in (extents, folded) if _is_urgent(sheet, kept) else (extents,):
            for below in _below(sheet, kept, each):
                layout = _fitted(sheet, kept, below, each, width)
                if layout is not None:
                    return _filled_up(layout, sheet, left_out, each, width)
        readily = max(kept, key=lambda index: (sheet.columns[index].priority, index))
        if sheet.columns[readily].priority <= 0 or len(kept) == 1:
            return Layout()
        kept.remove(readily)
        left_out.append(readily)


def _fitted(
    sheet: Sheet, kept: Sequence[int], below: Sequence[int], extents: Sequence[_Extent], width: int
) -> Layout | None:
    """These columns in a width, some of them below their rows; None where they do not fit."""
    beside = tuple(index for index in kept if index not in below)
    widths = _squeezed([extents[index] for index in beside], width)
    widths = _under_spanners(widths, [sheet.columns[index] for index in beside])
    if total_width(widths) > width:
        return None
    left_out = tuple(index for index in range(len(sheet.columns)) if index not in kept)
    return Layout(beside, tuple(widths), tuple(below), left_out)


def _filled_up(
    layout: Layout, sheet: Sheet, left_out: Sequence[int], extents: Sequence[_Extent], width: int
) -> Layout:
    """A layout with the columns that still fit in, the last that was left out first."""
    kept = [*layout.beside, *layout.below]
    for index in reversed(left_out):
        kept = sorted((*kept, index))
        more = _fitted(sheet, kept, layout.below, extents, width)
        if more is None:
            break
        layout = more
    return layout


def is_long(column: Column) -> bool:
    """Whether a column holds texts that may be laid over several lines."""
    return column.wrap or column.kind == "formula"


def total_width(widths: Sequence[int]) -> int:
    """The width of columns beside each other."""
    return sum(widths) + GAP * max(0, len(widths) - 1)


def _is_urgent(sheet: Sheet, kept: Sequence[int]) -> bool:
    """Whether all that is left matters much."""
    return all(sheet.columns[index].priority <= 2 for index in kept)


def _extent(sheet: Sheet, index: int, sums: bool) -> _Extent:
    """The extent of a column; `sums` says that a sum of numbers may stand on several lines."""
    column = sheet.columns[index]
    cells = [line.cells[index] for line in sheet.lines]
    if sheet.total:
        cells.append(sheet.total[index])
    body = max(map(cells_wide, cells), default=0)
    heading = max(map(cells_wide, column.title.split(" ")))
    least = body
    if is_long(column):
        lines = 1 if column.kind == "mark" else 3
        least = max(min(body, max(SHORT, min(COMFORT, -(-body // lines)))), *map(narrowest, cells), 0)
    elif is_number(column):
        narrow = term_width if sums else cells_wide
        least = max((narrow(cell) if " " in cell else cells_wide(cell) for cell in cells), default=0)
    return _Extent(max(body, cells_wide(column.title)), max(least, heading))


def _below(sheet: Sheet, kept: Sequence[int], extents: Sequence[_Extent]) -> Iterator[tuple[int, ...]]:
    """What may go below the rows: nothing, then the longest texts, those of one spanner together.

    Verdicts stay in their columns while there is something to leave out that matters little.
    """
    groups: dict[str, list[int]] = {}
    urgent = _is_urgent(sheet, kept)
    marked = {sheet.columns[index].spanner for index in kept if sheet.columns[index].kind == "mark"}
    for index in kept[1:]:
        column = sheet.columns[index]
        stays = column.kind == "mark" or (column.spanner and column.spanner in marked)
        if is_long(column) and not is_number(column) and (urgent or not stays):
            together = column.spanner or ("mark" if column.kind == "mark" else column.key)
            groups.setdefault(together, []).append(index)
    moved: list[int] = []
    yield ()
    for group in sorted(groups.values(), key=lambda group: -max(extents[i].natural for i in group)):
        moved += group
        yield tuple(sorted(moved))


def _squeezed(extents: Sequence[_Extent], width: int) -> list[int]:
    """Each column as narrow as it may be, and the rest of the width to those that lack it, evenly."""
    widths = [each.least for each in extents]
    room = width - total_width(widths)
    lacking = sorted(range(len(extents)), key=lambda index: extents[index].natural - extents[index].least)
    for place, index in enumerate(lacking):
        more = min(extents[index].natural - extents[index].least, max(0, room) // (len(lacking) - place))
        widths[index] += more
        room -= more
    return widths


def _under_spanners(widths: Sequence[int], columns: Sequence[Column]) -> list[int]:
    """The last column under a spanner grows where the spanner is wider than all of them."""
    grown, end = list(widths), 0
    for spanner, count in spans(columns):
        end += count
        grown[end - 1] += max(0, cells_wide(spanner) - total_width(grown[end - count : end]))
    return grown
