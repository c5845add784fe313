"""The Python that `archcalc formula` writes: exact integers, also where widths are divided."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

import archcalc
from archcalc.formula.expression import Formula
from archcalc.report import render
from archcalc.sizes import Shape
from archcalc.sources.paper import load
from tests._formulas import counted, of_python

DIVIDED = """---
input: 32x32x3
---

```blocks
stem = conv 3x3/2 {w} -> conv 1x1 {w/2} bare -> conv 3x3 {3*w/4} -> max pool 2x2/2 valid -> conv 1x1 {w/8}
unit = add
  | identity
  | conv 1x1 {in/2} -> batch norm -> conv 3x3 {in/2} groups {g} -> conv 1x1 {in}
top  = global average pool -> flatten -> linear {classes}
```

| type | w  | g | classes |
|------|----|---|---------|
| stem | 64 |   |         |
| unit |    | 2 |         |
| unit |    | 4 |         |
| top  |    |   | 10      |
"""


def leaves(value: Any) -> Iterator[Any]:
    """The numbers of a result."""
    if isinstance(value, (dict, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


def twenty() -> Iterator[tuple[dict[str, int], int]]:
    """Twenty widths with the classes beside them, the last of them far beyond what a float holds exactly."""
    for number in range(1, 20):
        yield {"w": 64 * number, "classes": 7 + number}, 8 + 3 * number
    yield {"w": 64 * 10**20, "classes": 3}, 10**17 + 1


def test_divided_widths_are_exact_integers(tmp_path: Path) -> None:
    path = tmp_path / "divided.md"
    path.write_text(DIVIDED, encoding="utf-8")
    report = archcalc.load(str(path)).formula("HxWxC", symbols=("w=stem.w", "classes"))
    network, function = load(str(path)), of_python(render(report, "python"))[0]
    for widths, height in twenty():
        cells = {("stem", "w"): widths["w"], ("top", "classes"): widths["classes"]}
        graph = network.graph(Shape((height, height + 5), 3), cells=cells)
        found = function(H=height, W=height + 5, C=3, **widths)
        assert found == counted(graph)
        assert {type(each) for each in leaves(found)} == {int}


@pytest.mark.parametrize("name", ["mobilenet-v1-0.75", "mobilenet-v1-0.25", "alexnet", "naive-vs-v1"])
def test_every_number_open_is_exact_integers(name: str) -> None:
    """The widths of MobileNet 0.75 are three quarters of what its table prints."""
    report = archcalc.load(name).formula("HxWxC", symbols=("all",))
    written = render(report, "python")
    functions = of_python(written)
    for function in functions:
        taken = function.__code__.co_varnames
        numbers = {each: 384 if each in ("H", "W") else 96 for each in taken}
        assert {type(each) for each in leaves(function(**numbers))} == {int}
    code = [line for line in written.splitlines() if not line.startswith("#")]
    assert "/" not in "".join(code).replace("//", "")


def test_a_step_that_is_not_whole_is_a_fraction(tmp_path: Path) -> None:
    """One channel more is a quarter of a channel more in a layer of a quarter of the width."""
    path = tmp_path / "quarter.md"
    text = "---\ninput: 8x8x3\n---\n\n```blocks\na = conv 3x3 {w} -> conv 1x1 {w/4}\n```\n\n"
    path.write_text(text + "| type | w |\n|---|---|\n| a | 64 |\n| a | 32 |\n", encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(render(archcalc.load(str(path)).sensitivity(), "python"), "quarter.py", "exec"), names)
    found = {key: params for key, (_, params) in names["quarter"]().items()}
    # Of row a: 3*3*3 + 1 in its first layer, (65^2 - 64^2)/4 + 1/4 in its second, 9*32/4 in the row after it.
    assert found == {
        ("a", "w", 64): 28 + Fraction(65**2 - 64**2 + 1, 4) + 72,
        ("a_2", "w", 32): 9 * 16 + 1 + Fraction(33**2 - 32**2 + 1, 4),
    }


def test_fractions_within_what_is_rounded() -> None:
    k, n = sympy.symbols("k n", integer=True, positive=True)
    size = (k / 2 + 1) * sympy.Min(k / 2, n) * sympy.floor((k / 2 + n) / 3)
    written = Formula(size).python()
    for first in range(2, 42, 2):
        for second in (1, 7, 10**20):
            value = eval(written, {"__builtins__": {"min": min}, "k": first, "n": second})
            assert value == (first // 2 + 1) * min(first // 2, second) * ((first // 2 + second) // 3)
            assert type(value) is int
