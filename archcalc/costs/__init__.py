"""Back end 1: a graph -> costs. It walks the graph and knows no operation by name.

>>> from archcalc.sources.paper import load
>>> cost = total(layers(load("googlenet").graph()))
>>> cost.weights, cost.biases, cost.macs
(6990272, 8280, 1582671872)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from archcalc.applied import Cost as Cost
from archcalc.applied import Counts
from archcalc.graph import Graph, Node
from archcalc.ops import Tensor
from archcalc.sizes import Shape, Size


class Layer(NamedTuple):
    """One node with everything that is counted of it.

    `depth` is the number of layers with weights on the longest path from the input to its output,
    `output_elements` the elements of its output for the whole batch.
    """

    node: Node
    inputs: tuple[Shape, ...]
    output: Shape
    tensors: tuple[Tensor, ...]
    depth: int
    cost: Cost
    output_elements: Size

    @property
    def weighted(self) -> bool:
        """Whether it counts as a layer of depth: it has weights, its own or shared."""
        return "weight" in [tensor.kind for tensor in self.tensors]


class Section(NamedTuple):
    """Consecutive layers that are counted as one: a row, a branch of a row."""

    name: str
    branch: str
    layers: tuple[Layer, ...]

    @property
    def depth(self) -> int:
        """The number of layers with weights on the longest path through it, to its last layer."""
        inside: dict[str, int] = {}
        for layer in self.layers:
            before = max((inside.get(source, 0) for source in layer.node.inputs), default=0)
            inside[layer.node.name] = before + layer.weighted
        return inside[self.layers[-1].node.name]

    @property
    def cost(self) -> Cost:
        """The sum of its layers' costs."""
        return total(self.layers)

    @property
    def output(self) -> Shape:
        """The shape its last layer gives."""
        return self.layers[-1].output

    @property
    def output_elements(self) -> Size:
        """The elements of its last layer's output."""
        return self.layers[-1].output_elements


def layers(graph: Graph, batch: Size = 1, bias: bool = True) -> list[Layer]:
    """Count every node of a graph, in order.

    Weights that nodes share are counted at the first of them, MACs at each. Without `bias` the biases of
    convolutions and linear layers are left out, whatever the network has.
    """
    depths = dict.fromkeys(graph.inputs, 0)
    as_applied = bias and type(batch) is int and batch == 1
    counted = []
    for node, applied in graph.all_applied():
        counts = applied.counts
        if node.weights_of or not as_applied:
            counts = _changed(counts, 1 if node.once else batch, bias, bool(node.weights_of))
        tensors, weighted, cost, elements = counts
        sources = node.inputs
        before = (
            depths[sources[0]]
            if len(sources) == 1
            else max([depths[source] for source in sources], default=0)
        )
        depths[node.name] = depth = before + weighted
        fields = (node, applied.inputs, applied.output, tensors, depth, cost, elements)
        counted.append(tuple.__new__(Layer, fields))  # as Layer(*fields), without a call in Python
    return counted


def _changed(counts: Counts, batch: Size, bias: bool, shared: bool) -> Counts:
    """What an operation has and does for a whole batch, without biases, with weights of another."""
    tensors, weighted, cost, elements = counts
    if not bias:
        tensors = tuple(tensor for tensor in tensors if tensor.kind != "bias")
        cost = cost._replace(biases=0)
    if shared:
        cost = cost._replace(weights=0, biases=0, norms=0, buffers=0)
    if type(batch) is not int or batch != 1:
        cost = cost._replace(macs=cost.macs * batch, elementwise=cost.elementwise * batch)
        elements = elements * batch
    return Counts(tensors, weighted, cost, elements)


def total(counted: Sequence[Layer]) -> Cost:
    """The sum of the layers' costs."""
    return Cost(*map(sum, zip(*[layer.cost for layer in counted], strict=True)))


def by_row(counted: Sequence[Layer]) -> list[Section]:
    """The layers gathered by the row they come from."""
    return _sections(counted, lambda node: (node.row, ""))


def by_branch(counted: Sequence[Layer]) -> list[Section]:
    """The layers gathered by the branch of a row's fork; what stands before and after it is its own."""
    return _sections(counted, lambda node: (node.row, node.branch))


def _sections(counted: Sequence[Layer], key: Callable[[Node], tuple[str, str]]) -> list[Section]:
    runs = groupby(counted, lambda layer: key(layer.node))
    return [Section(name, branch, tuple(members)) for (name, branch), members in runs]
