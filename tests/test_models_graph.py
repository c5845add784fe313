"""Whole models as graphs: they count as their runs did, and built again they are the same models."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archcalc.applied import Cost
from archcalc.costs import layers, total
from archcalc.errors import Refused
from archcalc.models.graph import ModelGraph, at, graph_of
from archcalc.models.inputs import default_inputs, given_inputs
from archcalc.models.isolate import copied
from archcalc.models.locate import Located, locate
from archcalc.models.trace import traced_located
from archcalc.sizes import Shape
from archcalc.torch_module import build
from tests._zoo import CLASSIFIERS

FEW = [
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "inception_v3",
    "maxvit_t",
    "shufflenet_v2_x0_5",
    "swin_v2_t",
    "vit_b_32",
]
"""One of each kind; `make test-models` takes all."""


def graph(located: Located) -> tuple[ModelGraph, Cost]:
    """A model as a graph, its numbers compared with those of the recorded run and of the model."""
    record = traced_located(located, default_inputs(located)).record
    found = graph_of(record)
    cost = total(layers(found.graph))
    assert cost.macs == record.macs
    params = sum(each.numel() for each in located.model.parameters())
    assert cost.params + sum(found.unused.values()) == params
    return found, cost


def assert_whole(name: str) -> None:
    found, _ = graph(locate(f"torchvision:{name}"))
    assert found.unlifted == {}


@pytest.mark.parametrize("name", FEW)
def test_a_classifier_is_lifted_whole(name: str) -> None:
    assert_whole(name)


@pytest.mark.zoo
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_is_lifted_whole(name: str) -> None:
    assert_whole(name)


def assert_same_elsewhere(name: str) -> None:
    """The rules, from one run, say at other sizes what other runs say, layer by layer."""
    located = locate(name)
    found, _ = graph(located)
    for size in ("256x288x3", "287x301x3"):
        other = graph_of(traced_located(located, given_inputs(size, located.model)).record)
        mine, its = layers(at(found.graph, other.graph.inputs)), layers(other.graph)
        assert [layer.cost for layer in mine] == [layer.cost for layer in its]
        assert [layer.output for layer in mine] == [layer.output for layer in its]


@pytest.mark.parametrize("name", ["convnext_tiny", "mobilenet_v3_small", "shufflenet_v2_x0_5"])
def test_one_run_says_what_other_sizes_cost(name: str) -> None:
    assert_same_elsewhere(f"torchvision:{name}")


FIXED = ("vit", "maxvit", "swin")
"""Vision transformers take one size, or cut their windows as the size asks for."""


@pytest.mark.zoo
@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if not name.startswith(FIXED)])
def test_one_run_of_any_network_says_what_other_sizes_cost(name: str) -> None:
    assert_same_elsewhere(f"torchvision:{name}")


def test_what_one_run_cannot_tell_is_refused_and_not_wrong() -> None:
    located = locate("torchvision:swin_t")
    found, _ = graph(located)
    with pytest.raises(Refused, match="the branches differ in height or width"):
        at(found.graph, {"input": Shape((448, 448), 3)})


@pytest.mark.parametrize(
    "name", ["timm:levit_128s", "transformers:gpt2", "transformers:t5", "transformers:clip"]
)
def test_graphs_of_other_libraries_count_as_their_runs(name: str) -> None:
    graph(locate(name))


def drawn(model: nn.Module) -> nn.Module:
    """A model with numbers: its own way to draw them takes long."""
    numbered = copied(model).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(3)
    for name, each in numbered.state_dict().items():
        low = 0.5 if name.endswith("running_var") else -0.1
        each.copy_(torch.empty(each.shape).uniform_(low, low + 0.2, generator=generator))
    return numbered


def assert_rebuilt(name: str) -> None:
    """The graph, built, has the model's own tensors by name, and gives what the model gives."""
    located = locate(f"torchvision:{name}")
    inputs = default_inputs(located)
    found, _ = graph(located)
    model = drawn(located.model)
    rebuilt = build(found.graph, device="meta").eval()
    unused = {name.rpartition(".")[0] for name in found.unused}
    state = {key: each for key, each in model.state_dict().items() if key.rpartition(".")[0] not in unused}
    assert set(rebuilt.state_dict()) == set(state)
    rebuilt.load_state_dict(state, assign=True)
    x = torch.randn(1, *inputs.each[0].sizes)
    with torch.no_grad():
        assert torch.equal(model(x), rebuilt(x))


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small"])
def test_a_lifted_model_builds_the_same_model(name: str) -> None:
    assert_rebuilt(name)


FAMILIES = ("convnext", "maxvit", "shufflenet", "swin", "vit")
"""What has tensors, or calls, that torch's own layers do not have."""


@pytest.mark.zoo
@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if not name.startswith(FAMILIES)])
def test_every_lifted_model_builds_the_same_model(name: str) -> None:
    assert_rebuilt(name)
