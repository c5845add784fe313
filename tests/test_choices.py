"""Steps that cells choose: a row fills what its own choice reads, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.errors import DocumentError

DOCUMENT = """---
input: 8x8x16
choices: gate = yes: squeeze {to}, -: identity
---

```blocks
unit = conv 3x3 {width} -> {gate}
squeeze {n} = multiply
  | identity
  | global average pool -> conv 1x1 {n} -> conv 1x1 {in}
```

| type | width | gate | to |
|------|-------|------|----|
"""


def load(folder: Path, rows: str) -> archcalc.Architecture:
    path = folder / "net.md"
    path.write_text(DOCUMENT + rows, encoding="utf-8")
    return archcalc.load(str(path))


def test_a_row_fills_the_cells_of_its_own_choice(tmp_path: Path) -> None:
    network = load(tmp_path, "| unit | 8 | - | - |\n| unit | 12 | yes | 3 |\n")
    plain = 8 * (16 * 9 + 1)
    gated = 12 * (8 * 9 + 1) + 3 * (12 + 1) + 12 * (3 + 1)
    assert network.cost().params == plain + gated


@pytest.mark.parametrize(
    ("row", "column", "fact"),
    [
        ("| unit | 8 | - | 3 |", "to", "'3' is given, but no block 'unit' reads this column"),
        ("| unit | 8 | yes | - |", "to", "block 'unit' reads this cell, and it is empty"),
    ],
)
def test_what_another_choice_reads_is_refused(tmp_path: Path, row: str, column: str, fact: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load(tmp_path, f"{row}\n").cost()
    assert f"column '{column}': {fact}" in str(caught.value)


def test_a_choice_that_no_row_makes_must_make_sense(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(DOCUMENT.replace("{to}", "{too}") + "| unit | 8 | - | - |\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"'\{too\}' is no column that blocks read; did you mean 'to'\?"):
        archcalc.load(str(path)).cost()
