"""One run of a model, recorded: without numbers where it can, else with the least of them that it needs.

First on meta tensors, which have sizes alone; then on fake ones, which also know what a model asks of small
constants; last on real ones on the CPU. A model that needs real numbers may count otherwise on others.

>>> trace = traced(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), given_inputs("2x2x3", nn.Identity()))
>>> trace.record.macs, trace.note
(24, '')
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from archcalc.environment.plugins import fault, said
from archcalc.errors import InputError
from archcalc.models.inputs import ModelInputs, dtype_of, given_inputs
from archcalc.models.isolate import copied, undisturbed, with_content
from archcalc.models.locate import Located
from archcalc.models.recorder import Broken, Record, recorded

__all__ = ["Trace", "given_inputs", "traced", "traced_located"]

DEPENDS = "its operations depend on the numbers that enter: at others the count may differ"
"""What is said of a model that runs on real numbers alone."""


class Trace(NamedTuple):
    """A recorded run: the copy that ran, what entered, and what is to be said of the count."""

    record: Record
    model: nn.Module
    inputs: ModelInputs
    note: str = ""


def traced(model: nn.Module, inputs: ModelInputs, batch: int = 1, name: str = "the model") -> Trace:
    """Run a copy of a model, which itself stays as it is. Raises InputError where it cannot run."""
    return _traced(model, inputs, batch, name, lambda: _numbered(model))


def traced_located(located: Located, inputs: ModelInputs, batch: int = 1) -> Trace:
    """Run a model that was found by its name. Raises InputError where it cannot run."""
    return _traced(located.model, inputs, batch, located.name, lambda: located.again(True))


def _traced(
    model: nn.Module, inputs: ModelInputs, batch: int, name: str, real: Callable[[], nn.Module]
) -> Trace:
    attempts = (_on_meta, _on_fake_tensors, _on_the_cpu)
    for attempt in attempts:
        try:
            with undisturbed(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what a model warns its users of
                return attempt(model, inputs, batch, real)
        except Broken as broken:
            error = broken.__cause__ or broken
            if attempt is attempts[-1] or not _wants_numbers(error):
                own = fault(error)
                where = f"{broken}: " if str(broken) else ""
                fact = str(own) if own else said(error)
                raise InputError(f"{name} cannot run at {inputs}: {where}{fact}") from error
    raise AssertionError("the last attempt returns or raises")


def _on_meta(model: nn.Module, inputs: ModelInputs, batch: int, real: object) -> Trace:
    twin = copied(model)
    return Trace(recorded(twin, *_entering(inputs, twin, batch, "meta")), twin, inputs)


def _on_fake_tensors(model: nn.Module, inputs: ModelInputs, batch: int, real: object) -> Trace:
    def fake(tensor: Tensor) -> Tensor:
        return torch.empty(tensor.size(), dtype=tensor.dtype, device="cpu")

    with FakeTensorMode(allow_non_fake_inputs=True):
        twin = copied(model, fake)
        return Trace(recorded(twin, *_entering(inputs, twin, batch, "cpu")), twin, inputs)


def _on_the_cpu(model: nn.Module, inputs: ModelInputs, batch: int, real: Callable[[], nn.Module]) -> Trace:
    twin = real().eval()
    torch.manual_seed(0)
    return Trace(recorded(twin, *_entering(inputs, twin, batch, "cpu")), twin, inputs, DEPENDS)


def _entering(
    inputs: ModelInputs, model: nn.Module, batch: int, device: str
) -> tuple[tuple[object, ...], dict[str, object]]:
    ordered, named = inputs.tensors(batch, device, dtype_of(model))
    return tuple(ordered), named


def _numbered(model: nn.Module) -> nn.Module:
    """A copy with the model's numbers; where it is on the meta device, with ones of no account."""

    def twin(tensor: Tensor) -> Tensor:
        if tensor.device.type == "meta":
            return torch.zeros(tensor.size(), dtype=tensor.dtype)
        return with_content(tensor).cpu()

    return copied(model, twin)


def _wants_numbers(error: BaseException) -> bool:
    """Whether torch broke off because tensors had no content, and not because the model is wrong."""
    text = f"{type(error).__module__} {type(error).__name__} {error}".casefold()
    words = ("meta", "fake", "datadependent", "dynamicoutput", "data-dependent", "guard on")
    return isinstance(error, NotImplementedError) or any(word in text for word in words)
