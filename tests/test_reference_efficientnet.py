"""EfficientNet-B0 to B7 are torchvision's: params and MACs to the unit, and the outputs of its tensors."""

from __future__ import annotations

import pytest
import torch
import torchvision

import archcalc
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

SIZES = {0: 224, 1: 240, 2: 260, 3: 300, 4: 380, 5: 456, 6: 528, 7: 600}
"""The resolution of each."""


def named(variant: int) -> torch.nn.Module:
    model: torch.nn.Module = getattr(torchvision.models, f"efficientnet_b{variant}")(weights=None)
    return model


@pytest.mark.parametrize("variant", SIZES)
def test_counts_are_torchvisions(variant: int) -> None:
    with torch.device("meta"):
        model = named(variant).eval()
    macs = macs_of(model, torch.empty(1, 3, SIZES[variant], SIZES[variant], device="meta"))
    assert_counts(f"efficientnet-b{variant}", model, macs)


@pytest.mark.parametrize(
    ("variant", "size"), [(0, 224), (0, 225), (1, 97), (2, 97), (4, 97), (6, 64), (7, 64)]
)
@torch.inference_mode()
def test_outputs_are_torchvisions(variant: int, size: int) -> None:
    model = drawn(lambda: named(variant))
    mine = loaded(f"efficientnet-b{variant}", model.state_dict().values(), f"{size}x{size}x3")
    assert_same(mine(image(size)), model(image(size)))


def test_the_gates_cost_params_and_next_to_no_work() -> None:
    """`efficientnet-b0.md` says so: torchvision's own gates, by their tensors."""
    gates = [
        module for name, module in named(0).named_modules() if type(module).__name__ == "SqueezeExcitation"
    ]
    params = sum(tensor.numel() for gate in gates for tensor in gate.parameters())
    weights = sum(tensor.numel() for gate in gates for tensor in gate.parameters() if tensor.dim() > 1)
    table = archcalc.load("efficientnet-b0").table(level="layer").frame()
    mine = table[table["layer"].str.contains("gate")]
    assert (mine["params"].sum(), mine["macs"].sum()) == (params, weights)
    assert round(params / 1e5) == 6
