"""One row of a network's table: its names, its repetition, its claims."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from archcalc.errors import DocumentError, listed, quoted
from archcalc.graph import Row
from archcalc.notation.document import Cell, Line
from archcalc.notation.paths import identifier

THEN = " then "
"""What stands in a cell between the text of a repeated row's first copy and that of all others."""
REPEAT = "repeat"
"""The column that says how often a row stands in the network."""
PLAIN = ("type", "note", REPEAT)
"""The columns that no block reads."""


class TableRow(NamedTuple):
    """One row of a table: its name, what it says, which of its claims are its own."""

    name: str
    type: str
    text: str
    line: Line
    claims: Mapping[str, Cell]
    head: str = ""

    @property
    def title(self) -> str:
        """What people are shown: the text where it has a label, else the name, which tells equals apart."""
        return self.text if self.text != self.type else self.label

    @property
    def label(self) -> str:
        """Its name among the rows of its own table."""
        return self.name.removeprefix(f"{self.head}/") if self.head else self.name

    @property
    def path(self) -> str:
        """The path of its nodes: its type and label as one identifier, in its side chain's."""
        own = identifier(self.label if self.label.startswith(self.type) else f"{self.type} {self.label}")
        return f"{identifier(self.head)}.{own}" if self.head else own

    def said(self, column: str) -> str | None:
        """What the row says in a column; None where its table has no such column."""
        cell = self.line.cells.get(column)
        return None if cell is None else cell.text

    @property
    def repeat(self) -> int:
        """How many times the row stands in the network."""
        cell = self.line.cells.get(REPEAT)
        if cell is None or not cell.text:
            return 1
        if not re.fullmatch("[1-9][0-9]{0,5}", cell.text, re.ASCII):
            fact = f"expected how often the row stands, a number from 1 to 999999, found {quoted(cell.text)}"
            raise DocumentError(cell.place, fact)
        return int(cell.text)

    def put(self, texts: Mapping[str, str]) -> TableRow:
        """The row with other texts in some columns."""
        cells = {
            column: self.line.cells.get(column, Cell("", self.line.place))._replace(text=text)
            for column, text in texts.items()
        }
        return self._replace(line=self.line._replace(cells={**self.line.cells, **cells}))


def full_name(kind: str, label: str) -> str:
    """What a row is called where others of another type have its label."""
    return f"{kind} ({label})"


def label_of_several(rows: Iterable[Row], name: str) -> str:
    """The clause that ends a message on a label that rows of several types have; empty for any other."""
    names = [
        quoted(row.name) for row in rows if row.name.removeprefix(f"{row.head}/") == full_name(row.type, name)
    ]
    return f": it is the label of {listed(names, ' and of ')}" if names else ""


def copies(
    row: TableRow, columns: Collection[str], stacked: bool
) -> tuple[Mapping[str, Cell], Mapping[str, Cell]]:
    """The cells of a row's first copy and of every other: they differ in those that say `2 then 1`.

    Raises DocumentError where a row says so that stands once, unless it is one that may be `stacked`.
    """
    cells = row.line.cells
    said = {name: cells[name] for name in columns if name in cells and THEN in cells[name].text}
    for cell in said.values() if not stacked and not ("repeat" in cells and cells["repeat"].text) else ():
        fact = f"{quoted(cell.text)} is what the copies of a row read, and this row has no 'repeat'"
        raise DocumentError(cell.place, fact)
    first, later = (
        {name: cell._replace(text=cell.text.split(THEN, 1)[place].strip()) for name, cell in said.items()}
        for place in (0, 1)
    )
    return ({**cells, **first}, {**cells, **later}) if said else (cells, cells)
