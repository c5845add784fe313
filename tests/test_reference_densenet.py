"""DenseNet is torchvision's: params and MACs to the unit, and the outputs of its tensors."""

from __future__ import annotations

import pytest
import torch
import torchvision

import archcalc
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

MODELS = {
    "densenet:121": "densenet121",
    "densenet:169": "densenet169",
    "densenet:201": "densenet201",
    "densenet161": "densenet161",
}
"""torchvision's name of each network."""


def named(network: str) -> torch.nn.Module:
    """torchvision's model; 264, which it does not name, is the same class with the table's blocks."""
    if network == "densenet:264":
        made: torch.nn.Module = torchvision.models.DenseNet(32, (6, 12, 64, 48), 64)
        return made
    model: torch.nn.Module = getattr(torchvision.models, MODELS[network])(weights=None)
    return model


@pytest.mark.parametrize("network", [*MODELS, "densenet:264"])
def test_counts_are_torchvisions(network: str) -> None:
    with torch.device("meta"):
        model = named(network).eval()
    macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
    assert_counts(network, model, macs)


@pytest.mark.parametrize(
    ("network", "size"),
    [("densenet:121", 224), ("densenet:169", 97), ("densenet:201", 64), ("densenet161", 97)],
)
@torch.inference_mode()
def test_outputs_are_torchvisions(network: str, size: int) -> None:
    model = drawn(lambda: named(network))
    mine = loaded(network, model.state_dict().values(), f"{size}x{size}x3")
    assert_same(mine(image(size)), model(image(size)))


def test_the_sizes_that_the_prose_names() -> None:
    """The widest that DenseNet-201's third block narrows; the first block's shares in DenseNet-121."""
    model = torchvision.models.densenet201(weights=None)
    block = model.features.denseblock3
    assert (
        max(module.in_channels for module in block.modules() if isinstance(module, torch.nn.Conv2d)) == 1760
    )
    table = archcalc.load("densenet:121").table().frame()
    first = table[table["type"] == "Dense Block"].iloc[0]
    assert (round(100 * first["share_params"]), round(100 * first["share_work"])) == (4, 37)


def test_densenet_264_has_265_layers() -> None:
    """Two convolutions a dense layer, the first, three transitions and the classifier."""
    convolutions = [each for each in named("densenet:264").modules() if isinstance(each, torch.nn.Conv2d)]
    assert len(convolutions) + 1 == 265
    [depth] = [
        row
        for row in archcalc.load("densenet:264").audit().rows
        if row["row"] == "total" and row["claim"] == "depth"
    ]
    assert (depth["printed"], depth["shown"]) == ("264", "differs: 265")
