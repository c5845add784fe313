"""The built module is an ordinary torch module, and computes what a hand-written one does."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archcalc
from archcalc import witnesses
from archcalc.costs import layers
from archcalc.graph import Graph
from archcalc.sources.paper import load
from archcalc.torch_module import build, sample
from tests._plain_googlenet import plain_googlenet

SMALL = """\
---
input: 12x14x3
every conv: no bias -> batch norm -> relu
---

```blocks
stem  = conv 3x3/2 {width}
mixed = concat
  | conv 1x1 {width}
  | conv 1x1 4 -> conv 3x3 {width}
  | max pool 3x3/1
gated = multiply
  | identity
  | global average pool -> conv 1x1 {in/4} bare -> conv 1x1 {in} bare -> sigmoid
top   = global average pool -> flatten -> dropout 0.1 -> linear {width}
```

| type      | width |
|-----------|-------|
| stem      | 8     |
| mixed (1) | 4     |
| mixed (2) | 8     |
| gated     |       |
| top       | 5     |

## heads: from 1

| type | width |
|------|-------|
| top  | 5     |
"""


@pytest.fixture
def small(tmp_path: Path) -> Graph:
    """A small network with everything but its size, with its side chain."""
    path = tmp_path / "small.md"
    path.write_text(SMALL)
    return load(str(path)).graph(heads=True)


@pytest.fixture
def model(small: Graph) -> nn.Module:
    torch.manual_seed(0)
    return build(small)


@pytest.fixture
def x(small: Graph) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn_like(sample(small.inputs["input"], batch=4))


def equal(first: Any, second: Any) -> None:
    """Outputs agree to the last bit."""
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_submodules_are_the_layers_paths(small: Graph, model: nn.Module) -> None:
    leaves = [name for name, module in model.named_modules() if not list(module.children())]
    assert leaves == [node.name for node in small]
    assert isinstance(model.get_submodule("mixed_1.branch2.conv3x3"), nn.Conv2d)


def test_parameters_stand_in_the_table_s_order(small: Graph, model: nn.Module) -> None:
    expected = [
        (f"{layer.node.name}.{tensor.name}", tensor.sizes)
        for layer in layers(small)
        for tensor in layer.tensors
        if tensor.kind != "buffer"
    ]
    assert [(name, tuple(each.shape)) for name, each in model.named_parameters()] == expected


def test_it_learns(model: nn.Module, x: torch.Tensor) -> None:
    """Steps of an ordinary optimiser make an ordinary loss smaller, the side chain's with it."""
    target = torch.tensor([0, 1, 2, 3])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05)

    def step() -> float:
        optimiser.zero_grad()
        loss = sum(nn.functional.cross_entropy(output, target) for output in model(x))
        assert isinstance(loss, torch.Tensor)
        torch.autograd.backward(loss)
        optimiser.step()
        return loss.item()

    losses = [step() for _ in range(20)]
    assert losses[-1] < 0.8 * losses[0]
    assert [name for name, each in model.named_parameters() if each.grad is None] == []


def test_side_chains_give_outputs_in_training_only(model: nn.Module, x: torch.Tensor) -> None:
    both = model.train()(x)
    assert [tuple(output.shape) for output in both] == [(4, 5), (4, 5)]
    assert model.eval()(x).shape == (4, 5)


def test_it_moves_between_types_and_devices(model: nn.Module, x: torch.Tensor) -> None:
    before = model.eval()(x)
    after = model.to(torch.float64)(x.to(torch.float64))
    assert after.dtype == torch.float64
    torch.testing.assert_close(after.float(), before, rtol=1e-4, atol=1e-5)
    model.to("meta")
    assert {each.device.type for each in model.state_dict().values()} == {"meta"}
    assert model(x.to("meta", torch.float64)).shape == (4, 5)
    model.to_empty(device="cpu")
    assert model(x.double()).device.type == "cpu"


def test_a_state_dict_is_saved_and_loaded(small: Graph, model: nn.Module, x: torch.Tensor) -> None:
    model.train()(x)  # the running statistics are state too
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = build(small)
    other.load_state_dict(torch.load(file, weights_only=True))
    equal(other.eval()(x), model.eval()(x))


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["deepcopy", "pickle"]
)
def test_it_is_copied_whole(copied: Callable[[Any], Any], model: nn.Module, x: torch.Tensor) -> None:
    other = copied(model).eval()
    equal(other(x), model.eval()(x))
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    assert all(bool(parameter.any()) for name, parameter in model.named_parameters() if "weight" in name)


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_it_is_exported(mode: str, model: nn.Module, x: torch.Tensor) -> None:
    model.train(mode == "train")
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    exported = torch.export.export(copy.deepcopy(model), (x,))
    names = set(exported.state_dict) - {"num_batches_tracked"}
    assert names == set(model.state_dict())
    equal(exported.module()(x), model(x))


def test_a_stage_is_a_module_of_its_own(model: nn.Module, x: torch.Tensor) -> None:
    """It can be called, and hooks on it see what passes."""
    model.eval()
    seen: dict[str, Any] = {}
    for name in ("stem", "mixed_1", "mixed_1.branch2", "gated"):
        model.get_submodule(name).register_forward_hook(
            lambda module, given, result, name=name: seen.update({name: (given, result)})
        )
    model(x)
    assert list(seen) == ["stem", "mixed_1.branch2", "mixed_1", "gated"]
    given, result = seen["mixed_1"]
    equal(model.get_submodule("mixed_1")(*given), result)
    assert result.shape == (4, 4 + 4 + 8, 6, 7)


def test_alternatives_give_a_tuple() -> None:
    net = archcalc.load("naive-vs-v1")
    outputs = net.torch_module("8x8x256")(torch.randn(2, 256, 8, 8))
    assert [tuple(output.shape) for output in outputs] == [(2, 672, 8, 8), (2, 480, 8, 8)]


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("witness", witnesses.witnesses())
def test_a_witness_leaves_nothing_on_the_model(witness: str, training: bool, small: Graph) -> None:
    model = build(small, "meta").train(training)
    witnesses.witnesses()[witness].measure(small, model)
    for module in model.modules():
        assert module.training is training
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert {each.device.type for each in model.state_dict().values()} == {"meta"}


def test_fvcore_leaves_a_model_in_memory_as_it_is(small: Graph, model: nn.Module) -> None:
    before = copy.deepcopy(model.state_dict())
    witnesses.witnesses()["fvcore"].measure(small, model.eval())
    equal(dict(model.state_dict()), dict(before))


def test_googlenet_computes_what_a_hand_written_one_does() -> None:
    torch.manual_seed(0)
    built, plain = archcalc.load("googlenet").torch_module().eval(), plain_googlenet().eval()
    pairs = list(zip(built.parameters(), plain.parameters(), strict=True))
    with torch.no_grad():
        for mine, theirs in pairs:
            assert mine.shape == theirs.shape
            if mine.dim() > 1:
                nn.init.kaiming_normal_(mine, nonlinearity="relu")
            theirs.copy_(mine)
        x = torch.randn(2, 3, 224, 224)
        mine, theirs = built(x), plain(x)
        assert theirs.max() > 0.005  # not the 0.001 of a network whose signal has died
        torch.testing.assert_close(mine, theirs)
        other = plain_googlenet(lambda size: nn.Identity()).eval()
        other.load_state_dict(plain.state_dict())
        assert (other(x) - mine).abs().max() > 1e-4  # the comparison sees two missing normalisations
