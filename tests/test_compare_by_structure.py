"""`compare` of two networks by what is done in them: the sentences, the lines and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archcalc
from archcalc.errors import UsageError
from archcalc.report import Report, render
from tests._cli import archcalc as command
from tests._cli import rows


def aligned(pairs: int, first: int, second: int, alike: int) -> str:
    """The sentence before the differences."""
    both = f"{pairs} of the first's {first} and the second's {second}"
    return f"Aligned by structure: {both} operations are each other's, and {alike} of these do the same."


DOUBLED = "256 -> 512, 128 -> 256, 64 -> 128"
SQUEEZED = "8 global average pools, 8 hard sigmoids, 8 multiplications"
SENTENCES = {
    ("googlenet", "googlenet-torchvision"): [
        aligned(139, 142, 196, 80),
        "57 convolutions lost their bias.",
        "9 convolutions 5x5 became 3x3 (padding 2 -> 1), all in branch3.",
        "1 max pool 3x3 became 2x2 (max pool_4).",
        "1 dropout: share 0.4 -> 0.2 (dropout (40%)).",
        "2 lrn and 1 softmax only in the first.",
        "57 batch norms only in the second.",
    ],
    ("googlenet-torchvision", "googlenet"): [
        aligned(139, 196, 142, 80),
        "57 convolutions gained a bias.",
        "9 convolutions 3x3 became 5x5 (padding 1 -> 2), all in branch3.",
        "1 max pool 2x2 became 3x3 (max pool (max pool_4)).",
        "1 dropout: share 0.2 -> 0.4 (dropout (40%)).",
        "57 batch norms only in the first.",
        "2 lrn and 1 softmax only in the second.",
    ],
    ("resnet50", "resnet50-v1"): [
        aligned(174, 174, 174, 166),
        "3 convolutions 1x1: stride 1 -> 2, all in branch1.",
        "3 convolutions 3x3: stride 2 -> 1, all in branch1.",
        "1 convolution 7x7 gained a bias (conv (conv1)).",
        "1 max pool 3x3: padding 1 -> 0, ceil no -> yes (max pool).",
    ],
    ("resnet50", "resnext50"): [
        aligned(174, 174, 174, 142),
        f"32 convolutions: 2 times the channels ({DOUBLED} and 1 other), all in branch1.",
        "16 convolutions 3x3: groups 1 -> 32, all in branch1.",
    ],
    ("vgg16", "vgg-c"): [
        aligned(38, 38, 38, 35),
        "3 convolutions 3x3 became 1x1 (padding 1 -> 0).",
    ],
    ("vgg11", "vgg11-lrn"): [
        aligned(28, 28, 29, 28),
        "1 lrn only in the second.",
    ],
    ("alexnet", "alexnet-owt"): [
        "Their inputs differ: 227x227x3 against 224x224x3.",
        aligned(19, 23, 20, 15),
        "3 convolutions: groups 2 -> 1.",
        "1 convolution 11x11: padding 0 -> 2 (convolution (1)).",
        "1 convolution 11x11: channels 96 -> 64 (convolution (1)).",
        "1 convolution 5x5: channels 256 -> 192 (convolution (2)).",
        "1 convolution 3x3: channels 384 -> 256 (convolution (4)).",
        "2 lrn, 1 dropout and 1 softmax only in the first.",
        "1 dropout only in the second.",
    ],
    ("mobilenet-v2", "mobilenet-v3-large"): [
        aligned(126, 152, 186, 21),
        "46 batch norms: eps 1e-05 -> 0.001.",
        "35 convolutions: channels 144 -> 72, 192 -> 120, 64 -> 80 and 9 others.",
        "14 relu6s became hard swish.",
        "8 relu6s became relu.",
        "5 convolutions 3x3 became 5x5 (padding 1 -> 2).",
        "1 convolution 3x3 became 5x5 (stride 1 -> 2, padding 1 -> 2) (bottleneck_9).",
        "13 relu6s, 6 batch norms, 4 convolutions 1x1, 2 convolutions 3x3 and 1 add only in the first.",
        f"17 convolutions, 11 relus, {SQUEEZED}, 7 hard swishes and 1 other only in the second.",
    ],
    ("googlenet", "googlenet"): ["No difference in structure."],
}
TINY = """\
---
input: {size}
---

```blocks
{blocks}
```

| type | width |
|------|-------|
{rows}
"""


def said(report: Report) -> object:
    return report.head["differences"]


@pytest.mark.parametrize(("first", "second"), SENTENCES)
def test_differences_in_sentences(first: str, second: str) -> None:
    report = archcalc.compare(first, second, align=True)
    expected = SENTENCES[first, second]
    assert said(report) == expected
    assert list(report.notes[: len(expected)]) == expected


def written(path: Path, blocks: str, *rows: str, size: str = "8x8x4") -> str:
    lines = "\n".join(f"| {row} |" for row in rows)
    path.write_text(TINY.format(blocks=blocks, rows=lines, size=size))
    return str(path)


def test_rows_of_other_names_are_found(tmp_path: Path) -> None:
    """One row of the first is two of the second, and one of the second's has no other."""
    blocks = "stage = conv 3x3 {width} -> relu -> conv 3x3 {width} -> relu -> max pool 2x2/2 valid"
    one = written(tmp_path / "one.md", f"{blocks}\nend = flatten -> linear {{width}}", "stage | 8", "end | 5")
    parts = "layer = conv 3x3 {width} -> relu\npool = max pool 2x2/2 valid\ntop = flatten -> linear {width}"
    other = written(tmp_path / "other.md", parts, "layer | 8", "layer | 8", "pool |", "top | 5", "softmax |")
    *lines, total = rows("compare", one, other, "--total")
    assert [(line["one_row"], line["other_row"]) for line in lines] == [
        ("stage", "layer + layer_2 + pool"),
        ("end", "top"),
        ("", "softmax"),
    ]
    assert lines[0]["other_params_difference"] == "0"
    assert int(total["one_params"]) == sum(int(line["one_params"] or 0) for line in lines)
    assert said(archcalc.compare(one, other))[-1] == "1 softmax only in the second."  # type: ignore[index]


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
def test_every_level_adds_up(level: str) -> None:
    names = ("inception-v3", "inception-v4")
    *lines, total = rows("compare", *names, "--align", "--level", level, "--total")
    for name in names:
        own = [line for line in lines if line[f"{name}_{level}"]]
        for measure in ("weights", "params", "macs"):
            assert sum(int(line[f"{name}_{measure}"]) for line in own) == int(total[f"{name}_{measure}"])
        assert int(total[f"{name}_params"]) == archcalc.load(name).cost().params
    assert total[f"inception-v3_{level}"] == "total"


def test_each_pair_of_layers_has_its_own_costs() -> None:
    """Line by line: each layer's params are those of its own table, on both sides."""
    lines = rows("compare", "googlenet", "googlenet-torchvision", "--level", "layer")
    for name in ("googlenet", "googlenet-torchvision"):
        params = {line["layer"]: line["params"] for line in rows("table", name, "--level", "layer")}
        own = [line for line in lines if line[f"{name}_layer"]]
        assert [line[f"{name}_params"] for line in own] == [params[line[f"{name}_layer"]] for line in own]
    changes = {line["googlenet_layer"]: line for line in lines}
    conv = changes["inception_3a.branch3.conv5x5"]
    assert conv["googlenet-torchvision_layer"] == "inception_3a.branch3.conv3x3"
    assert conv["change"] == "kernel 5x5 -> 3x3, bias yes -> no, padding 2 -> 1"
    assert changes["softmax.softmax"]["change"] == "only in the first"
    assert changes["convolution.conv7x7_relu"]["change"] == ""


def test_branches_stand_beside_their_own() -> None:
    lines = rows("compare", "googlenet", "googlenet-torchvision", "--level", "branch")
    [line] = [line for line in lines if line["googlenet_branch"] == "3a branch3"]
    assert line["googlenet-torchvision_branch"] == "3a branch3"
    assert (line["googlenet_weights"], line["googlenet-torchvision_weights"]) == ("15872", "7680")


def test_json_states_the_differences() -> None:
    document = json.loads(render(archcalc.compare("vgg16", "vgg-c", align=True), "json"))
    assert document["differences"] == SENTENCES["vgg16", "vgg-c"]
    assert document["rows"][0]["vgg16_row"] == document["rows"][0]["vgg-c_row"]


def test_networks_that_have_their_rows_in_common_are_compared_by_name() -> None:
    assert archcalc.compare("googlenet", "googlenet-torchvision").columns[0].key == "row"
    assert archcalc.compare("vgg16", "alexnet").columns[0].key == "vgg16_row"


def test_networks_that_have_little_in_common_are_wholes() -> None:
    assert archcalc.compare("googlenet", "vit-b16").columns[0].key == "network"
    assert archcalc.compare("googlenet", "vit-b16", align=True).columns[0].key == "googlenet_row"


def test_many_kinds_of_changes_are_summarised(tmp_path: Path) -> None:
    """Of 14 rows that each change otherwise, 11 are said one by one."""
    kinds = [f"{name} eps 0.{{}}" for name in ("layer norm", "rms norm", "l2 norm", "batch norm")]
    kinds += [
        "group norm {}",
        "lrn {}",
        "scale 0.{}",
        "dropout 0.{}",
        "layer scale 0.{}",
        "leaky relu slope 0.{}",
    ]
    kinds += ["conv 1x1 4 pad {}", "max pool 5x5 pad {}", "average pool 5x5 pad {}", "stochastic depth 0.{}"]
    for name, value in (("a", 1), ("b", 2)):
        chain = " -> ".join(f"{kind.format(value)} -> relu" for kind in kinds)
        written(tmp_path / f"{name}.md", f"{name} = {chain}", f"{name} |", size="32x32x4")
    sentences = said(archcalc.compare(str(tmp_path / "a.md"), str(tmp_path / "b.md")))
    assert isinstance(sentences, list)
    assert len(sentences) == 13
    assert sentences[1] == "1 layer norm: eps 0.1 -> 0.2 (a)."
    assert sentences[12] == "3 other kinds of changes, which --level layer lists."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["googlenet", "vgg16", "resnet50", "--align"],
            "--align takes two networks, whose operations are set against each other",
        ),
        (
            ["naive-vs-v1", "--level", "layer"],
            "--level takes two networks, whose operations are set against each other",
        ),
        (
            ["vgg16", "vgg-c", "--level", "layr"],
            "--level is row, branch, layer, not 'layr'; did you mean 'layer'?",
        ),
    ],
)
def test_what_cannot_be_aligned(arguments: list[str], message: str) -> None:
    answer = command("compare", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_python_takes_a_level_that_is_known() -> None:
    with pytest.raises(UsageError, match="level"):
        archcalc.compare("vgg16", "vgg-c", level="layr")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="align"):
        archcalc.compare("vgg16", "vgg-c", align="yes")  # type: ignore[arg-type]
