"""RegNetX and RegNetY are those of the authors, as timm has them, in params, MACs and outputs."""

from __future__ import annotations

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

NETWORKS = {
    f"regnet{kind}-{size}": f"regnet{kind}_{number}"
    for kind in "xy"
    for size, number in {"400mf": "004", "1.6gf": "016", "3.2gf": "032", "8.0gf": "080"}.items()
}
"""timm's name of each network."""


def named(network: str) -> nn.Module:
    model: nn.Module = timm.create_model(NETWORKS[network])
    return model


def projections_last(model: nn.Module) -> list[Tensor]:
    """torchvision's tensors, whose projections stand before the convolutions of their block."""
    tensors = model.state_dict()
    blocks: dict[str, int] = {}

    def place(name: str) -> tuple[int, bool]:
        block = name.split(".proj.", maxsplit=1)[0].split(".f.", maxsplit=1)[0]
        return blocks.setdefault(block, len(blocks)), ".proj." in name

    return [tensors[name] for name in sorted(tensors, key=place)]


@pytest.mark.parametrize("network", NETWORKS)
def test_counts_are_timms(network: str) -> None:
    with torch.device("meta"):
        model = named(network).eval()
    macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
    assert_counts(network, model, macs)


@pytest.mark.parametrize(
    ("network", "side"),
    [("regnetx-400mf", 224), ("regnetx-8.0gf", 65), ("regnety-400mf", 97), ("regnety-3.2gf", 64)],
)
@torch.inference_mode()
def test_outputs_are_timms(network: str, side: int) -> None:
    model = drawn(lambda: named(network))
    mine = loaded(network, model.state_dict().values(), f"{side}x{side}x3")
    assert_same(mine(image(side)), model(image(side)))


@torch.inference_mode()
def test_torchvisions_regnetx_400mf_has_a_wider_last_stage() -> None:
    def wider() -> nn.Module:
        with torch.device("cpu"):  # its widths are computed with tensors
            model: nn.Module = torchvision.models.regnet_x_400mf(weights=None)
            return model

    model = drawn(wider)
    network = "regnetx-400mf-torchvision"
    assert_counts(network, model, macs_of(model, image(224)))
    mine = loaded(network, projections_last(model), "97x97x3")
    assert_same(mine(image(97)), model(image(97)))
