"""Comparisons: the naive GoogLeNet, stacks of modules, networks that share no rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc.api import compare
from tests._cli import archcalc, rows

MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
GROWTH = [416, 832, 1280, 1728, 2176, 2640, 3344, 4048, 4944]


def test_naive_googlenet_grows() -> None:
    lines = rows("compare", "googlenet-naive", "googlenet")
    naive = [line["googlenet-naive_output"] for line in lines if line["row"] in MODULES]
    assert [int(output.rpartition("x")[2]) for output in naive] == GROWTH


def test_naive_googlenet_costs() -> None:
    total = rows("compare", "googlenet-naive", "googlenet", "--total")[-1]
    assert (total["googlenet-naive_params"], total["googlenet_params"]) == ("97526008", "6998552")
    assert (total["googlenet-naive_macs"], total["googlenet_macs"]) == ("12568061056", "1582671872")
    assert total["googlenet_params_difference"] == str(97_526_008 - 6_998_552)


def test_a_stack_shows_how_naive_modules_grow() -> None:
    """A naive module adds 128 + 192 + 96 channels to those it is given; a reduced one gives 480."""
    lines = rows("compare", "naive-vs-v1", "--stack", "4")
    assert [line["naive_output"] for line in lines] == [f"32x32x{256 + 416 * n}" for n in (1, 2, 3, 4)]
    assert {line["v1_output"] for line in lines} == {"32x32x480"}
    channels = [256 + 416 * n for n in range(4)]
    assert [int(line["naive_weights"]) for line in lines] == [c * (128 + 9 * 192 + 25 * 96) for c in channels]


def test_three_networks_have_differences_to_the_first() -> None:
    """Two of one name, as a network and a changed copy of its file are, stay apart."""
    line = rows("compare", "googlenet", "googlenet-naive", "googlenet", "--total")[-1]
    assert line["googlenet-naive_params_difference"] == str(6_998_552 - 97_526_008)
    assert line["googlenet_3_params_difference"] == "0"


def test_networks_without_common_rows_are_compared_as_wholes(tmp_path: Path) -> None:
    table = "---\ninput: 8x8x3\n---\n\n| type |\n|---|\n| flatten |\n| softmax |\n"
    (tmp_path / "tiny.md").write_text(table)
    lines = rows("compare", "googlenet", str(tmp_path / "tiny.md"))
    assert [line["network"] for line in lines] == ["googlenet", "tiny"]
    assert [line["params"] for line in lines] == ["6998552", "0"]
    assert float(lines[0]["params_ratio"]) == 1


def test_rows_are_called_as_the_table_calls_them() -> None:
    """By name to machines, so that the two can be joined; as the paper writes them to people."""
    names = [line["row"] for line in rows("table", "googlenet")]
    assert [line["row"] for line in rows("compare", "googlenet-naive", "googlenet")] == names
    assert "inception (3a)" in archcalc("compare", "googlenet-naive", "googlenet").out


TWO_FORKS = """\
---
input: 8x8x16
rows: alternatives
---

```blocks
unit {n} = add
  | identity
  | conv 3x3 {n}
two = unit {width} -> unit {width}
one = unit {wide}
```

| type     | width | wide |
|----------|-------|------|
| two (b2) | 16    |      |
| one (b1) |       | 16   |
"""


def test_no_part_of_a_module_is_lost(tmp_path: Path) -> None:
    """A module of two forks has two branches of one name: the lines still add up to the total."""
    (tmp_path / "forks.md").write_text(TWO_FORKS)
    *lines, total = rows("compare", str(tmp_path / "forks.md"), "--total")
    assert sum(int(line["b2_weights"] or 0) for line in lines) == int(total["b2_weights"])
    assert int(total["b2_weights"]) == 2 * int(total["b1_weights"]) == 2 * 9 * 16 * 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["googlenet"], "'googlenet' holds one design; name two networks or more, or a file of alternatives"),
        ([], "name a file of alternatives, such as naive-vs-v1, or two networks or more"),
        (
            ["googlenet", "naive-vs-v1"],
            "'naive-vs-v1' is a file of alternatives: compare it alone",
        ),
        (
            ["googlenet", "googlenet-naive", "--stack", "2"],
            "--stack takes one file of alternatives, such as naive-vs-v1",
        ),
    ],
    ids=["one design", "none", "alternatives among networks", "stack of networks"],
)
def test_what_cannot_be_compared(arguments: list[str], message: str) -> None:
    answer = archcalc("compare", *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"archcalc: {message}\n")


def test_a_ratio_stands_beside_the_number_it_is_of() -> None:
    """Under one heading, and left out before its number is."""
    report = compare("googlenet", "vgg16", "resnet50", "alexnet")
    for place, column in enumerate(report.columns):
        if column.kind == "ratio":
            number = report.columns[place - 1]
            assert (number.kind, number.spanner) == ("count", column.spanner)
            assert column.key == f"{number.key}_ratio"
            assert column.priority > number.priority


NORMALISED = """\
---
input: 8x8x4
rows: alternatives
every conv: no bias -> batch norm -> relu
---

```blocks
one = conv 3x3 {width}
two = concat
  | conv 1x1 {width} -> conv 3x3 {width}
  | batch norm -> conv 1x1 {width}
```

| type | width |
|------|-------|
| one  | 8     |
| two  | 4     |
"""


def test_every_summand_is_that_of_an_operation_that_is_named(tmp_path: Path) -> None:
    """A batch norm is not named: its 2 x 4 params stand with those of the convolution beside it."""
    (tmp_path / "net.md").write_text(NORMALISED)
    lines = {line["branch"]: line for line in compare(str(tmp_path / "net.md")).rows}
    assert lines["branch1"]["two_operations"] == "conv 1x1 4 no bias -> conv 3x3 4 no bias"
    assert lines["branch1"]["two_weights"] == (16, 144)
    assert lines["branch1"]["two_params"] == (16 + 8, 144 + 8)
    assert lines["branch1"]["two_macs"] == (16 * 64, 144 * 64)
    assert lines["branch2"]["two_params"] == 8 + 16 + 8
    assert lines["conv"]["one_params"] == 288 + 16
