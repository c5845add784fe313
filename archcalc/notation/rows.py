"""The lines of a document's tables -> rows: their names, labels and claims, and side chains by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archcalc.errors import DocumentError, quoted
from archcalc.notation.document import CLAIMS, TOTAL, Cell, Table
from archcalc.notation.statements import claims_of
from archcalc.notation.table_row import PLAIN, TableRow, full_name


def rows_of(table: Table, head: str = "") -> list[TableRow]:
    """The rows of a table. Raises DocumentError where one has no type or an empty label.

    A row is called by its label, or by its type; where rows of several types have one label, by both. Rows
    that the network does not have count, so that all networks of one table call a row alike.
    """
    parts = [_parts(line.cells["type"]) for line in table.lines]
    kinds: dict[str, set[str]] = {}
    for kind, label in parts:
        kinds.setdefault(label, set()).add(kind)
    rows = []
    counts: dict[str, int] = {}
    for line, (kind, label) in zip(table.lines, parts, strict=True):
        name = label if len(kinds[label]) == 1 else full_name(kind, label)
        if not label:
            counts[kind] = counts.get(kind, 0) + 1
            name = kind if counts[kind] == 1 else f"{kind}_{counts[kind]}"
        text, claims = line.cells["type"].text, claims_of(line)
        if line.absent:
            continue
        rows.append(TableRow(f"{head}/{name}" if head else name, kind, text, line, claims, head))
    return rows


def _parts(cell: Cell) -> tuple[str, str]:
    """A row's type, and its label; empty where it has none."""
    match = re.fullmatch(r"(.*?) ?(?:\(([^()]*)\))?", cell.text)
    kind, label = (match[1], match[2]) if match else (cell.text, None)
    if not kind:
        raise DocumentError(cell.place, "the row has no type")
    if label is not None and not label.strip():
        raise DocumentError(cell.place, "the row's label is empty")
    return kind, label.strip() if label else ""


def parted(rows: list[TableRow]) -> tuple[list[TableRow], TableRow | None]:
    """The rows that are layers, and the last one if it is a total, which only claims."""
    totals = [row for row in rows if row.type == TOTAL]
    if not totals:
        return rows, None
    if rows[-1] is not totals[0]:
        raise DocumentError(totals[0].line.place, f"a row '{TOTAL}' is the table's last")
    for column, cell in totals[0].line.cells.items():
        if cell.text and column not in (*CLAIMS, *PLAIN):
            raise DocumentError(cell.place, f"{quoted(cell.text)} is given, but a row '{TOTAL}' only claims")
    if len(rows) == 1 and not totals[0].claims:
        raise DocumentError(totals[0].line.place, f"a row '{TOTAL}' claims nothing")
    return rows[:-1], totals[0]


def distinct(rows: list[TableRow]) -> list[TableRow]:
    """Refuse two rows of one name, and two whose torch submodules would be one."""
    names: dict[str, TableRow] = {}
    paths: dict[str, TableRow] = {}
    for row in rows:
        path = row.path
        first = names.setdefault(row.name, row)
        if first is row:
            first = paths.setdefault(path, row)
        if first is not row:
            so = quoted(row.label) if first.name == row.name else f"{quoted(path)} as a torch submodule"
            fact = f"the row in line {first.line.place.line}, {quoted(first.text)}, is called {so} already"
            raise DocumentError(row.line.cells["type"].place, fact)
    return rows


def heads_of(tables: Iterable[Table]) -> dict[str, Table]:
    """The side chains' tables by name: `head_4a`, or with a number where a row has several."""
    heads: dict[str, Table] = {}
    counts: dict[str, int] = {}
    for table in tables:
        if table.source:
            name, count = f"head_{table.source}", counts.get(table.source, 1)
            while name in heads:
                count += 1
                name = f"head_{table.source}_{count}"
            heads[name], counts[table.source] = table, count
    return heads
