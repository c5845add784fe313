"""The built torch models are the real networks: with torchvision's weights they give torchvision's outputs.

The weights are drawn at random, running statistics away from 0 and 1, and go over in order: that names,
shapes and order agree is part of the promise.
"""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn

import archcalc

MODELS = {
    "alexnet-owt": "alexnet",
    "vgg11": "vgg11",
    "vgg16": "vgg16",
    "squeezenet": "squeezenet1_0",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "resnet101": "resnet101",
    "mobilenet-v2": "mobilenet_v2",
    "googlenet-torchvision": "googlenet",
    "inception-v3": "inception_v3",
}
"""torchvision's name of each network."""

HEADS = {"googlenet-torchvision": ["aux1", "aux2"], "inception-v3": ["AuxLogits"]}
"""The side chains, as torchvision calls them, where there are some."""


def reference(network: str, heads: bool) -> nn.Module:
    """torchvision's model with random weights."""
    options = {"aux_logits": heads, "init_weights": False} if network in HEADS else {}
    with torch.device("meta"):  # what is drawn below need not be drawn before
        model: nn.Module = getattr(torchvision.models, MODELS[network])(weights=None, **options)
    model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(1)

    def draw(tensor: Tensor, low: float, high: float) -> None:
        tensor.uniform_(low, high, generator=generator)

    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            reach = (6 / module.weight[0].numel()) ** 0.5  # keeps the size of what passes through
            draw(module.weight, -reach, reach)
            if module.bias is not None:
                draw(module.bias, -0.3, 0.3)
        elif isinstance(module, nn.BatchNorm2d):
            draw(module.weight, 0.5, 1.5)
            draw(module.bias, -0.5, 0.5)
            draw(module.running_mean, -0.5, 0.5)  # type: ignore[arg-type]
            draw(module.running_var, 0.3, 1.7)  # type: ignore[arg-type]
            module.num_batches_tracked.zero_()  # type: ignore[union-attr]
    return model.eval()


def built(network: str, model: nn.Module, input: str, heads: bool) -> nn.Module:
    """archcalc's model with the reference's own tensors, in order; side chains stand at the end."""
    mine = archcalc.load(network).torch_module(input, heads=heads, device="meta")
    theirs = model.state_dict()
    last = tuple(f"{head}." for head in HEADS.get(network, []))
    order = [name for name in theirs if not name.startswith(last or "none")]
    order += [name for head in last for name in theirs if name.startswith(head)]
    names = list(mine.state_dict())
    assert [name.rpartition(".")[2] for name in names] == [name.rpartition(".")[2] for name in order]
    mine.load_state_dict({name: theirs[own] for name, own in zip(names, order, strict=True)}, assign=True)
    return mine.eval()


def image(size: int) -> Tensor:
    return torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(2))


def assert_same(mine: Tensor, theirs: Tensor) -> None:
    """Equal to float32 accuracy, and worth comparing: finite, and different from class to class."""
    scale = theirs.abs().max().item()
    assert theirs.isfinite().all()
    assert theirs.std().item() > 0.01 * scale > 0
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize(
    ("network", "size"),
    [
        *((name, 299 if name == "inception-v3" else 224) for name in MODELS),
        ("alexnet-owt", 231),
        ("squeezenet", 231),
        ("resnet50", 225),
        ("mobilenet-v2", 225),
        ("googlenet-torchvision", 231),
    ],
)
@torch.inference_mode()
def test_outputs_are_torchvisions(network: str, size: int) -> None:
    model = reference(network, heads=False)
    mine = built(network, model, f"{size}x{size}x3", heads=False)
    x = image(size)
    assert_same(mine(x), model(x))


@pytest.mark.parametrize("network", HEADS)
@torch.inference_mode()
def test_outputs_of_side_chains_are_torchvisions(network: str) -> None:
    size = 299 if network == "inception-v3" else 224
    model = reference(network, heads=True)
    mine = built(network, model, f"{size}x{size}x3", heads=True)
    for each in (model, mine):  # side chains run in training only; norms and dropout stay as they are
        each.train()
        for module in each.modules():
            if isinstance(module, nn.BatchNorm2d | nn.Dropout):
                module.eval()
    x = image(size)
    main, *sides = mine(x)
    theirs = model(x)
    assert_same(main, theirs[0])
    # torchvision's googlenet gives the side chain on 4d first.
    expected = theirs[1:] if len(sides) == 1 else theirs[:0:-1]
    for side, reference_side in zip(sides, expected, strict=True):
        assert_same(side, reference_side)


@torch.inference_mode()
def test_a_changed_weight_is_seen() -> None:
    """One filter 1% larger, deep in the network, is more than the accuracy asked for."""
    model = reference("resnet18", heads=False)
    mine = built("resnet18", model, "224x224x3", heads=False)
    x = image(224)
    expected = model(x)
    # Both models hold the same tensor: what was computed before tells them apart.
    model.layer3[1].conv1.weight[0] *= 1.01  # type: ignore[index, union-attr]
    with pytest.raises(AssertionError):
        assert_same(mine(x), expected)
