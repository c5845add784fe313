"""Attention against torch's own, Swin's windows against torchvision's, and what both refuse."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy
import pytest
import sympy
import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.swin_transformer import ShiftedWindowAttention

import archcalc
from archcalc.errors import DocumentError, Refused
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.ops.attention import Attention, WindowAttention
from archcalc.sizes import Shape, as_int
from archcalc.torch_module import build, sample, shape_of


def joined(op: Op, *shapes: Shape) -> Graph:
    """A join alone, with an input for each branch."""
    graph = Graph({f"x{place}": shape for place, shape in enumerate(shapes)})
    graph.outputs = (graph.add("op", op, *graph.inputs),)
    return graph


def network(folder: Path, blocks: str, table: str, size: str) -> archcalc.Architecture:
    """A document that is loaded."""
    path = folder / "net.md"
    path.write_text(f"---\ninput: {size}\n---\n\n```blocks\n{blocks}\n```\n\n{table}\n", encoding="utf-8")
    return archcalc.load(str(path))


@pytest.fixture(autouse=True)
def double() -> Any:
    """Numbers of 64 bits, so that equal means equal."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def heads_apart(x: torch.Tensor, heads: int) -> torch.Tensor:
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


@pytest.mark.parametrize(
    ("op", "shapes"),
    [
        (Attention(heads=4), [Shape((5,), 12)] * 3),
        (Attention(heads=1, causal=True), [Shape((5,), 12)] * 3),
        (Attention(heads=3, causal=True), [Shape((6,), 12)] * 3),
        (Attention(heads=2), [Shape((5,), 8), Shape((9,), 8), Shape((9,), 6)]),
        (Attention(heads=6, kv_heads=2), [Shape((5,), 24), Shape((7,), 8), Shape((7,), 10)]),
        (Attention(heads=4, kv_heads=1, causal=True), [Shape((5,), 8), Shape((5,), 2), Shape((5,), 2)]),
    ],
    ids=str,
)
def test_attention_is_torch_s_own(op: Attention, shapes: list[Shape]) -> None:
    """Its output, its shape and its work, which torch's counter sees in torch's own function."""
    graph = joined(op, *shapes)
    q, k, v = tensors = [sample(shape, batch=2).normal_() for shape in shapes]
    few = as_int(op.heads if op.kv_heads is None else op.kv_heads)
    parted = heads_apart(q, as_int(op.heads)), heads_apart(k, few), heads_apart(v, few)
    right = scaled_dot_product_attention(*parted, is_causal=op.causal, enable_gqa=True)
    result = build(graph)(*tensors)
    torch.testing.assert_close(result, right.transpose(1, 2).flatten(2), rtol=1e-12, atol=1e-12)
    assert shape_of(result) == graph.shapes["op"]
    with FlopCounterMode(display=False) as counter:
        query, key, value = (part[:1].to("meta") for part in parted)
        scaled_dot_product_attention(query, key, value, enable_gqa=True)
    assert 2 * as_int(op.macs(*shapes)) == counter.get_total_flops()


SELF = """\
self attention {n} = attention {n}{causal}
  | linear {in}
  | linear {in}
  | linear {in}
  -> linear {in}
layer = self attention {heads}
"""


@pytest.mark.parametrize("causal", [False, True])
def test_three_linear_layers_and_a_fourth_are_torch_s_multi_head_attention(
    tmp_path: Path, causal: bool
) -> None:
    blocks = SELF.replace("{causal}", causal * " causal")
    net = network(tmp_path, blocks, "| type | heads |\n|---|---|\n| layer | 4 |", "7x24")
    theirs = torch.nn.MultiheadAttention(24, 4, batch_first=True).eval()
    for bias in (theirs.in_proj_bias, theirs.out_proj.bias):
        torch.nn.init.normal_(bias)
    ours = build(net.graph()).eval()
    weights, biases = theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3)
    state = {
        f"layer.self_attention.branch{place}.linear.{name}": part
        for place, parts in enumerate(zip(weights, biases, strict=True), start=1)
        for name, part in zip(("weight", "bias"), parts, strict=True)
    }
    state |= {f"layer.self_attention.linear.{name}": p for name, p in theirs.out_proj.named_parameters()}
    ours.load_state_dict(state)
    x = torch.randn(2, 7, 24)
    mask = torch.ones(7, 7, dtype=torch.bool).triu(1) if causal else None
    right, _ = theirs(x, x, x, attn_mask=mask, need_weights=False)
    torch.testing.assert_close(ours(x), right, rtol=1e-12, atol=1e-12)
    assert net.cost().params == sum(each.numel() for each in theirs.parameters())


WINDOWS = """\
layer = window attention 7x7 3 shift {shift} relative bias
  | conv 1x1 {in}
  | conv 1x1 {in}
  | conv 1x1 {in}
  -> conv 1x1 {in}
"""


@pytest.mark.parametrize(
    ("size", "shift"), [*product([(56, 56), (14, 14), (7, 7), (7, 21), (10, 10), (16, 5)], [0, 3])]
)
def test_windows_are_those_of_torchvision_s_swin(tmp_path: Path, size: tuple[int, int], shift: int) -> None:
    """Torchvision pads before the layers that make queries, keys and values: with zeros, where these have
    no biases.
    """
    height, width = size
    table = f"| type | shift |\n|---|---|\n| layer | {shift} |"
    net = network(tmp_path, WINDOWS, table, f"{height}x{width}x12")
    theirs = ShiftedWindowAttention(12, [7, 7], [shift, shift], 3).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter)
    if height % 7 or width % 7:
        torch.nn.init.zeros_(theirs.qkv.bias)
    state = {"layer.window_attention7x7.relative_position_bias_table": theirs.relative_position_bias_table}
    parts = zip(theirs.qkv.weight.chunk(3), theirs.qkv.bias.chunk(3), strict=True)
    for place, (weight, bias) in enumerate(parts, start=1):
        state[f"layer.branch{place}.conv1x1.weight"] = weight[:, :, None, None]
        state[f"layer.branch{place}.conv1x1.bias"] = bias
    state["layer.conv1x1.weight"] = theirs.proj.weight[:, :, None, None]
    state["layer.conv1x1.bias"] = theirs.proj.bias
    ours = build(net.graph()).eval()
    ours.load_state_dict(state)
    x = torch.randn(2, height, width, 12)
    result = ours(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    torch.testing.assert_close(result, theirs(x), rtol=1e-12, atol=1e-12)
    assert net.cost().params == sum(each.numel() for each in theirs.parameters())


def flops_of_windows(height: int, width: int) -> int:
    """What torch's counter sees of torchvision's function, without the layers before and after it."""
    theirs = ShiftedWindowAttention(12, [7, 7], [3, 3], 3).to("meta")
    with FlopCounterMode(display=False) as counter:
        theirs(torch.empty(1, height, width, 12, device="meta"))
    return sum(
        flops for kind, flops in counter.get_flop_counts()["Global"].items() if str(kind) == "aten.bmm"
    )


@pytest.mark.parametrize("size", [(14, 14), (10, 15)])
def test_the_work_in_windows_is_what_torch_counts_in_torchvision_s(size: tuple[int, int]) -> None:
    x = Shape(size, 12)
    macs = WindowAttention(kernel=(7, 7), heads=3, shift=(3, 3)).macs(x, x, x)
    assert 2 * as_int(macs) == flops_of_windows(*size)


def test_the_numbers_of_the_swin_paper() -> None:
    """Equation 2 of Liu et al.: 2 M^2 h w C for the attention in windows of M x M, of 7 in Swin-T."""
    x = Shape((56, 56), 96)
    assert WindowAttention(kernel=(7, 7), heads=3).macs(x, x, x) == 2 * 7**2 * 56 * 56 * 96
    whole = Shape((56 * 56,), 96)
    assert Attention(heads=3).macs(whole, whole, whole) == 2 * (56 * 56) ** 2 * 96  # equation 1


SEQUENCE, MAP = Shape((5,), 12), Shape((8, 9), 12)


@pytest.mark.parametrize(
    ("op", "shapes", "message"),
    [
        (Attention(heads=4), [SEQUENCE] * 2, "joins three branches: queries, keys and values, in this order"),
        (Attention(heads=4), [MAP] * 3, "takes sequences .* 'window attention' does.*queries are 8x9x12"),
        (Attention(heads=4), [SEQUENCE, Shape((), 12), SEQUENCE], "but the keys are 12$"),
        (Attention(heads=5), [SEQUENCE] * 3, "5 heads do not divide the 12 channels of the queries"),
        (Attention(heads=0), [SEQUENCE] * 3, "at least 1 head, not 0"),
        (Attention(heads=4, kv_heads=0), [SEQUENCE] * 3, "keys and values have at least 1 head, not 0"),
        (Attention(heads=4, kv_heads=3), [SEQUENCE] * 3, "3 heads .* cannot be shared evenly by 4 heads"),
        (Attention(heads=4, kv_heads=2), [SEQUENCE] * 3, "differ in channels: 5x12 and 5x12, with 4 and 2"),
        (Attention(heads=4), [SEQUENCE, Shape((5,), 8), SEQUENCE], "differ in channels: 5x12 and 5x8$"),
        (Attention(heads=4), [SEQUENCE, SEQUENCE, Shape((5,), 6)], "the 6 channels of the values"),
        (Attention(heads=4), [SEQUENCE, SEQUENCE, Shape((6,), 12)], "keys and values differ in places"),
        (
            Attention(heads=4, causal=True),
            [SEQUENCE, Shape((6,), 12), Shape((6,), 12)],
            "queries and keys of causal attention differ in places: 5x12 and 6x12",
        ),
        (WindowAttention(kernel=(7, 7), heads=3), [SEQUENCE] * 3, "takes maps .* 'attention' does"),
        (WindowAttention(kernel=(7, 7), heads=3), [MAP], "joins three branches.*here are 1"),
        (WindowAttention(kernel=(7, 0), heads=3), [MAP] * 3, "a window of 0 is none"),
        (WindowAttention(kernel=(7, 5), heads=3, shift=(3, 5)), [MAP] * 3, "a shift of 5 is no part of"),
        (WindowAttention(kernel=(7, 7), heads=0), [MAP] * 3, "at least 1 head, not 0"),
        (
            WindowAttention(kernel=(7, 7), heads=5),
            [MAP] * 3,
            "5 heads do not divide the 12 channels of the q",
        ),
        (WindowAttention(kernel=(7, 7), heads=3), [MAP, Shape((8, 9), 6), MAP], "queries and keys differ in"),
        (WindowAttention(kernel=(7, 7), heads=3), [MAP, MAP, Shape((8, 9), 4)], "4 channels of the values"),
        (WindowAttention(kernel=(7, 7), heads=3), [MAP, MAP, Shape((8, 8), 12)], "keys and values differ"),
        (
            WindowAttention(kernel=(7, 7), heads=3),
            [MAP, Shape((9, 9), 12), MAP],
            "queries and keys differ in",
        ),
    ],
    ids=lambda value: "" if isinstance(value, list) else str(value)[:24],
)
def test_what_attention_refuses(op: Op, shapes: list[Shape], message: str) -> None:
    with pytest.raises(Refused, match=message):
        joined(op, *shapes)


@pytest.mark.parametrize(
    "op",
    [
        Attention(heads=4, kv_heads=4),
        Attention(heads=2, causal=True),
        WindowAttention(kernel=(7, 5), heads=2, relative_bias=True, shift=(3, 2)),
    ],
    ids=str,
)
def test_the_rules_run_on_arrays_and_symbols(op: Op) -> None:
    rank = 2 if isinstance(op, WindowAttention) else 1
    sizes = [(size, size + 3)[:rank] for size in range(1, 30)]
    symbols = sympy.symbols("H W", integer=True, positive=True)[:rank]
    array = Shape(tuple(numpy.array(each) for each in zip(*sizes, strict=True)), 8)
    symbolic = Shape(symbols, 8)
    for rule in (op.macs, op.elementwise, lambda *x: op.out(*x).elements):
        numbers = [rule(*[Shape(size, 8)] * 3) for size in sizes]
        counted: Any = rule(*[array] * 3)
        assert counted.tolist() == numbers
        formula: Any = rule(*[symbolic] * 3)
        assert [formula.subs(dict(zip(symbols, size, strict=True))) for size in sizes] == numbers


def test_a_join_s_braces_read_the_row(tmp_path: Path) -> None:
    """A column that only the join reads is read, and one that it needs may not be empty."""
    blocks = "layer = attention {heads}\n  | identity\n  | identity\n  | identity"
    table = "| type | heads |\n|---|---|\n| layer | 3 |"
    (*_, join) = network(tmp_path, blocks, table, "5x12").layers()
    assert str(join.node.op) == "attention 3"
    with pytest.raises(DocumentError, match="block 'layer' reads this cell, and it is empty"):
        network(tmp_path, blocks, table.replace("3", " "), "5x12").layers()


def test_a_table_says_that_attention_is_counted(tmp_path: Path) -> None:
    blocks = "layer = attention 3\n  | identity\n  | identity\n  | linear {in}\nlast = lstm 4"
    net = network(tmp_path, blocks, "| type |\n|---|\n| layer |\n| last |", "5x12")
    contract = next(note for note in net.table().notes if note.startswith("MACs:"))
    assert contract.startswith("MACs: convolutions, linear layers, attention and recurrent layers; 1 MAC =")


def test_every_reaches_a_join(tmp_path: Path) -> None:
    blocks = "layer = attention 3\n  | identity\n  | identity\n  | identity"
    path = tmp_path / "net.md"
    text = f"---\ninput: 5x12\nevery attention: causal -> relu\n---\n\n```blocks\n{blocks}\n```\n"
    path.write_text(text + "\n| type |\n|---|\n| layer |\n")
    *_, join, after = archcalc.load(str(path)).layers()
    assert [str(join.node.op), str(after.node.op)] == ["attention 3 causal", "relu"]
