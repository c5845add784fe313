"""Whose weights does a layer use? Those of its block's first use, or of a row that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from archcalc.applied import lends
from archcalc.errors import Refused, quoted
from archcalc.graph import Graph
from archcalc.ops import Op


class Sharing:
    """The blocks of one graph that are `shared`: all uses of such a block have the weights of the first."""

    def __init__(self, graph: Graph, shared: Collection[str]) -> None:
        self._graph = graph
        self._shared = shared
        self._first: dict[str, list[str]] = {}
        self._lenders: Iterator[str] | None = None

    def forget(self) -> None:
        """What follows is another design, whose first use of a block is one of its own."""
        self._first = {}

    @contextmanager
    def of(self, block: str) -> Iterator[None]:
        """One use of a block. One that stands inside a later use of a shared one lends what that does."""
        if block not in self._shared or self._lenders is not None:
            yield
        elif block in self._first:
            self._lenders = iter(self._first[block])
            yield
            self._lenders = None
        else:
            before = len(self._graph)
            yield
            self._first[block] = list(self._graph.nodes)[before:]

    def of_block(self, op: Op) -> str:
        """The node whose weights an operation uses, as its block's first use stands in its place.

        Empty where it has no weights, or where this is the first use. Raises Refused where the first use has
        other layers.
        """
        if self._lenders is None:
            return ""
        first = self._graph.nodes.get(next(self._lenders, ""))
        if first is None or first.op.name != op.name:
            raise Refused("all uses of a shared block have the same layers, and its first use has others")
        return first.name if self._graph.applied(first).counts.tensors else ""

    def of_row(self, op: Op, inputs: tuple[str, ...], end: str) -> str:
        """The node whose weights an operation uses: the first that has such in the row that ends in `end`.

        Raises Refused where none has.
        """
        row = self._graph.nodes[end].row if end in self._graph.nodes else ""
        wanted = op.weights(*(self._graph.shapes[name] for name in inputs))
        for node in self._graph:
            if node.row == row and lends(self._graph.applied(node).counts.tensors, wanted):
                return node.weights_of or node.name
        raise Refused(f"no layer of {quoted(row or end)} has weights that it could use")
