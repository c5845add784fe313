"""Normalisation: by a channel's running statistics, by an input's own, and by neighbouring channels.

Work that is done once a place, a group or a channel, such as a mean's division or a root, is left out, as in
every pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import (
    Module,
    Op,
    Tensor,
    Torch,
    Values,
    flag,
    need_map,
    number,
    operation,
    real_option,
)
from archcalc.ops._places import layer
from archcalc.ops._torch import by_channel, channel_axis
from archcalc.sizes import Requirement, Shape, Size


@operation
class BatchNorm(Op):
    """`batch norm [eps 0.001] [no affine]` (Ioffe & Szegedy, 2015).

    A scale and a shift a channel are learned; the running mean and variance are buffers. Elementwise
    work: 2 an element, since at inference it is one multiplication and one addition.
    """

    name: ClassVar[str] = "batch norm"
    also: ClassVar[tuple[str, ...]] = ("bn", "batch normalization", "batch normalisation")

    eps: float = real_option("eps", 1e-5)
    affine: bool = flag("no affine", value=False)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        sizes = (x.channels,)
        learned = (Tensor("weight", sizes, "norm"), Tensor("bias", sizes, "norm"))
        kept = (
            Tensor("running_mean", sizes, "buffer"),
            Tensor("running_var", sizes, "buffer"),
            Tensor("num_batches_tracked", (), "buffer"),
        )
        return (*learned, *kept) if self.affine else kept

    def elementwise(self, x: Shape) -> Size:
        return 2 * x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        norm = layer(torch, "BatchNorm", x) if x.places else torch.nn.BatchNorm1d
        return norm(x.channels, eps=self.eps, affine=self.affine)


class OwnStatistics(Op):
    """What normalises an input by its own mean and variance, and then scales and shifts each channel.

    Elementwise work: 5 an element for the mean's sum, the difference from it, its square, the squares' sum
    and the division by the deviation; 1 more for a scale and 1 more for a shift.
    """

    @property
    def learned(self) -> tuple[str, ...]:
        """The names of its tensors, of one element a channel each."""
        return ("weight", "bias")

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return tuple(Tensor(name, (x.channels,), "norm") for name in self.learned)

    def elementwise(self, x: Shape) -> Size:
        return (5 + len(self.learned)) * x.elements


@operation
class LayerNorm(OwnStatistics):
    """`layer norm [eps 1e-6] [no affine] [no bias]`: the channels of each place are normalised together
    (Ba et al., Layer normalization, 2016); on a map too, as in ConvNeXt (Liu et al., 2022, section 2.6).

    A scale and a shift a channel are learned.

    >>> norm, tokens = LayerNorm(), Shape((197,), 768)
    >>> [tensor.sizes for tensor in norm.weights(tokens)], norm.elementwise(tokens) // tokens.elements
    ([(768,), (768,)], 7)
    """

    name: ClassVar[str] = "layer norm"
    also: ClassVar[tuple[str, ...]] = ("ln", "layer normalization", "layer normalisation")

    eps: float = real_option("eps", 1e-5)
    affine: bool = flag("no affine", value=False)
    bias: bool = flag("no bias", value=False)

    @property
    def learned(self) -> tuple[str, ...]:
        """A scale and a shift, as far as they are wanted."""
        if not self.affine:
            return ()
        return ("weight", "bias") if self.bias else ("weight",)

    def module(self, torch: Torch, x: Shape) -> Module | None:
        if len(x.places) > 1:  # torch normalises the last dimensions, and a map's channels are its first
            return None
        return torch.nn.LayerNorm(x.channels, eps=self.eps, elementwise_affine=self.affine, bias=self.bias)

    def forward(self, torch: Torch, x: Values, **own: Values) -> Values:
        last = x.movedim(1, -1)
        return torch.nn.functional.layer_norm(last, last.shape[-1:], **own, eps=self.eps).movedim(-1, 1)


@operation
class GroupNorm(OwnStatistics):
    """`group norm 32 [eps 1e-6] [no affine]`: the channels are parted into groups, and each group is
    normalised over all its channels and places (Wu & He, Group normalization, 2018).

    A scale and a shift a channel are learned.

    >>> GroupNorm(groups=32).elementwise(Shape((56, 56), 64)) // (56 * 56 * 64)
    7
    """

    name: ClassVar[str] = "group norm"
    also: ClassVar[tuple[str, ...]] = ("gn", "group normalization", "group normalisation")

    groups: Size = number()
    eps: float = real_option("eps", 1e-5)
    affine: bool = flag("no affine", value=False)

    @property
    def learned(self) -> tuple[str, ...]:
        """A scale and a shift, or neither."""
        return ("weight", "bias") if self.affine else ()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        return (
            Requirement(1, "<=", self.groups, "it has at least 1 group, not {right}"),
            Requirement(self.groups, "divides", x.channels, "{left} groups do not divide {right} channels"),
        )

    def module(self, torch: Torch, x: Shape) -> Module | None:
        if len(x.places) == 1:  # torch looks for the channels before the places, a sequence has them behind
            return None
        return torch.nn.GroupNorm(self.groups, x.channels, eps=self.eps, affine=self.affine)

    def forward(self, torch: Torch, x: Values, **own: Values) -> Values:
        first = x.transpose(1, 2)
        return torch.nn.functional.group_norm(first, self.groups, **own, eps=self.eps).transpose(1, 2)


@operation
class RmsNorm(Op):
    """`rms norm [eps 1e-5]`: the channels of each place by the root of their mean square, times a learned
    scale a channel (Zhang & Sennrich, Root mean square layer normalization, 2019).

    Elementwise work: 4 an element, for its square, the squares' sum, the division and the scale.

    >>> RmsNorm().elementwise(Shape((10,), 64))
    2560
    """

    name: ClassVar[str] = "rms norm"
    also: ClassVar[tuple[str, ...]] = ("root mean square norm",)

    eps: float = real_option("eps", 1e-6)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (x.channels,), "norm"),)

    def elementwise(self, x: Shape) -> Size:
        return 4 * x.elements

    def module(self, torch: Torch, x: Shape) -> Module | None:
        return torch.nn.RMSNorm(x.channels, eps=self.eps) if len(x.places) < 2 else None

    def forward(self, torch: Torch, x: Values, weight: Values) -> Values:
        last = x.movedim(1, -1)
        return torch.nn.functional.rms_norm(last, last.shape[-1:], weight, self.eps).movedim(-1, 1)


@operation
class L2Norm(Op):
    """`l2 norm [scale] [eps 1e-12]`: the channels of each place by their Euclidean length (Liu et al.,
    ParseNet, 2015, section 3.3). With `scale` a scale a channel is learned; it begins at 20, as in SSD.

    Elementwise work: 3 an element, for its square, the squares' sum and the division; 1 more for the scale.

    >>> L2Norm(scale=True).elementwise(Shape((38, 38), 512)) // (38 * 38 * 512)
    4
    """

    name: ClassVar[str] = "l2 norm"
    also: ClassVar[tuple[str, ...]] = ("normalize", "l2 normalize", "l2 normalization")

    scale: bool = flag("scale")
    eps: float = real_option("eps", 1e-12)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (x.channels,), "norm"),) if self.scale else ()

    def elementwise(self, x: Shape) -> Size:
        return (3 + self.scale) * x.elements

    def forward(self, torch: Torch, x: Values, **own: Values) -> Values:
        unit = torch.nn.functional.normalize(x, dim=channel_axis(x), eps=self.eps)
        return unit * by_channel(own["weight"], x) if self.scale else unit

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.full(tensor.sizes, 20.0)


@operation
class Lrn(Op):
    """`lrn 5 [alpha 0.0001] [beta 0.75] [k 1.0]`: local response normalisation across channels
    (Krizhevsky et al., 2012, section 3.3).

    Elementwise work: its size + 2 an element (the squares of the neighbouring channels are summed, the
    sum is raised to beta, the element divided by it).
    """

    name: ClassVar[str] = "lrn"
    also: ClassVar[tuple[str, ...]] = ("local response norm", "local response normalization")
    nouns: ClassVar[tuple[str, str]] = ("lrn", "lrn")

    size: Size = number()
    alpha: float = real_option("alpha", 1e-4)
    beta: float = real_option("beta", 0.75)
    k: float = real_option("k", 1.0)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        return (Requirement(1, "<=", self.size, "lrn looks at 1 channel or more, not {right}"),)

    def elementwise(self, x: Shape) -> Size:
        return (self.size + 2) * x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.LocalResponseNorm(self.size, alpha=self.alpha, beta=self.beta, k=self.k)
