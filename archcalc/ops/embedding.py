"""Embedding: each token's number becomes a row of a learned table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Tensor, Torch, Values, number, operation
from archcalc.sizes import Requirement, Shape, Size


@operation
class Embedding(Op):
    """`embedding 30522 768`: of a table of 30522 rows each token takes the row of its number (Bengio et al.,
    A neural probabilistic language model, 2003). A vector of T numbers becomes a sequence of T x 768.

    A lookup is no arithmetic: no work is counted, and the table is no layer of depth. The torch model takes
    the numbers, which count from 0, as integers or as floats.

    >>> embedding = Embedding(rows=30522, channels=768)
    >>> str(embedding.out(Shape((), 128))), embedding.weights(Shape((), 128))[0].sizes
    ('128x768', (30522, 768))
    """

    name: ClassVar[str] = "embedding"
    also: ClassVar[tuple[str, ...]] = ("embed", "lookup", "word embedding", "token embedding")

    rows: Size = number()
    channels: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if x.places:
            raise Refused(f"'embedding' takes a vector of token numbers, but its input is {x}")
        return (
            Requirement(1, "<=", self.rows, "an embedding has at least 1 row, not {right}"),
            Requirement(1, "<=", self.channels, "an embedding gives at least 1 channel, not {right}"),
        )

    def out(self, x: Shape) -> Shape:
        return Shape((x.channels,), self.channels)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        return (Tensor("weight", (self.rows, self.channels), "table"),)

    def forward(self, torch: Torch, x: Values, weight: Values) -> Values:
        return torch.nn.functional.embedding(x.long(), weight)

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        return torch.randn(tensor.sizes)
