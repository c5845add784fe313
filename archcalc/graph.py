"""A network as a graph of primitive operations at one stated input.

>>> from archcalc.ops.conv import Conv
>>> graph = Graph({"input": Shape((224, 224), 3)})
>>> stem = graph.add("stem", Conv(kernel=(7, 7), stride=(2, 2), channels=64), "input")
>>> graph.outputs = (stem,)
>>> str(graph.shapes[stem])
'112x112x64'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from archcalc.applied import MOST_KNOWN, Applied, Known, is_plain_shape, lends
from archcalc.errors import Refused
from archcalc.ops import Op, Tensor
from archcalc.sizes import Requirement, Shape, Size, holds
from archcalc.sizes.inputs import Entering, Inputs


class Node(NamedTuple):
    """One operation of a graph.

    Its name is its path (`inception_3a.branch2.conv3x3`): unique, lasting, and the name of the torch
    submodule. `row` is the table row it comes from and `branch` the branch of that row's fork. `head` names
    the side chain it belongs to, which exists in training only. `weights_of` names an earlier node whose
    weights it uses: they are counted there, its MACs here. What is done `once` is so for any whole batch.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    row: str = ""
    branch: str = ""
    head: str = ""
    weights_of: str = ""
    once: bool = False


class Condition(NamedTuple):
    """A requirement on arrays or symbols: a mask or a condition, and the node or stage that needs it."""

    node: str
    requirement: Requirement
    value: Any


class Graph:
    """Nodes in the order of their computation, with the shape each gives for the graph's inputs.

    `inputs` are the shapes that enter; `outputs` and `heads` (side chain -> node) name the nodes whose
    values leave. Sizes may be ints, arrays or symbols; what could not be decided is in `conditions`.
    `known` is what graphs of the same operations share, so that each is asked once for the same ints.
    """

    def __init__(self, inputs: Mapping[str, Shape], known: Known | None = None) -> None:
        self.inputs = Inputs(inputs)
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Shape] = dict(inputs)
        self.outputs: tuple[str, ...] = ()
        self.heads: dict[str, str] = {}
        self.conditions: list[Condition] = []
        self._applied: dict[str, Applied] = {}
        self._known: Known = Known() if known is None else known
        self._plain = all(is_plain_shape(shape) for shape in self.inputs.values())
        self._stages: set[str] = set()
        self._counts: dict[str, int] = {}

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
        """Append a node and return its name; what `append` says holds."""
        return self.append(Node(name, op, inputs, row, branch, head, weights_of))

    def append(self, node: Node) -> str:
        """Append a node and return its name, which a suffix makes unique.

        Raises Refused where an input is no node, where the operation's requirements do not hold or where
        shared weights differ in size.
        """
        name, op, inputs, _, _, _, weights_of, _ = node
        shapes = self._shapes(inputs)
        if len(shapes) != 1 and not op.joins:
            raise Refused(f"'{op.name}' takes one input, not {len(shapes)}")
        stage = name.rpartition(".")[0]
        opened = self._opened(name, stage) if stage and stage not in self._stages else ()
        if name in self.shapes or name in self._stages:
            name = self._unique(name)
            node = node._replace(name=name)
        applied = self._known.get((id(op), shapes)) if self._plain else None
        if applied is None:
            applied = self._apply(name, op, shapes)
        if weights_of:
            for requirement in self._sharing(applied.counts.tensors, weights_of):
                self.require(name, requirement)
        self._applied[name] = applied
        self.shapes[name] = applied.output
        self.nodes[name] = node
        if opened:
            self._stages.update(opened)
        return name

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """The shapes that leave."""
        return tuple([self.shapes[name] for name in self.outputs])

    def require(self, name: str, requirement: Requirement) -> None:
        """State what a node or a stage of nodes needs.

        Raises Refused where it does not hold; what arrays or symbols leave open becomes a condition.
        """
        value = holds(requirement)
        if value is True:
            return
        if value is False:
            raise Refused(str(requirement))
        self.conditions.append(Condition(name, requirement, value))

    def applied(self, node: Node) -> Applied:
        """A node's operation at the shapes that enter it."""
        return self._applied[node.name]

    def all_applied(self) -> Iterator[tuple[Node, Applied]]:
        """Every node, and its operation at the shapes that enter it."""
        return zip(self.nodes.values(), self._applied.values(), strict=True)

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that enter a node."""
        return self._shapes(node.inputs)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def _shapes(self, names: tuple[str, ...]) -> tuple[Shape, ...]:
        try:
            if len(names) == 1:  # nearly always
                return (self.shapes[names[0]],)
            return tuple([self.shapes[name] for name in names])
        except KeyError as error:
            raise Refused(f"'{error.args[0]}' is no node or input of this graph") from None

    def _apply(self, name: str, op: Op, shapes: tuple[Shape, ...]) -> Applied:
        """The operation at shapes that it is not known at. Raises Refused where its requirements do not hold.

        Those of plain ints are decided, and the same the next time; what arrays or symbols need is stated.
        """
        for requirement in op.requirements(*shapes):
            if holds(requirement) is not True:
                self.require(name, requirement)
        applied = Applied(op, shapes)
        self._plain = self._plain and op.plain and is_plain_shape(applied.output)
        if self._plain:
            if len(self._known) >= MOST_KNOWN:
                self._known.popitem(last=False)
            self._known[id(op), shapes] = applied
        return applied

    def _sharing(self, weights: Sequence[Tensor], name: str) -> Iterator[Requirement]:
        """What must hold for a node to use the weights of the node of that name."""
        if name not in self.nodes:
            raise Refused(f"'{name}', whose weights it shares, is no earlier node")
        shared = self._applied[name].counts.tensors
        if not lends(shared, weights):
            raise Refused(f"it cannot share the weights of '{name}', which has others")
        fact = f"it cannot share the weights of '{name}', whose sizes differ: {{left}} and {{right}}"
        by_name = {tensor.name: tensor for tensor in shared}
        for mine in weights:
            for left, right in zip(mine.sizes, by_name[mine.name].sizes, strict=True):
                yield Requirement(left, "==", right, fact)

    def _opened(self, name: str, stage: str) -> list[str]:
        """The stages that a node's path leads through first. Raises Refused where one of them is a layer."""
        opened = []
        while stage and stage not in self._stages:  # those around a known one are known
            opened.append(stage)
            stage = stage.rpartition(".")[0]
        for stage in reversed(opened):
            if stage in self.shapes:
                raise Refused(f"'{stage}' is a layer, and '{name}' would stand inside it")
        return opened

    def _unique(self, name: str) -> str:
        """A name that a node or a stage has already, with a suffix."""
        # What was taken stays taken: the search goes on where the last one for this name ended.
        count = self._counts.get(name, 2)
        while (unique := f"{name}_{count}") in self.shapes or unique in self._stages:
            count += 1
        self._counts[name] = count
        return unique


class Row(Protocol):
    """One row of a network: what its document, or its code, calls a layer or a module.

    `name` is unique, `title` what people are shown, and `text` what its own source calls it, of which `type`
    says the kind. `path` is that of its nodes, `repeat` how many times it stands there, `head` the side chain
    that it belongs to (empty for none).
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def repeat(self) -> int: ...
    @property
    def head(self) -> str: ...

    def said(self, column: str) -> str | None:
        """What the row says in a column; None where it has no such column."""


class Width(NamedTuple):
    """A number that can be replaced: its row, column and size. A `factor` multiplies other widths."""

    row: str
    column: str
    size: int
    factor: bool = False


class Network(Protocol):
    """What every question is asked of, whatever a network was read from: rows, and a graph at an input.

    `key` is what a command calls it, `name` what people do, `source` what it was read from. `rows` are all of
    its rows, `own_rows` those that stand in no side chain, `heads` the row that each side chain starts from,
    `columns` what its rows can say. `alternatives` says that each row starts from the input, as one of
    several designs. `inputs` are the network's own; None where it states none. A width times a factor is
    rounded to a multiple of `width_multiple`. `remarks` are said under its tables.
    """

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def inputs(self) -> Inputs | None: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def own_rows(self) -> Sequence[Row]: ...
    @property
    def heads(self) -> Mapping[str, str]: ...
    @property
    def alternatives(self) -> bool: ...
    @property
    def remarks(self) -> tuple[str, ...]: ...

    def row(self, name: str) -> Row:
        """The row of that name. Raises UnknownName."""

    def alternative(self, name: str, stack: int = 1) -> Self:
        """One row as a network of its own, `stack` of it one after the other. Raises UnknownName."""

    @property
    def width_multiple(self) -> int: ...

    def depths(self) -> Iterator[tuple[str, str]]:
        """The rows and columns of the numbers that say how often a part of the network stands there."""

    def deepened(self, times: Mapping[tuple[str, str], int]) -> Self:
        """The network with other numbers there; a graph of it refuses those that it cannot have."""

    def widths(self) -> Iterator[Width]:
        """The numbers that `cells` of `graph` can replace."""

    def graph(
        self,
        input: Entering | None = None,
        heads: bool = False,
        cells: Mapping[tuple[str, str], Size] | None = None,
    ) -> Graph:
        """The network at its inputs or at others; with its side chains where `heads` is set.

        `cells` replaces widths, by (row, column), with sizes: ints, arrays or symbols. Raises ArchcalcError
        where the network cannot exist at that input.
        """
