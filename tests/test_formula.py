"""`archcalc formula`: what the rules write of symbols is what they count of numbers, in every format."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.costs import Cost, by_row, layers
from archcalc.errors import DocumentError
from archcalc.formula.break_even import BreakEven
from archcalc.graph import Graph
from archcalc.notation.network import TableNetwork
from archcalc.report import Report, Target, render
from archcalc.sizes import Shape, as_int
from archcalc.sources.paper import load
from tests._cli import archcalc as command
from tests._cli import rows
from tests._formulas import holds, of_latex, of_python, of_text

QUANTITIES = ("output", "weights", "params", "MACs", "output elements")
NAMED = ("r=#3x3 reduce", "n=#3x3")
NAIVE = archcalc.load("naive-vs-v1")


def counted(graph: Graph) -> dict[str, Any]:
    """What the integer calculator says of a network, by the names that formulas have."""
    every = layers(graph)
    total = sum((layer.cost for layer in every), Cost())
    output = graph.shapes[graph.outputs[0]]
    sizes = (*output.places, output.channels)
    return {
        "output": sizes if len(sizes) > 1 else sizes[0],
        "weights": total.weights,
        "params": total.params,
        "MACs": total.macs,
        "output elements": sum(section.output_elements for section in by_row(every)),
    }


def formulas(report: Report, of: int = 0) -> dict[str, Any]:
    """The formulas of one group of a report."""
    name = list(dict.fromkeys(report.groups))[of]
    return {
        row["quantity"]: row["formula"]
        for row, group in zip(report.rows, report.groups, strict=True)
        if group == name
    }


def conditions(report: Report) -> list[str]:
    return [note for note in report.notes if ": holds " in note]


def at(network: TableNetwork, *sizes: int, cells: Any = None) -> dict[str, Any] | None:
    """The integer calculator at an input; None where it refuses."""
    try:
        return counted(network.graph(Shape(sizes[:-1], sizes[-1]), cells=cells))
    except DocumentError:
        return None


# Facts of the paper's two modules


def test_the_two_modules_of_the_paper() -> None:
    report = NAIVE.formula("HxWxC")
    assert {name: str(each) for name, each in formulas(report).items()} == {
        "output": "H x W x (C + 416)",
        "weights": "4256*C",
        "params": "32*(133*C + 13)",
        "MACs": "4256*C*H*W",
        "output elements": "H*W*(C + 416)",
    }
    assert str(formulas(report, 1)["MACs"]) == "64*H*W*(5*C + 4128)"
    assert str(formulas(report, 1)["output"]) == "H x W x 480"
    assert [note.partition(": ")[2] for note in conditions(report)] == ["holds at every size."] * 2


def test_columns_stay_symbols() -> None:
    report = NAIVE.formula("HxWxC", symbols=NAMED)
    assert str(formulas(report, 1)["weights"]) == "C*r + 256*C + 9*n*r + 153600"
    assert report.notes[0] == "r is the column #3x3 reduce; n is the column #3x3."
    unnamed = NAIVE.formula("8x8x256", symbols=("#3x3 reduce",))
    assert formulas(unnamed, 1)["weights"].symbols == ["n3x3_reduce"]


def test_one_row_takes_what_enters_it() -> None:
    found = formulas(archcalc.load("googlenet").formula(row="3a"))
    assert str(found["MACs"]) == "16*H*W*(13*C + 7712)"
    assert of_text(str(found["MACs"]), {"H": 28, "W": 28, "C": 192}) == 128_049_152


def test_googlenet_at_multiples_of_its_total_stride() -> None:
    report = archcalc.load("googlenet").formula("HxWx3")
    clean = formulas(report, 1)
    assert list(dict.fromkeys(report.groups)) == ["googlenet", "googlenet at H = 32*h, W = 32*w"]
    assert str(clean["MACs"]) == "32278528*h*w + 1024000*(h - 6)*(w - 6)"
    assert of_text(str(clean["MACs"]), {"h": 7, "w": 7}) == 1_582_671_872
    assert conditions(report) == [
        "googlenet: holds where H >= 223 and W >= 223.",
        "googlenet at H = 32*h, W = 32*w: holds where h >= 7 and w >= 7.",
    ]


def test_a_symbol_may_stand_twice() -> None:
    found = formulas(archcalc.load("vgg16").formula("32x32x3"))
    assert not found["MACs"].symbols
    square = formulas(archcalc.load("vgg16").formula("nxnx3"))
    assert square["MACs"].symbols == ["n"]
    assert of_text(str(square["MACs"]), {"n": 224}) == 15_470_264_320


# Formulas are the integer calculator's numbers


@pytest.mark.parametrize("name", archcalc.networks())
def test_every_network_in_text_and_python(name: str) -> None:
    network = load(name)
    parts = [network.alternative(row.name) for row in network.rows] if network.alternatives else [network]
    report = archcalc.load(name).formula()
    functions = dict(zip(dict.fromkeys(report.groups), of_python(render(report, "python")), strict=True))
    said = dict(zip(dict.fromkeys(report.groups), conditions(report), strict=True))
    assert network.input is not None
    own = tuple(map(as_int, (*network.input.places, network.input.channels)))

    def equal(group: str, part: TableNetwork, numbers: dict[str, int], sizes: tuple[int, ...]) -> bool:
        expected = at(part, *sizes)
        assert holds(said[group], numbers) == (expected is not None), (group, sizes)
        if expected is None:
            return False
        found = {
            row["quantity"]: of_text(str(row["formula"]), numbers)
            for row, of in zip(report.rows, report.groups, strict=True)
            if of == group
        }
        function = functions[group]
        taken = function.__code__.co_varnames
        assert found == expected
        assert function(**{name: number for name, number in numbers.items() if name in taken}) == expected
        return True

    @settings(max_examples=4, deadline=None, derandomize=True)
    @given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([own[2], 1, 12]))
    def sizes_of_all_kinds(height: int, width: int, channels: int) -> None:
        for place, part in enumerate(parts):
            group = [group for group in said if " at " not in group][place]
            equal(group, part, {"H": height, "W": width, "C": channels}, (height, width, channels))

    @settings(max_examples=2, deadline=None, derandomize=True)
    @given(st.integers(1, 12), st.integers(1, 12))
    def multiples(height: int, width: int) -> None:
        for group in (group for group in said if " at " in group):
            strides = [int(stride) for stride in re.findall(r"= (\d+)\*", group)]
            sizes = (strides[0] * height, strides[1] * width, own[2])
            equal(group, network, {"h": height, "w": width, "C": own[2]}, sizes)

    sizes_of_all_kinds()
    multiples()
    for place, part in enumerate(parts):  # its own input it always takes
        group = [group for group in said if " at " not in group][place]
        assert equal(group, part, dict(zip("HWC", own, strict=True)), own)


@pytest.mark.parametrize("name", ["googlenet", "alexnet", "mobilenet-v2", "resnet50"])
def test_every_row_with_all_its_columns(name: str) -> None:
    network = load(name)
    sections = {section.name: section for section in by_row(layers(network.graph(heads=True)))}
    for row in network.rows:
        if row.repeat > 1:
            continue
        report = archcalc.load(name).formula(row=row.name, symbols=("all",))
        first, section = sections[row.name].layers[0].inputs[0], sections[row.name]
        entering = tuple(map(as_int, (*first.places, first.channels)))
        numbers = dict(zip("HWC" if len(entering) > 1 else "C", entering, strict=True))
        for symbol, meaning in report.head["symbols"].items():
            column = meaning.removeprefix("the column ")
            if column != meaning:
                numbers[symbol] = int(row.line.cells[column].text.split("x")[-1])
        found = {each: of_text(str(formula), numbers) for each, formula in formulas(report).items()}
        assert (found["weights"], found["MACs"]) == (section.cost.weights, section.cost.macs), row.name
        assert found["output elements"] == section.output_elements, row.name
        assert holds(conditions(report)[0], numbers), row.name


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("googlenet", {"input": "HxWx3"}),
        ("inception-v3", {"input": "nxnxC"}),
        ("alexnet", {"input": "HxWxC", "symbols": ("1.channels",)}),
        ("mobilenet-v2", {"input": "HxWx3", "symbols": ("bottleneck_2.c",)}),
        ("naive-vs-v1", {"input": "HxWxC_in", "symbols": NAMED}),
    ],
    ids=["googlenet", "square", "groups", "column", "names"],
)
def test_latex_is_the_same_formula(name: str, arguments: dict[str, Any]) -> None:
    report = archcalc.load(name).formula(**arguments)
    written = re.findall(r"^ *([\w ]+?) & \$(.*)\$ \\\\$", render(report, "latex"), re.MULTILINE)
    assert [quantity for quantity, _ in written] == [row["quantity"] for row in report.rows]
    for seed in range(3):
        for row, (_, text) in zip(report.rows, written, strict=True):
            numbers = {
                symbol: 384 + 2 * place + 16 * seed for place, symbol in enumerate(row["formula"].symbols)
            }
            assert of_latex(text, numbers) == of_text(str(row["formula"]), numbers), text


def test_long_formulas_are_folded_on_a_terminal_between_their_terms() -> None:
    report = archcalc.load("googlenet").formula("HxWx3")
    text = render(report, "terminal", Target(100))
    assert max(map(len, text.splitlines())) <= 100
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("MACs"))
    assert lines[start].split()[-1] == "6)"
    assert lines[start + 1].strip() == "+ 2485248*floor((H + 1)/32)*floor((W + 1)/32)"
    assert str(formulas(report)["MACs"]) in render(report, "csv")


def test_python_runs_without_sympy() -> None:
    written = command("formula", "googlenet", "--input", "HxWx3", "--format", "python").out
    program = written + "\nimport sys\nprint(googlenet(224, 224)['MACs'], 'sympy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "1582671872 False\n"


def test_divided_widths_are_whole_in_python() -> None:
    """Half of C channels a group is C/2, which Python writes as an exact //."""
    report = archcalc.load("alexnet").formula(row="2")
    assert "C is a multiple of 2" in conditions(report)[0]
    [function] = of_python(render(report, "python"))
    assert function(H=27, W=27, C=96)["weights"] == 307_200
    assert type(function(H=27, W=27, C=96)["weights"]) is int


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


# Errors


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["naive-vs-v1", "--symbols", "#3x4"],
            3,
            "no column that blocks read is called '#3x4'; did you mean '#3x3'?",
        ),
        (
            ["googlenet", "--symbols", "3a.#3x4"],
            3,
            "row '3a' has no number in a column '#3x4'; did you mean '#3x3'?",
        ),
        (["googlenet", "--symbols", "3z.#3x3"], 3, "no row is called '3z'; known: 3a, 3b"),
        (["googlenet", "--row", "inception 3"], 3, "no row is called 'inception 3'; known:"),
        (
            ["naive-vs-v1", "--symbols", "2n=#3x3"],
            2,
            "'2n' is no name for a size; write letters, digits and _",
        ),
        (["naive-vs-v1", "--symbols", "if=#3x3"], 2, "'if' is no name for a size"),
        (
            ["naive-vs-v1", "--symbols", "H=#3x3"],
            2,
            "'H' stands for a size of the input, and cannot for the column",
        ),
        (
            ["naive-vs-v1", "--symbols", "n=#3x3,n=#5x5"],
            2,
            "'n' stands for the column #3x3, and cannot for the column",
        ),
        (["googlenet", "--input", "HxW?x3"], 2, "an input is HxWxC with numbers of 1 or more, or names"),
        (["googlenet", "--input", "0xWx3"], 2, "an input is HxWxC with numbers of 1 or more, or names"),
        (["googlenet", "--input", "32x32"], 3, "(at the input 32x32x3)"),
        (["googlenet", "--input", "9xWx3"], 3, "does not fit into its input"),
        (
            ["googlenet", "--solve", "#3x3"],
            2,
            "'googlenet' holds one design; a break-even is of alternatives",
        ),
        (["naive-vs-v1", "--solve", "#3x4"], 3, "is called '#3x4'; did you mean '#3x3'?"),
        (["naive-vs-v1", "--solve", "all"], 2, "a break-even is of one column, and 'all' names several"),
        (["naive-vs-v1", "--solve", "#3x3", "--row", "v1"], 2, "--solve stands without --row"),
        (["gogglenet"], 3, "did you mean 'googlenet'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_errors(arguments: list[str], code: int, message: str) -> None:
    answer = command("formula", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_a_column_that_enters_no_cost_has_no_break_even() -> None:
    with pytest.raises(archcalc.ArchcalcError, match="no cost depends on the column"):
        NAIVE.break_even("output size")


def test_without_sympy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("archcalc.formula.network")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sympy", None)
    answer = command("formula", "googlenet")
    assert answer.code == 2
    assert "pip install 'archcalc[formula]'" in answer.err


def test_flops_are_twice_the_macs() -> None:
    flops = NAIVE.formula(count="flops")
    assert str(formulas(flops)["FLOPs"]) == "8512*C*H*W"


def test_side_chains_are_counted_when_asked_and_said() -> None:
    """The two classifiers of GoogLeNet's training hold 6.4 million parameters."""
    report = archcalc.load("googlenet").formula("224x224x3", heads=True)
    assert report.caption.endswith("batch 1, with the side chains of training")
    assert str(formulas(report)["params"]) == "13378280"
