"""What the options of `table` count, on a table small enough to be counted by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests._cli import archcalc, rows

TABLE = """---
input: 8x8x4
---

```blocks
stem = conv 3x3 {width} -> relu
fork = concat
  | conv 1x1 {width}
  | max pool 3x3/1
head = flatten -> linear {width} -> softmax
```

| type     | width |
|----------|-------|
| stem     | 6     |
| fork (a) | 5     |
| fork (b) | 3     |

# heads: from a

| type | width |
|------|-------|
| head | 10    |
"""
PLACES = 8 * 8
WEIGHTS = {"stem": 3 * 3 * 4 * 6, "a": 6 * 5, "b": (5 + 6) * 3}
BIASES = {"stem": 6, "a": 5, "b": 3}
HEAD = "head_a/head"
HEAD_WEIGHTS = PLACES * (5 + 6) * 10


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.md"
    path.write_text(TABLE)
    return str(path)


def column(lines: list[dict[str, str]], key: str, value: str) -> dict[str, int]:
    """A column of numbers by another of names."""
    return {line[key]: int(line[value]) for line in lines}


def test_the_plain_table(small: str) -> None:
    lines = rows("table", small)
    assert [line["output"] for line in lines] == ["8x8x6", "8x8x11", "8x8x14"]
    assert column(lines, "row", "weights") == WEIGHTS
    assert column(lines, "row", "biases") == BIASES
    assert column(lines, "row", "params") == {row: WEIGHTS[row] + BIASES[row] for row in WEIGHTS}
    assert column(lines, "row", "macs") == {row: PLACES * WEIGHTS[row] for row in WEIGHTS}
    pooled = {"stem": PLACES * 6, "a": PLACES * 9 * 6, "b": PLACES * 9 * 11}
    assert column(lines, "row", "elementwise") == pooled


def test_heads_are_counted_when_asked(small: str) -> None:
    lines = rows("table", small, "--heads")
    assert column(lines, "row", "weights") == {**WEIGHTS, HEAD: HEAD_WEIGHTS}
    assert column(lines, "row", "biases") == {**BIASES, HEAD: 10}
    assert column(lines, "row", "elementwise")[HEAD] == 3 * 10
    assert lines[-1]["output"] == "10"


def test_flops_are_two_for_each_mac(small: str) -> None:
    lines = rows("table", small, "--count", "flops")
    assert "macs" not in lines[0]
    assert column(lines, "row", "flops") == {row: 2 * PLACES * WEIGHTS[row] for row in WEIGHTS}
    assert "FLOPs" in archcalc("table", small, "--count", "flops").out.splitlines()[2]
    report = json.loads(archcalc("table", small, "--count", "flops", "--format", "json").out)
    assert report["total"]["flops"] == 2 * PLACES * sum(WEIGHTS.values())


def test_biases_are_left_out_when_asked(small: str) -> None:
    lines = rows("table", small, "--no-bias")
    assert column(lines, "row", "params") == column(lines, "row", "weights") == WEIGHTS
    assert set(column(lines, "row", "biases").values()) == {0}


def test_a_batch_multiplies_work_and_no_params(small: str) -> None:
    once, four = rows("table", small), rows("table", small, "--batch", "4")
    for key in ("macs", "elementwise", "output_elements"):
        assert column(four, "row", key) == {row: 4 * n for row, n in column(once, "row", key).items()}
    assert column(four, "row", "params") == column(once, "row", "params")
    assert [line["output"] for line in four] == [line["output"] for line in once]
    assert "batch 4" in archcalc("table", small, "--batch", "4").out.splitlines()[0]


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
def test_csv_has_shares(level: str, small: str) -> None:
    """They are of all params and of all work, and add up to 1."""
    lines, total = rows("table", small, "--level", level), rows("table", small, "--total")[-1]
    for cost, share in (("params", "share_params"), ("macs", "share_work")):
        assert [float(line[share]) for line in lines] == [
            int(line[cost]) / int(total[cost]) for line in lines
        ]
        assert float(total[share]) == pytest.approx(sum(float(line[share]) for line in lines)) == 1


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
@pytest.mark.parametrize("heads", [[], ["--heads"]], ids=["without-heads", "with-heads"])
def test_the_total_is_the_sum_of_its_lines(level: str, heads: list[str], small: str) -> None:
    options = ("table", small, "--level", level, *heads)
    lines, with_total = rows(*options), rows(*options, "--total")
    assert with_total[:-1] == lines
    total = with_total[-1]
    assert next(iter(total.values())) == "total"
    for key in ("weights", "biases", "params", "macs", "elementwise"):
        assert int(total[key]) == sum(int(line[key]) for line in lines)
    weights = sum(WEIGHTS.values()) + (HEAD_WEIGHTS if heads else 0)
    assert (int(total["weights"]), total["output"]) == (weights, "8x8x14")


def test_branches_and_layers(small: str) -> None:
    branches = rows("table", small, "--level", "branch")
    assert [(line["row"], line["branch"], line["weights"]) for line in branches] == [
        ("stem", "", "216"),
        ("a", "branch1", "30"), ("a", "branch2", "0"), ("a", "", "0"),
        ("b", "branch1", "33"), ("b", "branch2", "0"), ("b", "", "0"),
    ]  # fmt: skip
    layers = rows("table", small, "--level", "layer", "--heads")
    assert [line["layer"] for line in layers] == [
        "stem.conv3x3", "stem.relu",
        "fork_a.branch1.conv1x1", "fork_a.branch2.max_pool3x3", "fork_a.concat",
        "fork_b.branch1.conv1x1", "fork_b.branch2.max_pool3x3", "fork_b.concat",
        "head_a.head.flatten", "head_a.head.linear", "head_a.head.softmax",
    ]  # fmt: skip
    conv = layers[5]
    window = (conv["input"], conv["output"], conv["kernel"], conv["stride"], conv["padding"], conv["groups"])
    assert window == ("8x8x11", "8x8x3", "1x1", "1x1", "0x0", "1")
    assert layers[7]["input"] == "8x8x3 + 8x8x11"


def test_a_label_keeps_what_stands_before_a_slash(tmp_path: Path) -> None:
    table = "---\ninput: 8x8x4\n---\n\n```blocks\nconv / s2 = conv 3x3/2 {in}\n```\n"
    (tmp_path / "net.md").write_text(table + "\n| type |\n|---|\n| conv / s2 (1/2) |\n| conv / s2 (2/2) |\n")
    layers = rows("table", str(tmp_path / "net.md"), "--level", "layer")
    assert [line["layer"] for line in layers] == ["conv_s2_1_2.conv3x3", "conv_s2_2_2.conv3x3"]


HARMFUL = """---
input: 8x8x4
---

```blocks
<script>alert(1)</script> = relu
```

| type                                 | note             |
|--------------------------------------|------------------|
| <script>alert(1)</script> (=1+2)     | =cmd()           |
| <script>alert(1)</script> (@SUM)     | \\input{secrets}  |
"""


@pytest.mark.parametrize(
    ("format_name", "harmful", "harmless"),
    [
        ("markdown", r"(?<!\\)<script", "script>"),
        ("html", "<script", "&lt;script&gt;"),
        ("latex", r"\\input", r"\textbackslash{}input\{secrets\}"),
    ],
)
def test_texts_of_a_table_do_nothing(format_name: str, harmful: str, harmless: str, tmp_path: Path) -> None:
    (tmp_path / "net.md").write_text(HARMFUL)
    answer = archcalc("table", str(tmp_path / "net.md"), "--format", format_name)
    assert answer.code == 0
    assert harmless in answer.out
    assert not re.search(harmful, answer.out)


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
def test_no_cell_of_a_csv_is_a_formula(level: str, tmp_path: Path) -> None:
    (tmp_path / "net.md").write_text(HARMFUL)
    answer = archcalc("table", str(tmp_path / "net.md"), "--format", "csv", "--level", level)
    cells = [cell for line in csv.reader(io.StringIO(answer.out)) for cell in line]
    assert len(cells) > 20
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert level != "row" or {"'=1+2", "'=cmd()", "'@SUM"} <= set(cells)


NESTED = ["inception-v4", "inception-v3", "inception-resnet-v2"]


@pytest.mark.parametrize("name", NESTED)
def test_forks_within_a_branch_read_as_forks(name: str) -> None:
    """What stands beside each other is never written as a chain, and the lines add up to the rows."""
    lines = rows("table", name, "--level", "branch")
    keys = [(line["row"], line["branch"]) for line in lines]
    assert len(set(keys)) == len(keys)
    forks = {line["operations"] for line in lines if "|" in line["operations"]}
    assert all(re.search(r"\(.* \| .*\) -> concat", operations) for operations in forks)
    assert forks
    for line in rows("table", name):
        for key in ("weights", "biases", "params", "macs", "elementwise"):
            parts = [int(part[key]) for part in lines if part["row"] == line["row"]]
            assert sum(parts) == int(line[key])


def test_the_last_module_of_inception_v4() -> None:
    """Its second and third branch end in a fork; the row stands three times, and each copy has its lines."""
    lines = {
        (line["row"], line["branch"]): line for line in rows("table", "inception-v4", "--level", "branch")
    }
    rest = "no bias -> batch norm eps 0.001 -> relu"
    assert lines["inception C", "3.branch2"]["operations"] == (
        f"conv 1x1 384 {rest} -> (conv 1x3 256 {rest} | conv 3x1 256 {rest}) -> concat"
    )
    module = [key for key in lines if key[0] == "inception C"]
    assert [branch for _, branch in module] == [
        f"{copy}{part}" for copy in (1, 2, 3) for part in (".branch1", ".branch2", ".branch3", ".branch4", "")
    ]
    text = archcalc("table", "inception-v4", "--level", "branch").out
    assert all(f"inception C, {copy} of 3" in text for copy in (1, 2, 3))


FORKS = """---
input: 8x8x4
---

```blocks
two = conv 1x1 4 -> fork -> fork -> relu
fork = add
  | conv 3x3 4
  | identity
```

| type |
|------|
| two  |
"""


def test_parts_outside_of_several_forks_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(FORKS)
    lines = rows("table", str(path), "--level", "branch")
    assert [line["branch"] for line in lines] == [
        "conv", "branch1", "branch2", "add", "branch1_2", "branch2_2", "add_2",
    ]  # fmt: skip
    assert [line["operations"] for line in lines] == [
        "conv 1x1 4", "conv 3x3 4", "identity", "add", "conv 3x3 4", "identity", "add -> relu",
    ]  # fmt: skip
