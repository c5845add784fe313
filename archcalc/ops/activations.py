"""Activations: one function of each element. Elementwise work: 1 an element, whatever the function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Module, Op, Tensor, Torch, Values, flag, need_no_sequence, operation, real_option
from archcalc.sizes import Requirement, Shape, Size


class Activation(Op):
    """A function that torch has a module for, without weights."""

    torch_name: ClassVar[str]

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        layer: Module = getattr(torch.nn, self.torch_name)()
        return layer


class Relu(Activation):
    """`relu`: max(0, x)."""

    name: ClassVar[str] = "relu"
    torch_name: ClassVar[str] = "ReLU"


class Relu6(Activation):
    """`relu6`: min(max(0, x), 6)."""

    name: ClassVar[str] = "relu6"
    torch_name: ClassVar[str] = "ReLU6"


@operation
class LeakyRelu(Activation):
    """`leaky relu [slope 0.01]`: x, or slope * x below 0."""

    name: ClassVar[str] = "leaky relu"
    also: ClassVar[tuple[str, ...]] = ("lrelu",)

    slope: float = real_option("slope", 0.01)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.LeakyReLU(self.slope)


class Prelu(Activation):
    """`prelu`: a leaky relu whose slope is learned, one a channel (He et al., 2015)."""

    name: ClassVar[str] = "prelu"

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_no_sequence(self.name, x)
        return ()

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (x.channels,), "norm"),)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.PReLU(x.channels)


class Elu(Activation):
    """`elu`: x, or exp(x) - 1 below 0."""

    name: ClassVar[str] = "elu"
    torch_name: ClassVar[str] = "ELU"


@operation
class Gelu(Activation):
    """`gelu [tanh]`: x times the normal distribution's cumulative function (Hendrycks & Gimpel, Gaussian
    error linear units, 2016, section 2), or with `tanh` the form that approximates it, as GPT-2 does.
    """

    name: ClassVar[str] = "gelu"

    tanh: bool = flag("tanh")

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.GELU("tanh" if self.tanh else "none")


class QuickGelu(Op):
    """`quick gelu`: x * sigmoid(1.702 x), the other form of Hendrycks & Gimpel (2016, section 2), as in CLIP.
    Elementwise work: 1 an element, as for every activation.
    """

    name: ClassVar[str] = "quick gelu"

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        return x * torch.sigmoid(1.702 * x)


class Silu(Activation):
    """`silu`, also called swish: x * sigmoid(x)."""

    name: ClassVar[str] = "silu"
    also: ClassVar[tuple[str, ...]] = ("swish",)
    torch_name: ClassVar[str] = "SiLU"


class HardSwish(Activation):
    """`hard swish`: x * relu6(x + 3) / 6."""

    name: ClassVar[str] = "hard swish"
    also: ClassVar[tuple[str, ...]] = ("h swish",)
    torch_name: ClassVar[str] = "Hardswish"


class Sigmoid(Activation):
    """`sigmoid`: 1 / (1 + exp(-x))."""

    name: ClassVar[str] = "sigmoid"
    torch_name: ClassVar[str] = "Sigmoid"


class HardSigmoid(Activation):
    """`hard sigmoid`: relu6(x + 3) / 6."""

    name: ClassVar[str] = "hard sigmoid"
    torch_name: ClassVar[str] = "Hardsigmoid"


class Tanh(Activation):
    """`tanh`"""

    name: ClassVar[str] = "tanh"
    torch_name: ClassVar[str] = "Tanh"


class Softplus(Activation):
    """`softplus`: log(1 + exp(x)) (Dugas et al., 2001)."""

    name: ClassVar[str] = "softplus"
    torch_name: ClassVar[str] = "Softplus"


class Mish(Activation):
    """`mish`: x * tanh(softplus(x)) (Misra, 2019)."""

    name: ClassVar[str] = "mish"
    torch_name: ClassVar[str] = "Mish"


class ReluSquared(Op):
    """`relu squared`: max(0, x)^2 (So et al., Primer, 2021, section 4). Elementwise work: 1 an element, as
    for every activation.
    """

    name: ClassVar[str] = "relu squared"
    also: ClassVar[tuple[str, ...]] = ("squared relu", "relu2")

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        return torch.relu(x).square()


class ScaledTanh(Op):
    """`scaled tanh`: 1.7159 * tanh(2x/3), which is 1 at 1 and -1 at -1 (LeCun et al., Gradient-based
    learning applied to document recognition, 1998, appendix A). Elementwise work: 1 an element.
    """

    name: ClassVar[str] = "scaled tanh"

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        return 1.7159 * torch.tanh(x * (2 / 3))
