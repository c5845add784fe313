"""Functions that move, copy or pick numbers and calculate nothing, and the order of axes that some give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from archcalc.models._values import TracedValue
from archcalc.models.lift._lifted import whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Op, Torch, Values, operation
from archcalc.sizes import Shape

Order = tuple[int, ...]
"""For each axis of an output, which of the input's it is."""

# fmt: off
FREE = frozenset(
    {
        "view", "reshape", "permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis",
        "t", "T", "mT", "H", "mH", "getitem", "setitem", "chunk", "split", "tensor_split", "unbind",
        "roll", "pad", "contiguous", "expand", "expand_as", "stack", "hstack", "vstack", "cat",
        "unsqueeze", "squeeze", "flatten", "unflatten", "clone", "detach", "data", "to", "type",
        "type_as", "float", "half", "bfloat16", "double", "cpu", "cuda", "repeat",
        "repeat_interleave", "gather", "index_select", "select", "narrow", "slice",
        "take_along_dim", "masked_fill", "where", "flip", "rot90", "unfold", "fold", "zero", "fill",
        "copy", "view_as", "reshape_as", "as_strided", "tril", "triu", "diagonal", "diag_embed",
        "meshgrid", "broadcast_tensors", "broadcast_to", "pixel_shuffle", "pixel_unshuffle",
        "channel_shuffle", "dropout", "one_hot", "embedding", "scatter", "index_copy", "index_put",
        "index_fill", "zeros_like", "ones_like", "empty_like", "full_like", "new_zeros", "new_ones",
        "new_empty", "new_full", "real", "imag", "view_as_real", "view_as_complex", "long", "int",
        "bool", "eq", "ne", "lt", "le", "gt", "ge", "logical_not", "logical_and", "logical_or",
        "argmax", "argsort", "topk", "sort", "nonzero", "masked_select", "checkpoint",
        "resolve_conj", "alias", "lift_fresh",
    }
)
# fmt: on
"""What calculates nothing with the numbers: copies, views and choices."""


@operation
class Rearranged(Op):
    """Axes in another order: the places are another permutation, or none; channels stay the channels.

    >>> str(Rearranged(function="permute", order=(1, 0)).out(Shape((56, 28), 96)))
    '28x56x96'
    """

    name: ClassVar[str] = "rearranged"

    function: str
    order: Order

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.function)  # it is frozen for everybody else

    def out(self, x: Shape) -> Shape:
        return Shape(tuple(x.places[place] for place in self.order), x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        return x.permute(0, 1, *(place + 2 for place in self.order)) if x.dim() > 3 else x


def _permute(call: FunctionCall, rank: int) -> Order | None:
    given = call.argument(1, "dims")
    axes = given if isinstance(given, tuple | list) else call.arguments[1:]
    found = [axis % rank for axis in axes if isinstance(axis, int)]
    return tuple(found) if sorted(found) == [*range(rank)] else None


def _transpose(call: FunctionCall, rank: int) -> Order | None:
    first, second = whole(call.argument(1, "dim0")), whole(call.argument(2, "dim1"))
    if first is None or second is None:
        return None
    order = [*range(rank)]
    order[first], order[second] = order[second], order[first]
    return tuple(order)


def _same(call: FunctionCall, rank: int) -> Order:
    return tuple(range(rank))


ORDERS: dict[str, Callable[[FunctionCall, int], Order | None]] = {
    "permute": _permute,
    "transpose": _transpose,
    "swapaxes": _transpose,
    **dict.fromkeys(
        ("contiguous", "clone", "detach", "to", "type_as", "float", "data", "expand", "pad"), _same
    ),
    **dict.fromkeys(("view", "reshape", "roll"), _same),
}
"""Functions that may do no more than give axes another order."""


def order_of(call: FunctionCall) -> Order | None:
    """The order of axes that a call gives its one input; None where it does something else."""
    x = call.argument(0, "input")
    find = ORDERS.get(call.function)
    if find is None or not isinstance(x, TracedValue) or not x.sizes or len(call.outputs) != 1:
        return None
    gives, order = call.outputs[0].sizes, find(call, len(x.sizes))
    if order is None or gives != tuple(x.sizes[axis] for axis in order):
        return None
    return order


def places_order(order: Sequence[int], axis: int, dropped: bool) -> Order | None:
    """An order of axes as one of the places alone; None where the batch moves.

    >>> places_order((0, 2, 3, 1), axis=1, dropped=True), places_order((0, 2, 1, 3), axis=3, dropped=True)
    ((0, 1), (1, 0))
    """
    if dropped and order[0] != 0:
        return None
    kept = [each for each in sorted(order) if each != axis and not (dropped and each == 0)]
    return tuple(kept.index(each) for each in order if each in kept)
