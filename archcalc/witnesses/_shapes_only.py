"""Convolutions without their arithmetic, for a tracer that needs tensors in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode


@contextmanager
def shapes_only() -> Iterator[None]:
    """Let every convolution give an uninitialised output of the shape that torch's own rule says."""
    with _Recorded(), _Empty():  # type: ignore[no-untyped-call]  # torch does not annotate its modes
        yield


class _Recorded(TorchFunctionMode):
    """Calls each convolution by the name under which torch's tracer records it.

    The tracer records `_convolution` alone, which the others call on the far side of any dispatch mode,
    where nothing is recorded any more.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _NAMES.get(func, func)(*args, **(kwargs or {}))


class _Empty(TorchDispatchMode):  # type: ignore[no-untyped-call]  # as above
    """Runs convolutions on the meta device, where tensors have sizes and no content."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not torch.ops.aten._convolution.default:
            return func(*args, **(kwargs or {}))
        *tensors, rest = args[0], args[1], args[2], args[3:]
        meta = (None if tensor is None else tensor.to("meta") for tensor in tensors)
        return torch.empty_like(func(*meta, *rest), device=args[0].device)


def _convolution(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Any:
    """torch.conv1d, conv2d and conv3d, by their own parameters."""
    return _recorded(False, input, weight, bias, stride, padding, dilation, 0, groups)


def _transposed(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Any:
    """torch.conv_transpose1d, conv_transpose2d and conv_transpose3d, by their own parameters."""
    return _recorded(True, input, weight, bias, stride, padding, dilation, output_padding, groups)


def _recorded(transposed: bool, input: Any, weight: Any, bias: Any, *sizes: Any) -> Any:
    *pairs, groups = sizes
    stride, padding, dilation, more = (pair if isinstance(pair, (tuple, list)) else (pair,) for pair in pairs)
    # The flags: no benchmark, not deterministic, cuDNN and TF32 allowed. They have no effect on shapes.
    flags = False, False, True, True
    return torch._convolution(
        input, weight, bias, stride, padding, dilation, transposed, more, groups, *flags
    )


_NAMES = {
    torch.conv1d: _convolution,
    torch.conv2d: _convolution,
    torch.conv3d: _convolution,
    torch.conv_transpose1d: _transposed,
    torch.conv_transpose2d: _transposed,
    torch.conv_transpose3d: _transposed,
}
