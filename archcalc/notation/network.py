"""Rows x blocks -> one graph, and what the paper claims of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from archcalc import numerals
from archcalc.errors import DocumentError, InputError, Refused, UnknownName, nearest, quoted
from archcalc.graph import Graph, Width
from archcalc.notation.block import Block, Chain, Every, unmarked
from archcalc.notation.block_sizes import MOST_CHARACTERS, MOST_LAYERS
from archcalc.notation.braces import RowContext
from archcalc.notation.choice import Readers
from archcalc.notation.document import CLAIMS, Document, Setting, multiple_of
from archcalc.notation.ends import Ends, borrows, check_used, starts_elsewhere
from archcalc.notation.expansion import Expansion, Rules
from archcalc.notation.prepared import Copy, Prepared, PreparedRow
from archcalc.notation.recipe import LONGEST, MOST_RECIPES, again
from archcalc.notation.statements import Statement
from archcalc.notation.table_row import PLAIN, REPEAT, TableRow, copies, label_of_several
from archcalc.notation.tables import names_in
from archcalc.notation.widths import check_width, widths_of
from archcalc.sizes import Shape, Size
from archcalc.sizes.inputs import Entering, Inputs, read_inputs


@dataclass(frozen=True)
class TableNetwork:
    """A network as its document states it; `graph()` gives it at an input.

    `heads` are side chains, by name: the row each starts from. `parent` is the network a variant is of,
    `total` what is claimed of the whole network, `statements` what is claimed beyond the rows. `alone` says
    why its rows can name no others, where they cannot.
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
    member: str = ""
    statements: tuple[Statement, ...] = ()
    alone: str = ""

    def setting(self, name: str, default: str = "") -> str:
        """The value of a setting."""
        return self.settings[name].value if name in self.settings else default

    @property
    def key(self) -> str:
        """What the catalogue, and a command, calls it: its file's name, and its column among several."""
        stem = self.document.path.stem
        return f"{stem}:{self.member}" if self.member else stem

    @property
    def source(self) -> str:
        """The name of the file it was read from."""
        return self.document.file

    @property
    def alternatives(self) -> bool:
        """Whether each row starts from the input, as one of several designs."""
        return self.setting("rows") == "alternatives"

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    @property
    def input(self) -> Shape | None:
        """The input the document states; None where it states none, or several."""
        return self.inputs.alone if self.inputs else None

    @cached_property
    def inputs(self) -> Inputs | None:
        """The inputs the document states, by name."""
        if "input" not in self.settings:
            return None
        value, place = self.settings["input"]
        try:
            found = read_inputs(value)
        except Refused as refused:
            raise DocumentError(place, str(refused)) from None
        if found is None:
            fact = f"expected an input with sizes of 1 or more, such as 224x224x3, found {quoted(value)}"
            raise DocumentError(place, fact)
        return found

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
        if "outputs" not in self.settings:
            return self.own_rows if self.alternatives else self.own_rows[-1:]
        value, place = self.settings["outputs"]
        if self.alternatives:
            raise DocumentError(place, "the rows are alternatives: what each gives is an output of its own")
        known = {name: row for row in self.own_rows for name in (row.name, row.title)}
        names = names_in(value, place)
        for name in names:
            if name not in known:
                raise DocumentError(place, f"no row is called {quoted(name)}{nearest(name, known)}")
        return tuple(known[name] for name in dict.fromkeys(names))

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
            meant = label_of_several(self.rows, name) or nearest(name, self._by_name)
            raise UnknownName(f"{self.name}: no row is called {quoted(name)}{meant}")
        return self._by_name[name]

    def alternative(self, name: str, stack: int = 1) -> TableNetwork:
        """One alternative as a network of its own, `stack` of it in a row."""
        row = self.row(name).put({REPEAT: str(stack)})
        settings = {key: each for key, each in self.settings.items() if key not in ("rows", "outputs")}
        alone = "a row by itself has no other rows and no inputs to name: ask for the whole network"
        rows = (row._replace(head=""),)
        return replace(
            self, name=name, settings=settings, rows=rows, alone="" if self.alternatives else alone
        )

    @cached_property
    def rows_stand_alone(self) -> bool:
        """Whether each row is what it is by what enters it: none starts elsewhere or has others' weights."""
        return not (self.shared or starts_elsewhere(self.blocks) or borrows(self.blocks))

    @property
    def width_multiple(self) -> int:
        """What a width times a factor is rounded to a multiple of."""
        return multiple_of(self.settings)

    def depths(self) -> Iterator[tuple[str, str]]:
        """The cells that say how often a row, or a step of its block, stands there, filled or not."""
        for row in self.rows:
            yield row.name, REPEAT
            cells = row.line.cells
            for column in self.read_columns:
                if column in self._prepared.readers.counts and column in cells and cells[column].text:
                    yield row.name, column

    def deepened(self, times: Mapping[tuple[str, str], int]) -> TableNetwork:
        """The network with other numbers in cells that `depths` names."""
        rows = [
            row.put({column: str(number) for (name, column), number in times.items() if name == row.name})
            for row in self.rows
        ]
        return replace(self, rows=tuple(rows))

    def widths(self) -> Iterator[Width]:
        """The cells that hold a number which a block may read; of an output size its channels."""
        places = len(self.input.places) if self.input else 2
        for row in self.rows:
            yield from widths_of(row, self.read_columns, self._prepared.readers, places)

    def graph(
        self,
        input: Entering | None = None,
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
            check_width(self.row(name), column, self.read_columns, self._prepared.readers.unsized)
            sizes.setdefault(name, {})[column] = size
        inputs = Inputs.of(input) if input else self.inputs
        if inputs is None:
            raise InputError(
                f"{self.document.file}: states no input; write 'input: 224x224x3' or give --input"
            )
        try:
            return self._graph(inputs, heads, sizes, by_recipe=True)
        except (DocumentError, Refused):
            return self._graph(inputs, heads, sizes, by_recipe=False)  # its message says where

    def _graph(
        self, inputs: Inputs, heads: bool, sizes: Mapping[str, Mapping[str, Size]], by_recipe: bool
    ) -> Graph:
        """The network on inputs; `by_recipe` makes rows as they were made before, where they were."""
        graph = Graph(inputs, self._prepared.known)
        ends = Ends(inputs, self.rows, self.alternatives, self.alone)
        expansion = Expansion(graph, self._prepared.rules, self._prepared.bindings, ends)
        source = first = next(iter(inputs))
        made: dict[str, str] = {}
        try:
            for row in self.rows:
                if row.head and not heads:
                    continue
                if row.head and row.head not in graph.heads:
                    source = made[self.heads[row.head]]
                own = sizes.get(row.name, {})
                start = source
                if self.alternatives:
                    start = first
                    expansion.sharing.forget()
                ends.begin(row)
                made[row.name] = source = self._expand(row, start, expansion, own, by_recipe)
                ends.end(row, source)
                if row.head:
                    graph.heads[row.head] = source
        except DocumentError as error:
            raise DocumentError(error.place, error.fact + self._circumstances(error, inputs)) from None
        graph.outputs = tuple(made[row.name] for row in self.output_rows)
        if self._reaches_back:
            place = self.settings["input"].place if "input" in self.settings else self.rows[0].line.place
            check_used(graph, self._by_name, made.values(), place)
        return graph

    @cached_property
    def _reaches_back(self) -> bool:
        """Whether some chain starts from an earlier row or an input, so that a row may lead nowhere."""
        return len(self.inputs or ()) > 1 or "outputs" in self.settings or starts_elsewhere(self.blocks)

    def _circumstances(self, error: DocumentError, inputs: Inputs) -> str:
        """What the place of an error does not tell: the variant it is seen from, an input that was given."""
        said = ""
        if self.parent and error.place.file != self.document.file:
            said += f" (in the variant {self.document.file})"
        if str(inputs) != str(self.inputs):  # arrays have no one answer to !=
            said += f" (at the input {inputs})"
        return said

    def _expand(
        self, row: TableRow, source: str, expansion: Expansion, own: Mapping[str, Size], by_recipe: bool
    ) -> str:
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
        recipes = self._prepared.recipes
        for number in range(1, repeat + 1):
            context, copy = (first, copies[0]) if number == 1 else (others, copies[1])
            path = scope if repeat == 1 else f"{scope}.{number}"
            key = path, frozenset(own), source
            if by_recipe and key in recipes:
                recipe, source = recipes[key]
                again(expansion.graph, self._prepared.bindings, context, recipe)
                continue
            source = expansion.row(context, copy.what, source, path)
            made = expansion.recipe
            if made is not None and len(made) <= LONGEST and len(recipes) < MOST_RECIPES:
                recipes[key] = made, source
        return source

    def _row(self, row: TableRow, given: frozenset[str]) -> PreparedRow:
        """A row, where sizes stand in for the cells of the columns that are given."""
        rows, key = self._prepared.rows, (row.name, given)
        if key not in rows:
            first, others = self._prepared.readers.choose(row.type, row.line, given)
            scope, repeat = row.path, row.repeat
            each = self._prepared.block_sizes.of(others).inside(scope)
            if repeat * each.characters > MOST_CHARACTERS and repeat * each.layers <= MOST_LAYERS:
                most = numerals.whole(MOST_CHARACTERS)
                fact = f"the names of the row's layers have more than {most} characters together"
                raise DocumentError(row.line.place, fact)
            cells, later = copies(row, self.read_columns, self.alternatives)
            one, other = Copy(first, cells, {}), Copy(others, later, {})
            if first is others and cells is later:
                other = one
            rows[key] = PreparedRow(scope, repeat, repeat * each.layers, one, other)
        return rows[key]
