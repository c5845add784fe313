"""A claimed number is traced to the ways of counting that give it, the plainest first."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.claims import judge
from archcalc.errors import DocumentError, UsageError
from archcalc.reconciliation.counted import MOST, counted
from archcalc.reconciliation.search import SHOWN
from archcalc.report import format_names
from archcalc.sources.paper import load
from tests._cli import archcalc as run
from tests._cli import rows

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


def first(*arguments: str) -> dict[str, str]:
    return rows("reconcile", *arguments)[0]


# The answers that people look for. The numbers are torchvision's own (its models, counted tensor by tensor)
# and those of Table 1 added up by hand.


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param("7.0M", ("googlenet", "params", "", "6998552", "0"), id="at face value"),
        pytest.param("6.6M", ("googlenet-torchvision", "params", "", "6624904", "1"), id="as torchvision"),
        pytest.param(
            "13M", ("googlenet", "params", "with all side chains", "13378280", "1"), id="with side chains"
        ),
        pytest.param(
            "6.8M",
            ("googlenet", "params", "the printed column added up", "6797700", "1"),
            id="the paper's column",
        ),
    ],
)
def test_googlenets_sizes(claim: str, expected: tuple[str, ...]) -> None:
    found = first(claim, "googlenet")
    names = ("network", "quantity", "how", "value", "departures")
    assert tuple(found[name] for name in names) == expected
    assert found["fit"] == "agrees"


def test_torchvisions_side_chains_are_thirteen_million_too() -> None:
    values = {(row["network"], row["value"]) for row in rows("reconcile", "13M", "googlenet")}
    assert ("googlenet-torchvision", "13004888") in values


def test_no_plain_way_of_counting_gives_googlenet_five_million() -> None:
    found = rows("reconcile", "5M", "googlenet")
    assert all(int(row["departures"]) >= 2 for row in found)
    assert "5M (Szegedy et al. 2015)" in run("reconcile", "5M", "googlenet").out


def test_vgg_against_googlenet() -> None:
    """27 times is of the 5 million that are quoted, cut; by count it is 19.8."""
    answer = run("reconcile", "27x", "vgg16", "googlenet").out
    best = first("27x", "vgg16", "googlenet")
    assert best["fit"] == "truncated"
    assert best["how"] == "googlenet: quoted 5M (Szegedy et al. 2015)"
    assert best["arithmetic"] == "138,357,544 / 5,000,000"
    assert "vgg16 / googlenet at 224x224x3 is 19.77 by params" in answer
    assert first("19.8x", "vgg16", "googlenet")["departures"] == "0"


def test_alexnet_has_twelve_times_the_parameters_that_are_quoted() -> None:
    best = first("12x", "alexnet", "googlenet")
    assert (best["fit"], best["arithmetic"]) == ("agrees", "60,965,224 / 5,000,000")


def test_alexnets_sixty_million_are_cut() -> None:
    best = first("60M", "alexnet")
    assert (best["fit"], best["value"], best["how"]) == ("truncated", "60965224", "")


def test_a_convolution_counted_twice() -> None:
    best = first("358M", "naive-vs-v1", "--input", "28x28x256")
    assert best["network"] == "naive-vs-v1: v1"
    assert best["how"] == "inception_v1.branch2.conv3x3 counted twice"
    assert best["arithmetic"] == "271,351,808 + 86,704,128"
    assert int(best["value"]) == 28 * 28 * (346_112 + 9 * 64 * 192)


def test_googlenets_family_is_searched_within_a_second() -> None:
    network = load("googlenet")
    start = time.process_time()
    archcalc.reconcile("5M", network.key)
    assert time.process_time() - start < 2  # a second, on a machine that is busy


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


# Laws.


DRAWN = """---
input: 9x7x3
{every}
---

```blocks
stage = conv {{kernel}} {{width}}
```

| type  | kernel | width |
|-------|--------|-------|
{stages}

## heads: from stage

| type  | kernel | width |
|-------|--------|-------|
| stage | 1x1    | 7     |
"""


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kernels=st.lists(st.sampled_from(["1x1", "3x3", "5x5/2"]), min_size=1, max_size=4),
    every=st.sampled_from(["every conv: relu", "every conv: no bias -> batch norm -> relu"]),
    data=st.data(),
)
def test_a_claim_made_from_any_reading_is_found(
    tmp_path: Path, kernels: list[str], every: str, data: st.DataObject
) -> None:
    stages = [f"| stage | {kernel} | {data.draw(st.integers(2, 40))} |" for kernel in kernels]
    path = tmp_path / "drawn.md"
    path.write_text(DRAWN.format(every=every, stages="\n".join(stages)))
    network = load(str(path))
    reading = data.draw(st.sampled_from([each for each in counted(network, None) if each.value > 0]))
    report = archcalc.reconcile(str(reading.value), str(path))
    found = [row for row in report.rows if row["value"] == reading.value and row["fit"] == "agrees"]
    assert found
    assert min(row["departures"] for row in found) <= reading.departures <= MOST


@pytest.mark.parametrize("claim", ["5M", "6.6M", "1.5B", "1,582,671,872", "2.7K", "300 million", "1.6e9"])
def test_every_fit_is_judged_right_and_in_order(claim: str) -> None:
    report = archcalc.reconcile(claim, "googlenet")
    assert len(report.rows) <= SHOWN
    departures = [row["departures"] for row in report.rows]
    if report.head["fitting"]:
        assert departures == sorted(departures)
    for row in report.rows:
        if " = 1,0" not in (row["how"] or ""):  # in units of 1000
            assert judge(claim, row["value"]).word == row["fit"]


def test_fitting_readings_are_counted_among_those_tried() -> None:
    head = archcalc.reconcile("5M", "googlenet").head
    assert 0 < head["fitting"] < head["tried"] / 10


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["much", "googlenet"], "a claim is a number such as 6.8M", id="no number"),
        pytest.param(["x", "vgg16", "googlenet"], "a claim is a number", id="no ratio"),
        pytest.param(["5Mx", "vgg16", "googlenet"], "a claim is a number", id="a ratio of millions"),
        pytest.param(["5M"], "name one network", id="no network"),
        pytest.param(["5M", "vgg16", "googlenet"], "compared by a ratio", id="a number of two"),
        pytest.param(["27x", "googlenet"], "a ratio is that of two networks", id="a ratio of one"),
        pytest.param(["27x", "vgg16", "vgg11", "googlenet"], "name one network", id="three"),
        pytest.param(["5M", "googlenet", "--input", "big"], "an input is HxWxC", id="no input"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    answer = run("reconcile", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["5M", "googlenot"], "did you mean 'googlenet'", id="unknown network"),
        pytest.param(["5M", "googlenet", "--input", "8x8x3"], "at the input 8x8x3", id="too small"),
    ],
)
def test_bad_input(arguments: list[str], said: str) -> None:
    answer = run("reconcile", *arguments)
    assert (answer.code, answer.out) == (3, "")
    assert said in answer.err


def test_a_relative_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "googlenet-broken.md").write_text("no settings\n")
    monkeypatch.setenv("ARCHCALC_PATH", str(tmp_path))
    answer = run("reconcile", "7.0M", "googlenet")
    assert answer.code == 0
    assert "cannot be read: googlenet-broken" in answer.out


def test_a_network_of_which_nothing_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "nothing.md"
    path.write_text("---\ninput: 8\n---\n\n| type |\n|------|\n| flatten |\n")
    answer = run("reconcile", "5M", str(path))
    assert answer.code == 0
    assert "nothing fits of 0 numbers" in answer.out


def test_numbers_that_no_float_holds(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    kernel = "1" + "0" * 99
    path.write_text(f"---\ninput: {kernel}x{kernel}x{kernel}\n---\n\n| type |\n|---|\n| relu |\n")
    assert run("reconcile", "5M", str(path)).code == 0
    assert run("reconcile", "2x", str(path), str(path)).code == 0


# Formats.


@pytest.mark.parametrize("name", format_names())
def test_every_format(name: str) -> None:
    answer = run("reconcile", "6.6M", "googlenet", "--format", name)
    assert answer.code == 0
    assert "6,624,904" in answer.out or "6624904" in answer.out


def test_json_says_what_was_asked() -> None:
    answer = json.loads(run("reconcile", "6.6M", "googlenet", "--format", "json").out)
    assert (answer["claim"], answer["networks"], answer["input"]) == ("6.6M", ["googlenet"], None)
    assert answer["rows"][0]["value"] == 6_624_904
    assert answer["fitting"] >= len(answer["rows"]) == SHOWN


def test_a_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    assert run("reconcile", "13M", "googlenet", "-o", str(path)).out == ""
    assert "13,378,280" in path.read_text()


def test_in_python() -> None:
    assert archcalc.reconcile("7.0M", "googlenet").rows[0]["value"] == 6_998_552
    with pytest.raises(UsageError):
        archcalc.reconcile("much", "googlenet")


# Units.


def best(claim: str, *names: str) -> dict[str, str]:
    return rows("reconcile", claim, *names)[0]


def test_a_claim_names_its_quantity() -> None:
    """Each line is of that kind; the quantity that is named is the plain one."""
    for claim, quantity, value in (
        ("1.58 GMACs", "MACs", 1_582_671_872),
        ("1.6 gmacs", "MACs", 1_582_671_872),
        ("3.17 GFLOPs", "FLOPs", 2 * 1_582_671_872),
        ("7.0M params", "params", 6_998_552),
        ("6.99M weights", "weights", 6_990_272),
    ):
        found = best(claim, "googlenet")
        assert (found["quantity"], int(found["value"]), found["departures"]) == (quantity, value, "0")
        assert all(len(line["quantity"]) for line in rows("reconcile", claim, "googlenet"))


def test_flops_are_often_macs() -> None:
    found = best("1.58 GFLOPs", "googlenet")
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
    found = best(claim, "googlenet")
    assert (int(found["value"]), found["how"], found["departures"]) == (value, how, departures)
    assert found["fit"] == "agrees"
    assert "4 bytes for each param in float32" in run("reconcile", claim, "googlenet").out


@pytest.mark.parametrize("claim", ["9" * 5000, "0." + "1" * 5000, "9" * 5000 + "x", "9" * 5000 + " GMACs"])
def test_a_number_of_5000_digits(claim: str) -> None:
    answer = run("reconcile", claim, "googlenet")
    assert (answer.code, answer.out) == (2, "")
    assert "has at most 300 digits" in answer.err
    assert len(answer.err) < 320
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("asked", [["table"], ["audit"], ["reconcile", "5M"]], ids=" ".join)
def test_a_printed_number_of_5000_digits(asked: list[str], tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(f"---\ninput: 8x8x3\n---\n\n| type | params |\n|---|---|\n| relu | {'9' * 5000} |\n")
    answer = run(*asked, str(path))
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(
        "archcalc: net.md:7, row 'relu', column 'params': a printed cell has at most 300"
    )
    assert len(answer.err) < 400
