"""A network beside an implementation by other hands: the same tensors in order, and so the same outputs.

Weights are drawn at random, running statistics away from 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import archcalc
from archcalc.sizes import as_int

NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm,
)  # fmt: skip


def drawn(make: Callable[[], nn.Module], seed: int = 1) -> nn.Module:
    """A model whose every tensor is drawn, in evaluation mode."""
    with torch.device("meta"):  # what is drawn below need not be drawn before
        model = make()
    model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)

    def draw(tensor: Tensor, low: float, high: float) -> None:
        tensor.data.uniform_(low, high, generator=generator)

    for module in model.modules():
        for name, tensor in module.named_parameters(recurse=False):
            if isinstance(module, NORMS):
                draw(tensor, 0.5, 1.5) if name == "weight" else draw(tensor, -0.5, 0.5)
            elif tensor.dim() > 1:
                reach = (6 / tensor[0].numel()) ** 0.5  # keeps the size of what passes through
                draw(tensor, -reach, reach)
            else:
                draw(tensor, -0.3, 0.3)
        for name, buffer in module.named_buffers(recurse=False):
            if name == "running_mean":
                draw(buffer, -0.5, 0.5)
            elif name == "running_var":
                draw(buffer, 0.3, 1.7)
            elif name == "num_batches_tracked":
                buffer.zero_()
    return model.eval()


def loaded(network: str, tensors: Iterable[Tensor], input: Any = None) -> nn.Module:
    """archcalc's model of a network with these tensors in the order of its own."""
    mine = archcalc.load(network).torch_module(input, device="meta")
    names, given = list(mine.state_dict()), list(tensors)
    assert len(names) == len(given)
    mine.load_state_dict(dict(zip(names, given, strict=True)), assign=True)
    return mine.eval()


def macs_of(model: nn.Module, *inputs: Tensor, **named: Tensor) -> int:
    """The MACs of one pass as torch's FlopCounterMode counts them."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs, **named)
    macs, rest = divmod(int(counter.get_total_flops()), 2)
    assert not rest
    return macs


def assert_counts(network: str, model: nn.Module, macs: int, input: Any = None) -> None:
    """Params to the unit against a model's own parameters, MACs against those that were measured."""
    cost = archcalc.load(network).cost(input)
    assert as_int(cost.params) == sum(parameter.numel() for parameter in model.parameters())
    assert as_int(cost.macs) == macs


def image(size: int | Sequence[int], channels: int = 3, seed: int = 2) -> Tensor:
    """A random image, or a batch of one of any places."""
    places = (size, size) if isinstance(size, int) else tuple(size)
    return torch.randn(1, channels, *places, generator=torch.Generator().manual_seed(seed))


def assert_same(mine: Tensor, theirs: Tensor) -> None:
    """Equal to float32 accuracy, and worth comparing: finite, and different from place to place."""
    scale = theirs.abs().max().item()
    assert theirs.isfinite().all()
    assert theirs.std().item() > 0.001 * scale > 0
    torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-5 * scale)
