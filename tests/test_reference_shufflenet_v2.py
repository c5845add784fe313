"""ShuffleNet v2 at four widths is torchvision's in params, MACs and, with its tensors, in outputs."""

from __future__ import annotations

import pytest
import torch
import torchvision

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

NETWORKS = {"0.5x": "x0_5", "1x": "x1_0", "1.5x": "x1_5", "2x": "x2_0"}
"""torchvision's name of each column."""


def named(column: str) -> torch.nn.Module:
    model: torch.nn.Module = getattr(torchvision.models, f"shufflenet_v2_{NETWORKS[column]}")(weights=None)
    return model


@pytest.mark.parametrize("column", NETWORKS)
def test_counts_are_torchvisions(column: str) -> None:
    with torch.device("meta"):
        model = named(column).eval()
    macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
    assert_counts(f"shufflenet-v2:{column}", model, macs)


@pytest.mark.parametrize(
    ("column", "side"), [("0.5x", 224), ("0.5x", 97), ("1x", 225), ("1.5x", 64), ("2x", 97)]
)
@torch.inference_mode()
def test_outputs_are_torchvisions(column: str, side: int) -> None:
    model = drawn(lambda: named(column))
    mine = loaded(f"shufflenet-v2:{column}", model.state_dict().values(), f"{side}x{side}x3")
    assert_same(mine(image(side)), model(image(side)))
