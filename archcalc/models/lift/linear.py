"""Linear layers and lookups, on inputs of any number of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.models.lift._lifted import LAST, Lifted, one, tensor
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Module, Torch, Values, operation
from archcalc.ops.embedding import Embedding
from archcalc.ops.linear import Linear
from archcalc.sizes import Requirement, Shape


@operation
class LinearOfPlaces(Linear):
    """A linear layer at each place of a map, which a table would write as a convolution of 1x1.

    >>> str(LinearOfPlaces(channels=384).out(Shape((56, 56), 96)))
    '56x56x384'
    """

    name: ClassVar[str] = "linear"

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        return super().requirements(Shape((), x.channels))

    def module(self, torch: Torch, x: Shape) -> Module | None:  # type: ignore[override]
        return super().module(torch, x) if len(x.places) < 2 else None

    def forward(self, torch: Torch, x: Values, weight: Values, bias: Values | None = None) -> Values:
        return torch.nn.functional.linear(x.movedim(1, -1), weight, bias).movedim(-1, 1)


def _linear(call: FunctionCall) -> Lifted | None:
    x, weight, bias = tensor(call, 0, "input"), tensor(call, 1, "weight"), tensor(call, 2, "bias")
    if x is None or weight is None or len(weight.sizes) != 2:
        return None
    kind = Linear if len(x.sizes) - (x.sizes[0] == 1) < 3 else LinearOfPlaces
    return one(call, kind(channels=weight.sizes[0], bias=bias is not None), LAST, weight=weight, bias=bias)


def _embedding(call: FunctionCall) -> Lifted | None:
    weight = tensor(call, 1, "weight")
    if weight is None or len(weight.sizes) != 2:
        return None
    lifted = one(call, Embedding(rows=weight.sizes[0], channels=weight.sizes[1]), LAST, weight=weight)
    return lifted and lifted._replace(gives=LAST)


LIFTS = {"linear": _linear, "embedding": _embedding}
