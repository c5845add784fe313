"""Transposed convolution: each input place is spread over a window of the output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import (
    Effect,
    Module,
    Op,
    Tensor,
    Torch,
    flag,
    number,
    operation,
    option,
    pair_option,
    stride,
    window,
)
from archcalc.ops._fields import each_place
from archcalc.ops._places import layer, need_kernel, need_same, spread
from archcalc.sizes import Requirement, Shape, Size, Sizes, ceil_quotient, exact_quotient, minimum, product


@operation
class TransposedConv(Op):
    """`transposed conv 2x2/2 64 [valid | pad 1 [output pad 1]] [groups 2] [no bias]`

    Without `valid` or `pad` the output has stride times the places of the input, for every kernel: 2x2/2,
    4x4/2 and 3x3/2 all double. With them it has s*(n - 1) + k - 2p + o places (Dumoulin & Visin, A guide to
    convolution arithmetic, 2016, section 4): p of them are cut off each side, as `pad` of the convolution
    that it is the transpose of, and o, the output's padding, come behind.

    Weights are in x (channels / groups) x height x width and one bias a channel; MACs are the weights times
    the *input's* places: each is multiplied by all weights of its channel, whatever is cut off afterwards.

    >>> up = TransposedConv(kernel=(2, 2), stride=(2, 2), channels=512)
    >>> x = Shape((28, 28), 1024)
    >>> str(up.out(x)), product(up.weights(x)[0].sizes), up.macs(x) == 28 * 28 * 2097152
    ('56x56x512', 2097152, True)
    """

    name: ClassVar[str] = "transposed conv"
    also: ClassVar[tuple[str, ...]] = (
        "conv transpose",
        "transposed convolution",
        "deconv",
        "deconvolution",
        "up-conv",
        "up-convolution",
        "fractionally-strided conv",
    )

    kernel: Sizes = window()
    stride: Sizes = stride()
    channels: Size = number()
    valid: bool = flag("valid")
    pad: Sizes | None = pair_option("pad", None)
    output_pad: Sizes | None = pair_option("output pad", None)
    groups: Size = option("groups", 1)
    bias: bool = flag("no bias", value=False)

    def __post_init__(self) -> None:
        spread(self, self.kernel, "stride")

    def groups_of(self, x: Shape) -> Size:
        """The groups, as written."""
        return self.groups

    @cached_property
    def padding(self) -> Sizes:
        """How many places are cut off each side."""
        if self.valid:
            return (0,) * len(self.kernel)
        if self.pad is not None:
            return self.pad
        over = [ceil_quotient(k - s, 2) for k, s in zip(self.kernel, self.stride, strict=True)]
        return tuple([-minimum(-each, 0) for each in over])

    @cached_property
    def behind(self) -> Sizes:
        """How many places the output has behind what the windows give, torch's output padding."""
        if self.output_pad is not None:
            return self.output_pad
        if self._settled:
            return (0,) * len(self.kernel)
        axes = zip(self.kernel, self.stride, self.padding, strict=True)
        return tuple([2 * p + s - k for k, s, p in axes])

    def effect(self, x: Shape) -> Effect | None:
        """What is cut off and what comes behind as numbers."""
        found = super().effect(x)
        written = ("valid", "pad", "output_pad")
        return found and found.without(*written).but(padding=self.padding, output_padding=self.behind)

    @property
    def _settled(self) -> bool:
        """Whether the padding is said."""
        return self.valid or self.pad is not None

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_kernel(self.name, self.kernel, x)
        return (*self._own_requirements(), *self._agreeing(x))

    def _own_requirements(self) -> Iterator[Requirement]:
        """What must hold whatever enters."""
        self._check()
        fact = "an even window of stride 1 cannot keep the size: write 'valid' or 'pad N'"
        if self._settled:
            behind, stride = each_place(self.behind), each_place(self.stride)
            fact = f"the output's padding, {behind}, must be less than the stride, {stride}"
        yield Requirement(1, "<=", self.channels, "a convolution gives at least 1 channel, not {right}")
        yield Requirement(1, "<=", self.groups, "a convolution has at least 1 group, not {right}")
        for k, s, o in zip(self.kernel, self.stride, self.behind, strict=True):
            yield Requirement(1, "<=", k, "a kernel of {right} is no window")
            yield Requirement(1, "<=", s, "a stride must be at least 1, not {right}")
            yield Requirement(o + 1, "<=", s, fact)

    def _agreeing(self, x: Shape) -> Iterator[Requirement]:
        """What must hold of what enters."""
        fact = "{left} groups do not divide the {right} "
        yield Requirement(self.groups, "divides", x.channels, fact + "input channels")
        yield Requirement(self.groups, "divides", self.channels, fact + "output channels")
        for size in self.out(x).places:
            yield Requirement(1, "<=", size, "its padding cuts off all that there is")

    def _check(self) -> None:
        """Refuse what cannot be meant."""
        given = {"stride": self.stride, "pad": self.pad, "output pad": self.output_pad}
        need_same(self.name, self.kernel, **given)
        if self.valid and self.pad is not None:
            raise Refused("'valid' and 'pad' are given, and one excludes the other")
        if self.output_pad is not None and not self.valid and self.pad is None:
            raise Refused(
                "'output pad' stands beside 'pad' or 'valid': without them the output is as large as it says"
            )

    def out(self, x: Shape) -> Shape:
        if not self._settled:
            return Shape(tuple([s * n for n, s in zip(x.places, self.stride, strict=True)]), self.channels)
        axes = zip(x.places, self.kernel, self.stride, self.padding, self.behind, strict=True)
        return Shape(tuple([s * (n - 1) + k - 2 * p + o for n, k, s, p, o in axes]), self.channels)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        sizes = (x.channels, exact_quotient(self.channels, self.groups), *self.kernel)
        weight = Tensor("weight", sizes, "weight")
        return (weight, Tensor("bias", (self.channels,), "bias")) if self.bias else (weight,)

    def macs(self, x: Shape) -> Size:
        return product(self.weights(x)[0].sizes) * product(x.places)

    def module(self, torch: Torch, x: Shape) -> Module:
        return layer(torch, "ConvTranspose", x)(
            x.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.behind,
            groups=self.groups,
            bias=self.bias,
        )
