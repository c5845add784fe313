"""Rearranging: places become channels, channels become places or change their order. No work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Module, Op, Torch, Values, need_map, number, operation
from archcalc.ops._places import channels_first
from archcalc.sizes import Requirement, Shape, Size, as_int, exact_quotient


@operation
class SpaceToDepth(Op):
    """`space to depth 2`: each square of 2 x 2 places becomes one place with 4 times the channels.

    YOLOv2 calls it a passthrough layer (Redmon & Farhadi, 2016, section 3); the order of the channels is
    torch's, in which the squares of one channel stay together.

    >>> str(SpaceToDepth(factor=2).out(Shape((26, 26), 64)))
    '13x13x256'
    """

    name: ClassVar[str] = "space to depth"
    also: ClassVar[tuple[str, ...]] = ("pixel unshuffle", "passthrough", "reorg")

    factor: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        fact = "squares of {left} x {left} places do not cut {right} places without a rest"
        return (
            Requirement(1, "<=", self.factor, "a square has at least 1 place a side, not {right}"),
            *(Requirement(self.factor, "divides", n, fact) for n in x.places),
        )

    def out(self, x: Shape) -> Shape:
        height, width = x.places
        places = exact_quotient(height, self.factor), exact_quotient(width, self.factor)
        return Shape(places, self.factor * self.factor * x.channels)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.PixelUnshuffle(self.factor)


@operation
class DepthToSpace(Op):
    """`depth to space 2`: each place becomes a square of 2 x 2 with a quarter of the channels.

    Also called pixel shuffle (Shi et al., 2016, section 2.2).

    >>> str(DepthToSpace(factor=3).out(Shape((17, 17), 9)))
    '51x51x1'
    """

    name: ClassVar[str] = "depth to space"
    also: ClassVar[tuple[str, ...]] = ("pixel shuffle", "sub-pixel")

    factor: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        fact = (
            f"{{left}} places, squares of {self.factor} x {self.factor}, do not divide the {{right}} channels"
        )
        return (
            Requirement(1, "<=", self.factor, "a square has at least 1 place a side, not {right}"),
            Requirement(self.factor * self.factor, "divides", x.channels, fact),
        )

    def out(self, x: Shape) -> Shape:
        height, width = x.places
        channels = exact_quotient(x.channels, self.factor * self.factor)
        return Shape((height * self.factor, width * self.factor), channels)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.PixelShuffle(self.factor)


@operation
class ChannelShuffle(Op):
    """`channel shuffle 3`: the channels of each of 3 groups are dealt out to all groups (Zhang et al.,
    ShuffleNet, 2017, section 3.1).

    >>> str(ChannelShuffle(groups=3).out(Shape((28, 28), 240)))
    '28x28x240'
    """

    name: ClassVar[str] = "channel shuffle"

    groups: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        fact = "{left} groups do not divide the {right} channels"
        return (
            Requirement(1, "<=", self.groups, "there is at least 1 group, not {right}"),
            Requirement(self.groups, "divides", x.channels, fact),
        )

    def forward(self, torch: Torch, x: Values) -> Values:
        values = channels_first(x)
        parts = values.reshape(values.shape[0], as_int(self.groups), -1, *values.shape[2:])
        return channels_first(parts.transpose(1, 2).reshape(values.shape))
