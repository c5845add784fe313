"""Tokens: a map read as a sequence and back, turned, one of them, their mean, and one that is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Tensor, Torch, Values, flag, kernel, number, operation
from archcalc.ops._needs import need_sequence
from archcalc.sizes import Pair, Requirement, Shape, Size, as_int, product


class ToTokens(Op):
    """`to tokens`: a map's places one after the other, row by row: height x width x channels becomes a
    sequence of height * width tokens. Moving numbers is no arithmetic: no work is counted.

    >>> str(ToTokens().out(Shape((14, 14), 768)))
    '196x768'
    """

    name: ClassVar[str] = "to tokens"
    also: ClassVar[tuple[str, ...]] = ("tokens", "to sequence")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if len(x.places) < 2:
            raise Refused(
                f"'to tokens' takes a feature map (height x width x channels), but its input is {x}"
            )
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((product(x.places),), x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        return x.flatten(2).transpose(1, 2)


@operation
class ToMap(Op):
    """`to map 14x14`: a sequence of 14 * 14 tokens laid out as a map, row by row: `to tokens` undone. No
    work.

    >>> str(ToMap(size=(14, 14)).out(Shape((196,), 768)))
    '14x14x768'
    """

    name: ClassVar[str] = "to map"
    also: ClassVar[tuple[str, ...]] = ("map", "feature map", "unflatten")

    size: Pair = kernel()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        height, width = self.size
        fact = f"a map of {height}x{width} has {{left}} places, and there are {{right}} tokens"
        return (
            *(Requirement(1, "<=", size, "a map has at least 1 place, not {right}") for size in self.size),
            Requirement(height * width, "==", x.places[0], fact),
        )

    def out(self, x: Shape) -> Shape:
        return Shape(self.size, x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        return torch.unflatten(x.transpose(1, 2), 2, self.size)


class Transpose(Op):
    """`transpose`: a sequence's tokens become its channels, and its channels its tokens. A linear layer
    behind it mixes tokens (Tolstikhin et al., MLP-Mixer, 2021, section 2). No work.

    >>> str(Transpose().out(Shape((196,), 768)))
    '768x196'
    """

    name: ClassVar[str] = "transpose"
    also: ClassVar[tuple[str, ...]] = ("permute", "swap axes")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((x.channels,), x.places[0])

    def forward(self, torch: Torch, x: Values) -> Values:
        return x.transpose(1, 2)


@operation
class ClassToken(Op):
    """`class token [last]`: one learned token in front of a sequence, or with `last` behind it (Devlin et
    al., BERT, 2018, section 3; Dosovitskiy et al., ViT, 2020, section 3.1). Copying is no arithmetic: no
    work is counted.

    >>> token = ClassToken()
    >>> str(token.out(Shape((196,), 768))), token.weights(Shape((196,), 768))[0].sizes
    ('197x768', (768,))
    """

    name: ClassVar[str] = "class token"
    also: ClassVar[tuple[str, ...]] = ("cls", "cls token")

    last: bool = flag("last")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((x.places[0] + 1,), x.channels)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (x.channels,), "table"),)

    def forward(self, torch: Torch, x: Values, weight: Values) -> Values:
        token = weight.expand(x.shape[0], 1, -1)
        return torch.cat((x, token) if self.last else (token, x), dim=1)

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.zeros(tensor.sizes)


@operation
class TakeToken(Op):
    """`take token 1`: that token of a sequence as a vector, counted from 1; the first without a number, the
    last with `last`. A classifier reads the class token so. Copying is no arithmetic: no work is counted.

    >>> str(TakeToken().out(Shape((197,), 768)))
    '768'
    """

    name: ClassVar[str] = "take token"
    also: ClassVar[tuple[str, ...]] = ("select token",)

    token: Size | None = number(None)
    last: bool = flag("last")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        if self.token is None:
            return ()
        if self.last:
            raise Refused("'take token' takes one token: a number or 'last', not both")
        fact = "there is no token {left} among {right}"
        return (
            Requirement(1, "<=", self.token, "tokens are counted from 1, not {right}"),
            Requirement(self.token, "<=", x.places[0], fact),
        )

    def out(self, x: Shape) -> Shape:
        return Shape((), x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        return x[:, -1 if self.last else 0 if self.token is None else as_int(self.token) - 1]


class MeanOfTokens(Op):
    """`mean of tokens`: the mean of each channel over a sequence's tokens, a vector. Elementwise work: one
    addition for each input element, as for `global average pool`.

    >>> pool = MeanOfTokens()
    >>> str(pool.out(Shape((49,), 768))), pool.elementwise(Shape((49,), 768))
    ('768', 37632)
    """

    name: ClassVar[str] = "mean of tokens"
    also: ClassVar[tuple[str, ...]] = ("mean", "token mean")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_sequence(self.name, x)
        return ()

    def out(self, x: Shape) -> Shape:
        return Shape((), x.channels)

    def elementwise(self, x: Shape) -> Size:
        return x.elements

    def forward(self, torch: Torch, x: Values) -> Values:
        return x.mean(dim=1)
