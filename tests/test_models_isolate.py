"""A model is left exactly as it was, whether its run succeeds, fails or is interrupted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn
from torch.nn.modules import module as hooks
from torch.utils.checkpoint import checkpoint

from archcalc.errors import InputError
from archcalc.models.inputs import ModelInput, ModelInputs
from archcalc.models.isolate import GLOBAL_HOOKS, copied
from archcalc.models.trace import traced

IMAGE = ModelInputs((ModelInput((3, 64, 64)),))
VECTOR = ModelInputs((ModelInput((8,)),))


class Counts(nn.Module):
    """A model that counts, keeps and draws while it runs, and then may stop."""

    def __init__(self, stops: BaseException | None = None) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)
        self.register_buffer("runs", torch.zeros(()))
        self.kept: dict[str, Tensor] = {}
        self.loose = [torch.ones(2), nn.Parameter(torch.ones(3))]
        self.stops = stops

    def forward(self, x: Tensor) -> Tensor:
        assert isinstance(self.runs, Tensor)
        self.runs += 1
        self.loose[0].add_(1)
        self.layer.weight.data.mul_(2)
        self.kept["last"] = x
        self.extra = random.random() + float(np.random.rand())
        torch.nn.modules.module.register_module_forward_hook(lambda *each: None)
        torch.set_grad_enabled(True)
        torch.manual_seed(5)
        if self.stops is not None:
            raise self.stops
        result: Tensor = self.layer(x)
        return result


class Checkpointed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Any:
        return checkpoint(self.layer, x, use_reentrant=False)


def mixed() -> nn.Module:
    """Of two types, in two modes, with gradients and a hook."""
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout())
    model[1].eval()
    model[0].weight.requires_grad_(False)
    model[0].bias.grad = torch.ones(8)
    model[0].register_forward_hook(lambda module, given, result: result * 2)
    return model


def tied() -> nn.Module:
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))
    model[1].weight = model[0].weight
    return model


MODELS: dict[str, tuple[Callable[[], nn.Module], ModelInputs]] = {
    "resnet18": (torchvision.models.resnet18, IMAGE),
    "half": (lambda: torchvision.models.resnet18().half(), IMAGE),
    "swin": (torchvision.models.swin_t, IMAGE),
    "levit": (
        lambda: timm.create_model("levit_128s", num_classes=7),
        ModelInputs((ModelInput((3, 224, 224)),)),
    ),
    "counts": (Counts, VECTOR),
    "checkpointed": (Checkpointed, VECTOR),
    "mixed": (mixed, VECTOR),
    "tied": (tied, VECTOR),
    "weight norm": (lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(8, 8))), VECTOR),
}
FAILS = {
    "fails": (Counts(ValueError("no")), InputError),
    "is interrupted": (Counts(KeyboardInterrupt()), KeyboardInterrupt),
    "exits": (Counts(SystemExit(3)), InputError),
}


def of_tensor(tensor: Tensor) -> list[object]:
    told = [id(tensor), tensor.data_ptr(), tensor._version, tensor.dtype, tensor.device, tensor.requires_grad]
    grad = None if tensor.grad is None else tensor.grad.tolist()
    return [*told, tensor.stride(), grad, tensor.detach().float().sum().item()]


def of_thing(thing: object) -> object:
    if isinstance(thing, Tensor):
        return of_tensor(thing)
    if isinstance(thing, dict):
        return [(key, of_thing(each)) for key, each in thing.items()]
    if isinstance(thing, list | tuple):
        return [of_thing(each) for each in thing]
    return thing if isinstance(thing, int | float | str) else id(thing)


def fingerprint(model: nn.Module) -> Iterator[object]:
    """Everything that a run could change, of the model and of the process."""
    for path, module in model.named_modules():
        yield path, id(module), module.training
        yield [(name, of_thing(value)) for name, value in vars(module).items()]
    yield torch.get_rng_state().tolist()
    yield random.getstate()
    yield [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()]
    yield [(name, list(getattr(hooks, name))) for name in GLOBAL_HOOKS]
    yield torch.is_grad_enabled(), torch.get_default_dtype(), torch.backends.mha.get_fastpath_enabled()
    yield torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack()


@pytest.mark.parametrize("name", MODELS)
def test_a_run_leaves_the_model_and_the_process_as_they_were(name: str) -> None:
    make, inputs = MODELS[name]
    model = make()
    before = list(fingerprint(model))
    traced(model, inputs)
    assert list(fingerprint(model)) == before


@pytest.mark.parametrize("name", FAILS)
def test_a_run_that_breaks_off_leaves_them_too(name: str) -> None:
    model, error = FAILS[name]
    before = list(fingerprint(model))
    with pytest.raises(error):
        traced(model, VECTOR)
    assert list(fingerprint(model)) == before


def test_what_is_tied_is_tied_in_the_copy() -> None:
    twin = copied(tied())
    assert twin.get_parameter("0.weight") is twin.get_parameter("1.weight")
    assert len(list(twin.parameters())) == 3


def test_a_copy_has_no_numbers() -> None:
    model = Counts()
    twin = copied(model)
    assert isinstance(twin, Counts)
    assert {each.device.type for each in (*twin.parameters(), *twin.buffers(), *twin.loose)} == {"meta"}
    assert not twin.training
    assert model.training


def test_what_cannot_be_copied_is_named() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].source = (number for number in range(3))  # type: ignore[assignment]
    with pytest.raises(
        InputError, match=r"^'source' of '1', a generator, cannot be copied: TypeError: cannot pickle"
    ):
        traced(model, ModelInputs((ModelInput((2,)),)))
