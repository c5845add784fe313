"""What operations use of torch, which is given to them: they import it for its types alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import torch

Module: TypeAlias = "torch.nn.Module"
Values: TypeAlias = "torch.Tensor"


class Functions(Protocol):
    """A module of functions of tensors, such as torch.nn.functional."""

    def __getattr__(self, name: str) -> Callable[..., Values]: ...


class Layers(Protocol):
    """torch.nn: classes of modules, and functions beside them."""

    @property
    def functional(self) -> Functions: ...
    def __getattr__(self, name: str) -> Callable[..., Module]: ...


class Torch(Protocol):
    """The package torch."""

    @property
    def nn(self) -> Layers: ...
    def get_default_dtype(self) -> torch.dtype: ...
    def __getattr__(self, name: str) -> Callable[..., Values]: ...
