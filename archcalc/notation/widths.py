"""Which cells of a row hold a width, a number that another can replace?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from archcalc.errors import UnknownName, nearest, quoted
from archcalc.graph import Width
from archcalc.notation.choice import Readers
from archcalc.notation.document import OUTPUT
from archcalc.notation.table_row import TableRow
from archcalc.sizes import as_int
from archcalc.sizes.written import parse_shape


def widths_of(row: TableRow, columns: Sequence[str], readers: Readers, places: int) -> Iterator[Width]:
    """The cells that hold a number which a block may read; of an output size its channels.

    `columns` are those that blocks may read, `places` how many the network's input has: an output size of
    places alone says no channels.
    """
    factors = readers.factors(row.type)
    without = places - 1 if places == 3 else 1
    for column in (*columns, OUTPUT):
        if column in readers.unsized or column not in row.line.cells:
            continue
        text = row.line.cells[column].text
        shape = parse_shape(text) if column == OUTPUT or text.isdecimal() else None
        if shape is not None and (column != OUTPUT or len(shape.places) != without):
            yield Width(row.name, column, as_int(shape.channels), column in factors)


def check_width(row: TableRow, column: str, columns: Sequence[str], unsized: Collection[str]) -> None:
    """Refuse to replace what is no cell that a block may read. Raises UnknownName."""
    known = [each for each in (OUTPUT, *columns) if each in row.line.cells and each not in unsized]
    if column not in known:
        raise UnknownName(
            f"row {quoted(row.name)} has no width in a column {quoted(column)}{nearest(column, known)}"
        )
