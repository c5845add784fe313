"""Shapes of no place, of one, two and three: a vector, a sequence, a feature map and a video."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.claims import Word, judge_shape
from archcalc.costs.counting import Input
from archcalc.errors import DocumentError, UsageError
from archcalc.sizes import Shape
from archcalc.sizes.written import parse_shape, read_shape
from archcalc.torch_module import sample, shape_of
from tests._cli import archcalc as run

VIDEO = """\
---
input: 16x112x112x3
---

```blocks
rectify = relu
scores = flatten -> linear {out}
```

| type    | output size    |
|---------|----------------|
| rectify | 16x112x112     |
| scores  | 5              |
"""
SEQUENCE = """\
---
input: 197x768
---

```blocks
layer = linear {width}
```

| type  | width |
|-------|-------|
| layer | 64    |
"""


@pytest.fixture
def video(tmp_path: Path) -> archcalc.Architecture:
    (tmp_path / "video.md").write_text(VIDEO)
    return archcalc.load(tmp_path / "video.md")


@pytest.fixture
def sequence(tmp_path: Path) -> archcalc.Architecture:
    (tmp_path / "sequence.md").write_text(SEQUENCE)
    return archcalc.load(tmp_path / "sequence.md")


def entered(network: archcalc.Architecture, given: Input) -> str:
    """The input as the head of a table states it."""
    return str(network.table(input=given).head["input"])


def test_a_shape_as_people_write_it() -> None:
    shape = Shape((16, 112, 112), 3)
    assert parse_shape("16x112x112x3") == read_shape("16, 112 x 112,3") == shape
    assert str(shape) == "16x112x112x3"
    assert shape.axes == ("frames", "height", "width")
    assert parse_shape("1x16x112x112x3") is None
    assert parse_shape("16x0x112x3") is None


@pytest.mark.parametrize("shape", [Shape((2, 4, 6), 3), Shape((4, 6), 3), Shape((5,), 3), Shape((), 3)])
def test_torch_has_a_batch_then_channels_then_places(shape: Shape) -> None:
    """But for a sequence, whose channels are last, as in torch's transformers."""
    tensor = sample(shape, batch=7)
    channels = 2 if len(shape.places) == 1 else 1
    assert (tensor.shape[0], tensor.shape[channels], tensor.numel()) == (7, 3, 7 * shape.elements)
    assert shape_of(tensor) == shape


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, "16x112x112x3"),
        ("8x64x64x3", "8x64x64x3"),
        ((8, 64, 32, 3), "8x64x32x3"),
        ([8, 64, 32, 1], "8x64x32x1"),
        ("8x64x32", "8x64x32x3"),
        ((128, 171), "16x128x171x3"),
        (96, "16x96x96x3"),
        ("3x3x64x3", "3x3x64x3"),
        (Shape((3, 3, 3), 3), "3x3x3x3"),
    ],
    ids=str,
)
def test_what_an_input_leaves_out_is_the_video_s_own(
    video: archcalc.Architecture, given: Input, meant: str
) -> None:
    assert entered(video, given) == meant


@pytest.mark.parametrize(
    ("given", "meant"), [(None, "197x768"), (256, "256x768"), ("128x64", "128x64"), ("768x197", "768x197")]
)
def test_the_tokens_of_a_sequence(sequence: archcalc.Architecture, given: Input, meant: str) -> None:
    assert entered(sequence, given) == meant


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("3x16x112x112", "channels come last: '3x16x112x112' has them first; did you mean 16x112x112x3?"),
        ((3, 1, 64, 64), "channels come last: '3x1x64x64' has them first; did you mean 1x64x64x3?"),
        ("112x112x3", "'112x112x3' states no frames; did you mean 16x112x112x3?"),
        ("1x16x112x112x3", "an input is HxWxC with sizes of 1 or more, .*"),
        ((1, 3, 16, 112, 112), "an input is HxWxC with sizes of 1 or more, .*, not .*1, 3, 16, 112, 112"),
    ],
)
def test_an_input_that_is_not_clear_is_answered(
    video: archcalc.Architecture, given: Input, said: str
) -> None:
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        video.cost(given)


def test_a_batch_is_no_size_of_an_input(sequence: archcalc.Architecture) -> None:
    said = r"'1x197x768' has 3 sizes, and this network's input 2: 197x768"
    with pytest.raises(UsageError, match=said):
        sequence.cost("1x197x768")


def test_a_cost_at_a_video_s_own_sizes(video: archcalc.Architecture) -> None:
    """5 sums over 16 x 112 x 112 x 3 elements."""
    assert video.cost().macs == 5 * 16 * 112 * 112 * 3
    assert video.cost((8, 10, 10, 2)).macs == 5 * 8 * 10 * 10 * 2


@pytest.mark.parametrize(
    ("printed", "computed", "word"),
    [
        ("16x56x56x64", Shape((16, 56, 56), 64), Word.AGREES),
        ("16x56x56", Shape((16, 56, 56), 64), Word.AGREES),
        ("8x56x56", Shape((16, 56, 56), 64), Word.DIFFERS),
        ("56x56x64", Shape((16, 56, 56), 64), Word.DIFFERS),
        ("7x7x512", Shape((1, 7, 7), 512), Word.AGREES),
        ("1x1x1x512", Shape((), 512), Word.AGREES),
        ("512", Shape((1, 1, 1), 512), Word.AGREES),
        ("197", Shape((197,), 768), Word.AGREES),
        ("768", Shape((197,), 768), Word.DIFFERS),
        ("197x768", Shape((197,), 768), Word.AGREES),
    ],
)
def test_a_printed_size(printed: str, computed: Shape, word: Word) -> None:
    assert judge_shape(printed, computed).word is word


def test_an_output_size_without_channels_states_no_width(tmp_path: Path) -> None:
    """16x112x112 of a video is frames, height and width; 28x28x64 after a map is a width of 64."""
    wrong = VIDEO.replace("scores  | 5   ", "scores  | 1x1x5")
    (tmp_path / "wrong.md").write_text(wrong)
    with pytest.raises(DocumentError, match="reads the channels of this cell, and '1x1x5' states none"):
        archcalc.load(tmp_path / "wrong.md").cost()
    (tmp_path / "video.md").write_text(VIDEO)
    network = archcalc.load(tmp_path / "video.md").network
    assert [(width.row, width.size) for width in network.widths()] == [("scores", 5)]


def test_formulas_of_frames_and_tokens(video: archcalc.Architecture, sequence: archcalc.Architecture) -> None:
    def lines(network: archcalc.Architecture, given: str | None) -> dict[str, str]:
        return {str(row["quantity"]): str(row["formula"]) for row in network.formula(given).rows}

    assert lines(video, None)["MACs"] == "5*C*F*H*W"
    assert lines(video, "Fx112x112x3")["MACs"] == f"{5 * 112 * 112 * 3}*F"
    assert lines(sequence, "Tx768")["MACs"] == f"{768 * 64}*T"
    assert lines(sequence, None)["output"] == "T x 64"


@pytest.mark.parametrize(
    ("axis", "macs"),
    [
        ("input.frames=2,8", [5 * 2 * 112 * 112 * 3, 5 * 8 * 112 * 112 * 3]),
        ("input=28,56", [5 * 16 * 28 * 28 * 3, 5 * 16 * 56 * 56 * 3]),
        ("input.width=1,2", [5 * 16 * 112 * 3, 5 * 16 * 112 * 2 * 3]),
    ],
)
def test_a_sweep_over_a_video(video: archcalc.Architecture, axis: str, macs: list[int]) -> None:
    assert [row["macs"] for row in video.sweep(axis).report().rows] == macs


@pytest.mark.parametrize("name", ["input", "input.tokens"])
def test_a_sweep_over_tokens(sequence: archcalc.Architecture, name: str) -> None:
    assert [row["macs"] for row in sequence.sweep(f"{name}=1,196").report().rows] == [
        768 * 64,
        196 * 768 * 64,
    ]


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (["input.frames=2,8"], "--vary 'input.frames' needs an input that has frames, not 197x768"),
        (["input.height=2,8"], "--vary 'input.height' needs an input that has height, not 197x768"),
        (["input=1,2", "input.tokens=1,2"], "--vary 'input.tokens' varies what another --vary does"),
    ],
)
def test_what_a_sequence_has_not_is_not_varied(
    sequence: archcalc.Architecture, axes: list[str], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        sequence.sweep(*axes)
    assert str(refused.value) == said


def test_the_frames_may_vary_beside_the_input(video: archcalc.Architecture) -> None:
    points = video.sweep("input.frames=1,2", "input=3,4").report().rows
    assert [row["macs"] for row in points] == [5 * f * s * s * 3 for f in (1, 2) for s in (3, 4)]


def test_a_vector_has_no_places_to_vary(tmp_path: Path) -> None:
    (tmp_path / "vector.md").write_text(SEQUENCE.replace("197x768", "768"))
    with pytest.raises(UsageError, match="--vary 'input' needs an input that has places, not 768"):
        archcalc.load(tmp_path / "vector.md").sweep("input=1,2")


def test_the_check_enlarges_frames_too(tmp_path: Path) -> None:
    (tmp_path / "video.md").write_text(
        VIDEO.replace("16x112x112x3", "4x6x6x3").replace("16x112x112 ", "4x6x6 ")
    )
    answer = run("check", str(tmp_path / "video.md"), "--format", "csv")
    assert answer.code == 0, answer
    assert [line.split(",")[1] for line in answer.out.splitlines()[1:]] == [
        "4x6x6x3",
        "5x7x7x3",
        "11x13x13x3",
    ]
