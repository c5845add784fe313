"""The shared layers of transformers against torch's own; whole networks against torchvision and papers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import vit_b_16

import archcalc
from archcalc.torch_module import build


def network(folder: Path, blocks: str, size: str, table: str, settings: str = "") -> archcalc.Architecture:
    """A document that uses the shared blocks."""
    path = folder / "net.md"
    head = f"---\ninput: {size}\nuses: transformer\n{settings}---\n\n"
    path.write_text(f"{head}```blocks\n{blocks}\n```\n\n{table}\n", encoding="utf-8")
    return archcalc.load(str(path))


def like(theirs: nn.TransformerEncoderLayer, names: tuple[str, str, str, str]) -> dict[str, torch.Tensor]:
    """The tensors of torch's layer by the names that ours has for attention, its norm, the rest, its norm."""
    attention, first, forward, second = names
    state = {}
    packed = theirs.self_attn.in_proj_weight, theirs.self_attn.in_proj_bias
    for name, whole in zip(("weight", "bias"), packed, strict=True):
        for place, part in enumerate(whole.chunk(3), start=1):
            state[f"{attention}.branch{place}.linear.{name}"] = part
        state[f"{attention}.linear.{name}"] = getattr(theirs.self_attn.out_proj, name)
        state[f"{first}.{name}"] = getattr(theirs.norm1, name)
        state[f"{second}.{name}"] = getattr(theirs.norm2, name)
        state[f"{forward}.linear.{name}"] = getattr(theirs.linear1, name)
        state[f"{forward}.linear_2.{name}"] = getattr(theirs.linear2, name)
    return state


PRE = (
    "layer.{0}_layer.normalised_{1}attention.branch2.{1}self_attention",
    "layer.{0}_layer.normalised_{1}attention.branch2.layer_norm",
    "layer.{0}_layer.normalised_feed_forward.branch2.feed_forward",
    "layer.{0}_layer.normalised_feed_forward.branch2.layer_norm",
)
POST = (
    "layer.post_norm_encoder_layer.add_and_norm_attention.branch2.self_attention",
    "layer.post_norm_encoder_layer.add_and_norm_attention.layer_norm",
    "layer.post_norm_encoder_layer.add_and_norm_feed_forward.branch2.feed_forward",
    "layer.post_norm_encoder_layer.add_and_norm_feed_forward.layer_norm",
)


@pytest.mark.parametrize(
    ("block", "first", "causal", "names"),
    [
        ("encoder layer", True, False, tuple(name.format("encoder", "") for name in PRE)),
        ("decoder layer", True, True, tuple(name.format("decoder", "causal_") for name in PRE)),
        ("post-norm encoder layer", False, False, POST),
    ],
)
def test_a_layer_is_torch_s_own(
    tmp_path: Path, block: str, first: bool, causal: bool, names: tuple[str, str, str, str]
) -> None:
    torch.manual_seed(0)
    theirs = nn.TransformerEncoderLayer(
        24, 4, 40, dropout=0.0, activation="gelu", batch_first=True, norm_first=first
    ).double()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter)
    table = "| type | heads | hidden |\n|---|---|---|\n| layer | 4 | 40 |"
    net = network(tmp_path, f"layer = {block} {{heads}} {{hidden}}", "7x24", table)
    ours = build(net.graph()).double()
    ours.load_state_dict(like(theirs, names))
    x = torch.randn(2, 7, 24, dtype=torch.float64)
    mask = nn.Transformer.generate_square_subsequent_mask(7).double() if causal else None
    torch.testing.assert_close(ours(x), theirs(x, src_mask=mask), rtol=1e-10, atol=1e-10)
    assert net.cost().params == sum(parameter.numel() for parameter in theirs.parameters())


VIT = """\
patches = conv 16x16/16 {width} valid -> to tokens -> class token -> learned positions
encoder = encoder layer {heads} {4*in}
head    = layer norm -> take token -> linear {width}
"""
VIT_BASE = """\
| type    | width | heads | repeat |
|---------|-------|-------|--------|
| patches | 768   |       |        |
| encoder |       | 12    | 12     |
| head    | 1000  |       |        |
"""


def test_vit_base_has_the_params_of_torchvision_s(tmp_path: Path) -> None:
    net = network(tmp_path, VIT, "224x224x3", VIT_BASE, "every layer norm: eps 1e-6\n")
    with torch.device("meta"):
        theirs = vit_b_16()
    assert net.cost().params == sum(each.numel() for each in theirs.parameters()) == 86_567_656


@pytest.mark.parametrize("block", ["post-norm encoder layer", "decoder layer"])
def test_the_layers_of_bert_base_and_gpt_2(tmp_path: Path, block: str) -> None:
    """BERT-Base has 109,482,240 params; GPT-2's smallest has 124,439,808. Their twelve layers have what is
    left without the tables of tokens, positions and segments, the norm beside them, and BERT's pooler.
    """
    table = "| type | repeat |\n|---|---|\n| layer | 12 |"
    params = network(tmp_path, f"layer = {block} 12 {{4*in}}", "128x768", table).cost().params
    assert params == 109_482_240 - (30522 + 512 + 2) * 768 - 2 * 768 - 769 * 768
    assert params == 124_439_808 - (50257 + 1024) * 768 - 2 * 768
