"""Back end 1: a graph -> costs. It walks the graph and knows no operation by name.

>>> from archcalc.sources.paper import load
>>> total = sum((layer.cost for layer in layers(load("googlenet").graph())), Cost())
>>> total.weights, total.biases, total.macs
(6990272, 8280, 1582671872)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from archcalc.graph import Graph, Node
from archcalc.ops import Tensor
from archcalc.sizes import Shape, Size


class Cost(NamedTuple):
    """What something costs; costs add.

    weights, biases, norms (scale and shift of normalisations) and buffers are numbers of elements;
    macs are multiply-accumulates, elementwise every other arithmetic operation, both of one forward pass
    of the whole batch.
    """

    weights: Size = 0
    biases: Size = 0
    norms: Size = 0
    buffers: Size = 0
    macs: Size = 0
    elementwise: Size = 0

    @property
    def params(self) -> Size:
        """What is learned: weights, biases and norms."""
        return self.weights + self.biases + self.norms

    def __add__(self, other: Cost) -> Cost:  # type: ignore[override]  # costs add, they do not concatenate
        a, b = self, other
        return Cost(a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5])


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
        return any(tensor.kind == "weight" for tensor in self.tensors)


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
        return sum((layer.cost for layer in self.layers), Cost())

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
    counted = []
    for node in graph:
        applied = graph.applied(node)
        tensors, weighted, weights, biases, norms, buffers, macs, elementwise = applied.counts
        if not bias:
            tensors, biases = tuple(tensor for tensor in tensors if tensor.kind != "bias"), 0
        if node.weights_of:
            weights = biases = norms = buffers = 0
        cost = Cost(weights, biases, norms, buffers, macs * batch, elementwise * batch)
        depth = max([depths[name] for name in node.inputs]) + weighted
        depths[node.name] = depth
        output = applied.output
        counted.append(Layer(node, applied.inputs, output, tensors, depth, cost, output.elements * batch))
    return counted


def by_row(counted: Sequence[Layer]) -> list[Section]:
    """The layers gathered by the row they come from."""
    return _sections(counted, lambda node: (node.row, ""))


def by_branch(counted: Sequence[Layer]) -> list[Section]:
    """The layers gathered by the branch of a row's fork; what stands before and after it is its own."""
    return _sections(counted, lambda node: (node.row, node.branch))


def _sections(counted: Sequence[Layer], key: Callable[[Node], tuple[str, str]]) -> list[Section]:
    runs = groupby(counted, lambda layer: key(layer.node))
    return [Section(name, branch, tuple(members)) for (name, branch), members in runs]
