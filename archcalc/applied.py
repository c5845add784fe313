"""An operation at the shapes that enter it, with what its rules say there."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.ops import Op, Tensor, TensorKind
from archcalc.sizes import Shape, Size, product


class Counts(NamedTuple):
    """What an operation holds and does at its inputs: tensors, the elements of each kind, work.

    `weighted` says that it has weights.
    """

    tensors: tuple[Tensor, ...]
    weighted: bool
    weights: Size
    biases: Size
    norms: Size
    buffers: Size
    macs: Size
    elementwise: Size


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
            self._counts = count(self.op, self.inputs)
        return self._counts


def count(op: Op, inputs: tuple[Shape, ...]) -> Counts:
    """What an operation's rules say of its tensors and its work, tensors gathered by kind."""
    tensors = tuple(op.weights(*inputs))
    elements: dict[TensorKind, Size] = {"weight": 0, "bias": 0, "norm": 0, "buffer": 0}
    for _, sizes, kind in tensors:
        elements[kind] = elements[kind] + product(sizes)
    return Counts(
        tensors,
        weighted=any(tensor.kind == "weight" for tensor in tensors),
        weights=elements["weight"],
        biases=elements["bias"],
        norms=elements["norm"],
        buffers=elements["buffer"],
        macs=op.macs(*inputs),
        elementwise=op.elementwise(*inputs),
    )


Known = dict[tuple[int, tuple[Shape, ...]], Applied]
"""Operations that were applied before, by their identity and the shapes that entered; all sizes are ints.

An entry holds its operation, so that no other can take its identity.
"""
MOST_KNOWN = 2**12
"""How many are kept: some megabytes; a GoogLeNet applies 143."""


def is_plain_shape(shape: Shape) -> bool:
    """Whether a shape is one of ints. An array, a symbol or a recorded size may be equal and is another."""
    return type(shape.channels) is int and set(map(type, shape.places)) <= {int}
