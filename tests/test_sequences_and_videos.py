"""Networks of sequences and of videos: their rules run on every kind of size, and the witnesses agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import sympy

import archcalc
from archcalc.errors import ArchcalcError
from archcalc.sizes import Shape, product
from archcalc.sizes.inputs import Inputs
from tests._cli import archcalc as run

SEQUENCES = """\
---
input: 40x8
every conv: relu
---

```blocks
first  = conv {k}/{s} {width} -> batch norm
second = add
  | identity
  | conv 2 {in} causal dilation 4 -> conv 1 {in} bare
third  = max pool 3/2 valid ceil -> conv 3 {2*in} depthwise
fourth = transposed conv 4/2 12 groups 3 -> average pool 2/2 valid -> adaptive average pool {places}
top    = global max pool -> flatten -> linear 7
```

| type   | k | s | width | places |
|--------|---|---|-------|--------|
| first  | 5 | 2 | 12    |        |
| second |   |   |       |        |
| third  |   |   |       |        |
| fourth |   |   |       | 5      |
| top    |   |   |       |        |
"""
VIDEOS = """\
---
input: 8x20x24x3
every conv: no bias -> batch norm -> relu
---

```blocks
first  = conv 3x7x7/1x2x2 {width}
second = max pool {kernel} valid ceil -> conv 3x1x1 {2*in} groups 2
third  = transposed conv 2x4x4/2 {in/2} -> average pool 3x3x3/2
top    = global average pool -> flatten -> linear 7
```

| type   | width | kernel      |
|--------|-------|-------------|
| first  | 12    |             |
| second |       | 1x3x3/1x2x2 |
| third  |       |             |
| top    |       |             |
"""


@pytest.fixture(params=[SEQUENCES, VIDEOS], ids=["sequences", "videos"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> archcalc.Architecture:
    (tmp_path / "network.md").write_text(request.param)
    return archcalc.load(tmp_path / "network.md")


def test_the_witnesses_agree(network: archcalc.Architecture, tmp_path: Path) -> None:
    answer = run("check", str(tmp_path / "network.md"))
    assert answer.code == 0, answer
    assert "every layer agrees with every witness" in answer.out


def test_a_layer_s_window_is_shown(network: archcalc.Architecture) -> None:
    rows = {row["layer"]: row for row in network.table("layer").rows}
    if network.network.inputs == Inputs.of(Shape((40,), 8)):
        shown = rows["first.conv5"]
        assert (shown["kernel"], shown["stride"], shown["padding"]) == ("5", "2", "2")
        assert "second.branch2.conv2" in rows
    else:
        shown = rows["first.conv3x7x7"]
        assert (shown["kernel"], shown["stride"], shown["padding"]) == ("3x7x7", "1x2x2", "1x3x3")


def test_a_derivation_names_the_places(network: archcalc.Architecture) -> None:
    text = str(network.explain("first"))
    if network.network.inputs == Inputs.of(Shape((40,), 8)):
        assert "(40 - 5 + 2 x 2)/2 + 1 = 20.5, rounded down" in text
        assert "tokens" in text
    else:
        assert "3 x 7 x 7 x 3 x 12" in text
        assert "(20 - 7 + 2 x 3)/2 + 1 = 10.5, rounded down" in text
        assert "height" in text


def total_macs(found: dict[str, Any]) -> sympy.Expr:
    """The MACs of all layers; the layers' names have the kernel in them."""
    return sum(sympy.sympify(size) for what, size in found.items() if what.endswith(" macs"))


def costs(network: archcalc.Architecture, shape: Shape, cells: Any = None) -> dict[str, Any]:
    """Everything that the rules say at an input, by what it is; empty where they refuse."""

    def found() -> Iterator[tuple[str, Any]]:
        graph = network.network.graph(shape, cells=cells)
        for node in graph:
            applied = graph.applied(node)
            output, counts = applied.output, applied.counts
            yield from (
                (f"{node.name} {n}", size) for n, size in enumerate((*output.places, output.channels))
            )
            yield from ((f"{node.name} {what}", size) for what, size in counts.cost._asdict().items())
            yield f"{node.name} tensors", sum(product(tensor.sizes) for tensor in counts.tensors)
        yield "holds", graph.conditions

    try:
        return dict(found())
    except ArchcalcError:
        return {}


def test_the_rules_run_on_arrays_and_symbols(network: archcalc.Architecture) -> None:
    own = network.network.inputs.alone if network.network.inputs else None
    assert own is not None
    more = numpy.arange(0, 60, 7)
    arrays = Shape(tuple(size // 2 + more for size in own.places), own.channels)
    found = costs(network, arrays)
    symbols = sympy.symbols("a b c", integer=True, positive=True)[: len(own.places)]
    formulas = costs(network, Shape(symbols, own.channels))
    existing = 0
    for index in range(len(more)):
        places = tuple(int(size[index]) for size in arrays.places)  # type: ignore[index]
        plain = costs(network, Shape(places, own.channels))
        exists = all(bool(numpy.broadcast_to(each.value, more.shape)[index]) for each in found["holds"])
        assert exists == bool(plain)
        if not plain:
            continue
        existing += 1
        numbers = dict(zip(symbols, places, strict=True))
        for what, size in plain.items():
            if what != "holds":
                assert int(numpy.broadcast_to(found[what], more.shape)[index]) == size
                assert sympy.sympify(formulas[what]).subs(numbers) == size
    assert existing >= 5


@pytest.mark.parametrize("axis", ["input=20:60:5", "input.channels=3:9:2", "first.width=6:30:6", "width=1,2"])
def test_a_sweep_says_what_the_calculator_says(network: archcalc.Architecture, axis: str) -> None:
    name = axis.partition("=")[0]
    own = network.network.inputs.alone if network.network.inputs else None
    assert own is not None
    seen = 0
    for row in network.sweep(axis).report().rows:
        value = row[name]
        if name == "input":
            shape = Shape(
                (*own.places[:-2], value, value) if len(own.places) == 3 else (value,), own.channels
            )
            alone = costs(network, shape)
        elif name == "input.channels":
            alone = costs(network, Shape(own.places, value))
        elif name == "first.width":
            alone = costs(network, own, {("first", "width"): value})
        else:
            width = {1: 12, 2: 24}[int(value)]
            alone = costs(network, own, {("first", "width"): width})
        assert row["buildable"] == bool(alone)
        if alone:
            seen += 1
            assert row["macs"] == sum(size for what, size in alone.items() if what.endswith(" macs"))
    assert seen >= 2


def test_kernels_and_sizes_may_be_symbols(network: archcalc.Architecture) -> None:
    """What a column holds can stay open, a kernel of a sequence too."""
    if network.network.inputs != Inputs.of(Shape((40,), 8)):
        return
    k = sympy.Symbol("k", integer=True, positive=True)
    symbolic = costs(network, Shape((40,), 8), {("first", "k"): k, ("fourth", "places"): k})
    for number in (3, 5):
        plain = costs(network, Shape((40,), 8), {("first", "k"): number, ("fourth", "places"): number})
        holds = all(each.value.subs(k, number) for each in symbolic["holds"])
        assert not holds or total_macs(symbolic).subs(k, number) == total_macs(plain)
