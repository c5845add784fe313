"""Pooling: the largest or the mean value of a window, or of the whole map. It has no weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from archcalc.ops import Op, flag, need_map, operation
from archcalc.ops._window import Window
from archcalc.sizes import Requirement, Shape, Size, product


class Pool(Window):
    """Elementwise work: the window's area for each output element, comparisons or additions."""

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        fact = "pooling pads by at most half its window: 2 x padding is {left}, the window {right}"
        padding = (2 * p for p in self.padding)
        half = (Requirement(p, "<=", k, fact) for p, k in zip(padding, self.kernel, strict=True))
        return (*super().requirements(x), *half)

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

    ceil: bool = flag("ceil")

    def module(self, torch: Any, x: Shape) -> Any:
        return torch.nn.MaxPool2d(self.kernel, self.stride, padding=self.padding, ceil_mode=self.ceil)


@operation
class AveragePool(Pool):
    """`average pool 7x7/1 valid [ceil] [exclude padding]`

    The mean counts the padding's zeros unless `exclude padding` says otherwise.
    """

    name: ClassVar[str] = "average pool"

    ceil: bool = flag("ceil")
    count_padding: bool = flag("exclude padding", value=False)

    def module(self, torch: Any, x: Shape) -> Any:
        return torch.nn.AvgPool2d(
            self.kernel,
            self.stride,
            padding=self.padding,
            ceil_mode=self.ceil,
            count_include_pad=self.count_padding,
        )


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

    def module(self, torch: Any, x: Shape) -> Any:
        return torch.nn.AdaptiveAvgPool2d(1)


class GlobalMaxPool(GlobalPool):
    """`global max pool`"""

    name: ClassVar[str] = "global max pool"

    def module(self, torch: Any, x: Shape) -> Any:
        return torch.nn.AdaptiveMaxPool2d(1)
