"""Functions of each element, of one tensor or of several that are stretched to each other's sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archcalc.models._values import TracedValue
from archcalc.models.lift._axes import axes_of
from archcalc.models.lift._general import OfTensors, Operands
from archcalc.models.lift.arranging import FREE
from archcalc.ops import operation
from archcalc.sizes import Requirement, Shape, Size

# fmt: off
POINTWISE = frozenset(
    {
        "add", "sub", "rsub", "mul", "div", "rdiv", "pow", "rpow", "neg", "abs", "exp", "log",
        "sqrt", "rsqrt", "square", "reciprocal", "sin", "cos", "clamp", "clamp_min", "clamp_max",
        "minimum", "maximum", "where", "masked_fill", "eq", "ne", "lt", "le", "gt", "ge",
        "logical_not", "logical_and", "logical_or", "relu", "silu", "sigmoid", "tanh", "gelu",
        "erf", "softplus", "elu", "hardtanh", "hardswish", "hardsigmoid", "leaky_relu", "floor",
        "ceil", "round", "sign", "remainder", "floor_divide", "lerp", "addcmul", "addcdiv",
        "cumsum", "softmax", "log_softmax", "expm1", "log1p", "normalize", "dropout", "threshold",
        "celu", "selu", "hardshrink", "logsigmoid", "isnan", "isinf", "nan_to_num", "invert", "and",
        "or", "atan2", "sinc", "triu", "tril", "bitwise_and", "bitwise_or", "bitwise_not",
    }
)
# fmt: on
"""What gives an element for each element, or for each two of them. Softmax does too, with more work."""
WORK = {"softmax": 3, "log_softmax": 3, "normalize": 3}


@operation
class Pointwise(OfTensors):
    """Each size of the output is one of an input's, by which input and which axis; the others fit to it.

    A pick of input -1 is a constant size.
    """

    joins: ClassVar[bool] = True

    picks: tuple[tuple[int, int], ...]
    work: int = 1

    def _sizes(self, *x: Shape) -> list[list[Size]]:
        return [axes.sizes(shape) for axes, shape in zip(self.takes, x, strict=True)]

    def out(self, *x: Shape) -> Shape:
        sizes = self._sizes(*x)
        return self.gives.shape([at if one < 0 else sizes[one][at] for one, at in self.picks])

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        return tuple(self._agreements(self._sizes(*x)))

    def _agreements(self, sizes: list[list[Size]]) -> Iterator[Requirement]:
        fact = f"'{self.function}' takes tensors that differ: {{left}} and {{right}}"
        rank = len(self.picks)
        for at, (one, axis) in enumerate(self.picks):
            leads = axis if one < 0 else sizes[one][axis]
            for other, mine in enumerate(sizes):
                own = at - rank + len(mine)
                if own >= 0 and (other, own) != (one, axis):
                    yield Requirement(mine[own], "is 1 or", leads, fact)

    def elementwise(self, *x: Shape) -> Size:
        return self.work * self.out(*x).elements


def pointwise(operands: Operands, output: TracedValue) -> Pointwise | None:
    """The rule of a call; None where it has none."""
    name = operands.call.function.removesuffix("_")
    values = [value for value in operands.call.inputs if value in operands.axes]
    if name not in POINTWISE or not values or len(operands.call.outputs) != 1:
        return None
    rank = len(output.sizes)
    picks = [_pick(values, at - rank, size) for at, size in enumerate(output.sizes)]
    first = next((value for value in values if len(value.sizes) == rank), None)
    channels = operands.axes[first].channels if first is not None else max(rank - 1, 0)
    takes = tuple(operands.axes[value] for value in values)
    return Pointwise(
        function=operands.call.function,
        takes=takes,
        gives=axes_of(output.sizes, channels),
        picks=tuple(picks),
        work=0 if name in FREE else WORK.get(name, 1),
    )


def _pick(values: Sequence[TracedValue], behind: int, size: int) -> tuple[int, int]:
    """Which input, and which axis of it, gives a size; -1 and the size where none does."""
    for at, value in enumerate(values):
        axis = behind + len(value.sizes)
        if axis >= 0 and value.sizes[axis] == size:
            return at, axis
    return -1, size
