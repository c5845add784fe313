"""Swin-T and ConvNeXt-T against torchvision's: params, MACs and outputs; Swin's formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import torch
import torchvision
from torch import Tensor, nn

import archcalc
from archcalc.sources.paper import load
from tests._formulas import at, conditions, formulas, holds, of_text
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

MERGING_NORM = re.compile(r"features\.\d\.norm\.")
"""What torchvision calls the norm of a patch merging, which stands behind its weight there."""


def swin_t() -> nn.Module:
    """torchvision's Swin-T."""
    model: nn.Module = torchvision.models.swin_t(weights=None)
    return model


def convnext_t() -> nn.Module:
    """torchvision's ConvNeXt-T."""
    model: nn.Module = torchvision.models.convnext_tiny(weights=None)
    return model


def as_conv(tensor: Tensor) -> Tensor:
    """A linear layer's weight as that of a 1x1 convolution; a bias as it is."""
    return tensor[:, :, None, None] if tensor.dim() == 2 else tensor


def merged(tensor: Tensor) -> Tensor:
    """A tensor's last dimension in the order in which a square's places come row by row, each channel's
    together: torchvision has them column by column, each place's channels together.
    """
    columns = tensor.reshape(*tensor.shape[:-1], 2, 2, -1)  # column, row, channel
    return columns.transpose(-1, -3).flatten(-3)  # channel, row, column


def of_swin(model: nn.Module) -> Iterator[Tensor]:
    """Swin's tensors in the order of ours, in which what is made of attention's parts comes after them."""
    state = {name: each for name, each in model.state_dict().items() if "position_index" not in name}
    for name, tensor in state.items():
        own = name.rpartition(".")[0]
        if name.endswith("relative_position_bias_table"):
            queries = (state[f"{own}.qkv.{kind}"].chunk(3) for kind in ("weight", "bias"))
            for weight, bias in zip(*queries, strict=True):
                yield from (as_conv(weight), bias)
            yield tensor
        elif name.endswith("reduction.weight"):
            norm = name.replace("reduction.weight", "norm")
            yield from (merged(state[f"{norm}.weight"]), merged(state[f"{norm}.bias"]))
            yield as_conv(merged(tensor))
        elif ".qkv." not in name and not MERGING_NORM.search(name):
            yield tensor if name.startswith("head") else as_conv(tensor)


def of_convnext(model: nn.Module) -> Iterator[Tensor]:
    """ConvNeXt's tensors in the order of ours, where a block's scale comes last."""
    scale: list[Tensor] = []
    for name, tensor in model.state_dict().items():
        if name.endswith("layer_scale"):
            scale = [tensor.flatten()]
            continue
        yield as_conv(tensor) if ".block." in name else tensor
        if name.endswith("block.5.bias"):
            yield from scale


MODELS: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], Iterator[Tensor]]]] = {
    "swin-t": (swin_t, of_swin),
    "convnext-t": (convnext_t, of_convnext),
}
SIZES = {"swin-t": [(224, 224)], "convnext-t": [(224, 224), (75, 99)]}
"""Sizes at which the implementations are one network: Swin's windows fill the map."""


@pytest.mark.parametrize("network", MODELS)
def test_counts_are_torchvision_s(network: str) -> None:
    make, _ = MODELS[network]
    for height, width in SIZES[network]:
        with torch.device("meta"):
            theirs = make().eval()
            macs = macs_of(theirs, torch.empty(1, 3, height, width))
        assert_counts(network, theirs, macs, f"{height}x{width}x3")


@pytest.mark.parametrize("network", MODELS)
def test_outputs_are_torchvision_s(network: str) -> None:
    make, ordered = MODELS[network]
    theirs = drawn(make)
    fixed = {name: each for name, each in make().named_buffers() if "position_index" in name}
    theirs.load_state_dict(fixed, strict=False)
    for height, width in SIZES[network]:
        x = image((height, width))
        with torch.no_grad():
            assert_same(loaded(network, ordered(theirs), f"{height}x{width}x3")(x), theirs(x))


def test_swin_s_formula_is_one_of_plain_quotients() -> None:
    """A square of an exact half is no floor of floors; where the formula does not hold, nothing can exist."""
    swin = archcalc.load("swin-t")
    report = swin.formula("HxWx3")
    found, note = formulas(report), conditions(report)[0]
    assert "floor(H/32)*floor(W/32)" in str(found["MACs"])
    assert "floor(floor" not in str(found["MACs"])
    assert str(formulas(report, 1)["MACs"]) == "4489798656*h*w + 768000"
    for height in (31, 32, 35, 36, 64, 67, 68, 96, 160, 224, 227, 228, 240, 256):
        counted = at(load("swin-t"), height, 224, 3)
        assert (counted is not None) == holds(note, {"H": height, "W": 224})
        if counted:
            assert of_text(str(found["MACs"]), {"H": height, "W": 224}) == counted["MACs"]
