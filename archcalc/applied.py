"""An operation at the shapes that enter it, with what its rules say there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from archcalc.ops import Op, Tensor
from archcalc.sizes import Shape, Size


class Cost(NamedTuple):
    """What something costs; costs add.

    weights (learned tables among them), biases, norms (scale and shift of normalisations) and buffers are
    numbers of elements; macs are multiply-accumulates, elementwise every other arithmetic operation, both
    of one forward pass of the whole batch.
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


class Counts(NamedTuple):
    """What an operation holds and does at its inputs: its tensors, and what one image costs.

    `weighted` says that it has weights, `elements` how many its output has.
    """

    tensors: tuple[Tensor, ...]
    weighted: bool
    cost: Cost
    elements: Size


class Applied:
    """An operation at the shapes that enter it: its output, and its counts once they are asked for."""

    __slots__ = ("_counts", "inputs", "op", "output")

    def __init__(self, op: Op, inputs: tuple[Shape, ...]) -> None:
        self.op = op
        self.inputs = inputs
        self.output: Shape = op.out(*inputs)
        self._counts: Counts | None = None

    @property
    def counts(self) -> Counts:
        """What it holds and does. The rules are asked the first time."""
        if self._counts is None:
            self._counts = count(self.op, self.inputs, self.output)
        return self._counts


def count(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Counts:
    """What an operation's rules say of its tensors and its work, tensors gathered by kind."""
    weighted = False
    weights: Size = 0
    biases: Size = 0
    norms: Size = 0
    buffers: Size = 0
    tensors = tuple(op.weights(*inputs))
    for _, sizes, kind in tensors:
        if kind == "weight":
            weighted = True
            weights = weights + prod(sizes)
        elif kind == "table":  # weights that make no layer of depth
            weights = weights + prod(sizes)
        elif kind == "bias":
            biases = biases + prod(sizes)
        elif kind == "norm":
            norms = norms + prod(sizes)
        else:
            buffers = buffers + prod(sizes)
    costs = (weights, biases, norms, buffers, op.macs(*inputs), op.elementwise(*inputs))
    cost = tuple.__new__(Cost, costs)  # as Cost(*costs), without a call in Python
    return tuple.__new__(Counts, (tensors, weighted, cost, output.elements))


Known = OrderedDict[tuple[int, tuple[Shape, ...]], Applied]
"""Operations that were applied before, by their identity and the shapes that entered; all sizes are ints.

An entry holds its operation, so that no other can take its identity; the oldest is the first to go.
"""
MOST_KNOWN = 2**14
"""How many are kept: about 13 MB; a GoogLeNet applies 143."""


def is_plain_shape(shape: Shape) -> bool:
    """Whether a shape is one of ints. An array, a symbol or a recorded size may be equal and is another."""
    places, channels = shape
    return type(channels) is int and {int}.issuperset(map(type, places))


def lends(shared: Sequence[Tensor], wanted: Sequence[Tensor]) -> bool:
    """Whether the tensors of one operation can be another's: each by its name and its number of sizes."""
    forms = {(tensor.name, len(tensor.sizes)) for tensor in shared}
    return bool(wanted) and all((tensor.name, len(tensor.sizes)) in forms for tensor in wanted)
