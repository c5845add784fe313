"""Pooling: the largest value, the mean or the sum of a window, or of the whole map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from archcalc.ops import Effect, Module, Op, Tensor, Torch, Values, flag, need_map, operation, window
from archcalc.ops._effect import WHOLE
from archcalc.ops._places import layer, need_kernel, need_places
from archcalc.ops._window import Window
from archcalc.sizes import (
    Requirement,
    Shape,
    Size,
    Sizes,
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

    def effect(self, x: Shape) -> Effect | None:
        """A window that has all of its input in it is said as that; whether a mean counts padding, where
        there is some. A window of one place does nothing.
        """
        found = super().effect(x)
        if found is None or any(self.padding):
            return found
        if set(self.kernel) == {1} and self.places(x) == x.places and not self.weights(x):
            return None
        if self.kernel == x.places:
            return found.without("count_padding").but(kernel=WHOLE)
        return found.without("count_padding")


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
        return layer(torch, "MaxPool", x)(self.kernel, self.stride, padding=self.padding, ceil_mode=self.ceil)


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
        return layer(torch, "AvgPool", x)(
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

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        return super().requirements(x)

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
    """One value a channel: every place becomes 1. Elementwise work: one for each input element."""

    window: ClassVar[type[Pool]]
    """The pooling whose window, as large as the input, does the same."""

    def effect(self, x: Shape) -> Effect | None:
        return self.window(kernel=x.places, valid=True).effect(x)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_places(self.name, x)
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((1,) * len(x.places), x.channels)

    def elementwise(self, x: Shape) -> Size:
        return x.elements


class GlobalAveragePool(GlobalPool):
    """`global average pool` (Lin et al., Network in Network, 2013, section 3.2)."""

    window: ClassVar[type[Pool]] = AveragePool

    name: ClassVar[str] = "global average pool"
    also: ClassVar[tuple[str, ...]] = ("gap", "global avg pool")

    def module(self, torch: Torch, x: Shape) -> Module:
        return layer(torch, "AdaptiveAvgPool", x)(1)


class GlobalMaxPool(GlobalPool):
    """`global max pool`"""

    window: ClassVar[type[Pool]] = MaxPool

    name: ClassVar[str] = "global max pool"
    also: ClassVar[tuple[str, ...]] = ("gmp",)

    def module(self, torch: Torch, x: Shape) -> Module:
        return layer(torch, "AdaptiveMaxPool", x)(1)


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

    size: Sizes = window()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_kernel(self.name, self.size, x)
        least = [Requirement(1, "<=", k, "it gives at least 1 place, not {right}") for k in self.size]
        axes = zip(self.size, x.places, strict=True)
        fact = "of {right} places it makes no {left} where these are no number"
        return (*least, *[Requirement(k, "divides", n, fact) for k, n in axes if type(k) is not int])

    def out(self, x: Shape) -> Shape:
        return Shape(self.size, x.channels)

    def elementwise(self, x: Shape) -> Size:
        covered = [_covered(n, k) for n, k in zip(x.places, self.size, strict=True)]
        return product(covered) * x.channels

    def effect(self, x: Shape) -> Effect | None:
        """Nothing where the input has these places; one window, or windows side by side, where they fit."""
        if self.size == x.places:
            return None
        kernel = tuple(floor_quotient(n, k) for n, k in zip(x.places, self.size, strict=True))
        if tuple(k * each for k, each in zip(self.size, kernel, strict=True)) != x.places:
            return super().effect(x)
        return AveragePool(kernel=kernel, stride=kernel, valid=True).effect(x)

    def module(self, torch: Torch, x: Shape) -> Module:
        return layer(torch, "AdaptiveAvgPool", x)(self.size)


def _covered(n: Size, k: Size) -> Size:
    """The lengths of all k windows over n places together: n where k divides it, as an unknown one must."""
    if type(k) is not int:
        return n
    return sum(ceil_quotient((i + 1) * n, k) - floor_quotient(i * n, k) for i in range(k))
