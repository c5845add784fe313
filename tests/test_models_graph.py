"""Whole models as graphs: they count as their runs did, and built again they are the same models."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archcalc.applied import Cost
from archcalc.costs import layers, total
from archcalc.models.graph import ModelGraph, graph_of
from archcalc.models.inputs import default_inputs
from archcalc.models.isolate import copied
from archcalc.models.locate import Located, locate
from archcalc.models.trace import traced_located
from archcalc.torch_module import build
from tests._zoo import CLASSIFIERS

WHOLE = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "inception_v3",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet18",
    "squeezenet1_1",
    "vgg11_bn",
]
"""Models of which archcalc has a rule for every call."""
RECORDED = ["maxvit_t", "swin_t", "swin_v2_t", "vit_b_32", "shufflenet_v2_x0_5"]
"""Models that have calls of which archcalc has none."""


def graph(located: Located) -> tuple[ModelGraph, Cost]:
    """A model as a graph, its numbers compared with those of the recorded run and of the model."""
    record = traced_located(located, default_inputs(located)).record
    found = graph_of(record)
    cost = total(layers(found.graph))
    assert cost.macs == record.macs
    params = sum(each.numel() for each in located.model.parameters())
    assert cost.params + sum(found.unused.values()) == params
    return found, cost


@pytest.mark.parametrize("name", WHOLE)
def test_a_convolutional_network_is_lifted_whole(name: str) -> None:
    found, _ = graph(locate(f"torchvision:{name}"))
    assert found.unlifted == {}


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_not_lifted_counts_as_it_was_recorded(name: str) -> None:
    graph(locate(f"torchvision:{name}"))


@pytest.mark.zoo
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_s_graph_counts_as_its_run(name: str) -> None:
    graph(locate(f"torchvision:{name}"))


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
