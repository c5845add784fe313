"""Several networks in one printed table, as DenseNet's: which cells does each of them have?

    networks: repeat = 121-layer, 169-layer

says that the columns `121-layer` and `169-layer` hold a network each: what stands in one is that network's
column `repeat`. An empty cell leaves the row as it is, `no` leaves it out. In a column of types `basic x 2`
is a block and how often it stands there; in a row `total` the cell holds the network's claims.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archcalc.errors import DocumentError, nearest, quoted, shortened
from archcalc.notation.document import CLAIMS, TOTAL, Cell, Document, Line, Table
from archcalc.notation.tables import clean

SETTING = "networks"
OUT = "no"
"""The cell of a row that a network does not have."""


class Members(NamedTuple):
    """The columns that hold a network each, and the column that they stand for."""

    target: str
    names: tuple[str, ...]


def members_of(document: Document) -> Members | None:
    """The networks of a document; None where it holds one.

    Raises DocumentError where the setting names no column of the table.
    """
    if SETTING not in document.settings:
        return None
    value, place = document.settings[SETTING]
    target, equals, rest = value.partition("=")
    names = tuple(clean(name) for name in rest.split(","))
    if not (clean(target) and equals and all(names)):
        raise DocumentError(place, f"expected 'COLUMN = NETWORK, NETWORK', found {quoted(value)}")
    columns = [column for table in document.tables for column in table.columns]
    for name in names:
        if name not in columns:
            raise DocumentError(place, f"no column is headed {quoted(name)}{nearest(name, columns)}")
        if name in ("type", *CLAIMS, clean(target)):
            raise DocumentError(place, f"the column {quoted(name)} cannot hold a network: it has a meaning")
        if names.count(name) > 1:
            raise DocumentError(place, f"the column {quoted(name)} is named twice")
    return Members(clean(target), names)


def member_called(document: Document, members: Members, name: str) -> str:
    """The network that a name means: its column's heading, or the only one that begins so.

    Raises DocumentError where none does, or several do.
    """
    meant = [each for each in members.names if each == name] or [
        each for each in members.names if name and each.startswith(name)
    ]
    if len(meant) != 1:
        stem = document.path.stem
        known = ", ".join(f"{stem}:{each}" for each in members.names)
        said = f"{quoted(name)} is none of its networks" if name else "it holds several networks"
        raise DocumentError(document.settings[SETTING].place, f"{said}: name one, {shortened(known)}")
    return meant[0]


def title_of(name: str, member: str) -> str:
    """What reports call one of several networks: the document's name and the column's heading.

    >>> title_of("DenseNet-", "121"), title_of("a ResNet", "18-layer"), title_of("VGG", "")
    ('DenseNet-121', 'a ResNet 18-layer', 'VGG')
    """
    return name + member if name.endswith("-") else f"{name} {member}".rstrip()


def table_of(table: Table, members: Members, name: str) -> Table:
    """The table as one network has it."""
    kept = [_line(line, members, name) for line in table.lines if line.cells[name].text != OUT]
    if all(line.cells["type"].text == TOTAL for line in kept):
        raise DocumentError(
            table.place, f"the network {quoted(name)} has no rows: all of its cells say '{OUT}'"
        )
    there = {column for line in kept for column in line.cells}
    known = dict.fromkeys((*table.columns, members.target, "repeat", *CLAIMS))
    columns = tuple(column for column in known if column in there)
    lines = tuple(
        line._replace(cells={column: line.cells[column] for column in columns if column in line.cells})
        for line in kept
    )
    return table._replace(columns=columns, lines=lines)


def _line(line: Line, members: Members, name: str) -> Line:
    """A row as one network has it."""
    own = line.cells[name]
    cells = {column: cell for column, cell in line.cells.items() if column not in members.names}
    if not own.text:
        return line._replace(cells=cells)
    if cells["type"].text == TOTAL:
        return line._replace(cells=cells | _claims(own))
    if members.target != "type":
        return line._replace(cells=cells | {members.target: own})
    block, times = _times(own)
    said = cells["type"].text
    label = re.fullmatch(r".*\(([^()]*)\)", said)
    kind = cells["type"]._replace(text=f"{block} ({label[1] if label else said})")
    return line._replace(cells=cells | {"type": kind} | ({"repeat": times} if times else {}))


def _times(cell: Cell) -> tuple[str, Cell | None]:
    """A block, and how often it stands there: `basic x 2`."""
    match = re.fullmatch(r"(.*\S) ?x ?([0-9]+)", cell.text, re.ASCII)
    return (match[1], cell._replace(text=match[2])) if match else (cell.text, None)


def _claims(cell: Cell) -> dict[str, Cell]:
    """What a network's cell in a row `total` claims: `7.98M params, 2.87G ops`."""
    found = {}
    for part in cell.text.split(","):
        amount, _, claim = part.strip().rpartition(" ")
        if claim not in CLAIMS or not amount:
            fact = f"expected a number and what it is of, such as 25.6M params, found {quoted(part.strip())}"
            raise DocumentError(cell.place, fact + nearest(claim, CLAIMS))
        found[claim] = cell._replace(text=amount.strip())
    return found
