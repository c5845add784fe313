"""The cost of a batch is what a run of a batch says: some things are done once, however many images enter."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archcalc.costs import layers, total
from archcalc.models.graph import graph_of
from archcalc.models.inputs import ModelInputs, default_inputs, given_inputs
from archcalc.models.locate import locate
from archcalc.models.trace import traced
from tests._zoo import CLASSIFIERS


def assert_batch(model: nn.Module, inputs: ModelInputs) -> None:
    """Two images cost what a run with two says, by the rules and by what is done once; and so do three."""
    found = graph_of(traced(model, inputs).record, traced(model, inputs, batch=2).record)
    assert found.unsure == {}
    for batch in (1, 2, 3):
        assert total(layers(found.graph, batch)).macs == traced(model, inputs, batch).record.macs


@pytest.mark.parametrize("name", ["resnet18", "swin_v2_t", "vit_b_32"])
def test_a_batch_costs_what_a_run_with_it_says(name: str) -> None:
    located = locate(f"torchvision:{name}")
    assert_batch(located.model, default_inputs(located))


@pytest.mark.zoo
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_batch_of_every_classifier_costs_what_a_run_with_it_says(name: str) -> None:
    located = locate(f"torchvision:{name}")
    assert_batch(located.model, default_inputs(located))


class Table(nn.Module):
    """A table is computed once and added to each image."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(6, 4))
        self.widen, self.layer = nn.Linear(4, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Any:
        return self.layer(x) + self.widen(self.table)


def test_what_is_computed_once_is_counted_once() -> None:
    model = Table()
    inputs = given_inputs("6x8", model)
    found = graph_of(traced(model, inputs).record, traced(model, inputs, batch=2).record)
    assert [node.name for node in found.graph if node.once] == ["table", "widen"]
    assert total(layers(found.graph, batch=5)).macs == 6 * 4 * 8 + 5 * 6 * 8 * 8
    assert_batch(model, inputs)


class Pairs(nn.Module):
    """Compares each image of a batch with each."""

    def forward(self, x: Tensor) -> Any:
        return x @ x.t()


def test_what_grows_otherwise_is_named() -> None:
    inputs = given_inputs("8", Pairs())
    found = graph_of(traced(Pairs(), inputs).record, traced(Pairs(), inputs, batch=2).record)
    assert found.unsure == {"matmul": "a batch of 2 takes 32 MACs, an image 8"}
