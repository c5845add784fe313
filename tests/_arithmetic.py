"""How much arithmetic torch does in a formula that is written out, as a count of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

MOVES = (
    "view",
    "reshape",
    "transpose",
    "permute",
    "unsqueeze",
    "slice",
    "select",
    "split",
    "unbind",
    "stack",
)
"""What moves numbers and computes none."""


class Arithmetic(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not annotate its modes
    """Adds the elements of operations that are no moves: those it reads where it sums, else those it gives.

    What is smaller than `least` is work that is done once a place, and left out.
    """

    def __init__(self, least: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.least = least
        self.elements: int = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if not any(move in str(func) for move in MOVES):
            read = args[0].numel() if "sum" in str(func) else result.numel()
            self.elements += read if read >= self.least else 0
        return result


def arithmetic(formula: Callable[..., torch.Tensor], *x: torch.Tensor, least: int | None = None) -> int:
    """The elements of all operations of a formula on tensors; one of `x[0]` counts 1, unless `least` says."""
    with Arithmetic(x[0].numel() if least is None else least) as counted:
        formula(*x)
    elements: int = counted.elements
    return elements
