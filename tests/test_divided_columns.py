"""`{width/group width}`: one column divided by another, with the same sizes as a number written out."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.errors import ArchcalcError

DOCUMENT = """---
input: 8x8x16
---

```blocks
unit = conv 3x3 {width} groups {width/group width}
```

| type | width | group width |
|------|-------|-------------|
"""


def load(folder: Path, row: str) -> archcalc.Architecture:
    path = folder / "net.md"
    path.write_text(f"{DOCUMENT}{row}\n", encoding="utf-8")
    return archcalc.load(str(path))


def test_a_column_is_divided_by_another(tmp_path: Path) -> None:
    cost = load(tmp_path, "| unit | 24 | 3 |").cost()
    assert (cost.params, cost.macs) == (24 * 2 * 9 + 24, 64 * 24 * 2 * 9)


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        ("| unit | 24 | 5 |", "{width/group width}: 24 cannot be divided by 5 without a rest"),
        ("| unit | 24 | 0 |", "{width/group width}: 24 cannot be divided by 0 without a rest"),
        ("| unit | 24 | three |", "row 'unit', column 'group width': expected a whole number, found 'three'"),
    ],
)
def test_what_cannot_be_divided_is_refused(tmp_path: Path, row: str, fact: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        load(tmp_path, row).cost()
    assert fact in str(caught.value)


def test_a_sweep_varies_the_divisor(tmp_path: Path) -> None:
    network = load(tmp_path, "| unit | 48 | 3 |")
    frame = network.sweep("unit.group width=3,4,5,6").frame()
    expected = [48 * (16 * group // 48) * 9 + 48 if group in (3, 6) else None for group in (3, 4, 5, 6)]
    assert [None if value != value else value for value in frame["params"].astype(float)] == expected
