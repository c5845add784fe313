"""Up to which width a design pays, and what one channel more adds: as the integer calculator finds it."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

import archcalc
from archcalc.formula.break_even import BreakEven
from archcalc.report import render
from archcalc.sources.paper import load
from tests._cli import rows
from tests._formulas import NAIVE, NAMED, at, counted, of_python

# Break-even


def test_the_reduction_of_the_3x3_branch_pays_below_a_width() -> None:
    report = NAIVE.break_even("#3x3 reduce", input="HxWxC", symbols=NAMED)
    branch = {row["quantity"]: str(row["pays_where"]) for row in report.rows if row["part"] == "branch2"}
    assert branch == {
        "MACs": "r < 9*C*n/(C + 9*n)",
        "weights": "r < 9*C*n/(C + 9*n)",
        "params": "r < 9*C*n/(C + 9*n + 1)",
    }


@pytest.mark.parametrize(
    ("relation", "bound", "integers"),
    [
        ("<", sympy.Rational(11, 2), (5, None)),
        ("<", sympy.Integer(5), (4, None)),
        ("<", sympy.Integer(-3), (0, None)),
        (">", sympy.Rational(11, 2), (None, 6)),
        (">", sympy.Integer(5), (None, 6)),
        (">", sympy.Integer(-3), (None, 1)),
        (">", sympy.Symbol("C"), (None, None)),
    ],
)
def test_whole_widths_that_pay(relation: str, bound: Any, integers: tuple[int | None, int | None]) -> None:
    width = sympy.Symbol("r")
    pays = BreakEven(width, relation, bound)
    assert pays.integers == integers


@pytest.mark.parametrize("channels", [64, 192, 256, 1000])
def test_the_largest_width_that_pays(channels: int) -> None:
    """The integer calculator finds the same width when it tries them."""
    network = load("naive-vs-v1")
    lines = rows("formula", "naive-vs-v1", "--input", f"8x8x{channels}", "--solve", "#3x3 reduce")
    largest = {(line["part"], line["quantity"]): int(line["largest"]) for line in lines}
    naive = at(network.alternative("naive"), 8, 8, channels)
    assert naive is not None
    for quantity in ("MACs", "weights", "params"):
        width = largest["all", quantity]
        pays = []
        for tried in (width, width + 1):
            v1 = at(network.alternative("v1"), 8, 8, channels, cells={("v1", "#3x3 reduce"): tried})
            pays.append(tried > 0 and v1 is not None and v1[quantity] < naive[quantity])
        assert pays == [width > 0, False], quantity
    assert largest["branch2", "MACs"] == -(-9 * channels * 192 // (channels + 9 * 192)) - 1


def test_a_break_even_in_python_is_a_condition() -> None:
    functions = of_python(render(NAIVE.break_even("#3x3 reduce", input="HxWxC", symbols=NAMED), "python"))
    assert functions[0].__name__ == "branch2_of_inception_v1"
    assert functions[0](C=256, n=192, r=222)["MACs"] is True
    assert functions[0](C=256, n=192, r=223)["MACs"] is False


# Sensitivity


@pytest.mark.parametrize("name", ["googlenet", "vgg16", "squeezenet"])
def test_a_sensitivity_is_what_one_channel_more_adds(name: str) -> None:
    network = load(name)
    before = counted(network.graph())
    lines = archcalc.load(name).sensitivity().rows
    assert [line["macs"] for line in lines] == sorted((line["macs"] for line in lines), reverse=True)
    for line in lines[::5]:
        cells = {(line["row"], line["column"]): line["width"] + 1}
        after = counted(network.graph(cells=cells))
        assert after["MACs"] - before["MACs"] == line["macs"], line
        assert after["params"] - before["params"] == line["params"], line


def test_the_column_that_moves_googlenet_most() -> None:
    first = archcalc.load("googlenet").sensitivity().rows[0]
    assert (first["row"], first["column"], first["macs"]) == ("convolution_2", "#3x3 reduce", 56**2 * 64 * 28)


def test_sensitivities_at_symbols_are_formulas() -> None:
    lines = archcalc.load("googlenet").sensitivity("HxWx3").rows
    line = next(line for line in lines if (line["row"], line["column"]) == ("3a", "#3x3 reduce"))
    assert str(line["macs"]) == "1344*floor((H + 1)/8)*floor((W + 1)/8)"


def test_sensitivities_at_symbols_are_formulas_in_python() -> None:
    """The params of a 1x1 convolution are a number; beside a formula they are one too."""
    report = archcalc.load("squeezenet").sensitivity("HxWx3", row="conv10")
    [function] = of_python(render(report, "python"))
    assert list(function(H=2, W=5).values()) == [(30, 4)]


def test_widths_that_must_agree_are_named() -> None:
    notes = archcalc.load("resnet18").sensitivity().notes
    assert "conv2_x.channels = conv1.channels" in notes[0]
