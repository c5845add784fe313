"""Where values meet: sums, products and concatenations; and what is learned and added or multiplied."""

from __future__ import annotations

from archcalc.models._values import ACTIVATION, INPUT, PARAMETER, TracedValue
from archcalc.models.lift._lifted import Lifted, whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops.joins import Add, Concat, Multiply
from archcalc.ops.positions import LearnedPositions
from archcalc.ops.scale import LayerScale, Scale


def _operands(call: FunctionCall) -> tuple[object, object]:
    return call.argument(0, "input"), call.argument(1, "other")


def _enters(value: object) -> bool:
    return isinstance(value, TracedValue) and value.kind in (INPUT, ACTIVATION)


def _add(call: FunctionCall) -> Lifted | None:
    one, other = _operands(call)
    if (
        call.argument(2, "alpha", 1) != 1
        or not isinstance(one, TracedValue)
        or not isinstance(other, TracedValue)
    ):
        return None
    if _enters(one) and _enters(other):
        return Lifted((Add(),), (one, other)) if one.sizes == other.sizes else None
    x, own = (one, other) if _enters(one) else (other, one)
    if own.kind == PARAMETER and len(x.sizes) == 3 and x.sizes[1:] == own.sizes[-2:]:
        return Lifted((LearnedPositions(),), (x,), axis=-1, tensors={"weight": own})
    return None


def _mul(call: FunctionCall) -> Lifted | None:
    one, other = _operands(call)
    if _enters(other) and not _enters(one):
        one, other = other, one
    if not isinstance(one, TracedValue):
        return None
    if isinstance(other, int | float) and not isinstance(other, bool):
        return Lifted((Scale(factor=float(other)),), (one,))
    if not isinstance(other, TracedValue):
        return None
    if _enters(other):
        if len(one.sizes) == len(other.sizes):
            large, small = (one, other) if one.sizes >= other.sizes else (other, one)
            return Lifted((Multiply(),), (large, small))
        return None
    if other.kind == PARAMETER and [size for size in other.sizes if size != 1] == [max(other.sizes)]:
        at = other.sizes.index(max(other.sizes)) - len(other.sizes)
        return Lifted((LayerScale(),), (one,), axis=at, tensors={"gamma": other})
    return None


def _cat(call: FunctionCall) -> Lifted | None:
    tensors, axis = call.argument(0, "tensors"), whole(call.argument(1, "dim", 0))
    if not isinstance(tensors, tuple | list) or axis is None or not all(map(_enters, tensors)):
        return None
    return Lifted((Concat(),), tuple(tensors), axis, exact=True)


LIFTS = {"add": _add, "mul": _mul, "cat": _cat}
