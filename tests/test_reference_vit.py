"""ViT against torchvision's: params, MACs and outputs, with the packed projections of attention
parted; and its formula, in which the params depend on the input, against the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
import torchvision
from torch import Tensor, nn

import archcalc
from tests._formulas import formulas, of_text
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

MODELS = {"vit-b16": "vit_b_16", "vit-b32": "vit_b_32", "vit-l16": "vit_l_16", "vit-l32": "vit_l_32"}
"""torchvision's name of each network."""

SIZES = [(height, width) for height in (32, 100, 224, 225, 384) for width in (32, 47, 224, 391)]


def maker(network: str, **options: int) -> Callable[[], nn.Module]:
    """torchvision's constructor."""
    make: Callable[..., nn.Module] = getattr(torchvision.models, MODELS[network])
    return lambda: make(weights=None, **options)


def parted(model: nn.Module) -> Iterator[Tensor]:
    """torchvision's tensors in the order of ours, where the class token stands behind the patches."""
    state = dict(model.state_dict())
    token = state.pop("class_token")
    for name, tensor in state.items():
        if name == "encoder.pos_embedding":
            yield token.flatten()
            yield tensor[0]
        elif name.endswith("in_proj_weight"):
            biases = state[name.replace("weight", "bias")].chunk(3)
            for pair in zip(tensor.chunk(3), biases, strict=True):
                yield from pair
        elif not name.endswith("in_proj_bias"):
            yield tensor


@pytest.mark.parametrize("network", MODELS)
def test_params_and_macs_are_torchvision_s(network: str) -> None:
    with torch.device("meta"):
        theirs = maker(network)().eval()
        macs = macs_of(theirs, torch.empty(1, 3, 224, 224))
    assert_counts(network, theirs, macs)


@pytest.mark.parametrize("network", MODELS)
def test_outputs_are_torchvision_s(network: str) -> None:
    theirs = drawn(maker(network, image_size=96))
    x = image(96)
    with torch.no_grad():
        assert_same(loaded(network, parted(theirs), "96x96x3")(x), theirs(x))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_formula_is_the_table_at_every_size(height: int, width: int) -> None:
    found = formulas(archcalc.load("vit-b16").formula("HxWx3"))
    total = archcalc.load("vit-b16").cost(f"{height}x{width}x3")
    for quantity, counted in (("params", total.params), ("MACs", total.macs), ("weights", total.weights)):
        assert of_text(str(found[quantity]), {"H": height, "W": width}) == counted
    assert total.params == 86_417_128 + 768 * (height // 16) * (width // 16)
