"""Which readings a claim is compared with: parts, inputs, relatives, ratios, quotations, units."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archcalc.errors import DocumentError
from archcalc.sources.paper import load
from tests._cli import archcalc as run
from tests._cli import rows
from tests._reconciled import first

SMALL = """---
input: 8x8x3
quoted params: 2K (Somebody 2020), 1,234
---

```blocks
stage      = conv {kernel} {width}
classifier = flatten -> linear {width}
```

| type      | kernel | width | params | ops  |
|-----------|--------|-------|--------|------|
| stage (a) | 3x3    | 4     | 0.1K   | 7K   |
| stage (b) | 3x3/2  | 5     | 0.2K   | 3K   |
| classifier |       | 10    | 0.9K   | 0.8K |

## heads: from a

| type       | width |
|------------|-------|
| classifier | 10    |
"""
"""Weights 108 + 180 + 800, biases 4 + 5 + 10, side chain 2,560 + 10; MACs 6,912 + 2,880 + 800."""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.md"
    path.write_text(SMALL)
    return str(path)


# Every question that a reading answers, on a network small enough to count by hand.


@pytest.mark.parametrize(
    ("claim", "quantity", "how"),
    [
        pytest.param("1107", "params", "", id="params"),
        pytest.param("1088", "weights", "", id="weights"),
        pytest.param("10592", "MACs", "", id="MACs"),
        pytest.param("21184", "FLOPs", "", id="FLOPs"),
        pytest.param("297", "params of conv alone", "", id="one operation"),
        pytest.param("9792", "MACs of conv alone", "", id="one operation's work"),
        pytest.param("3677", "params", "with side chain head_a", id="side chain"),
        pytest.param("3680", "MACs", "row a left out", id="work of a row left out"),
        pytest.param("1917", "params", "row classifier counted twice", id="row twice"),
        pytest.param("995", "params", "row a left out", id="row left out"),
        pytest.param("1200", "params", "the printed column added up", id="column"),
        pytest.param("10800", "MACs", "the printed column added up", id="column of work"),
        pytest.param("1.0811K", "params", "K = 1,024", id="powers of 1024"),
    ],
)
def test_what_is_searched(small: str, claim: str, quantity: str, how: str) -> None:
    found = [(row["quantity"], row["how"], row["fit"]) for row in rows("reconcile", claim, small)]
    assert (quantity, how, "agrees") in found


def test_another_input(small: str) -> None:
    """16x16x3: four times the places for the convolutions, and 4 times the linear layer's weights."""
    macs = 4 * 6_912 + 4 * 2_880 + 3_200
    assert first(str(macs), small, "--input", "16x16x3")["departures"] == "0"
    at_own = first("10592", small, "--input", "16x16x3")
    assert (at_own["input"], at_own["departures"]) == ("8x8x3", "1")


def test_an_input_that_networks_are_usually_run_at() -> None:
    """AlexNet at 224: the first convolution gives 54x54 places and not 55x55, and so on."""
    weights = {54: 34_848, 26: 307_200, 12: 884_736 + 663_552 + 442_368}
    macs = sum(side * side * count for side, count in weights.items())
    linear = 256 * 5 * 5 * 4096 + 4096 * 4096 + 4096 * 1000
    found = first(str(macs + linear), "alexnet")
    assert (found["input"], found["quantity"], found["departures"]) == ("224x224x3", "MACs", "1")


def test_relatives_are_variants_in_both_directions_and_namesakes() -> None:
    """torchvision's is a variant of GoogLeNet; VGG-16 is the one of which VGG-11 is a variant."""
    assert first("6998552", "googlenet-torchvision")["network"] == "googlenet"
    assert first("138357544", "vgg11")["network"] == "vgg16"
    assert first("132863336", "vgg16")["network"] == "vgg11"
    assert first("5713216096", "inception-v4")["network"] == "inception-v3"


def test_a_network_of_ones_own_has_relatives_in_the_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("---\nvariant of: googlenet\nevery conv: no bias -> batch norm -> relu\n---\n")
    assert first("6998552", str(path))["network"] == "googlenet"


def test_equal_layers_are_told_as_such() -> None:
    """VGG-16 has two layers of 3x3x512x512 in stage 4 and three in stage 5, and one 256 wide before them."""
    alike = {row["how"]: row["alike"] for row in rows("reconcile", str(138_357_544 + 2_359_808), "vgg16")}
    assert alike == {"conv3_stage_4.2.conv3x3 counted twice": "4"}


def test_a_change_that_changes_nothing_is_not_shown() -> None:
    """Of 7.0M's readings none is GoogLeNet's params with a small layer left out."""
    found = rows("reconcile", "7.0M", "googlenet")
    assert found
    assert not [
        row
        for row in found
        if row["network"] == "googlenet" and row["quantity"] == "params" and row["how"].endswith("left out")
    ]


# Ratios.


def test_ratios_of_alternatives() -> None:
    best = first("3.15x", "naive-vs-v1")
    assert best["network"] == "naive-vs-v1: naive / naive-vs-v1: v1"
    assert (best["quantity"], best["fit"]) == ("MACs", "agrees")


def test_a_ratio_is_found_either_way_round() -> None:
    there, back = first("19.8x", "vgg16", "googlenet"), first("19.8x", "googlenet", "vgg16")
    assert there["arithmetic"] == back["arithmetic"] == "138,357,544 / 6,998,552"


def test_a_percentage_is_a_ratio() -> None:
    best = first("5.06%", "googlenet", "vgg16")
    assert (best["arithmetic"], best["departures"]) == ("6,998,552 / 138,357,544", "0")
    assert "5.1%" in run("reconcile", "5.06%", "googlenet", "vgg16").out


def test_what_both_sides_depart_by_counts_once() -> None:
    weights = Fraction(138_344_128, 6_990_272)
    best = first(f"{float(weights):.6f}x", "vgg16", "googlenet")
    assert (best["quantity"], best["departures"]) == ("weights", "1")


def test_a_quotation_is_marked_as_one(small: str) -> None:
    """Quoted with 2,000 params, it has 1,107."""
    quoted = [row for row in rows("reconcile", "1.81x", small, small) if row["value"] == str(2000 / 1107)]
    assert [row["how"] for row in quoted] == ["small: quoted 2K (Somebody 2020)"]
    assert "In the literature small has 2K (Somebody 2020), 1,234 params: quoted, not counted." in (
        run("reconcile", "7", small).out
    )


def test_quotations_are_not_inherited() -> None:
    assert load("googlenet").setting("quoted params")
    assert not load("googlenet-torchvision").setting("quoted params")


@pytest.mark.parametrize("value", ["much", "5M (a), few", "5M (a", "(a)", "5M, "])
def test_a_quotation_is_a_number(tmp_path: Path, value: str) -> None:
    path = tmp_path / "quoted.md"
    path.write_text(f"---\ninput: 8x8x3\nquoted params: {value}\n---\n\n| type |\n|------|\n| relu |\n")
    with pytest.raises(DocumentError, match=r"quoted.md:3: expected a number such as 5M or 6.8M"):
        load(str(path))


# Answers that are none, and questions that are none.


def test_nothing_fits(small: str) -> None:
    answer = run("reconcile", "5 million", small)
    assert answer.code == 0
    assert "nothing fits" in answer.out
    assert "not proof" not in answer.out
    assert {row["fit"] for row in rows("reconcile", "5 million", small)} == {"differs"}


def test_the_nearest_are_shown_where_nothing_fits(small: str) -> None:
    """The numbers nearest to a claim between two that can be had."""
    values = [abs(int(row["value"]) - 50_000_000) for row in rows("reconcile", "50000000", small)]
    assert values == sorted(values)
    assert 0 < len(values) <= 5


def test_a_claim_names_its_quantity() -> None:
    """Each line is of that kind; the quantity that is named is the plain one."""
    for claim, quantity, value in (
        ("1.58 GMACs", "MACs", 1_582_671_872),
        ("1.6 gmacs", "MACs", 1_582_671_872),
        ("3.17 GFLOPs", "FLOPs", 2 * 1_582_671_872),
        ("7.0M params", "params", 6_998_552),
        ("6.99M weights", "weights", 6_990_272),
    ):
        found = first(claim, "googlenet")
        assert (found["quantity"], int(found["value"]), found["departures"]) == (quantity, value, "0")
        assert all(len(line["quantity"]) for line in rows("reconcile", claim, "googlenet"))


def test_flops_are_often_macs() -> None:
    found = first("1.58 GFLOPs", "googlenet")
    assert (found["quantity"], found["departures"]) == ("MACs", "1")


@pytest.mark.parametrize(
    ("claim", "value", "how", "departures"),
    [
        ("28.0MB", 4 * 6_998_552, "4 bytes each (float32)", "0"),
        ("26.7 MiB", 4 * 6_998_552, "4 bytes each (float32)", "0"),
        ("14.0MB", 2 * 6_998_552, "2 bytes each (float16)", "1"),
        ("13.35 MiB", 2 * 6_998_552, "2 bytes each (float16)", "1"),
    ],
)
def test_the_size_of_a_file(claim: str, value: int, how: str, departures: str) -> None:
    found = first(claim, "googlenet")
    assert (int(found["value"]), found["how"], found["departures"]) == (value, how, departures)
    assert found["fit"] == "agrees"
    assert "4 bytes for each param in float32" in run("reconcile", claim, "googlenet").out
