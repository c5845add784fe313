"""MLP-Mixer against timm's: params, MACs and outputs with timm's tensors in their own order."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of


def mixer(size: int = 224) -> nn.Module:
    """timm's Mixer-B/16 for images of a size."""
    model: nn.Module = timm.create_model("mixer_b16_224", pretrained=False, img_size=size)
    return model


@pytest.mark.parametrize("size", [64, 224])
def test_counts_are_timm_s(size: int) -> None:
    with torch.device("meta"):
        theirs = mixer(size).eval()
        macs = macs_of(theirs, torch.empty(1, 3, size, size))
    assert_counts("mixer-b16", theirs, macs, f"{size}x{size}x3")


def test_outputs_are_timm_s() -> None:
    theirs = drawn(lambda: mixer(96))
    x = image(96)
    with torch.no_grad():
        assert_same(loaded("mixer-b16", theirs.state_dict().values(), "96x96x3")(x), theirs(x))
