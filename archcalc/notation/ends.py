"""Where rows may begin and end otherwise than one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from archcalc.errors import DocumentError, Place, Refused, nearest, quoted
from archcalc.graph import Graph
from archcalc.notation.block import FROM, Block
from archcalc.notation.table_row import TableRow


class Ends:
    """The nodes in which earlier rows end, and the inputs, by what a chain may call them.

    A row is called by its name or its title; within a side chain the names in its own table come first.
    `rows` are all rows of the network. No row of `alternatives` can name another. `alone` says why nothing
    can be named at all; empty where it can.
    """

    def __init__(
        self, inputs: Iterable[str], rows: Iterable[TableRow], alternatives: bool, alone: str
    ) -> None:
        self._inputs = dict.fromkeys(inputs)
        self._nodes = {name: name for name in self._inputs}
        self._later = {name for row in rows for name in (row.name, row.title)}
        self._alternatives, self._alone = alternatives, alone
        self._head = ""
        self._aside: dict[str, str] = {}

    def begin(self, row: TableRow) -> None:
        """What follows is of this row. Raises DocumentError where an input has its name."""
        if row.head != self._head:
            self._head, self._aside = row.head, {}
        for name in (row.name, row.title, row.path):
            if name in self._inputs:
                fact = f"an input is called {quoted(name)} already: give this row another name, or a label"
                raise DocumentError(row.line.cells["type"].place, fact)

    def end(self, row: TableRow, node: str) -> None:
        """The row that began last ends in this node."""
        if self._alternatives:
            return
        self._nodes[row.name] = node
        names = self._aside if row.head else self._nodes
        names.setdefault(row.label, node)
        names.setdefault(row.title, node)

    def names(self, text: str, place: Place | None) -> list[str]:
        """The names in a text: one, or several with commas between them.

        Raises Refused, or DocumentError where the text stands in a cell at `place`, where one is unknown.
        """
        known = {**self._nodes, **self._aside}
        names = [text] if text in known else [name.strip() for name in text.split(",")]
        for name in names:
            if self._alone or name not in known:
                fact = self._alone or self._unknown(name, known)
                raise DocumentError(place, fact) if place else Refused(fact)
        return names

    def node(self, name: str) -> str:
        """The node that one of these names means."""
        return self._aside.get(name) or self._nodes[name]

    def _unknown(self, name: str, known: Iterable[str]) -> str:
        if not name:
            return "the name of a row is missing"
        if self._alternatives and name in self._later:
            return f"{quoted(name)} is another alternative, and each starts from an input"
        if name in self._later:
            return f"{quoted(name)} is no earlier row: only those above this one can be named"
        return f"no earlier row and no input is called {quoted(name)}{nearest(name, known)}"


def starts_elsewhere(blocks: Mapping[str, Iterable[Block]]) -> bool:
    """Whether a chain of a block starts from an earlier row, or from an input."""
    return any(step.name == FROM for named in blocks.values() for block in named for step in block.steps)


def borrows(blocks: Mapping[str, Iterable[Block]]) -> bool:
    """Whether a step of a block uses the weights of an earlier row."""
    return any(
        "weights of " in step.text for named in blocks.values() for block in named for step in block.steps
    )


def check_used(graph: Graph, rows: Mapping[str, TableRow], ends: Collection[str], inputs: Place) -> None:
    """Refuse a layer, or an input, that nothing takes up: a name that was forgotten, most likely.

    `ends` are the nodes in which rows end; `inputs` is where the inputs are stated.
    """
    used = {name for node in graph for name in node.inputs} | {*graph.outputs, *graph.heads.values()}
    for node in graph:
        if node.name in used:
            continue
        row = rows[node.row]
        last = "not the last of its side chain" if row.head else "no output: name it in 'outputs: ...'"
        fact = f"no row takes up what this one gives, and it is {last}"
        if node.name not in ends:
            fact = f"nothing takes up what the layer {quoted(node.name)} gives"
        raise DocumentError(row.line.place, fact)
    for name in graph.inputs:
        if name not in used:
            fact = f"no row takes the input {quoted(name)}: a chain begins 'from {name}'"
            raise DocumentError(inputs, fact)
