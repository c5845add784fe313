"""A variant takes another network's rows and states only what differs."""

from __future__ import annotations

from collections.abc import Collection

from archcalc.errors import DocumentError, nearest, quoted
from archcalc.notation.document import Cell, Document
from archcalc.notation.network import TableNetwork
from archcalc.notation.table_row import TableRow, full_name, label_of_several

OF_VARIANTS = frozenset({"drop columns", "drop rows"})
"""The settings that only variants have."""
AFTER = "after"
"""The column of a variant's table that says behind which row a row of its own stands."""


def varied(document: Document, parent: TableNetwork, rows: list[TableRow]) -> list[TableRow]:
    """The parent's rows without its claims and what is dropped, with the variant's own in their place.

    A row of the variant keeps the parent's cells in the columns that the variant's table does not have. One
    that says after which row it stands is new. Raises DocumentError where a row or column is named that the
    parent does not have.
    """
    names = [row.name for row in parent.rows]
    gone = _named(document, "drop rows", names, parent)
    dropped = _named(document, "drop columns", parent.columns, parent)
    rows, added = _parted(rows)
    own = {row.name: row for row in (_called(row, names) for row in rows)}
    for name, row in own.items():
        if name not in names:
            meant = label_of_several(parent.rows, name) or nearest(name, names)
            fact = f"{quoted(parent.name)} has no row called {quoted(name)}{meant}"
            raise DocumentError(row.line.place, fact)
        if name in gone:
            raise DocumentError(row.line.place, "this row is stated, and 'drop rows' leaves it out")
    found = [_varied(row, own.get(row.name), dropped) for row in parent.rows if row.name not in gone]
    for row, after in added:
        found.insert(_place(found, row, after, parent), row)
    return found


def _parted(rows: list[TableRow]) -> tuple[list[TableRow], list[tuple[TableRow, Cell]]]:
    """The rows that stand in the place of the parent's, and new ones with the row that each stands after."""
    replacing, added = [], []
    for row in rows:
        cells = dict(row.line.cells)
        after = cells.pop(AFTER, None)
        own = row._replace(line=row.line._replace(cells=cells))
        if after is not None and after.text:
            added.append((own, after))
        else:
            replacing.append(own)
    return replacing, added


def _place(rows: list[TableRow], row: TableRow, after: Cell, parent: TableNetwork) -> int:
    """Where a new row stands: behind the row that it names, by its name or its title."""
    if row.name in [each.name for each in rows]:
        fact = f"{quoted(parent.name)} has a row called {quoted(row.name)} already: give this one a label"
        raise DocumentError(row.line.place, fact)
    known = {name: place for place, each in enumerate(rows) for name in (each.title, each.name)}
    if after.text not in known:
        fact = f"no row is called {quoted(after.text)}{nearest(after.text, known)}"
        raise DocumentError(after.place, fact)
    return known[after.text] + 1


def _called(row: TableRow, names: Collection[str]) -> TableRow:
    """A row as the parent calls it: by its type too, where rows of the parent share its label."""
    full = full_name(row.type, row.name)
    return row._replace(name=full) if row.name not in names and full in names else row


def _varied(inherited: TableRow, own: TableRow | None, dropped: Collection[str]) -> TableRow:
    cells = {
        column: Cell("", cell.place) if column in dropped else cell
        for column, cell in inherited.line.cells.items()
    }
    if own is None:
        return inherited._replace(line=inherited.line._replace(cells=cells), claims={})
    return own._replace(line=own.line._replace(cells={**cells, **own.line.cells}))


def _named(document: Document, setting: str, known: Collection[str], parent: TableNetwork) -> set[str]:
    """The names in a setting `drop rows` or `drop columns`."""
    names = {name.strip() for name in document.setting(setting).split(",") if name.strip()}
    what = setting.removeprefix("drop ").removesuffix("s")
    for name in sorted(names):
        if name not in known:
            meant = (label_of_several(parent.rows, name) if what == "row" else "") or nearest(name, known)
            fact = f"{quoted(parent.name)} has no {what} called {quoted(name)}{meant}"
            raise DocumentError(document.settings[setting].place, fact)
    return names
