"""`archcalc formula`: what the rules write of symbols is what they count of numbers, in every format."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.costs import by_row, layers
from archcalc.notation.network import TableNetwork
from archcalc.report import Target, render
from archcalc.sizes import as_int
from archcalc.sources.paper import load
from tests._cli import archcalc as command
from tests._formulas import (
    NAIVE,
    NAMED,
    at,
    conditions,
    counted,
    formulas,
    holds,
    of_latex,
    of_python,
    of_text,
    takes_a_map,
)

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


@pytest.mark.parametrize("name", [name for name in archcalc.networks() if takes_a_map(name)])
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


DENSE = """---
name: a small DenseNet
input: 32x32x3
every conv: no bias -> batch norm -> relu
---

```blocks
stem        = conv 3x3 {width}
dense block = dense layer * {layers}
dense layer = concat
  | identity
  | conv 1x1 {4*growth} -> conv 3x3 {growth}
top         = global average pool -> flatten -> linear {width}
```

| type            | width | growth | layers |
|-----------------|-------|--------|--------|
| stem            | 16    |        |        |
| dense block (1) |       | GROWTH | 4      |
| dense block (2) |       | GROWTH | 6      |
| dense block (3) |       | GROWTH | 2      |
| top             | 10    |        |        |
"""


@pytest.mark.parametrize("asked", ["growth", "k=growth"])
def test_a_number_that_all_rows_have_is_one_symbol(asked: str, tmp_path: Path) -> None:
    """The formula in DenseNet's growth rate is what documents with other rates count."""
    path = tmp_path / "dense.md"
    path.write_text(DENSE.replace("GROWTH", "12"))
    report = archcalc.load(str(path)).formula("32x32x3", symbols=asked)
    name = asked.partition("=")[0]
    assert report.notes[0] == f"{name} is the column growth of 3 rows."
    for rate in (1, 2, 3, 4, 8, 12, 24, 32, 40, 48):
        path.write_text(DENSE.replace("GROWTH", str(rate)))
        found = {key: of_text(str(each), {name: rate}) for key, each in formulas(report).items()}
        assert found == counted(load(str(path)).graph()), rate


def test_numbers_that_differ_are_one_symbol_by_a_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "dense.md"
    path.write_text(DENSE.replace("GROWTH", "12", 1).replace("GROWTH", "24"))
    network = archcalc.load(str(path))
    apart, named = (network.formula("32x32x3", symbols=asked) for asked in ("growth", "k=growth"))
    rows = "; ".join(f"growth_n{row} is the column growth of row {row}" for row in "123")
    assert apart.notes[0] == f"{rows}."
    assert named.notes[0] == "k is the column growth of 3 rows, 12 to 24 in the table."
    path.write_text(DENSE.replace("GROWTH", "20"))
    expected = counted(load(str(path)).graph())
    for report, numbers in (apart, {f"growth_n{row}": 20 for row in "123"}), (named, {"k": 20}):
        assert {key: of_text(str(each), numbers) for key, each in formulas(report).items()} == expected
    one = network.formula("32x32x3", symbols="k=2.growth")
    assert one.notes[0] == "k is the column growth of row 2."


def test_every_output_has_its_formula(tmp_path: Path) -> None:
    path = tmp_path / "two.md"
    path.write_text(
        "---\ninput: 32x32x3\noutputs: boxes, scores\n---\n\n```blocks\nstem = conv 3x3/2 {w}\n"
        "boxes = conv 1x1 {w}\nscores = from stem -> global average pool -> flatten -> linear {w}\n```\n\n"
        "| type | w |\n|---|---|\n| stem | 8 |\n| boxes | 4 |\n| scores | 10 |\n"
    )
    report = archcalc.load(str(path)).formula("HxWx3")
    exact, clean = formulas(report), formulas(report, 1)
    assert list(exact)[:3] == ["output of boxes", "output of scores", "weights"]
    assert of_text(str(exact["output of boxes"]), {"H": 31, "W": 40}) == (16, 20, 4)
    assert (str(clean["output of boxes"]), str(clean["output of scores"])) == ("h x w x 4", "10")
    assert of_python(render(report, "python"))[0](H=31, W=40)["output of scores"] == 10


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


def test_flops_are_twice_the_macs() -> None:
    flops = NAIVE.formula(count="flops")
    assert str(formulas(flops)["FLOPs"]) == "8512*C*H*W"


def test_side_chains_are_counted_when_asked_and_said() -> None:
    """The two classifiers of GoogLeNet's training hold 6.4 million parameters."""
    report = archcalc.load("googlenet").formula("224x224x3", heads=True)
    assert report.caption.endswith("batch 1, with the side chains of training")
    assert str(formulas(report)["params"]) == "13378280"
