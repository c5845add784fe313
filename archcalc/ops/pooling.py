"""Pooling: the largest value, the mean or the sum of a window, or of the whole map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from archcalc.ops import Module, Op, Tensor, Torch, Values, flag, kernel, need_map, operation
from archcalc.ops._window import Window
from archcalc.sizes import (
    Pair,
    Requirement,
    Shape,
    Size,
    as_int,
    ceil_quotient,
    floor_quotient,
    product,
    undecided,
)


class Pool(Window):
    """Elementwise work: the window's area for each output element, comparisons or additions."""

    @cached_property
    def _half(self) -> tuple[Requirement, ...]:
        fact = "pooling pads by at most half its window: 2 x padding is {left}, the window {right}"
        padding = (2 * p for p in self.padding)
        return undecided(Requirement(p, "<=", k, fact) for p, k in zip(padding, self.kernel, strict=True))

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        return (*super().requirements(x), *self._half)

    def out(self, x: Shape) -> Shape:
        return Shape(self.places(x), x.channels)

    def elementwise(self, x: Shape) -> Size:
        return self.area * self.out(x).elements


@operation
class MaxPool(Pool):
    """`max pool 3x3/2 [valid | pad 1] [ceil]`

    >>> pool = MaxPool(kernel=(3, 3), stride=(2, 2), valid=True, ceil=True)
    >>> str(pool.out(Shape((112, 112), 64)))
    '56x56x64'
    """

    name: ClassVar[str] = "max pool"
    also: ClassVar[tuple[str, ...]] = ("mp",)

    ceil: bool = flag("ceil")

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.MaxPool2d(self.kernel, self.stride, padding=self.padding, ceil_mode=self.ceil)


@operation
class AveragePool(Pool):
    """`average pool 7x7/1 valid [ceil] [exclude padding]`

    The mean counts the padding's zeros unless `exclude padding` says otherwise.
    """

    name: ClassVar[str] = "average pool"
    also: ClassVar[tuple[str, ...]] = ("avg pool", "mean pool")

    ceil: bool = flag("ceil")
    count_padding: bool = flag("exclude padding", value=False)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.AvgPool2d(
            self.kernel,
            self.stride,
            padding=self.padding,
            ceil_mode=self.ceil,
            count_include_pad=self.count_padding,
        )


@operation
class Subsample(Pool):
    """`subsample 2x2/2 [valid | pad 1]`: the sum of a window, times a coefficient, plus a bias (LeCun et al.,
    Gradient-based learning applied to document recognition, 1998, section II.B).

    The coefficient and the bias are learned, one of each a channel; the coefficient begins as a mean's.
    Elementwise work: the window's area for the sum and 2 more for each output element. Each has connections
    to its window and to its bias.

    >>> subsample = Subsample(kernel=(2, 2), stride=(2, 2), valid=True)
    >>> [tensor.sizes for tensor in subsample.weights(Shape((28, 28), 6))]
    [(6,), (6,)]
    """

    name: ClassVar[str] = "subsample"

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (x.channels,), "weight"), Tensor("bias", (x.channels,), "bias"))

    def elementwise(self, x: Shape) -> Size:
        return (self.area + 2) * self.out(x).elements

    def connections(self, x: Shape) -> Size:
        return (self.area + 1) * self.out(x).elements

    def forward(self, torch: Torch, x: Values, weight: Values, bias: Values) -> Values:
        pool = torch.nn.functional.avg_pool2d
        total = pool(x, self.kernel, self.stride, padding=self.padding, divisor_override=1)
        return total * weight[:, None, None] + bias[:, None, None]

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.full(tensor.sizes, 1 / as_int(self.area) if tensor.name == "weight" else 0.0)


class GlobalPool(Op):
    """One value a channel. Elementwise work: one for each input element."""

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((1, 1), x.channels)

    def elementwise(self, x: Shape) -> Size:
        return product(x.places) * x.channels


class GlobalAveragePool(GlobalPool):
    """`global average pool` (Lin et al., Network in Network, 2013, section 3.2)."""

    name: ClassVar[str] = "global average pool"
    also: ClassVar[tuple[str, ...]] = ("gap", "global avg pool")

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.AdaptiveAvgPool2d(1)


class GlobalMaxPool(GlobalPool):
    """`global max pool`"""

    name: ClassVar[str] = "global max pool"
    also: ClassVar[tuple[str, ...]] = ("gmp",)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.AdaptiveMaxPool2d(1)


@operation
class AdaptiveAveragePool(Op):
    """`adaptive average pool 6x6`: the mean over windows that cut the input into 6 x 6 places.

    Window i of k over n places reaches from floor(i*n/k) to ceil((i + 1)*n/k), as in torch: neighbours
    overlap by one place where k does not divide n, and an input of k places passes through unchanged.
    Elementwise work: the windows' areas, for each channel.

    >>> pool = AdaptiveAveragePool(size=(6, 6))
    >>> str(pool.out(Shape((13, 13), 256))), pool.elementwise(Shape((13, 13), 1))
    ('6x6x256', 324)
    """

    name: ClassVar[str] = "adaptive average pool"
    also: ClassVar[tuple[str, ...]] = ("adaptive avg pool",)

    size: Pair = kernel()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        return tuple(Requirement(1, "<=", k, "it gives at least 1 place, not {right}") for k in self.size)

    def out(self, x: Shape) -> Shape:
        return Shape(self.size, x.channels)

    def elementwise(self, x: Shape) -> Size:
        covered = (_covered(n, as_int(k)) for n, k in zip(x.places, self.size, strict=True))
        return product(covered) * x.channels

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.AdaptiveAvgPool2d(self.size)


def _covered(n: Size, k: int) -> Size:
    """The lengths of all k windows over n places together."""
    return sum(ceil_quotient((i + 1) * n, k) - floor_quotient(i * n, k) for i in range(k))
