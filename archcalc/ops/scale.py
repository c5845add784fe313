"""Scale: every element times one constant, or times what is learned for its channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Op, Tensor, Torch, Values, operation, real_number
from archcalc.ops._torch import by_channel
from archcalc.sizes import Shape, Size


@operation
class Scale(Op):
    """`scale 0.17`: a residual made smaller before it is added (Szegedy et al., 2016, section 3.3).

    Elementwise work: 1 an element.
    """

    name: ClassVar[str] = "scale"

    factor: float = real_number()

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        return x * self.factor


@operation
class LayerScale(Op):
    """`layer scale 1e-6`: each channel times a learned factor, which begins at that value (Touvron et al.,
    Going deeper with image transformers, 2021, section 2). A residual branch is so made small at first.

    Elementwise work: 1 an element.

    >>> scale = LayerScale()
    >>> str(scale), scale.weights(Shape((56, 56), 96))[0].sizes
    ('layer scale 1e-06', (96,))
    """

    name: ClassVar[str] = "layer scale"
    also: ClassVar[tuple[str, ...]] = ("channel scale",)

    start: float = real_number(1e-6)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("gamma", (x.channels,), "table"),)

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values, gamma: Values) -> Values:
        return x * by_channel(gamma, x)

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.full(tensor.sizes, self.start)
