"""Radial basis functions: how far a vector is from each of some codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Tensor, Torch, Values, number, operation
from archcalc.sizes import Requirement, Shape, Size


@operation
class Rbf(Op):
    """`rbf 10`: for each of 10 classes the squared distance of a vector to the class's code of +1 and -1
    (LeCun et al., Gradient-based learning applied to document recognition, 1998, section II.B).

    The codes are given, not learned: a buffer, which begins as coin tosses. No product of a matrix and a
    vector stands behind the distance, so no MACs; elementwise work: a difference, a square and an addition
    for each of the codes' elements, which are connections too.
    """

    name: ClassVar[str] = "rbf"

    classes: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if x.places:
            raise Refused(f"'rbf' takes a vector, but its input is {x}; put 'flatten ->' before it")
        return (Requirement(1, "<=", self.classes, "it has at least 1 class, not {right}"),)

    def out(self, x: Shape) -> Shape:
        return Shape((), self.classes)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("codes", (self.classes, x.channels), "buffer"),)

    def elementwise(self, x: Shape) -> Size:
        return 3 * self.classes * x.channels

    def connections(self, x: Shape) -> Size:
        return self.classes * x.channels

    def forward(self, torch: Torch, x: Values, codes: Values) -> Values:
        return (x[:, None, :] - codes).square().sum(dim=2)

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.randint(0, 2, tensor.sizes).to(torch.get_default_dtype()) * 2 - 1
