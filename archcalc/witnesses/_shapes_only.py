"""A forward pass without its arithmetic, for a tracer that fails on tensors without content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from archcalc.witnesses._remembered import Remembered

Call: TypeAlias = Callable[..., object]
Given: TypeAlias = tuple[Any, ...]
Named: TypeAlias = dict[str, object] | None
Sizes: TypeAlias = int | Sequence[int]
"""One for every axis, or one each."""


@contextmanager
def shapes_only() -> Iterator[None]:
    """Let every operation give an uninitialised output of the shape that torch's own rule says."""
    with _Recorded(), Remembered():
        yield


class _Recorded(TorchFunctionMode):
    """Calls each convolution by the name under which torch's tracer records it.

    The tracer records `_convolution` alone, which the others call on the far side of any dispatch mode,
    where nothing is recorded any more.
    """

    def __torch_function__(self, func: Call, types: object, args: Given = (), kwargs: Named = None) -> object:
        named: Call = _NAMES.get(func, func)
        return named(*args, **(kwargs or {}))


def _convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """torch.conv1d, conv2d and conv3d, by their own parameters."""
    return _recorded(False, groups, input, weight, bias, stride, padding, dilation, 0)


def _transposed(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """torch.conv_transpose1d, conv_transpose2d and conv_transpose3d, by their own parameters."""
    return _recorded(True, groups, input, weight, bias, stride, padding, dilation, output_padding)


def _recorded(
    transposed: bool, groups: int, input: Tensor, weight: Tensor, bias: Tensor | None, *sizes: Sizes
) -> Tensor:
    stride, padding, dilation, more = ((size,) if isinstance(size, int) else size for size in sizes)
    # The flags: no benchmark, not deterministic, cuDNN and TF32 allowed. They have no effect on shapes.
    flags = False, False, True, True
    return torch._convolution(
        input, weight, bias, stride, padding, dilation, transposed, more, groups, *flags
    )


_NAMES: dict[Call, Call] = {
    torch.conv1d: _convolution,
    torch.conv2d: _convolution,
    torch.conv3d: _convolution,
    torch.conv_transpose1d: _transposed,
    torch.conv_transpose2d: _transposed,
    torch.conv_transpose3d: _transposed,
}
