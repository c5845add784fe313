"""A sweep's points are the networks that the calculator counts one by one, and that torch builds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy
import pytest

import archcalc
from archcalc.costs.counting import Counting
from archcalc.errors import ArchcalcError, DocumentError
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import MaxPool
from archcalc.recorded.operations import OPERATIONS
from archcalc.recorded.recording import Recorded, Recorder
from archcalc.report import Report
from archcalc.sizes import Shape, as_int
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep
from archcalc.sweep.program import FUNCTIONS, Program
from archcalc.sweep.run import CHUNK
from archcalc.sweep.selection import pareto
from archcalc.sweep.space import BLOCK, Space, parse_axis
from archcalc.sweep.widths import widths
from tests._cli import archcalc as command
from tests._cli import rows

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


def sweep(*vary: str, network: str = "googlenet", **options: Any) -> Sweep:
    return Sweep(load(network), Request(vary, **options), Counting())


def points(report: Report, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in report.rows]


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


@pytest.mark.parametrize(
    ("where", "keeps"),
    [
        ("macs<1.5G and params<7M", lambda p: p["macs"] < 1_500_000_000 and p["params"] < 7_000_000),
        ("not macs >= 1G or input == 320", lambda p: not p["macs"] >= 10**9 or p["input"] == 320),
        ("macs/params > 200.5", lambda p: p["macs"] / p["params"] > 200.5),
        ("3*params-macs/2 <= -(2e8)", lambda p: 3 * p["params"] - p["macs"] / 2 <= -2e8),
        ("width != 0.3 and (width < .5)", lambda p: p["width"] != 0.3 and p["width"] < 0.5),
        ("1G < macs and macs < 2*activations*256", lambda p: 10**9 < p["macs"] < 512 * p["activations"]),
    ],
)
def test_where_keeps_what_fits(where: str, keeps: Any) -> None:
    axes = ("width=0.2:2:0.1", "input=192:384:32")
    everything = [row for row in sweep(*axes).report().rows if row["buildable"]]
    expected = [row for row in everything if keeps(row)]
    assert 0 < len(expected) < len(everything)
    assert list(sweep(*axes, where=where).report().rows) == expected


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


def beaten(point: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    return any(
        all(a <= b for a, b in zip(other, point, strict=True)) and tuple(other) != tuple(point)
        for other in others
    )


@pytest.mark.parametrize("keys", [1, 2, 3, 4])
def test_pareto_against_brute_force(keys: int) -> None:
    draws = random.Random(keys)
    for size in (1, 2, 40, 300):
        drawn = [tuple(draws.randrange(12) for _ in range(keys)) for _ in range(size)]
        front = pareto([numpy.array(column) for column in zip(*drawn, strict=True)])
        expected = sorted(point for point in drawn if not beaten(point, drawn))
        assert [drawn[index] for index in front] == expected


def test_a_front_is_that_of_all_points() -> None:
    axes = ("width=0.25:2:0.05", "input=224:512:8", "3a.#3x3=16:512:4")
    report = sweep(*axes, pareto="-input,macs,params").report()
    everything = sweep(*axes).report().rows
    assert len(everything) > 2 * CHUNK
    keys = [(-row["input"], row["macs"], row["params"]) for row in everything]
    least: dict[tuple[int, int], tuple[int, int, int]] = {}
    for key in sorted(keys):
        least.setdefault(key[:2], key)
    assert points(report, "input", "macs", "params")
    for row in report.rows:
        key = (-row["input"], row["macs"], row["params"])
        assert not beaten(key, keys)
    front = {(-row["input"], row["macs"], row["params"]) for row in report.rows}
    rest = [key for key in keys if key not in front]
    assert all(beaten(key, list(front)) for key in rest[::97])


def test_top_is_the_largest() -> None:
    axes = ("width=0.25:2:0.05", "input=224:512:8", "3a.#3x3=16:512:16")
    everything = sweep(*axes).report().rows
    for by, key in (("macs", lambda row: -row["macs"]), ("-params", lambda row: row["params"])):
        report = sweep(*axes, top=25, by=by).report()
        assert list(report.rows) == sorted(everything, key=key)[:25]


def test_solve_is_the_largest_that_fits() -> None:
    axes = ("batch=3,1,2", "width=0.25:2:0.05", "3a.#3x3=16:512:16")
    fitting = sweep(*axes, where="macs<3G").report().rows
    report = sweep(*axes, where="macs<3G", solve="width").report()
    largest: dict[Any, float] = {}
    for row in fitting:
        other = row["batch"], row["3a.#3x3"]
        largest[other] = max(largest.get(other, 0), row["width"])
    assert {(row["batch"], row["3a.#3x3"]): row["width"] for row in report.rows} == largest
    assert len(report.rows) == len(largest)


def test_nothing_fits() -> None:
    for options in ({}, {"pareto": "macs"}, {"top": 2, "by": "macs"}, {"solve": "batch"}):
        report = sweep("batch=1:4", where="macs<1", **options).report()
        assert report.rows == ()


NUMBERS = (-7, -1, 0, 1, 2, 3, 10)


@pytest.mark.parametrize("operation", ["+", "-", "*", "//", "min", "<=", "<", "==", "!="])
def test_bounds_hold(operation: str) -> None:
    """Whatever lies between the bounds of two terms gives a result between those of their term."""
    for low, high, least, most in itertools.product(NUMBERS, repeat=4):
        if low >= high or least >= most:
            continue
        recorder = Recorder()
        term = recorder.record(
            operation, recorder.variable("a", low, high), recorder.variable("b", least, most)
        )
        corners = list(itertools.product(range(low, high + 1), range(least, most + 1)))
        columns = [numpy.array(column) for column in zip(*corners, strict=True)]
        [values] = Program([term])(dict(zip("ab", columns, strict=True)), len(corners))
        if isinstance(term, Recorded):
            assert term.low <= values.min()
            assert values.max() <= term.high
        else:  # decided: True, or the one number it can be
            assert (values == term).all()


def test_numpy_does_every_recorded_operation() -> None:
    assert FUNCTIONS.keys() == OPERATIONS.keys()


def test_recorded_sizes_are_no_numbers() -> None:
    """A rule that branches on a size's value would be recorded wrongly: it fails instead."""
    n = Recorder().variable("n", 1, 9)
    with pytest.raises(TypeError, match="the truth of the recorded term"):
        assert n < 5
    conv = Conv(kernel=(3, 3), channels=n)
    assert conv.macs(Shape((4, 4), n)) is 144 * (n * n)
    pool = MaxPool(kernel=(3, 3), stride=(2, 2), valid=True, ceil=True)
    height = pool.out(Shape((n, n), 1)).places[0]
    [found] = Program([height])({"n": numpy.arange(1, 10)})
    assert found.tolist() == [pool.out(Shape((size, size), 1)).places[0] for size in range(1, 10)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--vary", "batch=1:100G"), "'convolution.conv7x7': the number of macs can reach 1.18e+19"),
        (("--vary", "3a.#3x3=1:9000P"), "holds '9000P', which is no number"),
        (
            ("--vary", "input.channels=1:3000000000000000000", "--sample", "3"),
            "'convolution.conv7x7': the number of weights can reach 9.41e+21",
        ),
        (("--vary", "batch=1:1000", "--where", "macs*macs*macs<1"), "a number in --where can reach"),
        (
            ("--vary", "batch=1:1000", "--pareto", "macs*macs,params"),
            "a number in --pareto, --by or --solve can reach",
        ),
    ],
    ids=["batch", "letter", "channels", "where", "pareto"],
)
def test_numbers_beyond_64_bits_are_refused_by_name(arguments: tuple[str, ...], message: str) -> None:
    answer = command("sweep", "googlenet", *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_a_network_of_a_fixed_width_beyond_64_bits(tmp_path: Any) -> None:
    path = tmp_path / "wide.md"
    path.write_text(
        f"---\ninput: 8x8x3\n---\n\n```blocks\na = conv 1x1 {10**30} -> conv 1x1 {{c}}\n```\n\n"
        "| type | c |\n|---|---|\n| a | 4 |\n"
    )
    with pytest.raises(ArchcalcError, match=r"'a.conv1x1': the number of weights can reach 3e\+30"):
        archcalc.load(str(path)).sweep("a.c=1:4")
