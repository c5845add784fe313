"""A copy of a model to run in its place, and a run that leaves no trace in the process.

Models count, cache and draw random numbers while they run. Only the copy may do so.

>>> import torch
>>> model = torch.nn.Linear(3, 2)
>>> with undisturbed():
...     twin = copied(model)
>>> twin.weight.device, twin.training, model.training
(device(type='meta'), False, True)
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode

from archcalc.environment.plugins import said
from archcalc.errors import InputError, shortened

Twin = Callable[[Tensor], Tensor]
"""Makes the tensor that stands in a copy for one of the model's."""
Function = Callable[..., object]

GLOBAL_HOOKS = tuple(name for name in vars(hooks) if name.startswith("_global_") and name.endswith("hooks"))


def on_meta(tensor: Tensor) -> Tensor:
    """A tensor of the same sizes, strides and type without content."""
    if tensor.layout is not torch.strided:
        return torch.empty(tensor.size(), dtype=tensor.dtype, device="meta")
    return torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta")


def with_content(tensor: Tensor) -> Tensor:
    """A tensor with the same content."""
    return torch.empty_like(tensor).copy_(tensor.detach())


class _Twins(TorchFunctionMode):
    """Answers a copy's question for each tensor, wherever the model keeps it."""

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self.twin = twin

    def __torch_function__(
        self, func: Function, types: object, args: tuple[object, ...] = (), kwargs: object = None
    ) -> object:
        if func is Tensor.__deepcopy__:
            tensor, memo = args
            assert isinstance(tensor, Tensor)
            assert isinstance(memo, dict)
            return memo.setdefault(id(tensor), self.twin(tensor).requires_grad_(tensor.requires_grad))
        if func is Tensor.clone and isinstance(args[0], Tensor):  # a parameter in a list copies itself so
            return self.twin(args[0])
        named = kwargs if isinstance(kwargs, Mapping) else {}
        return func(*args, **named)


def copied(model: nn.Module, twin: Twin = on_meta) -> nn.Module:
    """A copy in eval mode with other tensors; what is tied in the model is tied in it.

    Raises InputError where a part of the model cannot be copied.
    """
    memo: dict[int, object] = {}
    for tensor in (*model.parameters(), *model.buffers()):
        if id(tensor) not in memo:
            memo[id(tensor)] = _learned(tensor, twin) if isinstance(tensor, nn.Parameter) else twin(tensor)
    try:
        with _Twins(twin):
            result = copy.deepcopy(model, memo)
    except (KeyboardInterrupt, InputError):
        raise
    except BaseException as error:
        raise InputError(f"{_culprit(model, twin)} cannot be copied: {said(error)}") from error
    return result.eval()


def _learned(parameter: nn.Parameter, twin: Twin) -> nn.Parameter:
    if nn.parameter.is_lazy(parameter):
        device = "meta" if twin is on_meta else "cpu"
        return nn.UninitializedParameter(parameter.requires_grad, device, parameter.dtype)
    return nn.Parameter(twin(parameter), parameter.requires_grad)


def _culprit(model: nn.Module, twin: Twin) -> str:
    """The part of a model that cannot be copied, in words."""
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if name in ("_parameters", "_buffers", "_modules"):
                continue
            try:
                with _Twins(twin):
                    copy.deepcopy(value, {id(each): None for each in model.modules()})
            except Exception:  # noqa: BLE001 -- whatever a part raises that cannot be copied
                where = f"'{shortened(path)}'" if path else "the model"
                return f"'{shortened(name)}' of {where}, a {type(value).__name__},"
    return f"the model, a {type(model).__name__},"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put everything back afterwards that code may change in the process, also after an error.

    The random numbers of torch, random and numpy, the hooks on all modules, whether gradients are kept, and
    torch's fast paths, default type and threads' modes.
    """
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        if "numpy" in sys.modules:
            import numpy as np

            stack.callback(np.random.set_state, np.random.get_state())
        stack.enter_context(torch.random.fork_rng(devices=[]))
        for name in GLOBAL_HOOKS:
            stack.callback(_restored, getattr(hooks, name), dict(getattr(hooks, name)))
        stack.callback(torch.set_grad_enabled, torch.is_grad_enabled())
        stack.callback(torch.set_default_dtype, torch.get_default_dtype())
        stack.callback(torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled())
        strict = torch.is_deterministic_algorithms_warn_only_enabled()
        stack.callback(
            torch.use_deterministic_algorithms, torch.are_deterministic_algorithms_enabled(), warn_only=strict
        )
        yield


def _restored(found: dict[object, object], before: dict[object, object]) -> None:
    if found != before:
        found.clear()
        found.update(before)
