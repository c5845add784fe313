"""torch's multi-head attention, which is one function: three projections, attention and a fourth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.models.lift._lifted import LAST, Lift, Lifted, tensor, whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Module, Op, Tensor, Torch, operation
from archcalc.ops.attention import PER_PAIR
from archcalc.sizes import Requirement, Shape, Size, product


@operation
class MultiHeadAttention(Op):
    """Projections of queries, keys and values, attention in heads, and a projection of what they give
    (Vaswani et al., Attention is all you need, 2017, section 3.2.2); all are as wide as the model.

    >>> x = Shape((50, 1), 768)
    >>> attention = MultiHeadAttention(heads=12)
    >>> attention.macs(x, x, x) == 4 * 50 * 768 * 768 + 2 * 50 * 50 * 768
    True
    """

    name: ClassVar[str] = "multi head attention"
    joins: ClassVar[bool] = True
    products: ClassVar[str] = "attention"

    heads: Size
    bias: bool = True

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        queries, keys, values = x
        fact = "queries, keys and values differ: {left} and {right}"
        heads = "{left} heads do not divide {right} channels"
        return (
            Requirement(queries.channels, "==", keys.channels, fact),
            Requirement(keys.channels, "==", values.channels, fact),
            Requirement(product(keys.places), "==", product(values.places), fact),
            Requirement(self.heads, "divides", queries.channels, heads),
        )

    def weights(self, *x: Shape) -> Sequence[Tensor]:
        width = x[0].channels
        every = (
            Tensor("in_proj_weight", (3 * width, width), "weight"),
            Tensor("in_proj_bias", (3 * width,), "bias"),
            Tensor("out_proj_weight", (width, width), "weight"),
            Tensor("out_proj_bias", (width,), "bias"),
        )
        return every if self.bias else every[::2]

    def macs(self, *x: Shape) -> Size:
        width = x[0].channels
        queries, keys = product(x[0].places), product(x[1].places)
        return 2 * (queries + keys) * width * width + 2 * queries * keys * width

    def elementwise(self, *x: Shape) -> Size:
        return PER_PAIR * self.heads * product(x[0].places) * product(x[1].places)

    def module(self, torch: Torch, *x: Shape) -> Module | None:
        raise ValueError("it is a function of a torch model, and archcalc has no layer for it")


def _attention(call: FunctionCall) -> Lifted | None:
    inputs = [tensor(call, place, name) for place, name in enumerate(("query", "key", "value"))]
    heads = whole(call.argument(4, "num_heads"))
    entering = tuple(each for each in inputs if each is not None)
    names = {5: "in_proj_weight", 6: "in_proj_bias", 11: "out_proj_weight", 12: "out_proj_bias"}
    own = {name: tensor(call, place, name) for place, name in names.items()}
    tensors = {name: each for name, each in own.items() if each is not None}
    if len(entering) != 3 or heads is None or len(tensors) not in (2, 4):
        return None
    op = MultiHeadAttention(heads=heads, bias=len(tensors) == 4)
    return Lifted((op,), entering, LAST, tensors=tensors)


LIFTS: dict[str, Lift] = {"multi_head_attention_forward": _attention}
