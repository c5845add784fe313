"""Scale: every element times one constant."""

from __future__ import annotations

from typing import ClassVar

from archcalc.ops import Op, Torch, Values, operation, real_number
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
