"""The Python interface: one convention, and what it is given is checked: one line says what it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc import Counting, render
from archcalc.costs import Layer
from archcalc.errors import UsageError

LOOSE: Any = archcalc  # a type checker would see most of these misuses
NET: Any = archcalc.load("naive-vs-v1")
GOOGLENET: Any = archcalc.load("googlenet")
CONDITIONS: dict[str, Any] = {
    "input": "14x14x128",
    "batch": 2,
    "count": "flops",
    "bias": False,
    "heads": True,
}
COUNTS: dict[str, Callable[..., Any]] = {
    "layers": NET.layers,
    "cost": NET.cost,
    "table": lambda **conditions: NET.table("branch", **conditions),
    "frame": lambda **conditions: NET.frame("layer", **conditions).to_csv(),
    "explain": lambda **conditions: NET.explain("v1", **conditions),
    "sweep": lambda **conditions: NET.sweep("v1.#3x3=8:32:8", row="v1", **conditions).report(),
    "formula": lambda **conditions: render(NET.formula(symbols="#3x3", **conditions), "json"),
    "break_even": lambda **conditions: render(NET.break_even("#3x3 reduce", **conditions), "json"),
    "sensitivity": lambda **conditions: NET.sensitivity(row="v1", **conditions),
    "compare": lambda **conditions: archcalc.compare("naive-vs-v1", **conditions),
}


each_count = pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)


@each_count
def test_conditions_are_keywords_or_one_counting(count: Callable[..., Any]) -> None:
    assert count(**CONDITIONS) == count(counting=Counting(**CONDITIONS))
    assert count() == count(counting=Counting())
    assert count(**CONDITIONS) != count()


@each_count
def test_conditions_are_stated_once(count: Callable[..., Any]) -> None:
    for twice in ({"batch": 2}, {"input": "28x28x256"}, {"heads": False}):
        with pytest.raises(UsageError, match=r"^give counting, or input, batch, count, bias and heads"):
            count(counting=Counting(), **twice)
    with pytest.raises(UsageError, match=r"^counting is a Counting\(\.\.\.\), not 'flops'"):
        count(counting="flops")


@each_count
def test_an_unknown_condition_is_python_s_own_error(count: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="batsh"):
        count(batsh=2)


@each_count
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": "flop"}, "count is macs or flops, not 'flop'; did you mean 'flops'?"),
        ({"count": "MAC"}, "count is macs or flops, not 'MAC'; did you mean 'macs'?"),
        ({"count": 2}, "count is macs or flops, not 2"),
        ({"count": None}, "count is macs or flops, not None"),
        ({"batch": 0}, "batch is a whole number, 1 or more, not 0"),
        ({"batch": -3}, "batch is a whole number, 1 or more, not -3"),
        ({"batch": "2"}, "batch is a whole number, 1 or more, not '2'"),
        ({"batch": 2.5}, "batch is a whole number, 1 or more, not 2.5"),
        ({"batch": 2.0}, "batch is a whole number, 1 or more, not 2.0"),
        ({"batch": True}, "batch is a whole number, 1 or more, not True"),
        ({"batch": None}, "batch is a whole number, 1 or more, not None"),
        ({"bias": "no"}, "bias is True or False, not 'no'"),
        ({"bias": None}, "bias is True or False, not None"),
        ({"heads": 1}, "heads is True or False, not 1"),
        ({"input": "abc!"}, "an input is HxWxC"),
    ],
)
def test_conditions_are_checked(count: Callable[..., Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        count(**given)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("written", ["flops", "FLOPs", "FLOPS", "Flops"])
def test_units_are_read_in_capitals_too(written: Any) -> None:
    report = GOOGLENET.table(count=written)
    assert report.total is not None
    assert report.total["flops"] == 2 * 1582671872
    assert Counting(count=written).unit == "FLOPs"
    assert Counting(count="MACs").count == "macs"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: NET.table("layers"), "level is row, branch, layer, not 'layers'; did you mean 'layer'?"),
        (lambda: NET.table(level=2), "level is row, branch, layer, not 2"),
        (lambda: NET.frame(None), "level is row, branch, layer, not None"),
        (lambda: NET.table(check="yes"), "check is True or False, not 'yes'"),
        (lambda: NET.explain(3), "row is a text such as 3a, as the table calls it, not 3"),
        (lambda: NET.explain(""), "row is a text such as 3a, as the table calls it, not ''"),
        (lambda: NET.explain(None), "row is a text such as 3a, as the table calls it, not None"),
        (lambda: NET.formula(row=3), "row is a text such as 3a, as the table calls it, not 3"),
        (lambda: NET.sensitivity(row=("v1",)), "row is a text such as 3a, as the table calls it, not ('v1"),
        (lambda: NET.formula(symbols=3), "symbols is texts such as #3x3 and n=#3x3, not 3"),
        (lambda: NET.formula(symbols=[3]), "symbols is texts such as #3x3 and n=#3x3, not [3]"),
        (lambda: NET.formula(symbols=None), "symbols is texts such as #3x3 and n=#3x3, not None"),
        (lambda: NET.break_even(""), "column is a text such as #3x3, not ''"),
        (lambda: NET.break_even(3), "column is a text such as #3x3, not 3"),
        (
            lambda: NET.formula("HxWxC", counting=Counting(input=28)),
            "give the input 'HxWxC', or a counting that has one, not both",
        ),
        (GOOGLENET.sweep, "a sweep varies something: "),
        (lambda: GOOGLENET.sweep(3), "what varies is a text such as input=128:512:32, not 3"),
        (lambda: GOOGLENET.sweep(["batch=1:2"]), "what varies is a text such as input=128:512:32, not ["),
        (lambda: GOOGLENET.sweep("batch=1:2", sample="3"), "sample is a whole number, not '3'"),
        (lambda: GOOGLENET.sweep("batch=1:2", sample=True), "sample is a whole number, not True"),
        (lambda: GOOGLENET.sweep("batch=1:2", seed=None), "seed is a whole number, not None"),
        (lambda: GOOGLENET.sweep("batch=1:2", top=2.5, by="macs"), "top is a whole number, not 2.5"),
        (lambda: GOOGLENET.sweep("batch=1:2", where=3), "where is a text such as macs<1.5G, not 3"),
        (lambda: GOOGLENET.sweep("batch=1:2", pareto=["macs"]), "pareto is a text such as params,"),
        (lambda: GOOGLENET.sweep("batch=1:2", top=2, by=None), "by is a text such as -macs, not None"),
        (lambda: GOOGLENET.sweep("batch=1:2", solve=2), "solve is a text such as width, not 2"),
        (lambda: GOOGLENET.sweep("batch=1:2", row=""), "row is a text such as 3a"),
        (lambda: GOOGLENET.sweep("batch=1:2").write(3, "csv"), "an output is a text or a path, not 3"),
        (LOOSE.compare, "name a file of alternatives, such as naive-vs-v1, or two networks"),
        (lambda: LOOSE.compare(3), "a network is a text or a path, not 3"),
        (lambda: LOOSE.compare(["naive-vs-v1"]), "a network is a text or a path, not ["),
        (lambda: LOOSE.compare("naive-vs-v1", stack=0), "stack is a whole number, 1 or more, not 0"),
        (lambda: LOOSE.compare("naive-vs-v1", stack="2"), "stack is a whole number, 1 or more, not '2'"),
        (lambda: LOOSE.compare("naive-vs-v1", stack=True), "stack is a whole number, 1 or more, not True"),
        (lambda: LOOSE.reconcile(7, "googlenet"), "claim is a text such as 6.8M, or 27x of two"),
        (lambda: LOOSE.reconcile("", "googlenet"), "claim is a text such as 6.8M"),
        (lambda: LOOSE.reconcile("googlenet"), "a claim is a number such as 6.8M, 1.5 GMACs"),
        (lambda: LOOSE.reconcile("7M"), "name one network for a number such as 6.8M, or two for a ratio"),
        (lambda: LOOSE.load(None), "a network is a text or a path, not None"),
        (lambda: LOOSE.load(3), "a network is a text or a path, not 3"),
        (lambda: LOOSE.load(b"googlenet"), "a network is a text or a path, not b'googlenet'"),
        (lambda: LOOSE.Architecture("googlenet"), "archcalc.load(name) makes an Architecture, not 'goog"),
        (lambda: LOOSE.render(NET.table(), "xls"), "no format is called 'xls'"),
        (lambda: LOOSE.render(NET.table(), 3), "a format is a text such as csv, not 3"),
        (lambda: LOOSE.render("table", "csv"), "what is rendered is a Report, not 'table'"),
        (lambda: LOOSE.render(NET, "csv"), "what is rendered is a Report, not <archcalc network"),
        (lambda: NET.torch_module(device="gpu"), "torch has no device 'gpu': "),
        (lambda: NET.torch_module(device=3), "device is a text such as cpu, cuda or meta, not 3"),
        (lambda: NET.torch_module(heads="no"), "heads is True or False, not 'no'"),
        (lambda: NET.graph(heads=0), "heads is True or False, not 0"),
    ],
)  # fmt: skip
def test_arguments_are_checked(ask: Callable[[], Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask()
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_names_that_lead_to_no_network() -> None:
    for name in ("", "gogglenet", "a\0b", "a\0b.md", "x" * 5000 + ".csv"):
        with pytest.raises(archcalc.ArchcalcError):
            archcalc.load(name)


def test_paths_are_names(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(
        "---\ninput: 8, 8, 3\n---\n\n```blocks\nc = conv 1x1 {n}\n```\n\n| type | n |\n|--|--|\n| c | 4 |\n"
    )
    assert archcalc.load(path).cost().macs == 8 * 8 * 3 * 4
    assert archcalc.load(Path("googlenet")).cost() == GOOGLENET.cost()
    assert archcalc.compare(path, str(path)).head["input"] == "8x8x3"
    assert archcalc.reconcile("204", path).head["networks"] == ["net"]


def test_symbols_are_a_text_or_texts() -> None:
    listed = NET.formula("HxWxC", symbols=["#3x3", "#5x5"])
    written = NET.formula("HxWxC", symbols="#3x3, #5x5")
    assert render(written, "json") == render(listed, "json")
    assert render(NET.formula(symbols=""), "json") == render(NET.formula(), "json")


@pytest.mark.parametrize(
    "call",
    [
        lambda: GOOGLENET.cost("224x224x3", 2),
        lambda: GOOGLENET.table("row", "224x224x3"),
        lambda: GOOGLENET.formula("HxWx3", "3a"),
        lambda: NET.break_even("#3x3 reduce", "HxWxC"),
        lambda: GOOGLENET.explain("3a", Counting()),
    ],
)
def test_all_but_the_first_argument_is_named(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        call()


def test_a_sweep_shows_and_writes_itself(tmp_path: Path) -> None:
    sweep = GOOGLENET.sweep("batch=1:3")
    assert "<table" in sweep._repr_html_()
    sweep.write(str(tmp_path / "points.csv"), "csv")
    assert (tmp_path / "points.csv").read_text() == render(sweep.report(), "csv")


def test_activations_are_one_number_and_output_elements_another() -> None:
    (activations,) = GOOGLENET.sweep("input=224").frame()["activations"]
    weighted = [layer.output_elements for layer in GOOGLENET.layers() if layer.weighted]
    assert activations == sum(weighted)
    lines = GOOGLENET.frame().set_index("row")
    elements = {row: last.output_elements for row, last in _last_layers(GOOGLENET).items()}
    assert lines["output_elements"].to_dict() == elements
    (formula,) = (
        line["formula"]
        for line in GOOGLENET.formula("224x224x3").rows
        if line["quantity"] == "output elements"
    )
    assert str(formula) == str(sum(elements.values()))
    assert sum(elements.values()) != activations


def _last_layers(net: archcalc.Architecture) -> dict[str, Layer]:
    return {layer.node.row: layer for layer in net.layers()}
