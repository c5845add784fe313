"""Positions: what tells a sequence's tokens where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Op, Tensor, Torch, Values, number, operation, option, real_option
from archcalc.ops._needs import need_sequence
from archcalc.sizes import Requirement, Shape, Size, as_int


@operation
class LearnedPositions(Op):
    """`learned positions [512]`: a learned vector for each position is added to its token (Devlin et al.,
    BERT, 2018; Dosovitskiy et al., ViT, 2020, section 3.1). Without a number the table is as long as the
    input; with one it has so many positions, and the input no more.

    Elementwise work: 1 an element, the addition.

    >>> LearnedPositions().weights(Shape((197,), 768))[0].sizes
    (197, 768)
    >>> LearnedPositions(positions=512).weights(Shape((128,), 768))[0].sizes
    (512, 768)
    """

    name: ClassVar[str] = "learned positions"
    also: ClassVar[tuple[str, ...]] = ("position embedding", "positional embedding", "pos embed")

    positions: Size | None = number(None)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        if self.positions is None:
            return ()
        fact = "there are {right} learned positions for {left} tokens"
        return (Requirement(x.places[0], "<=", self.positions, fact),)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        length = x.places[0] if self.positions is None else self.positions
        return (Tensor("weight", (length, x.channels), "table"),)

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values, weight: Values) -> Values:
        return x + weight[: x.shape[1]]

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.randn(tensor.sizes) * 0.02


class SinusoidalPositions(Op):
    """`sinusoidal positions`: sines and cosines of the position, of a lower frequency from pair to pair of
    channels, are added to each token (Vaswani et al., Attention is all you need, 2017, section 3.5).

    They are given, not learned: a buffer. Elementwise work: 1 an element, the addition.

    >>> [tensor.kind for tensor in SinusoidalPositions().weights(Shape((100,), 512))]
    ['buffer']
    """

    name: ClassVar[str] = "sinusoidal positions"
    also: ClassVar[tuple[str, ...]] = ("positional encoding", "sine positions", "sinusoidal encoding")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        return ()

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("positions", (x.places[0], x.channels), "buffer"),)

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values, positions: Values) -> Values:
        return x + positions

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        tokens, channels = map(as_int, tensor.sizes)
        channel = torch.arange(channels)
        pair = torch.div(channel, 2, rounding_mode="floor")
        angle = torch.arange(tokens)[:, None] / 10000 ** (2 * pair / channels)
        return torch.where(channel % 2 == 0, angle.sin(), angle.cos())


@operation
class RotaryPositions(Op):
    """`rotary positions [heads 12] [base 10000]`: each head's channels, two by two, are turned by angles that
    grow with the position (Su et al., RoFormer, 2021, equations 15 and 34). It stands behind the projection
    of queries or keys, whose products then depend on how far the tokens are apart.

    The sines and cosines are those of the positions and given: no params. Elementwise work: 3 an element,
    which is two products and their sum or difference.

    >>> RotaryPositions(heads=12).elementwise(Shape((128,), 768)) == 3 * 128 * 768
    True
    """

    name: ClassVar[str] = "rotary positions"
    also: ClassVar[tuple[str, ...]] = ("rope", "rotary", "rotary embedding", "rotary position embedding")

    heads: Size = option("heads", 1)
    base: float = real_option("base", 10000.0)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        fact = f"{self.heads} heads turn pairs of channels: {{right}} channels are no multiple of {{left}}"
        return (
            Requirement(1, "<=", self.heads, "there is at least 1 head, not {right}"),
            Requirement(2 * self.heads, "divides", x.channels, fact),
        )

    def elementwise(self, x: Shape) -> Size:
        return 3 * x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        pairs = torch.unflatten(x, 2, (self.heads, -1, 2))  # batch, tokens, heads, pairs, 2
        tokens, count = pairs.shape[1], pairs.shape[3]
        place = torch.arange(tokens, device=x.device, dtype=x.dtype)
        pair = torch.arange(count, device=x.device, dtype=x.dtype)
        angle = (place[:, None] * self.base ** (-pair / count))[:, None]
        sine, cosine = angle.sin(), angle.cos()
        first, second = pairs[..., 0], pairs[..., 1]
        turned = (first * cosine - second * sine, first * sine + second * cosine)
        return torch.stack(turned, dim=-1).flatten(2)
