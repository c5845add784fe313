"""Pooling, means over all places, and flattening."""

from __future__ import annotations

from archcalc.models.lift._lifted import FIRST, LAST, Lift, Lifted, one, padding_of, sizes, tensor
from archcalc.models.recorder import FunctionCall
from archcalc.ops.flatten import Flatten
from archcalc.ops.pooling import AdaptiveAveragePool, AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from archcalc.ops.tokens import MeanOfTokens


def _max_pool(count: int) -> Lift:
    def lift(call: FunctionCall) -> Lifted | None:
        kernel = sizes(call.argument(1, "kernel_size"), count)
        dilation = sizes(call.argument(4, "dilation", 1), count)
        if kernel is None or dilation != (1,) * count or len(call.outputs) != 1:
            return None
        stride = sizes(call.argument(2, "stride") or kernel, count)
        padding = sizes(call.argument(3, "padding", 0), count)
        if stride is None or padding is None:
            return None
        said = padding_of(padding, kernel)
        ceil = bool(call.argument(5, "ceil_mode", False))
        op = MaxPool(
            kernel=kernel,
            stride=stride,
            valid=said.valid,
            pad=said.pad,
            ceil=ceil,
        )
        return one(call, op, FIRST)

    return lift


def _avg_pool(count: int) -> Lift:
    def lift(call: FunctionCall) -> Lifted | None:
        kernel = sizes(call.argument(1, "kernel_size"), count)
        if kernel is None or call.argument(6, "divisor_override") is not None:
            return None
        stride = sizes(call.argument(2, "stride") or kernel, count)
        padding = sizes(call.argument(3, "padding", 0), count)
        if stride is None or padding is None:
            return None
        said = padding_of(padding, kernel)
        op = AveragePool(
            kernel=kernel,
            stride=stride,
            valid=said.valid,
            pad=said.pad,
            ceil=bool(call.argument(4, "ceil_mode", False)),
            count_padding=bool(call.argument(5, "count_include_pad", True)),
        )
        return one(call, op, FIRST)

    return lift


def _adaptive_avg_pool(count: int) -> Lift:
    def lift(call: FunctionCall) -> Lifted | None:
        x = tensor(call, 0, "input")
        to: object = call.argument(1, "output_size")
        if x is None or not isinstance(to, int | tuple | list):
            return None
        each = to if isinstance(to, tuple | list) else (to,) * count
        stays = x.sizes[-count:]
        size = tuple(own if want is None else want for want, own in zip(each, stays, strict=False))
        if set(size) == {1}:
            return one(call, GlobalAveragePool(), FIRST)
        return one(call, AdaptiveAveragePool(size=size), FIRST)

    return lift


def _adaptive_max_pool(call: FunctionCall) -> Lifted | None:
    to: object = call.argument(1, "output_size")
    only_one = to == 1 or (isinstance(to, tuple | list) and set(to) == {1})
    return one(call, GlobalMaxPool(), FIRST) if only_one and len(call.outputs) == 1 else None


def _mean(call: FunctionCall) -> Lifted | None:
    x, over = tensor(call, 0, "input"), call.argument(1, "dim")
    axes = (over,) if isinstance(over, int) else over
    if x is None or not isinstance(axes, tuple | list):
        return None
    rank = len(x.sizes)
    found = sorted(axis % rank for axis in axes if isinstance(axis, int))
    keeps = bool(call.argument(2, "keepdim", False))
    if found == [1] and rank == 3 and not keeps:
        lifted = one(call, MeanOfTokens(), LAST)
        return lifted and lifted._replace(gives=LAST)
    for axis, places in ((FIRST, [*range(2, rank)]), (LAST, [*range(1, rank - 1)])):
        if found == places and rank > 3:
            lifted = one(call, GlobalAveragePool(), axis)
            if lifted is None or keeps:
                return lifted
            return lifted._replace(ops=(GlobalAveragePool(), Flatten()), gives=FIRST)
    return None


def _flatten(call: FunctionCall) -> Lifted | None:
    x = tensor(call, 0, "input")
    outputs = call.outputs
    if x is None or len(outputs) != 1 or len(outputs[0].sizes) != 2 or len(x.sizes) < 3:
        return None
    if outputs[0].sizes[0] != x.sizes[0]:
        return None
    return one(call, Flatten(), FIRST)


LIFTS: dict[str, Lift] = {
    **{f"max_pool{n}d": _max_pool(n) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _avg_pool(n) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": _adaptive_avg_pool(n) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": _adaptive_max_pool for n in (1, 2, 3)},
    "mean": _mean,
    "flatten": _flatten,
    "view": _flatten,
    "reshape": _flatten,
}
