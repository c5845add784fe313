"""A model is built without its numbers: what it makes for them alone is made on the meta device."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import torch
from torch.overrides import TorchFunctionMode

Function = Callable[..., object]

MAKERS = frozenset({torch.empty, torch.empty_strided, torch.zeros, torch.ones, torch.full, torch.rand})
MAKERS |= {torch.randn, torch.randint, torch.normal}
"""What makes the values that a model begins with. `arange` and `linspace` are not among them: a model may
count with them how it is to be built."""


class WithoutContent(TorchFunctionMode):
    """Makes the values that a model begins with on the meta device."""

    def __torch_function__(
        self, func: Function, types: object, args: tuple[object, ...] = (), kwargs: object = None
    ) -> object:
        named = dict(kwargs) if isinstance(kwargs, Mapping) else {}
        if func in MAKERS:
            named["device"] = "meta"
        return func(*args, **named)


def built(make: Callable[[], object], content: bool = False) -> object:
    """What a factory makes: without its numbers where they are not asked for and it can do without.

    Raises whatever the factory raises.

    >>> built(lambda: torch.nn.Linear(3, 2)).weight.device
    device(type='meta')
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not content:
            try:
                with WithoutContent():
                    return make()
            except (NotImplementedError, RuntimeError) as error:
                if "meta" not in str(error):
                    raise
        return make()
