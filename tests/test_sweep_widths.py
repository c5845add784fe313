"""Which cells a width factor scales: those that some layer's channels are made of, by any arithmetic."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.costs import layers
from archcalc.sources.paper import load
from archcalc.sweep.widths import scaled, widths

DOCUMENT = """---
input: 32x32x3
---

```blocks
stem   = conv 3x3/2 32
half   = conv {k}/{s} {width/2} -> conv 1x1 {2*wide} -> conv 3x3 {3*split/4} groups {g}
unit   = conv 1x1 {t*in} -> conv 1x1 {r*inner} -> expanded {e} -> conv 1x1 {out}
expanded {times} = conv 1x1 {in*times} -> conv 1x1 {narrow}
stack  = conv 3x3/2 {narrow} -> flatten
top    = linear {2*classes}
```

| type  | k   | s | width | wide | split | g | t | r | inner | e | narrow | output size | classes |
|-------|-----|---|-------|------|-------|---|---|---|-------|---|--------|-------------|---------|
| stem  |     |   |       |      |       |   |   |   |       |   |        |             |         |
| half  | 3x3 | 2 | 32    | 24   | 64    | 8 |   |   |       |   |        |             |         |
| unit  |     |   |       |      |       |   | 6 | 2 | 40    | 4 | 16     | 8x8x48      |         |
| stack |     |   |       |      |       |   |   |   |       |   | 24     |             |         |
| top   |     |   |       |      |       |   |   |   |       |   |        |             | 5       |
"""
EXPECTED = {
    ("half", "width"): 32,
    ("half", "wide"): 24,
    ("half", "split"): 64,
    ("unit", "inner"): 40,
    ("unit", "narrow"): 16,
    ("unit", "output size"): 48,
    ("stack", "narrow"): 24,
}
"""All but the kernel, the stride, the groups, the factors t, r and e, and the classes."""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "parts.md"
    file.write_text(DOCUMENT, encoding="utf-8")
    return str(file)


def test_widths_are_read_in_any_arithmetic(path: str) -> None:
    assert widths(load(path)) == EXPECTED


def test_a_factor_scales_them_all(path: str) -> None:
    report = archcalc.load(path).sweep("width=0.5,1,1.5,3").report()
    counted = {}
    for factor in map(Fraction, ("0.5", "1", "1.5", "3")):
        cells: Any = {place: scaled(printed, factor, 8) for place, printed in EXPECTED.items()}
        graph = load(path).graph(cells=cells)
        counted[float(factor)] = sum(layer.cost.params for layer in layers(graph))
    assert {float(row["width"]): row["params"] for row in report.rows} == counted
    assert len(set(counted.values())) == 4


def test_mobilenet_at_three_quarters_is_scaled_by_its_blocks() -> None:
    """Its only change is `{3*width/4}`: twice the widths of MobileNet 0.5 are those of MobileNet 1.0."""
    half, whole = (archcalc.load(f"mobilenet-v1{size}") for size in ("-0.5", ""))
    (row,) = half.sweep("width=2").report().rows
    assert row["params"] == sum(layer.cost.params for layer in whole.layers())


def test_a_width_of_the_last_row_is_an_output(tmp_path: Path) -> None:
    file = tmp_path / "plain.md"
    text = "---\ninput: 8x8x3\n---\n\n```blocks\na = conv 1x1 {w/2} -> conv 1x1 {2*w}\n```\n\n"
    file.write_text(text + "| type | w |\n|---|---|\n| a | 16 |\n| a | 32 |\n", encoding="utf-8")
    assert widths(load(str(file))) == {("a", "w"): 16}


def test_a_network_says_what_its_widths_keep_to_multiples_of(tmp_path: Path) -> None:
    """30 at the factor 1/2 is 15: 16 is the nearest multiple of 8, and 12 that of 12."""
    text = "---\ninput: 8x8x3\n{}---\n\n```blocks\na = conv 1x1 {{w}}\nend = conv 1x1 {{w}}\n```\n\n"
    rows = "| type | w |\n|---|---|\n| a | 30 |\n| end | 1 |\n"
    for setting, width in (("", 16), ("width multiple: 12\n", 12), ("width multiple: 1\n", 15)):
        file = tmp_path / "plain.md"
        file.write_text(text.format(setting) + rows, encoding="utf-8")
        (row,) = archcalc.load(str(file)).sweep("width=0.5").report().rows
        assert row["params"] == 3 * width + width + width + 1
