"""Linear (fully connected, inner product): every output is a weighted sum of every input channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Effect, Module, Op, Tensor, Torch, flag, number, operation
from archcalc.sizes import Requirement, Shape, Size, product


@operation
class Linear(Op):
    """`linear 1000 [no bias]` on a vector, or on each token of a sequence.

    >>> linear = Linear(channels=1000)
    >>> linear.macs(Shape((), 1024)), str(linear.out(Shape((197,), 768)))
    (1024000, '197x1000')
    """

    name: ClassVar[str] = "linear"
    also: ClassVar[tuple[str, ...]] = ("fc", "dense", "fully connected", "inner product", "gemm")
    nouns: ClassVar[tuple[str, str]] = ("linear layer", "linear layers")

    channels: Size = number()
    bias: bool = flag("no bias", value=False)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if len(x.places) > 1:
            raise Refused(
                f"'linear' takes a vector or a sequence, but its input is {x}; put 'flatten ->' before it"
            )
        return (Requirement(1, "<=", self.channels, "a linear layer gives at least 1 channel, not {right}"),)

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, self.channels)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        weight = Tensor("weight", (self.channels, x.channels), "weight")
        return (weight, Tensor("bias", (self.channels,), "bias")) if self.bias else (weight,)

    def effect(self, x: Shape) -> Effect | None:
        """On the places of a map or a video a convolution with a window of one place, which it is."""
        if len(x.places) < 2 or set(x.places) == {1}:
            return super().effect(x)
        one = (1,) * len(x.places)
        window = {"kernel": one, "stride": one, "padding": (0,) * len(one), "groups": 1, "causal": False}
        return Effect("conv", {**window, "channels": self.channels, "bias": self.bias})

    def macs(self, x: Shape) -> Size:
        return self.channels * x.channels * product(x.places)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.Linear(x.channels, self.channels, bias=self.bias)
