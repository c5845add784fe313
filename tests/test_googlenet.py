"""GoogLeNet against the paper's Table 1 and against Caffe's model, layer by layer."""

from __future__ import annotations

import pytest

import archcalc
from tests._caffe import KINDS, assert_equal_layers, assert_equal_windows, caffes_layers, own_layers
from tests._cli import archcalc as command
from tests._cli import rows

LAYERS = "caffe_googlenet_layers.csv"

# Weights and MACs of the rows that have any: Table 1's columns multiplied out, equal to Caffe's model.
ROWS = {
    "convolution": (9_408, 118_013_952),
    "convolution_2": (114_688, 359_661_568),
    "3a": (163_328, 128_049_152),
    "3b": (388_096, 304_267_264),
    "4a": (375_552, 73_608_192),
    "4b": (448_512, 87_908_352),
    "4c": (509_440, 99_850_240),
    "4d": (604_672, 118_515_712),
    "4e": (867_328, 169_996_288),
    "5a": (1_042_432, 51_079_168),
    "5b": (1_442_816, 70_697_984),
    "linear": (1_024_000, 1_024_000),
}

# What the paper printed, and whether it follows from the paper's own columns.
VERDICTS = {
    "convolution": ("2.7K", "differs", "34M", "differs"),
    "convolution_2": ("112K", "agrees", "360M", "agrees"),
    "3a": ("159K", "agrees", "128M", "agrees"),
    "3b": ("380K", "off by one", "304M", "agrees"),
    "4a": ("364K", "differs", "73M", "truncated"),
    "4b": ("437K", "off by one", "88M", "agrees"),
    "4c": ("463K", "differs", "100M", "agrees"),
    "4d": ("580K", "differs", "119M", "agrees"),
    "4e": ("840K", "differs", "170M", "agrees"),
    "5a": ("1072K", "differs", "54M", "differs"),
    "5b": ("1388K", "differs", "71M", "agrees"),
    "linear": ("1000K", "agrees", "1M", "agrees"),
}


def test_totals() -> None:
    cost = archcalc.load("googlenet").cost()
    assert (cost.weights, cost.biases, cost.params, cost.macs) == (
        6_990_272,
        8_280,
        6_998_552,
        1_582_671_872,
    )


def test_total_line_and_depth() -> None:
    total = rows("table", "googlenet", "--total")[-1]
    assert (total["row"], total["depth"]) == ("total", "22")
    assert (total["weights"], total["biases"], total["params"]) == ("6990272", "8280", "6998552")
    assert total["macs"] == "1582671872"


def test_every_row() -> None:
    lines = {line["row"]: line for line in rows("table", "googlenet")}
    assert len(lines) == 19
    assert {
        row: (int(line["weights"]), int(line["macs"])) for row, line in lines.items() if row in ROWS
    } == ROWS
    assert {line["macs"] for row, line in lines.items() if row not in ROWS} == {"0"}


def test_output_sizes_and_depths_follow_from_the_columns() -> None:
    for line in rows("table", "googlenet"):
        assert line["printed_output"].removeprefix("1x1x") == line["output"].removeprefix("1x1x")
        assert line["printed_depth"] == line["depth"]


def test_verdicts() -> None:
    keys = ("printed_params", "verdict_params", "printed_ops", "verdict_ops")
    lines = {line["row"]: tuple(line[key] for key in keys) for line in rows("table", "googlenet")}
    assert {row: verdicts for row, verdicts in lines.items() if any(verdicts)} == VERDICTS
    words = [word for verdicts in VERDICTS.values() for word in (verdicts[1], verdicts[3])]
    assert words.count("differs") + words.count("off by one") == 11  # of the 24 printed costs


def test_ops_are_judged_at_the_networks_own_input_only() -> None:
    lines = rows("table", "googlenet", "--input", "225x225x3")
    assert {line["verdict_ops"] for line in lines} == {""}
    assert {line["verdict_params"] for line in lines} == {"", "agrees", "off by one", "differs"}


@pytest.mark.parametrize("size", ["256x256x3", "225x225x3"])
def test_params_that_depend_on_the_input_are_judged_at_the_networks_own_only(size: str) -> None:
    """At 256x256 the linear layer takes 2x2 places and has four times the weights: the paper is not wrong."""
    lines = {line["row"]: line["verdict_params"] for line in rows("table", "googlenet", "--input", size)}
    own = {line["row"]: line["verdict_params"] for line in rows("table", "googlenet")}
    depends = {"linear"} if size == "256x256x3" else set()
    assert lines == own | dict.fromkeys(depends, "")
    text = command("table", "googlenet", "--input", size).out
    left = 12 + 19 + len(depends)  # ops, output sizes, params
    assert f"The {left} printed cells that depend on the input are judged at 224x224x3 only." in text
    assert "only" not in command("table", "googlenet").out


def test_explain_judges_at_the_networks_own_input_only() -> None:
    text = command("explain", "googlenet", "linear", "--input", "256x256x3").out
    assert "differs" not in text
    assert text.count("judged at 224x224x3 only") == 3


@pytest.mark.parametrize("options", [["--no-bias"], ["--batch", "8"], ["--count", "flops"], ["--heads"]])
def test_verdicts_do_not_depend_on_what_is_shown(options: list[str]) -> None:
    keys = ("row", "verdict_params", "verdict_ops")
    shown = [tuple(line[key] for key in keys) for line in rows("table", "googlenet", *options)]
    own = [tuple(line[key] for key in keys) for line in rows("table", "googlenet")]
    assert [line for line in shown if not line[0].startswith("head_")] == own


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_equals_caffes(kind: str) -> None:
    assert_equal_layers(own_layers("googlenet", kind), caffes_layers(LAYERS, kind))


def test_windows_equal_caffes() -> None:
    assert_equal_windows(own_layers("googlenet", "Convolution"), caffes_layers(LAYERS, "Convolution"))


@pytest.mark.parametrize(
    ("size", "macs"), [("224x224x3", 1_582_671_872), ("227x227x3", 1_599_884_032)], ids=str
)
def test_macs_of_caffe_ports(size: str, macs: int) -> None:
    assert archcalc.load("googlenet").cost(input=size).macs == macs
