"""Gated linear units: one half of the channels times a function of the other half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Op, Torch, Values
from archcalc.ops._torch import channel_axis
from archcalc.sizes import Requirement, Shape, Size, exact_quotient


class Gated(Op):
    """The first half of the channels times an activation of the second half, as torch.nn.functional.glu has
    them. What makes the two halves is the linear layer before it.

    Elementwise work: 2 for each output element, the activation and the product.
    """

    torch_name: ClassVar[str]
    """The activation, among torch.nn.functional."""

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        fact = f"'{self.name}' parts its channels into halves, and {{right}} are not even"
        return (Requirement(2, "divides", x.channels, fact),)

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, exact_quotient(x.channels, 2))

    def elementwise(self, x: Shape) -> Size:
        return 2 * self.out(x).elements

    def forward(self, torch: Torch, x: Values) -> Values:
        axis = channel_axis(x)
        half = x.shape[axis] // 2
        gate = getattr(torch.nn.functional, self.torch_name)
        value: Values = x.narrow(axis, 0, half) * gate(x.narrow(axis, half, half))
        return value


class Glu(Gated):
    """`glu`: gated by a sigmoid (Dauphin et al., Language modeling with gated convolutional networks, 2017).

    >>> str(Glu().out(Shape((10,), 512))), Glu().elementwise(Shape((10,), 512))
    ('10x256', 5120)
    """

    name: ClassVar[str] = "glu"
    also: ClassVar[tuple[str, ...]] = ("gated linear unit",)
    torch_name: ClassVar[str] = "sigmoid"


class Geglu(Gated):
    """`geglu`: gated by a gelu (Shazeer, GLU variants improve transformer, 2020, equation 5)."""

    name: ClassVar[str] = "geglu"
    torch_name: ClassVar[str] = "gelu"


class Swiglu(Gated):
    """`swiglu`: gated by a silu (Shazeer, 2020, equation 5)."""

    name: ClassVar[str] = "swiglu"
    torch_name: ClassVar[str] = "silu"


class Reglu(Gated):
    """`reglu`: gated by a relu (Shazeer, 2020, equation 5)."""

    name: ClassVar[str] = "reglu"
    torch_name: ClassVar[str] = "relu"
