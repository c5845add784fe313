"""A network as a graph of primitive operations at one stated input.

>>> from archcalc.ops.conv import Conv
>>> graph = Graph({"input": Shape((224, 224), 3)})
>>> stem = graph.add("stem", Conv(kernel=(7, 7), stride=(2, 2), channels=64), "input")
>>> graph.outputs = (stem,)
>>> str(graph.shapes[stem])
'112x112x64'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from archcalc.errors import Refused
from archcalc.ops import Op
from archcalc.sizes import Requirement, Shape, holds


class Node(NamedTuple):
    """One operation of a graph.

    Its name is its path (`inception_3a.branch2.conv3x3`): unique, lasting, and the name of the torch
    submodule. `row` is the table row it comes from and `branch` the branch of that row's fork. `head` names
    the side chain it belongs to, which exists in training only. `weights_of` names an earlier node whose
    weights it uses: they are counted there, its MACs here.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    row: str = ""
    branch: str = ""
    head: str = ""
    weights_of: str = ""


class Condition(NamedTuple):
    """A requirement on arrays or symbols: a mask or a condition, and the node that needs it."""

    node: str
    requirement: Requirement
    value: Any


class Graph:
    """Nodes in the order of their computation, with the shape each gives for the graph's inputs.

    `inputs` are the shapes that enter; `outputs` and `heads` (side chain -> node) name the nodes whose
    values leave. Sizes may be ints, arrays or symbols; what could not be decided is in `conditions`.
    """

    def __init__(self, inputs: Mapping[str, Shape]) -> None:
        self.inputs = dict(inputs)
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Shape] = dict(inputs)
        self.outputs: tuple[str, ...] = ()
        self.heads: dict[str, str] = {}
        self.conditions: list[Condition] = []

    def add(
        self,
        name: str,
        op: Op,
        *inputs: str,
        row: str = "",
        branch: str = "",
        head: str = "",
        weights_of: str = "",
    ) -> str:
        """Append a node and return its name, which a suffix makes unique.

        Raises Refused where an input is no node, where the operation's requirements do not hold or where
        shared weights differ in size.
        """
        for given in inputs:
            if given not in self.shapes:
                raise Refused(f"'{given}' is no node or input of this graph")
        shapes = self._shapes(inputs)
        if len(shapes) != 1 and not op.joins:
            raise Refused(f"'{op.name}' takes one input, not {len(shapes)}")
        name = self._unique(name)
        for requirement in op.requirements(*shapes):
            value = holds(requirement)
            if value is False:
                raise Refused(str(requirement))
            if value is not True:
                self.conditions.append(Condition(name, requirement, value))
        self.shapes[name] = op.out(*shapes)
        node = Node(name, op, tuple(inputs), row, branch, head, weights_of)
        if weights_of and op.weights(*shapes) != self._weights(weights_of):
            raise Refused(f"it cannot share the weights of '{weights_of}', whose sizes differ")
        self.nodes[name] = node
        return name

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that enter a node."""
        return self._shapes(node.inputs)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def _shapes(self, names: tuple[str, ...]) -> tuple[Shape, ...]:
        return tuple(self.shapes[name] for name in names)

    def _weights(self, name: str) -> Any:
        if name not in self.nodes:
            raise Refused(f"'{name}', whose weights it shares, is no earlier node")
        node = self.nodes[name]
        return node.op.weights(*self.input_shapes(node))

    def _unique(self, name: str) -> str:
        if name not in self.shapes:
            return name
        count = 2
        while f"{name}_{count}" in self.shapes:
            count += 1
        return f"{name}_{count}"
