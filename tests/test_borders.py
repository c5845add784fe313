"""Operations that change places without weights: crop, pad, upsample and those that move channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

import archcalc
from archcalc.errors import Refused
from archcalc.ops import Op
from archcalc.ops.borders import Crop, Pad
from archcalc.ops.rearranging import ChannelShuffle, DepthToSpace, SpaceToDepth
from archcalc.ops.upsample import Upsample
from archcalc.sizes import Shape, as_int
from archcalc.torch_module import build, sample, shape_of
from tests._cli import archcalc as run
from tests.test_operations import graph_of
from tests.test_sequences_and_videos import costs
from tests.test_windows import written

WITH_PLACES = [Shape((9,), 6), Shape((9, 7), 6), Shape((5, 9, 7), 6)]
SHAPES = pytest.mark.parametrize("shape", WITH_PLACES, ids=str)


def both(op: Op, shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    """An input and what an operation makes of it, both with the channels first; the shape is as computed."""
    graph = graph_of(op, shape)
    x = sample(shape, batch=2).normal_()
    result = build(graph)(x)
    assert shape_of(result) == graph.shapes["op"]
    return (x.transpose(1, 2), result.transpose(1, 2)) if x.dim() == 3 else (x, result)


@SHAPES
@pytest.mark.parametrize("side", ["", "before", "after"])
def test_padding_is_torch_s(shape: Shape, side: str) -> None:
    rank = len(shape.places)
    for size in ((2,), tuple(range(rank))):
        op = Pad(size=size, before=side == "before", after=side == "after")
        x, result = both(op, shape)
        each = size * rank if len(size) == 1 else size
        around = [n for p in reversed(each) for n in (p * (side != "after"), p * (side != "before"))]
        assert torch.equal(result, functional.pad(x, around))


@SHAPES
def test_a_crop_undoes_padding(shape: Shape) -> None:
    for size in ((2,), tuple(range(len(shape.places)))):
        _, padded = both(Pad(size=size), shape)
        places = tuple(padded.shape[2:])
        graph = graph_of(Crop(size=size), Shape(places, 6))
        given = padded.transpose(1, 2) if len(places) == 1 else padded
        cropped = build(graph)(given)
        back = functional.pad(cropped.transpose(1, 2) if len(places) == 1 else cropped, [
            n for p in reversed(size * len(places) if len(size) == 1 else size) for n in (p, p)
        ])  # fmt: skip
        assert graph.shapes["op"] == shape
        assert torch.equal(back, padded)


@SHAPES
def test_a_crop_to_a_size_is_the_middle(shape: Shape) -> None:
    x, result = both(Crop(to=(4,)), shape)
    for axis, n in enumerate(shape.places, start=2):
        x = x.narrow(axis, (as_int(n) - 4) // 2, 4)
    assert torch.equal(result, x)


@SHAPES
@pytest.mark.parametrize("bilinear", [False, True])
def test_upsampling_is_torch_s(shape: Shape, bilinear: bool) -> None:
    rank = len(shape.places)
    mode = ("linear", "bilinear", "trilinear")[rank - 1] if bilinear else "nearest"
    for factor in (1, 2, 3):
        x, result = both(Upsample(factor=(factor,), bilinear=bilinear), shape)
        torch.testing.assert_close(result, functional.interpolate(x, scale_factor=factor, mode=mode))
    x, result = both(Upsample(to=(13,) * rank, bilinear=bilinear), shape)
    torch.testing.assert_close(result, functional.interpolate(x, size=(13,) * rank, mode=mode))
    x, result = both(Upsample(factor=tuple(range(1, rank + 1)), bilinear=bilinear), shape)
    torch.testing.assert_close(result, functional.interpolate(x, result.shape[2:], mode=mode))


def test_an_interpolation_counts_its_neighbours() -> None:
    """Of 2 x 2 neighbours 4 products and 3 additions; a copy is no arithmetic."""
    for places, work in (((5,), 3), ((5, 5), 7), ((5, 5, 5), 15)):
        shape = Shape(places, 2)
        up = Upsample(factor=(2,), bilinear=True)
        assert up.elementwise(shape) == work * 2 * 10 ** len(places)
        assert Upsample(factor=(2,)).elementwise(shape) == 0


def test_pixels_are_shuffled_as_torch_shuffles_them() -> None:
    x, result = both(SpaceToDepth(factor=2), Shape((6, 4), 3))
    assert torch.equal(result, functional.pixel_unshuffle(x, 2))
    x, result = both(DepthToSpace(factor=3), Shape((5, 4), 18))
    assert torch.equal(result, functional.pixel_shuffle(x, 3))


@pytest.mark.parametrize(
    "shape", [Shape((), 6), Shape((9,), 6), Shape((9, 7), 6), Shape((5, 9, 7), 6)], ids=str
)
def test_channels_are_dealt_out(shape: Shape) -> None:
    """Of 6 channels in 3 groups, the first of each group come first: 0, 2, 4, then 1, 3, 5."""
    x, result = both(ChannelShuffle(groups=3), shape)
    assert torch.equal(result, x[:, [0, 2, 4, 1, 3, 5]])
    if x.dim() == 4:
        assert torch.equal(result, torch.nn.ChannelShuffle(3)(x))


@pytest.mark.parametrize(
    ("text", "shape", "out"),
    [
        ("crop 4", Shape((64, 64), 512), "56x56x512"),
        ("crop to 56x56", Shape((64, 64), 512), "56x56x512"),
        ("crop 0x1", Shape((9, 9), 2), "9x7x2"),
        ("crop to 3", Shape((8,), 2), "3x2"),
        ("pad 1", Shape((8, 8), 2), "10x10x2"),
        ("pad 0x1 after", Shape((8, 8), 2), "8x9x2"),
        ("pad 2 before", Shape((8,), 2), "10x2"),
        ("pad 1x0x0", Shape((8, 8, 8), 2), "10x8x8x2"),
        ("upsample 2", Shape((7, 7), 2), "14x14x2"),
        ("upsample 1x2x2", Shape((7, 7, 7), 2), "7x14x14x2"),
        ("upsample to 13x14 bilinear", Shape((7, 7), 2), "13x14x2"),
        ("space to depth 2", Shape((26, 26), 64), "13x13x256"),
        ("depth to space 2", Shape((26, 26), 64), "52x52x16"),
        ("channel shuffle 3", Shape((28, 28), 240), "28x28x240"),
    ],
)
def test_how_they_are_written(text: str, shape: Shape, out: str) -> None:
    op = written(text)
    graph = graph_of(op, shape)
    assert str(graph.shapes["op"]) == out
    assert str(op) == text
    assert graph.applied(graph.nodes["op"]).counts.cost.params == 0


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        (Crop(), Shape((8, 8), 2), "'crop' takes what goes on each side"),
        (Crop(size=(1,), to=(4,)), Shape((8, 8), 2), "'crop' takes what goes on each side"),
        (Crop(size=(4,)), Shape((8, 9), 2), "a crop leaves at least 1 of 8 places"),
        (Crop(to=(9,)), Shape((8, 9), 2), "its input has 8 places there, not 9 or more"),
        (Crop(to=(0,)), Shape((8, 9), 2), "a crop leaves at least 1 place, not 0"),
        (
            Crop(to=(4, 4)),
            Shape((8,), 2),
            "a size for each place, tokens, of its input 8x2, not 4x4",
        ),
        (
            Crop(size=(1,)),
            Shape((), 2),
            "'crop' takes a sequence, .* but its input is 2",
        ),
        (Pad(), Shape((8, 8), 2), "'pad' needs a number of places"),
        (Pad(size=(1,), before=True, after=True), Shape((8, 8), 2), "'before' and 'after' are given"),
        (Pad(size=(1, 1, 1)), Shape((8, 8), 2), "a size for each place, height x width, of its input 8x8x2"),
        (Pad(size=(1,)), Shape((), 2), "'pad' takes a sequence"),
        (Upsample(), Shape((8, 8), 2), "'upsample' takes a factor"),
        (Upsample(factor=(2,), to=(16,)), Shape((8, 8), 2), "'upsample' takes a factor"),
        (Upsample(factor=(0,)), Shape((8, 8), 2), "a factor is at least 1, not 0"),
        (Upsample(to=(8, 7)), Shape((8, 8), 2), "its input has 8 places there, not 7 or fewer"),
        (Upsample(factor=(2,)), Shape((), 2), "'upsample' takes a sequence"),
        (SpaceToDepth(factor=2), Shape((8, 9), 2), "squares of 2 x 2 places do not cut 9 places"),
        (SpaceToDepth(factor=0), Shape((8, 9), 2), "at least 1 place a side, not 0"),
        (SpaceToDepth(factor=2), Shape((8,), 2), "'space to depth' takes a feature map"),
        (
            DepthToSpace(factor=2),
            Shape((8, 9), 6),
            "squares of 2 x 2, do not divide the 6 channels",
        ),
        (DepthToSpace(factor=2), Shape((), 8), "'depth to space' takes a feature map"),
        (ChannelShuffle(groups=4), Shape((8, 9), 6), "4 groups do not divide the 6 channels"),
        (ChannelShuffle(groups=0), Shape((8, 9), 6), "at least 1 group, not 0"),
    ],
    ids=str,
)
def test_what_they_refuse(op: Op, shape: Shape, message: str) -> None:
    with pytest.raises(Refused, match=message):
        graph_of(op, shape)


U_NET = """\
---
input: 64x64x8
every conv: relu
---

```blocks
down = conv 3x3 {width} valid -> conv 3x3 {width} valid -> max pool 2x2/2 valid
up   = concat
  | transposed conv {kernel} {width} groups 2 -> crop to {size}
  | upsample 2 bilinear -> conv 1x1 {in} groups 4 -> crop {cut}
  -> conv 3x3 {width} valid
mix  = space to depth 2 -> channel shuffle {groups} -> pad 0x1 after -> conv 1x1 {4*width} -> depth to space 2
wide = pad {cut} -> upsample to {size}
```

| type | width | kernel  | size  | cut | groups |
|------|-------|---------|-------|-----|--------|
| down | 16    |         |       |     |        |
| up   | 24    | 2x2/2   | 52x52 | 4   |        |
| mix  | 12    |         |       |     | 4      |
| wide |       |         | 80x80 | 3x4 |        |
"""


@pytest.fixture
def network(tmp_path: Path) -> archcalc.Architecture:
    (tmp_path / "u.md").write_text(U_NET)
    return archcalc.load(tmp_path / "u.md")


def test_the_witnesses_agree(network: archcalc.Architecture, tmp_path: Path) -> None:
    assert [str(row["output"]) for row in network.table().rows] == [
        "30x30x16", "50x50x24", "50x52x12", "80x80x12"
    ]  # fmt: skip
    answer = run("check", str(tmp_path / "u.md"), "--input", "64x64x8")
    assert answer.code == 0, answer


def test_sizes_of_a_sweep_and_of_formulas(network: archcalc.Architecture) -> None:
    for axis, cell, values in (
        ("up.width=12:48:12", ("up", "width"), (12, 24, 36, 48)),
        ("up.cut=2:6:2", ("up", "cut"), (2, 4, 6)),
        ("mix.groups=3:8", ("mix", "groups"), (3, 4, 5, 6, 7, 8)),
    ):
        rows = network.sweep(axis).report().rows
        found = [costs(network, Shape((64, 64), 8), {cell: value}) for value in values]
        assert [row["buildable"] for row in rows] == [bool(each) for each in found]
        work = [sum(size for what, size in each.items() if what.endswith(" macs")) for each in found if each]
        assert [row["macs"] for row in rows if row["buildable"]] == work
        assert len(work) >= 1


def test_a_derivation_of_a_transposed_convolution(network: archcalc.Architecture) -> None:
    text = str(network.explain("up"))
    assert "2 x 2 x" in text
    assert "transposed conv" in text


def test_places_that_change_are_derived(network: archcalc.Architecture) -> None:
    found: dict[str, Any] = {row: str(network.explain(row)) for row in ("mix", "wide")}
    assert "channels" in found["mix"]
    assert "height" in found["wide"]
