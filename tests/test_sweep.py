"""A sweep's points are the networks that the calculator counts one by one, and that torch builds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy
import pytest

import archcalc
from archcalc.costs.counting import Counting
from archcalc.errors import DocumentError
from archcalc.sizes import Shape, as_int
from archcalc.sweep.run import CHUNK
from archcalc.sweep.space import BLOCK, Space, parse_axis
from archcalc.sweep.widths import widths
from tests._cli import rows
from tests._sweeps import points, sweep

GOOGLENET = archcalc.load("googlenet")
WIDTHS = widths(GOOGLENET.network)
TEN = (
    "input=180:320:7",
    "batch=1:4",
    "width=0.25:2:0.05",
    "3a.#3x3 reduce=8:200:3",
    "3a.#3x3=1:300",
    "3b.#5x5=16:256:16",
    "4a.pool proj=8,16,24,63",
    "4e.#1x1=32:512:32",
    "convolution.out=16:96:16",
    "linear.out=10,100,1000",
)
"""Ten columns of three kinds; the smaller inputs are too small for the last pooling."""


def one(values: Sequence[tuple[str, Any]]) -> dict[str, int] | None:
    """The calculator's costs of GoogLeNet where some cells, its input and its batch are replaced."""
    given = dict(values)
    cells: dict[tuple[str, str], int] = {}
    if "width" in given:
        factor = Fraction(str(given["width"]))
        for cell, printed in WIDTHS.items():
            eighths = int(printed * factor / 8 + Fraction(1, 2))
            cells[cell] = printed if factor == 1 else max(8, 8 * eighths)
    for name, value in given.items():
        row, _, column = name.partition(".")
        if column:
            cells[row, "output size" if column == "out" else column] = value
    side = given.get("input", 224)
    try:
        graph = GOOGLENET.network.graph(Shape((side, side), 3), cells=cells)
    except DocumentError:
        return None
    counted = Counting(batch=given.get("batch", 1)).layers(graph)
    return {
        "params": sum(as_int(layer.cost.params) for layer in counted),
        "macs": sum(as_int(layer.cost.macs) for layer in counted),
        "activations": sum(as_int(layer.output_elements) for layer in counted if layer.weighted),
    }


def test_a_thousand_points_equal_the_calculator() -> None:
    report = sweep(*TEN, sample=1000, seed=3).report()
    names = [text.partition("=")[0] for text in TEN]
    built = 0
    for row in report.rows:
        expected = one([(name, row[name]) for name in names])
        assert row["buildable"] == (expected is not None)
        built += row["buildable"]
        assert {key: row[key] for key in ("params", "macs", "activations")} == (
            expected or dict.fromkeys(("params", "macs", "activations"))
        )
    assert len(report.rows) == 1000
    assert 500 < built < 1000


def test_twenty_points_equal_built_models() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from archcalc.torch_module import build

    report = sweep("input=224:300:19", "3a.#3x3=8:160:8", "4d.#5x5=8:64:8", sample=20, seed=1).report()
    assert len(report.rows) == 20
    for row in report.rows:
        side = row["input"]
        cells = {("3a", "#3x3"): row["3a.#3x3"], ("4d", "#5x5"): row["4d.#5x5"]}
        model = build(GOOGLENET.network.graph(Shape((side, side), 3), cells=cells), "meta")
        assert sum(tensor.numel() for tensor in model.parameters()) == row["params"]
        with FlopCounterMode(display=False) as counter:
            model(torch.empty(1, 3, side, side, device="meta"))
        assert counter.get_total_flops() == 2 * row["macs"]


@pytest.mark.parametrize("name", ["naive-vs-v1", "mobilenet-v2", "resnet50", "lenet-5", "inception-v4"])
def test_other_networks_at_their_own_widths(name: str) -> None:
    """At the factor 1 a sweep is the network itself."""
    row = "v1" if name == "naive-vs-v1" else None
    own = archcalc.load(name)
    report = own.sweep("width=1", "batch=1:3", row=row).report()
    network = own.network.alternative(row) if row else own.network
    for found in report.rows:
        counting = Counting(batch=found["batch"])
        total = [layer.cost for layer in counting.layers(counting.graph(network))]
        assert found["params"] == sum(cost.params for cost in total)
        assert found["macs"] == sum(cost.macs for cost in total)


def test_mobilenets_multiplier() -> None:
    """MobileNet at width multiplier 0.5 and 0.75, whose params and MACs Howard et al. (2017) print in
    Table 6: 1.3M and 149M, 2.6M and 325M.
    """
    report = archcalc.load("mobilenet-v1").sweep("width=0.5:1:0.25").report()
    printed = [(1.3, 149), (2.6, 325), (4.2, 569)]
    rounded = [(round(p / 1e6, 1), round(m / 1e6)) for p, m in points(report, "params", "macs")]
    assert rounded == printed


def test_a_grid_has_both_ends_and_its_last_axis_is_fastest() -> None:
    found = rows("sweep", "googlenet", "--vary", "input=224:256:32", "--vary", "batch=2,1")
    assert [(row["input"], row["batch"]) for row in found] == [
        ("224", "2"),
        ("224", "1"),
        ("256", "2"),
        ("256", "1"),
    ]
    assert found[1]["params"] == "6998552"
    assert found[1]["macs"] == "1582671872"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=1:4", (1, 2, 3, 4)),
        ("x=1:10:4", (1, 5, 9)),
        ("x=128:512:32", tuple(range(128, 513, 32))),
        ("x=1K,2.5K", (1000, 2500)),
        ("x=0.25:0.4:0.05", (Fraction(1, 4), Fraction(3, 10), Fraction(7, 20), Fraction(2, 5))),
        ("x=7", (7,)),
    ],
)
def test_values_of_an_axis(text: str, values: tuple[Any, ...]) -> None:
    assert parse_axis(text).values == values


@pytest.mark.parametrize("size", [BLOCK + 3 * CHUNK + 17, 1000], ids=["blocks", "small"])
def test_a_grid_has_every_point_once(size: int) -> None:
    axes = [parse_axis("a=1:3"), parse_axis(f"b=1:{size}"), parse_axis("c=0:1")]
    space = Space(axes)
    found = numpy.concatenate(
        [numpy.stack(digits) for block in range(space.blocks) for digits in space.block(block, CHUNK)], axis=1
    )
    numbers = (found[0] * size + found[1]) * 2 + found[2]
    assert (numbers == numpy.arange(6 * size)).all()


def test_a_sample_is_drawn_without_repetition_and_by_its_seed() -> None:
    def drawn(sample: int, seed: int) -> list[tuple[Any, ...]]:
        report = sweep("3a.#3x3=1:100", "batch=1:100", sample=sample, seed=seed).report()
        return points(report, "3a.#3x3", "batch")

    assert len(set(drawn(900, 0))) == 900
    assert drawn(900, 0) == drawn(900, 0)
    assert drawn(900, 0) != drawn(900, 1)
    assert len(drawn(10**6, 0)) == 10**4, "a sample of more than all is all"


def test_a_sample_of_a_grid_beyond_64_bits() -> None:
    axes = [
        f"{row}.{column}=1:600" for row in ("3a", "3b") for column in ("#1x1", "#3x3", "#5x5", "pool proj")
    ]
    report = sweep(*axes, sample=2000).report()
    assert len(report.rows) == 2000
    for axis in axes:
        values = [row[axis.partition("=")[0]] for row in report.rows]
        assert 250 < sum(values) / 2000 < 350
        assert min(values) < 20
        assert max(values) > 580


def test_a_network_that_cannot_be_built_stops_nothing() -> None:
    report = sweep("input=1:256:5").report()
    assert [row["input"] for row in report.rows if row["buildable"]] == [226, 231, 236, 241, 246, 251, 256]
    notes = "\n".join(report.notes)
    assert "52 points: 7 can be built." in notes
    assert "cannot be built, the first at input 31: googlenet.md:28: 'average pool" in notes
    told = [int(note.split()[0]) for note in report.notes if "cannot be built" in note]
    assert sum(told) == 45


def test_a_linear_layer_that_the_input_widens_is_told() -> None:
    changed = "The input's size changes the weights of linear.linear"
    assert any(changed in note for note in sweep("input=224:256:32").report().notes)
    assert not any("changes the weights" in note for note in sweep("input=224:230").report().notes)
    assert not any("changes" in note for note in sweep("input=224:512:32", network="resnet50").report().notes)
