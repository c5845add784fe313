"""Several networks in one printed table, as DenseNet's: which cells does each of them have?

    networks: repeat = 121-layer, 169-layer

says that the columns `121-layer` and `169-layer` hold a network each: what stands in one is that network's
column `repeat`. An empty cell leaves the row as it is, `no` leaves it out. In a column of types `basic x 2`
is a block and how often it stands there; in a row `total`, and in a table of claims, the cell holds the
network's claims.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archcalc.errors import DocumentError, listed, nearest, quoted
from archcalc.notation.block import RESERVED
from archcalc.notation.document import CLAIMS, TOTAL, Cell, Document, Line, Table
from archcalc.notation.tables import clean, without_footnote

SETTING = "networks"
OUT = "no"
"""The cell of a row that a network does not have."""


class Members(NamedTuple):
    """The columns that hold a network each, and the column that they stand for."""

    target: str
    names: tuple[str, ...]


def members_of(document: Document) -> Members | None:
    """The networks of a document; None where it holds one.

    Raises DocumentError where the setting names no column of the table, or one twice.
    """
    if SETTING not in document.settings:
        return None
    value, place = document.settings[SETTING]
    target, equals, rest = value.partition("=")
    target, names = clean(target), tuple(clean(name) for name in rest.split(","))
    if not (target and equals and all(names)):
        raise DocumentError(place, f"expected 'COLUMN = NETWORK, NETWORK', found {quoted(value)}")
    if target in RESERVED:
        fact = f"a column cannot be called {quoted(target)}: in blocks {{{target}}} is a width"
        raise DocumentError(place, fact)
    columns = [column for table in document.tables if not table.source for column in table.columns]
    for position, name in enumerate(names):
        if name not in columns:
            raise DocumentError(place, f"no column is headed {quoted(name)}{nearest(name, columns)}")
        if name in ("type", *CLAIMS, target):
            raise DocumentError(place, f"the column {quoted(name)} cannot hold a network: it has a meaning")
        if name in names[:position]:
            raise DocumentError(place, f"the column {quoted(name)} is named twice")
    return Members(target, names)


def member_called(document: Document, members: Members, name: str) -> str:
    """The network that a name means: its column's heading, or the only one that begins so.

    Raises DocumentError where none does, or several do.
    """
    name = clean(name)
    if name in members.names:
        return name
    place, known = document.settings[SETTING].place, listed(map(quoted, members.names))
    if not name:
        raise DocumentError(place, f"it holds several networks: name one after a colon, {known}")
    meant = [each for each in members.names if each.startswith(name)]
    if not meant:
        raise DocumentError(place, f"{quoted(name)} is none of its networks{nearest(name, members.names)}")
    if len(meant) > 1:
        raise DocumentError(
            place, f"{quoted(name)} is the beginning of {listed(map(quoted, meant), ' and ')}"
        )
    return meant[0]


def title_of(name: str, member: str) -> str:
    """What reports call one of several networks: the document's name and the column's heading.

    >>> title_of("DenseNet-", "121"), title_of("a ResNet", "18-layer"), title_of("VGG", "")
    ('DenseNet-121', 'a ResNet 18-layer', 'VGG')
    """
    return name + member if name.endswith("-") else f"{name} {member}".rstrip()


def keep_member(document: Document, members: Members, name: str) -> None:
    """Leave in the tables of a document what one of its networks has.

    Raises DocumentError where a cell claims something that nothing can be checked against.
    """
    reading = _Reading(members, name)
    document.tables = [table if table.source else reading.rows(table) for table in document.tables]
    document.claims = [reading.claims_table(table) for table in document.claims]


class _Reading(NamedTuple):
    """A document read for one of its networks."""

    members: Members
    name: str

    def rows(self, table: Table) -> Table:
        """The table of rows as the network has it. Rows that it does not have stay, and are marked."""
        lines = [self._row(line) for line in table.lines]
        if all(line.absent or line.cells["type"].text == TOTAL for line in lines):
            fact = f"the network {quoted(self.name)} has no rows: all of its cells say '{OUT}'"
            raise DocumentError(table.place, fact)
        there = {column for line in lines if not line.absent for column in line.cells}
        known = dict.fromkeys((*table.columns, self.members.target, "repeat", *CLAIMS))
        columns = tuple(column for column in known if column in there)
        return table._replace(columns=columns, lines=tuple(lines))

    def claims_table(self, table: Table) -> Table:
        """A table of claims as the network has it."""
        if self.name not in table.columns:
            return table
        lines = [self._claiming(line) for line in table.lines if line.cells[self.name].text != OUT]
        columns = dict.fromkeys((*table.columns, *CLAIMS))
        kept = tuple(column for column in columns if column not in self.members.names)
        return table._replace(columns=kept, lines=tuple(lines))

    def _shared(self, cells: dict[str, Cell]) -> dict[str, Cell]:
        """The cells of the columns that hold no network."""
        return {column: cell for column, cell in cells.items() if column not in self.members.names}

    def _row(self, line: Line) -> Line:
        own, cells = line.cells[self.name], self._shared(line.cells)
        if own.text == OUT:
            return line._replace(cells=cells, absent=True)
        if cells["type"].text == TOTAL:
            return self._claiming(line)
        if not own.text:
            return line._replace(cells=cells)
        if self.members.target != "type":
            return line._replace(cells=cells | {self.members.target: own})
        block, times = _times(own)
        said = cells["type"].text
        label = re.fullmatch(r".*\(([^()]*)\)", said)
        kind = own._replace(text=f"{block} ({label[1] if label else said})")
        return line._replace(cells=cells | {"type": kind} | ({"repeat": times} if times else {}))

    def _claiming(self, line: Line) -> Line:
        """A row that claims: what the network's cell says, `7.98M params, 2.87G ops`, beside the others."""
        own, cells = line.cells[self.name], self._shared(line.cells)
        # A comma between two digits groups them, or is a decimal comma.
        parts = re.split(r"(?<![0-9]),|,(?![0-9])", own.text) if own.text else []
        for position, part in enumerate(parts, 1):
            text, footnote = without_footnote(part.strip())
            last = own.footnote if position == len(parts) else ""
            amount, claim = _claimed(text, own)
            if claim in cells and cells[claim].place == own.place:
                raise DocumentError(own.place, f"{quoted(claim)} is claimed twice")
            cells[claim] = Cell(amount, own.place, footnote or last)
        return line._replace(cells=cells)


def _claimed(text: str, own: Cell) -> tuple[str, str]:
    """An amount and what it is of. Raises DocumentError where it is of nothing that papers claim."""
    claim = max((each for each in CLAIMS if text.endswith(f" {each}")), key=len, default="")
    if not claim:
        fact = f"expected a number and what it is of, such as 25.6M params, found {quoted(text)}"
        _, space, word = text.rpartition(" ")
        raise DocumentError(own.place, fact + (nearest(word, CLAIMS) if space else ""))
    return text.removesuffix(f" {claim}"), claim


def _times(cell: Cell) -> tuple[str, Cell | None]:
    """A block, and how often it stands there: `basic x 2`."""
    match = re.fullmatch(r"(.*\S) x ?([0-9]+)", cell.text, re.ASCII)
    return (match[1], cell._replace(text=match[2], footnote="")) if match else (cell.text, None)
