"""Embeddings, tokens and positions do what torch's and torchvision's own do, and what the papers write."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer

import archcalc
from archcalc.check.agreement import check_graph
from archcalc.costs import layers, total
from archcalc.errors import Refused
from archcalc.ops import Op
from archcalc.ops.embedding import Embedding
from archcalc.ops.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from archcalc.ops.tokens import ClassToken, MeanOfTokens, TakeToken, ToMap, ToTokens, Transpose
from archcalc.sizes import Shape
from archcalc.torch_module import build, sample, shape_of
from tests._arithmetic import arithmetic
from tests._cli import archcalc as command
from tests.test_operations import graph_of

TOKENS, MAP = Shape((6,), 8), Shape((2, 3), 8)
ALONE: list[tuple[Op, Shape]] = [
    (Embedding(rows=11, channels=8), Shape((), 6)),
    (LearnedPositions(), TOKENS),
    (LearnedPositions(positions=9), TOKENS),
    (SinusoidalPositions(), TOKENS),
    (SinusoidalPositions(), Shape((6,), 7)),
    (RotaryPositions(), TOKENS),
    (RotaryPositions(heads=2), TOKENS),
    (ClassToken(), TOKENS),
    (ClassToken(last=True), TOKENS),
    (TakeToken(), TOKENS),
    (TakeToken(token=6), TOKENS),
    (TakeToken(last=True), TOKENS),
    (MeanOfTokens(), TOKENS),
    (ToTokens(), MAP),
    (ToMap(size=(2, 3)), TOKENS),
    (Transpose(), TOKENS),
]


@pytest.mark.parametrize(("op", "shape"), ALONE, ids=str)
def test_every_witness_agrees(op: Op, shape: Shape) -> None:
    checked = check_graph("op", graph_of(op, shape))
    assert checked.agrees, checked.mismatches


@pytest.mark.parametrize("kind", [torch.int64, torch.int32, torch.float32])
def test_an_embedding_is_torch_s(kind: torch.dtype) -> None:
    graph = graph_of(Embedding(rows=30, channels=8), Shape((), 6))
    model, theirs = build(graph), nn.Embedding(30, 8)
    assert {each.shape for each in model.state_dict().values()} == {theirs.weight.shape}
    theirs.load_state_dict({"weight": model.state_dict()["op.weight"]})
    x = torch.tensor([[0, 29, 7, 7, 1, 3], [5, 4, 3, 2, 1, 0]])
    result = model(x.to(kind))
    assert torch.equal(result, theirs(x))
    assert shape_of(result) == graph.shapes["op"]


def test_a_lookup_is_no_work_and_no_layer() -> None:
    counted = layers(graph_of(Embedding(rows=30, channels=8), Shape((), 6)), batch=3)
    cost = total(counted)
    assert (cost.weights, cost.params, cost.macs, cost.elementwise) == (240, 240, 0, 0)
    assert counted[0].depth == 0


def test_the_embeddings_of_bert(tmp_path: Path) -> None:
    """BERT-base, uncased, has 23,837,184 params here: tokens, positions, token types, a layer norm."""
    network = tmp_path / "bert.md"
    network.write_text("""\
---
input: 128
---

```blocks
embeddings = add
  | embedding 30522 768 -> learned positions 512
  | embedding 2 768
  -> layer norm eps 1e-12
```

| type       |
|------------|
| embeddings |
""")
    answer = command(
        "table", str(network), "--format", "csv", "--columns", "output,depth,weights,params,macs"
    )
    assert answer.out.splitlines()[1] == "128x768,0,23835648,23837184,0"
    assert command("check", str(network)).code == 0


VIT = """\
---
input: 32x48x3
---

```blocks
stem = conv 16x16/16 24 valid -> to tokens -> class token -> learned positions
top  = layer norm eps 1e-6 -> take token 1 -> linear 10
```

| type |
|------|
| stem |
| top  |
"""


def test_what_stands_round_a_vision_transformer_is_torchvision_s(tmp_path: Path) -> None:
    """Without its layers, which are attention: the same tensors give the same output."""
    (tmp_path / "vit.md").write_text(VIT)
    network = archcalc.load(str(tmp_path / "vit.md"))
    mine = build(network.network.graph(Shape((32, 32), 3))).eval()
    theirs = VisionTransformer(32, 16, 0, 3, 24, 48, num_classes=10).eval()
    for tensor in theirs.parameters():
        tensor.data.normal_()
    own = theirs.state_dict()
    names = (
        ("stem.conv16x16.weight", "conv_proj.weight"),
        ("stem.conv16x16.bias", "conv_proj.bias"),
        ("stem.class_token.weight", "class_token"),
        ("stem.learned_positions.weight", "encoder.pos_embedding"),
        ("top.layer_norm.weight", "encoder.ln.weight"),
        ("top.layer_norm.bias", "encoder.ln.bias"),
        ("top.linear.weight", "heads.head.weight"),
        ("top.linear.bias", "heads.head.bias"),
    )
    assert sorted(their for _, their in names) == sorted(own)
    shapes = {name: tensor.shape for name, tensor in mine.state_dict().items()}
    mine.load_state_dict({name: own[their].reshape(shapes[name]) for name, their in names})
    x = torch.randn(2, 3, 32, 32)
    assert torch.allclose(mine(x), theirs(x), atol=1e-4)


def test_positions_are_counted_in_no_depth(tmp_path: Path) -> None:
    (tmp_path / "vit.md").write_text(VIT)
    path = str(tmp_path / "vit.md")
    answer = command("table", path, "--format", "csv", "--columns", "row,output,depth,weights,params")
    assert answer.out.splitlines()[1:] == [
        f"stem,7x24,1,{16 * 16 * 3 * 24 + 24 + 7 * 24},{16 * 16 * 3 * 24 + 24 + 7 * 24 + 24}",
        "top,10,1,240,298",
    ]
    assert command("check", path).code == 0


def test_the_work_of_a_mean_is_a_sum_s() -> None:
    x = torch.randn(6, 8)
    (layer,) = layers(graph_of(MeanOfTokens(), TOKENS))
    assert layer.cost.elementwise == arithmetic(lambda x: x.sum(0), x)
    model, batch = build(graph_of(MeanOfTokens(), TOKENS)), torch.randn(2, 6, 8)
    assert torch.allclose(model(batch), batch.sum(1) / 6)


def test_a_class_token_stands_before_or_behind() -> None:
    x = torch.randn(2, 6, 8)
    for op, own, others in ((ClassToken(), 0, slice(1, None)), (ClassToken(last=True), -1, slice(None, -1))):
        model = build(graph_of(op, TOKENS))
        (weight,) = model.state_dict().values()
        weight.normal_()
        result = model(x)
        assert torch.equal(result[:, own], weight.expand(2, 8))
        assert torch.equal(result[:, others], x)


@pytest.mark.parametrize(
    ("op", "index"),
    [(TakeToken(), 0), (TakeToken(token=1), 0), (TakeToken(token=6), 5), (TakeToken(last=True), 5)],
)
def test_the_token_that_is_taken(op: TakeToken, index: int) -> None:
    x = torch.randn(2, 6, 8)
    assert torch.equal(build(graph_of(op, TOKENS))(x), x[:, index])


def test_a_map_becomes_tokens_row_by_row_and_a_map_again() -> None:
    x = sample(MAP, batch=2).normal_()
    tokens = build(graph_of(ToTokens(), MAP))(x)
    assert torch.equal(tokens[:, 1 * 3 + 2], x[:, :, 1, 2])
    assert torch.equal(build(graph_of(ToMap(size=(2, 3)), TOKENS))(tokens), x)
    graph = graph_of(ToTokens(), Shape((2, 3, 4), 8))
    assert graph.shapes["op"] == Shape((24,), 8)


def test_a_sequence_is_turned() -> None:
    x, graph = torch.randn(2, 6, 8), graph_of(Transpose(), TOKENS)
    assert graph.shapes["op"] == Shape((8,), 6)
    assert torch.equal(build(graph)(x)[:, 5, 2], x[:, 2, 5])
    assert total(layers(graph)).elementwise == 0


@pytest.mark.parametrize("op", [op for op, shape in ALONE if shape == TOKENS], ids=str)
def test_a_sequence_is_asked_for(op: Op) -> None:
    with pytest.raises(Refused, match=f"'{op.name}' takes a sequence .*; put 'to tokens ->' before it"):
        graph_of(op, MAP)
    with pytest.raises(Refused, match=f"'{op.name}' takes a sequence .* but its input is 8$"):
        graph_of(op, Shape((), 8))


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        (
            Embedding(rows=9, channels=8),
            TOKENS,
            "'embedding' takes a vector of token numbers, but its input is 6x8",
        ),
        (Embedding(rows=0, channels=8), Shape((), 6), "an embedding has at least 1 row, not 0"),
        (Embedding(rows=9, channels=0), Shape((), 6), "an embedding gives at least 1 channel, not 0"),
        (ToTokens(), TOKENS, "'to tokens' takes a feature map"),
        (ToMap(size=(2, 4)), TOKENS, "a map of 2x4 has 8 places, and there are 6 tokens"),
        (ToMap(size=(0, 4)), TOKENS, "a map has at least 1 place, not 0"),
        (TakeToken(token=0), TOKENS, "tokens are counted from 1, not 0"),
        (TakeToken(token=7), TOKENS, "there is no token 7 among 6"),
        (TakeToken(token=2, last=True), TOKENS, "a number or 'last', not both"),
        (RotaryPositions(heads=3), TOKENS, "3 heads turn pairs of channels: 8 channels are no multiple of 6"),
        (
            RotaryPositions(heads=8),
            TOKENS,
            "8 heads turn pairs of channels: 8 channels are no multiple of 16",
        ),
        (RotaryPositions(heads=0), TOKENS, "there is at least 1 head, not 0"),
    ],
    ids=str,
)
def test_what_is_refused(op: Op, shape: Shape, message: str) -> None:
    with pytest.raises(Refused, match=message):
        graph_of(op, shape)


def test_an_operation_is_written_as_it_was_read() -> None:
    assert [str(op) for op, _ in ALONE] == [
        "embedding 11 8",
        "learned positions",
        "learned positions 9",
        "sinusoidal positions",
        "sinusoidal positions",
        "rotary positions",
        "rotary positions heads 2",
        "class token",
        "class token last",
        "take token",
        "take token 6",
        "take token last",
        "mean of tokens",
        "to tokens",
        "to map 2x3",
        "transpose",
    ]
