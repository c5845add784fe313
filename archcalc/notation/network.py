"""Rows x blocks -> one graph, and what the paper claims of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from archcalc import numerals
from archcalc.errors import DocumentError, InputError, UnknownName, nearest, quoted
from archcalc.graph import INPUT, Graph, Width
from archcalc.notation.block import Block, Chain, Every, unmarked
from archcalc.notation.block_sizes import MOST_CHARACTERS, MOST_LAYERS
from archcalc.notation.braces import RowContext
from archcalc.notation.choice import Readers
from archcalc.notation.document import CLAIMS, OUTPUT, Cell, Document, Line, Setting
from archcalc.notation.expansion import Expansion, Rules
from archcalc.notation.paths import identifier
from archcalc.notation.prepared import Copy, Prepared, PreparedRow
from archcalc.notation.tables import clean
from archcalc.sizes import Shape, Size, as_int
from archcalc.sizes.written import parse_shape, read_shape

TOTAL = "total"
"""The type of a last row that claims something of the whole network."""
THEN = " then "
"""What stands in a cell between the text of a repeated row's first copy and that of all others."""
PLAIN = ("type", "note", "repeat")
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
    def repeat(self) -> int:
        """How many times the row stands in the network."""
        cell = self.line.cells.get("repeat")
        if cell is None or not cell.text:
            return 1
        if not re.fullmatch("[1-9][0-9]{0,5}", cell.text, re.ASCII):
            fact = f"expected how often the row stands, a number from 1 to 999999, found {quoted(cell.text)}"
            raise DocumentError(cell.place, fact)
        return int(cell.text)


@dataclass(frozen=True)
class TableNetwork:
    """A network as its document states it; `graph()` gives it at an input.

    `heads` are side chains, by name: the row each starts from. `parent` is the network a variant is of,
    `total` what is claimed of the whole network.
    """

    name: str
    document: Document
    settings: Mapping[str, Setting]
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    heads: Mapping[str, str]
    blocks: Mapping[str, list[Block]]
    every: Mapping[str, Every]
    choices: Mapping[str, Mapping[str, Chain]]
    shared: frozenset[str]
    parent: str = ""
    total: TableRow | None = None

    def setting(self, name: str, default: str = "") -> str:
        """The value of a setting."""
        return self.settings[name].value if name in self.settings else default

    @property
    def key(self) -> str:
        """What the catalogue, and a command, calls it: its file's name."""
        return self.document.path.stem

    @property
    def source(self) -> str:
        """The name of the file it was read from."""
        return self.document.file

    @property
    def alternatives(self) -> bool:
        """Whether each row starts from the input, as one of several designs."""
        return self.setting("rows") == "alternatives"

    @property
    def input(self) -> Shape | None:
        """The input the document states."""
        if "input" not in self.settings:
            return None
        value, place = self.settings["input"]
        shape = read_shape(value)
        if shape is None:
            fact = f"expected an input with sizes of 1 or more, such as 224x224x3, found {quoted(value)}"
            raise DocumentError(place, fact)
        return shape

    @cached_property
    def read_columns(self) -> tuple[str, ...]:
        """The columns that blocks may read: all but the type, the notes and the claims."""
        return tuple(column for column in self.columns if column not in (*CLAIMS, *PLAIN))

    @property
    def own_rows(self) -> tuple[TableRow, ...]:
        """The rows of the network itself, without its side chains."""
        return tuple(row for row in self.rows if not row.head)

    @cached_property
    def output_rows(self) -> tuple[TableRow, ...]:
        """The rows whose outputs leave the network: those that `outputs` names, else the last one."""
        if self.alternatives:
            return self.own_rows
        if "outputs" not in self.settings:
            return self.own_rows[-1:]
        value, place = self.settings["outputs"]
        known = {name: row for row in self.own_rows for name in (row.name, row.title)}
        names = [clean(name) for name in value.split(",")]
        for name in names:
            if name not in known:
                raise DocumentError(place, f"no row is called {quoted(name)}{nearest(name, known)}")
        return tuple(dict.fromkeys(known[name] for name in names))

    @cached_property
    def _prepared(self) -> Prepared:
        blocks, bare = self.blocks, unmarked(self.document.bare_fences)
        readers = Readers(blocks, self.columns, self.read_columns, self.choices, bare)
        return Prepared(blocks, readers, Rules(self.every, self.choices, self.shared))

    @cached_property
    def _by_name(self) -> dict[str, TableRow]:
        return {row.name: row for row in self.rows}

    def row(self, name: str) -> TableRow:
        """The row of that name. Raises UnknownName with the nearest name."""
        if name not in self._by_name:
            raise UnknownName(f"{self.name}: no row is called {quoted(name)}{nearest(name, self._by_name)}")
        return self._by_name[name]

    def alternative(self, name: str, stack: int = 1) -> TableNetwork:
        """One alternative as a network of its own, `stack` of it in a row."""
        row = self.row(name)
        repeat = Cell(str(stack), row.line.place)
        line = Line({**row.line.cells, "repeat": repeat}, row.line.place)
        settings = {key: value for key, value in self.settings.items() if key != "rows"}
        return replace(self, name=name, settings=settings, rows=(row._replace(line=line, head=""),))

    def widths(self) -> Iterator[Width]:
        """The cells that hold a number which a block may read; of an output size its channels."""
        places = 3 if self.input is not None and len(self.input.places) == 3 else 2
        readers = self._prepared.readers
        for row in self.rows:
            factors, counts = readers.factors(row.type), readers.counts
            for column in (*self.read_columns, OUTPUT):
                if column in counts:
                    continue
                text = row.line.cells[column].text if column in row.line.cells else ""
                shape = parse_shape(text) if column == OUTPUT or text.isdecimal() else None
                if shape is not None and (column != OUTPUT or len(shape.places) != places - 1):
                    yield Width(row.name, column, as_int(shape.channels), column in factors)

    def graph(
        self,
        input: Shape | None = None,
        heads: bool = False,
        cells: Mapping[tuple[str, str], Size] | None = None,
    ) -> Graph:
        """The network at an input (by default its own), with its side chains where `heads` is set.

        `cells` replaces cells, by (row, column), with sizes: ints, arrays or symbols; in the place of an
        output size stand its channels. Raises UnknownName where there is no such cell, DocumentError where
        the network cannot exist at that input.
        """
        sizes: dict[str, dict[str, Size]] = {}
        for (name, column), size in (cells or {}).items():
            self._check_width(name, column)
            sizes.setdefault(name, {})[column] = size
        shape = input or self.input
        if shape is None:
            raise InputError(
                f"{self.document.file}: states no input; write 'input: 224x224x3' or give --input"
            )
        graph = Graph({INPUT: shape}, self._prepared.known)
        expansion = Expansion(graph, self._prepared.rules, self._prepared.bindings)
        source, ends = INPUT, expansion.ends
        try:
            for row in self.rows:
                if row.head and not heads:
                    continue
                if row.head and row.head not in graph.heads:
                    source = ends[self.heads[row.head]]
                own = sizes.get(row.name, {})
                source = self._expand(row, INPUT if self.alternatives else source, expansion, own)
                ends[row.name] = source
                if row.head:
                    graph.heads[row.head] = source
                else:
                    ends.setdefault(row.title, source)
        except DocumentError as error:
            raise DocumentError(error.place, error.fact + self._circumstances(error, input)) from None
        graph.outputs = tuple(ends[row.name] for row in self.output_rows)
        return graph

    def _circumstances(self, error: DocumentError, input: Shape | None) -> str:
        """What the place of an error does not tell: the variant it is seen from, an input that was given."""
        said = ""
        if self.parent and error.place.file != self.document.file:
            said += f" (in the variant {self.document.file})"
        if input is not None and str(input) != str(self.input):  # arrays have no one answer to !=
            said += f" (at the input {input})"
        return said

    def _check_width(self, name: str, column: str) -> None:
        """Refuse to replace what is no cell that a block may read."""
        cells, counts = self.row(name).line.cells, self._prepared.readers.counts
        if column not in cells or column in counts or column not in (OUTPUT, *self.read_columns):
            known = [each for each in (OUTPUT, *self.read_columns) if each in cells and each not in counts]
            raise UnknownName(
                f"row {quoted(name)} has no width in a column {quoted(column)}{nearest(column, known)}"
            )

    def _expand(self, row: TableRow, source: str, expansion: Expansion, own: Mapping[str, Size]) -> str:
        """Add a row, and its copies where it is repeated; `own` are the sizes that replace its cells."""
        scope, repeat, layers, *copies = self._row(row, frozenset(own))
        if len(expansion.graph) + layers > MOST_LAYERS:
            raise DocumentError(
                row.line.place, f"the network has more than {numerals.whole(MOST_LAYERS)} layers"
            )
        blocks, place = self._prepared.blocks, row.line.place
        first, others = (
            RowContext(row.name, place, copy.cells, own, row.head, blocks, copy.bound) for copy in copies
        )
        source = expansion.row(first, copies[0].what, source, scope if repeat == 1 else f"{scope}.1")
        for number in range(2, repeat + 1):
            source = expansion.row(others, copies[1].what, source, f"{scope}.{number}")
        return source

    def _row(self, row: TableRow, given: frozenset[str]) -> PreparedRow:
        """A row, where sizes stand in for the cells of the columns that are given."""
        rows, key = self._prepared.rows, (row.name, given)
        if key not in rows:
            first, others = self._prepared.readers.choose(row.type, row.line, given)
            scope, repeat = scope_of(row), row.repeat
            each = self._prepared.block_sizes.of(others).inside(scope)
            if repeat * each.characters > MOST_CHARACTERS and repeat * each.layers <= MOST_LAYERS:
                most = numerals.whole(MOST_CHARACTERS)
                fact = f"the names of the row's layers have more than {most} characters together"
                raise DocumentError(row.line.place, fact)
            cells, later = self._copies(row)
            one, other = Copy(first, cells, {}), Copy(others, later, {})
            if first is others and cells is later:
                other = one
            rows[key] = PreparedRow(scope, repeat, repeat * each.layers, one, other)
        return rows[key]

    def _copies(self, row: TableRow) -> tuple[Mapping[str, Cell], Mapping[str, Cell]]:
        """The cells of a row's first copy and of every other: they differ in those that say `2 then 1`."""
        cells = row.line.cells
        parts = {
            column: cells[column].text.partition(THEN)
            for column in self.read_columns
            if column in cells and THEN in cells[column].text
        }
        if not parts:
            return cells, cells
        first = {column: cells[column]._replace(text=text.strip()) for column, (text, _, _) in parts.items()}
        later = {column: cells[column]._replace(text=text.strip()) for column, (_, _, text) in parts.items()}
        return {**cells, **first}, {**cells, **later}


def scope_of(row: TableRow) -> str:
    """The path of a row's nodes: its type and label as one identifier, in its side chain's."""
    own = identifier(row.label if row.label.startswith(row.type) else f"{row.type} {row.label}")
    return f"{identifier(row.head)}.{own}" if row.head else own
