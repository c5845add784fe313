"""The article's worked modules: every convolution's weights, biases, MACs and output elements."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests._cli import archcalc, rows

FACTS = Path(__file__).parent / "facts" / "article_examples.csv"
MODULES = {
    "Naive Inception": ("naive-vs-v1", "inception_naive."),
    "Inception V1": ("naive-vs-v1", "inception_v1."),
    "GoogLeNet conv2": ("googlenet", "convolution_2."),
    "GoogLeNet 3a": ("googlenet", "inception_3a."),
}


def worked(module: str) -> list[dict[str, str]]:
    """The article's lines on one module."""
    with FACTS.open() as file:
        return [row for row in csv.DictReader(file) if row["module"] == module]


@pytest.mark.parametrize("module", MODULES)
def test_every_convolution(module: str) -> None:
    network, prefix = MODULES[module]
    layers = rows("table", network, "--level", "layer")
    mine = [row for row in layers if row["layer"].startswith(prefix) and row["op"] == "conv"]
    theirs = [row for row in worked(module) if row["bias"] and row["part"] != "TOTAL"]
    assert len(mine) == len(theirs) > 1
    for layer, example in zip(mine, theirs, strict=True):
        keys = ("weights", "biases", "params", "macs", "output_elements")
        expected = ("weights", "bias", "params", "macs", "activation_elements")
        assert [layer[key] for key in keys] == [example[key] for key in expected], layer["layer"]
        assert layer["output"].rpartition("x")[0] == example["size"]


@pytest.mark.parametrize("module", MODULES)
def test_totals(module: str) -> None:
    network, prefix = MODULES[module]
    layers = [row for row in rows("table", network, "--level", "layer") if row["layer"].startswith(prefix)]
    total = next(row for row in worked(module) if row["part"] == "TOTAL")
    for mine, theirs in (("weights", "weights"), ("biases", "bias"), ("params", "params"), ("macs", "macs")):
        assert sum(int(row[mine]) for row in layers) == int(total[theirs])
    windows = [row for row in layers if row["op"] == "conv"]
    assert sum(int(row["output_elements"]) for row in windows) == int(total["activation_elements"])


@pytest.mark.parametrize("module", ["Naive Inception", "Inception V1", "GoogLeNet 3a"])
def test_pooling_and_concatenation(module: str) -> None:
    network, prefix = MODULES[module]
    layers = [row for row in rows("table", network, "--level", "layer") if row["layer"].startswith(prefix)]
    said = {row["part"].partition(" (")[0]: row["activation_elements"] for row in worked(module)}
    outputs = {row["op"]: row["output_elements"] for row in layers}
    assert outputs["max pool"] == said["max pool 3x3/1 output"]
    assert outputs["concat"] == said["concatenated output"]


def test_compare_as_the_article_does() -> None:
    *branches, total = rows("compare", "naive-vs-v1", "--input", "32x32x256", "--total")
    assert (total["naive_weights"], total["v1_weights"]) == ("1089536", "346112")
    assert (total["naive_output"], total["v1_output"]) == ("32x32x672", "32x32x480")
    assert (total["naive_macs"], total["v1_macs"]) == ("1115684864", "354418688")
    assert round(float(total["v1_weights_ratio"]), 4) == 3.1479
    by_name = {line["branch"]: line for line in branches}
    assert (by_name["branch2"]["naive_weights"], by_name["branch2"]["v1_weights"]) == ("442368", "126976")
    assert (by_name["branch3"]["naive_weights"], by_name["branch3"]["v1_weights"]) == ("614400", "169984")
    assert by_name["branch4"]["v1_weights_difference"] == "-16384"
    shares = [float(line["v1_weights_saving"]) for line in branches]
    assert sum(shares) == pytest.approx(1)


def test_people_see_the_terms_of_a_branch() -> None:
    text = archcalc("compare", "naive-vs-v1", "--input", "32x32x256").out
    for shown in ("442,368", "16,384 + 110,592", "16,384 + 153,600", "3.15x", "32x32x672", "32x32x480"):
        assert shown in text


def test_at_28x28() -> None:
    total = rows("compare", "naive-vs-v1", "--input", "28x28x256", "--total")[-1]
    assert (total["naive_macs"], total["v1_macs"]) == ("854196224", "271351808")
    assert (total["naive_weights"], total["v1_weights"]) == ("1089536", "346112")
