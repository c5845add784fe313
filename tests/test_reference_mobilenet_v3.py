"""MobileNetV3-Large and Small are torchvision's in params, MACs and, with its tensors, in outputs."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

NETWORKS = ["large", "small"]


def named(size: str) -> torch.nn.Module:
    model: torch.nn.Module = getattr(torchvision.models, f"mobilenet_v3_{size}")(weights=None)
    return model


def as_convolutions(model: torch.nn.Module) -> list[Tensor]:
    """In order; the last two layers are linear there and 1x1 convolutions in the paper's table."""
    return [
        tensor[:, :, None, None] if name.startswith("classifier") and tensor.dim() == 2 else tensor
        for name, tensor in model.state_dict().items()
    ]


@pytest.mark.parametrize("size", NETWORKS)
def test_counts_are_torchvisions(size: str) -> None:
    with torch.device("meta"):
        model = named(size).eval()
    macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
    assert_counts(f"mobilenet-v3-{size}", model, macs)


@pytest.mark.parametrize("side", [224, 97])
@pytest.mark.parametrize("size", NETWORKS)
@torch.inference_mode()
def test_outputs_are_torchvisions(size: str, side: int) -> None:
    model = drawn(lambda: named(size))
    mine = loaded(f"mobilenet-v3-{size}", as_convolutions(model), f"{side}x{side}x3")
    assert_same(mine(image(side)), model(image(side)))
