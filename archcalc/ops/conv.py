"""Convolution: each output place is a weighted sum over a window of its group's channels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from archcalc.ops import Effect, Module, Tensor, Torch, Values, flag, number, operation, option, pair_option
from archcalc.ops._needed import needed
from archcalc.ops._places import channels_first, layer
from archcalc.ops._window import Window
from archcalc.ops.linear import Linear
from archcalc.sizes import Requirement, Shape, Size, Sizes, exact_quotient, holds, product


@operation
class Conv(Window):
    """`conv 3x3/2 64 [valid | pad 1 | causal] [dilation 2] [groups 2 | depthwise] [no bias]`

    On a video `conv 3x3x3 64`, on a sequence `conv 3 64`; there `causal` pads before the first token alone
    (van den Oord et al., WaveNet, 2016, section 2.1).

    Weights are channels x (in / groups) x the kernel and one bias a channel; MACs are the weights
    times the output's places (Dumoulin & Visin, A guide to convolution arithmetic, 2016).

    >>> conv = Conv(kernel=(3, 3), channels=192)
    >>> x = Shape((56, 56), 64)
    >>> str(conv.out(x)), product(conv.weights(x)[0].sizes), conv.macs(x)
    ('56x56x192', 110592, 346816512)
    """

    name: ClassVar[str] = "conv"
    also: ClassVar[tuple[str, ...]] = ("convolution", "conv layer")
    nouns: ClassVar[tuple[str, str]] = ("convolution", "convolutions")

    channels: Size = number()
    dilation: Sizes = pair_option("dilation", (1, 1))
    causal: bool = flag("causal")
    groups: Size = option("groups", 1)
    depthwise: bool = flag("depthwise")
    bias: bool = flag("no bias", value=False)

    def groups_of(self, x: Shape) -> Size:
        """The groups: as written, or one for each input channel."""
        return x.channels if self.depthwise else self.groups

    @property
    def kinds(self) -> tuple[str, ...]:
        """A depthwise convolution is a kind of its own.

        >>> Conv(kernel=(3, 3), channels=64).kinds, Conv(kernel=(3, 3), channels=64, depthwise=True).kinds
        (('conv', 'conv 3x3'), ('conv depthwise', 'conv 3x3 depthwise'))
        """
        return tuple(f"{kind} depthwise" if self.depthwise else kind for kind in super().kinds)

    def _agreeing(self, groups: Size) -> tuple[Requirement, ...]:
        """What must hold of the channels that leave, and of the groups, first and last."""
        fact = "{left} groups do not divide the {right} output channels"
        return (
            Requirement(1, "<=", self.channels, "a convolution gives at least 1 channel, not {right}"),
            Requirement(1, "<=", groups, "a convolution has at least 1 group, not {right}"),
            Requirement(groups, "divides", self.channels, fact),
        )

    @cached_property
    def _agrees(self) -> bool:
        """Whether it is known that they hold, whatever enters."""
        if self.depthwise:
            return False
        return all(holds(requirement) is True for requirement in self._agreeing(self.groups))

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        groups = self.groups_of(x)
        fact = "{left} groups do not divide the {right} input channels"
        if self._agrees:
            return (*super().requirements(x), *needed(groups, "divides", x.channels, fact))
        enters = Requirement(groups, "divides", x.channels, fact)
        channels, least, leaves = self._agreeing(groups)
        alone = "'depthwise' and 'groups {left}' are given, and one excludes the other"
        alone_too = (Requirement(self.groups, "==", 1, alone),) if self.depthwise else ()
        return (*super().requirements(x), *alone_too, channels, least, enters, leaves)

    def out(self, x: Shape) -> Shape:
        return Shape(self.places(x), self.channels)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        weight = Tensor("weight", self._weight_sizes(x), "weight")
        return (weight, *self._biases)

    @cached_property
    def _biases(self) -> tuple[Tensor, ...]:
        return (Tensor("bias", (self.channels,), "bias"),) if self.bias else ()

    def macs(self, x: Shape) -> Size:
        return product(self._weight_sizes(x)) * product(self.places(x))

    def _weight_sizes(self, x: Shape) -> tuple[Size, ...]:
        return (self.channels, exact_quotient(x.channels, self.groups_of(x)), *self.kernel)

    def effect(self, x: Shape) -> Effect | None:
        """Groups of one channel as `depthwise`; a window over all of its input as a linear layer.

        >>> Conv(kernel=(1, 1), channels=10).effect(Shape((1, 1), 64))
        Effect(kind='linear', facts={'channels': 10, 'bias': True})
        """
        groups, one = self.groups_of(x), (1,) * len(self.kernel)
        whole = self.kernel == x.places or (len(one) == 1 and self.kernel == self.stride == one)
        if whole and groups == 1 and self.span == self.kernel and not any(self.padding):
            return Linear(channels=self.channels, bias=self.bias).effect(Shape((), x.elements))
        found = super().effect(x)
        own = groups != 1 and groups == x.channels
        return found and found.without("depthwise").but(groups="depthwise" if own else groups)

    def module(self, torch: Torch, x: Shape) -> Module | None:
        if self.causal:
            return None
        return layer(torch, "Conv", x)(
            x.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups_of(x),
            bias=self.bias,
        )

    def forward(self, torch: Torch, x: Values, weight: Values, bias: Values | None = None) -> Values:
        """A causal convolution: torch's layer pads both sides alike."""
        functions = torch.nn.functional
        padded = functions.pad(channels_first(x), (*self.padding, 0))
        groups = padded.shape[1] // weight.shape[1]
        conv = functions.conv1d(padded, weight, bias, self.stride, 0, self.dilation, groups)
        return channels_first(conv)
