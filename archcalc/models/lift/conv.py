"""Convolutions."""

from __future__ import annotations

from archcalc.models.lift._lifted import FIRST, Lifted, one, padding_of, sizes, tensor, whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops.conv import Conv
from archcalc.ops.transposed import TransposedConv


def _conv(call: FunctionCall) -> Lifted | None:
    weight, bias = tensor(call, 1, "weight"), tensor(call, 2, "bias")
    x = tensor(call, 0, "input")
    groups = whole(call.argument(6, "groups", 1))
    if weight is None or x is None or groups is None:
        return None
    kernel = weight.sizes[2:]
    count = len(kernel)
    stride = sizes(call.argument(3, "stride", 1), count)
    dilation = sizes(call.argument(5, "dilation", 1), count)
    if stride is None or dilation is None:
        return None
    span = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    padding = _padding(call.argument(4, "padding", 0), span)
    if padding is None:
        return None
    said = padding_of(padding, span)
    depthwise = groups > 1 and groups == x.sizes[1]
    op = Conv(
        kernel=kernel,
        stride=stride,
        channels=weight.sizes[0],
        dilation=dilation,
        groups=1 if depthwise else groups,
        depthwise=depthwise,
        bias=bias is not None,
        valid=said.valid,
        pad=said.pad,
    )
    return one(call, op, FIRST, weight=weight, bias=bias)


def _padding(value: object, span: tuple[int, ...]) -> tuple[int, ...] | None:
    if value == "valid":
        return (0,) * len(span)
    if value == "same":
        return tuple((s - 1) // 2 for s in span) if all(s % 2 for s in span) else None
    return sizes(value, len(span))


def _transposed(call: FunctionCall) -> Lifted | None:
    weight, bias = tensor(call, 1, "weight"), tensor(call, 2, "bias")
    groups = whole(call.argument(6, "groups", 1))
    if weight is None or groups is None:
        return None
    kernel = weight.sizes[2:]
    count = len(kernel)
    stride, padding = (
        sizes(call.argument(3, "stride", 1), count),
        sizes(call.argument(4, "padding", 0), count),
    )
    behind = sizes(call.argument(5, "output_padding", 0), count)
    dilation = sizes(call.argument(7, "dilation", 1), count)
    if stride is None or padding is None or behind is None or dilation != (1,) * count:
        return None
    op = TransposedConv(
        kernel=kernel,
        stride=stride,
        channels=weight.sizes[1] * groups,
        valid=not any(padding),
        pad=padding if any(padding) else None,
        output_pad=behind if any(behind) else None,
        groups=groups,
        bias=bias is not None,
    )
    return one(call, op, FIRST, weight=weight, bias=bias)


LIFTS = {
    "conv1d": _conv,
    "conv2d": _conv,
    "conv3d": _conv,
    "conv_transpose1d": _transposed,
    "conv_transpose2d": _transposed,
    "conv_transpose3d": _transposed,
}
