"""Normalisations."""

from __future__ import annotations

from archcalc.models.lift._lifted import FIRST, LAST, Lifted, one, real, tensor, whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops.norms import BatchNorm, GroupNorm, L2Norm, LayerNorm, RmsNorm


def _batch_norm(call: FunctionCall) -> Lifted | None:
    weight, bias = tensor(call, 3, "weight"), tensor(call, 4, "bias")
    mean, variance = tensor(call, 1, "running_mean"), tensor(call, 2, "running_var")
    own_statistics = call.argument(5, "training", False) is not False or mean is None or variance is None
    if own_statistics or (weight is None) != (bias is None):
        return None
    op = BatchNorm(eps=real(call.argument(7, "eps"), 1e-5), affine=weight is not None)
    return one(call, op, FIRST, weight=weight, bias=bias, running_mean=mean, running_var=variance)


def _layer_norm(call: FunctionCall) -> Lifted | None:
    over: object = call.argument(1, "normalized_shape")
    weight, bias = tensor(call, 2, "weight"), tensor(call, 3, "bias")
    if not isinstance(over, tuple | list) or len(over) != 1 or (weight is None and bias is not None):
        return None
    eps = real(call.argument(4, "eps"), 1e-5)
    op = LayerNorm(eps=eps, affine=weight is not None, bias=bias is not None or weight is None)
    return one(call, op, LAST, weight=weight, bias=bias)


def _group_norm(call: FunctionCall) -> Lifted | None:
    groups = whole(call.argument(1, "num_groups"))
    weight, bias = tensor(call, 2, "weight"), tensor(call, 3, "bias")
    if groups is None or (weight is None) != (bias is None):
        return None
    op = GroupNorm(groups=groups, eps=real(call.argument(4, "eps"), 1e-5), affine=weight is not None)
    return one(call, op, FIRST, weight=weight, bias=bias)


def _rms_norm(call: FunctionCall) -> Lifted | None:
    over: object = call.argument(1, "normalized_shape")
    weight = tensor(call, 2, "weight")
    if not isinstance(over, tuple | list) or len(over) != 1 or weight is None:
        return None
    return one(call, RmsNorm(eps=real(call.argument(3, "eps"), 1e-6)), LAST, weight=weight)


def _normalize(call: FunctionCall) -> Lifted | None:
    axis = whole(call.argument(2, "dim", 1))
    if axis is None or call.argument(1, "p", 2.0) != 2.0:
        return None
    lifted = one(call, L2Norm(eps=real(call.argument(3, "eps"), 1e-12)), axis)
    return lifted and lifted._replace(exact=True)


LIFTS = {
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "rms_norm": _rms_norm,
    "normalize": _normalize,
}
