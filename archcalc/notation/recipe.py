"""How the nodes of a row were made, so that the next graph of the network can have them without its blocks.

Most of a row is the same at every input and every width: its names, its wiring, most of its operations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeAlias

from archcalc.graph import Graph, Node
from archcalc.notation.binding import Bindings, Written
from archcalc.notation.braces import Braces, Frame, RowContext


class Reading(NamedTuple):
    """A node whose operation reads what differs from graph to graph: `{in}`, or a cell that a size replaces.

    `scope` is its block's, `source` the node whose output enters that.
    """

    node: Node
    written: Written
    scope: str
    source: str


Recipe: TypeAlias = Sequence[Node | Reading]
LONGEST, MOST_RECIPES = 2_000, 500
"""How many nodes a recipe may have, and how many recipes a network keeps."""


def entry(
    node: Node, written: Written, frame: Frame, fixed: Collection[Written], of_row: Collection[Written]
) -> Node | Reading | None:
    """A node of a recipe; None where it is made in another way in another graph.

    `fixed` are operations that read nothing, `of_row` those that read the row's own cells alone.
    """
    if node.weights_of or (frame.given and written not in fixed):
        return None
    if written in fixed or written in of_row:
        return node
    return Reading(node, written, frame.scope, frame.source)


def again(graph: Graph, bindings: Bindings, context: RowContext, recipe: Recipe) -> None:
    """Add the nodes of a recipe to a graph.

    Raises Refused or DocumentError where one cannot exist: the row's blocks then say where.
    """
    for each in recipe:
        if type(each) is Node:
            graph.append(each)
        elif type(each) is Reading:
            node, (name, arguments), scope, source = each
            braces = Braces(graph, context, Frame(scope, node.branch, graph.shapes[source], source, {}))
            op = bindings.bind(name, arguments, braces, braces.find).op
            graph.append(tuple.__new__(Node, (node[0], op, *node[2:])))  # as node._replace(op=op), and fast
