"""Derivations: what is written on the board is right, for every row of every network."""

from __future__ import annotations

import ast
import json
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

import archcalc
from archcalc.costs.counting import Counting
from archcalc.explain.traced import Traced, constant, given
from archcalc.report import Report
from archcalc.sizes.written import parse_shape
from tests._cli import archcalc as command
from tests._cli import rows

OPERATORS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(text: str) -> Fraction:
    """The value of a written derivation, by Python's own grammar and exact fractions."""

    def value(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            return Fraction({"floor": math.floor, "ceil": math.ceil}[node.func.id](value(node.args[0])))
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        assert isinstance(node, ast.Constant)
        assert isinstance(node.value, int)
        return Fraction(node.value)

    return value(ast.parse(text.replace(",", "").replace(" x ", " * "), mode="eval").body)


def check(report: Report) -> int:
    """Every derivation of a report gives the value beside it; how many there were."""
    derived = [row for row in report.rows if not str(row["what"]).startswith("printed")]
    for row in derived:
        own, _, _ = row["derivation"].partition(", those of ")
        text, _, rounded = own.partition(" = ")
        exact = evaluate(text)
        if rounded:
            assert re.fullmatch(r"[\d.]+, rounded (up|down)", rounded), rounded
            assert abs(exact - row["value"]) < 1
            assert (exact > row["value"]) == rounded.endswith("down")
        else:
            assert exact == row["value"], row
    return len(derived)


@pytest.mark.parametrize("name", archcalc.networks())
def test_every_derivation_gives_its_value(name: str) -> None:
    network = archcalc.load(name)
    counting = Counting(heads=True)
    costs = {row["row"]: row for row in network.table(counting=counting).rows}
    for row in network.network.rows:
        report = network.explain(row.name, counting=counting)
        check(report)
        sums = {line["what"]: line["value"] for line in report.rows if line is not None}
        for what, key in (("weights", "weights"), ("biases", "biases"), ("MACs", "macs")):
            assert sums.get(what, 0) == costs[row.name][key], (row.name, what)


def test_the_board_of_an_inception_module() -> None:
    text = command("explain", "googlenet", "3a").out
    for line in (
        "3 x 3 x 96 x 128",
        "110,592 x 28 x 28",
        "12,288 + 18,432 + 110,592 + 3,072 + 12,800 + 6,144",
        "64 + 128 + 32 + 32",
        "163,328/1,024 = 159.50: agrees",
    ):
        assert line in text


def test_rounding_is_told() -> None:
    stem = command("explain", "googlenet", "convolution").out
    assert "(224 - 7 + 2 x 3)/2 + 1 = 112.5, rounded down" in stem
    assert "(112 - 3)/2 + 1 = 55.5, rounded up" in command("explain", "googlenet", "max pool").out


def test_batch_and_flops() -> None:
    counting = Counting(parse_shape("231x231x3"), batch=4, count="flops")
    network = archcalc.load("googlenet")
    report = network.explain("3a", counting=counting)
    row = next(row for row in network.table(counting=counting).rows if row["row"] == "3a")
    assert check(report) > 20
    assert [line["value"] for line in report.rows if line["what"] == "FLOPs"][-1] == row["flops"]


@pytest.mark.parametrize("format_name", ["terminal", "markdown", "latex", "json", "csv", "html"])
def test_formats(format_name: str) -> None:
    answer = command("explain", "googlenet", "4e", "--format", format_name)
    assert answer.code == 0
    assert "3 x 3 x 160 x 320" in answer.out


def test_an_unknown_row() -> None:
    answer = command("explain", "googlenet", "max pol")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err == "archcalc: GoogLeNet: no row is called 'max pol'; did you mean 'max pool'?\n"


@pytest.mark.parametrize(
    ("name", "caption", "layers"),
    [
        ("3a", "inception (3a)", 14),
        ("inception (3a)", "inception (3a)", 14),
        ("inception_3a", "inception (3a)", 14),
        ("3a.branch2", "inception (3a), branch2", 4),
        ("inception (3a).branch2", "inception (3a), branch2", 4),
        ("inception_3a.branch2", "inception (3a), branch2", 4),
        ("inception_3a.branch2.conv3x3", "inception (3a), branch2.conv3x3", 1),
        ("3a.branch2.conv3x3", "inception (3a), branch2.conv3x3", 1),
    ],
)
def test_whatever_a_table_shows_can_be_explained(name: str, caption: str, layers: int) -> None:
    report = archcalc.load("googlenet").explain(name)
    assert report.caption == f"GoogLeNet, {caption}, at 224x224x3, batch 1"
    check(report)
    inside = [row.get("layer") for row in report.rows if row.get("layer")]
    assert all(str(layer).startswith("inception_3a.") for layer in inside)
    assert layers == 14 or len(set(inside)) == layers
    whole = [row for row in report.rows if str(row["what"]).startswith("printed")]
    assert bool(whole) == (caption == "inception (3a)")


def test_every_line_of_a_table_can_be_explained() -> None:
    """By row and branch, and by the path of the layer."""
    network = archcalc.load("inception-v4")
    for line in network.table("branch").rows:
        name = ".".join(part for part in (line["row"], line["branch"]) if part)
        sums = {row["what"]: row["value"] for row in network.explain(name).rows if not row.get("layer")}
        if line["branch"] and not line["branch"].isdecimal():
            assert sums.get("weights", 0) == line["weights"]
            assert sums.get("MACs", 0) == line["macs"]
    for line in archcalc.load("googlenet").table("layer", heads=True).rows[::7]:
        report = archcalc.load("googlenet").explain(line["layer"])
        assert {row["layer"] for row in report.rows if row.get("layer")} <= {line["layer"]}


def test_machines_are_told_the_layer_of_each_line() -> None:
    lines = rows("explain", "googlenet", "3a")
    assert {line["layer"] for line in lines if line["value"] == "110592"} >= {"inception_3a.branch2.conv3x3"}
    report = json.loads(command("explain", "googlenet", "3a", "--format", "json").out)
    assert report["rows"][0]["layer"] == "inception_3a.branch1.conv1x1"
    frame = archcalc.load("googlenet").explain("3a").frame()
    assert frame["layer"][0] == "inception_3a.branch1.conv1x1"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("3a.branch9", "row '3a' has no branch and no layer 'branch9'; did you mean 'branch4'?"),
        ("inception (3q)", "no row is called 'inception (3q)'; did you mean 'inception (3"),
        ("3a.branch2.conv3x5", "did you mean 'branch2.conv3x3'?"),
        ("inception_3b.brunch1", "has no branch and no layer 'brunch1'; did you mean 'branch1'?"),
    ],
)
def test_nearest_names(name: str, said: str) -> None:
    answer = command("explain", "googlenet", name)
    assert (answer.code, answer.out) == (3, "")
    assert said in answer.err


EQUAL = """---
input: 8x8x64
---

```blocks
group = conv 1x1 4 -> conv 3x3 4
module = concat
{branches}
  | conv 1x1 8
```

| type   | repeat |
|--------|--------|
| module | {copies} |
"""


@pytest.mark.parametrize("copies", [1, 3])
def test_equal_branches_are_derived_once(copies: int, tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(EQUAL.format(branches="\n".join(["  | group"] * 10), copies=copies))
    network = archcalc.load(str(path))
    report = network.explain("module")
    check(report)
    headings = [group for group in report.groups if "conv3x3" in group]
    kinds = 1 if copies == 1 else 2  # the second copy takes 48 channels, and the third is like it
    assert len(set(headings)) == kinds
    assert all(heading.endswith("(10 equal branches)") for heading in headings)
    weights = [row for row in report.rows if row.get("layer") and row["what"] == "weight"]
    total = network.cost().weights
    assert sum(row["layers"] * row["value"] for row in weights) == total
    assert [row["value"] for row in report.rows if row["what"] == "weights"] == [total]
    assert any("Equal branches are derived once" in note for note in report.notes)


SIGNS: dict[str, Callable[..., Any]] = {"+": operator.add, "-": operator.sub, "x": operator.mul}
OPERANDS: list[Callable[[int], Any]] = [int, given, constant]
numbers = st.integers(1, 50)


@st.composite
def expressions(draw: st.DrawFn) -> tuple[Traced, Fraction]:
    """An expression in traced numbers beside its exact value."""
    value = draw(numbers)
    traced = draw(st.sampled_from([given, constant]))(value)
    exact = Fraction(value)
    for _ in range(draw(st.integers(0, 6))):
        kind, other = draw(st.sampled_from("+-x")), draw(numbers)
        operand = draw(st.sampled_from(OPERANDS))(other)
        operation = SIGNS[kind]
        if draw(st.booleans()):
            traced, exact = operation(traced, operand), operation(exact, other)
        else:
            traced, exact = operation(operand, traced), operation(Fraction(other), exact)
    return traced, exact


@drawn(expressions(), numbers, numbers)
def test_a_traced_expression_reads_as_it_was_computed(
    expression: tuple[Traced, Fraction], divisor: int, more: int
) -> None:
    traced, exact = expression
    assert traced.value == exact
    assert evaluate(str(traced)) == exact
    down, up = traced // constant(divisor) + more, -(-traced // constant(divisor)) + more
    assert evaluate(down.text({}, plain=True)) == down.exact == exact / divisor + more
    assert evaluate(up.text({}, plain=True)) == up.exact == exact / divisor + more
    assert evaluate(str(down)) == down.value == exact // divisor + more
    assert evaluate(str(up)) == up.value == -(-exact // divisor) + more
