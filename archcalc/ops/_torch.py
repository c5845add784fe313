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


def channel_axis(x: Values) -> int:
    """The dimension that holds the channels: a sequence's last, a map's and a vector's second."""
    return 2 if x.dim() == 3 else 1


def by_channel(own: Values, x: Values) -> Values:
    """A tensor of one element a channel, laid out so that it meets the channels of `x`."""
    return own if x.dim() <= 3 else own.reshape(-1, *(1,) * (x.dim() - 2))
