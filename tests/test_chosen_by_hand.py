"""Steps that a row's cell chooses, and several networks in one table."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from tests._cli import archcalc as command
from tests._cli import rows

CHOSEN = """---
input: 16x16x8
choices: NL = HS: hard swish, RE: relu; SE = yes: squeeze, -: identity
---

```blocks
squeeze = multiply
  | identity
  | global average pool -> conv 1x1 {in/4} -> relu -> conv 1x1 {in} -> sigmoid
unit = conv 1x1 {w} -> {NL} -> {SE} -> conv 1x1 8
```

| type     | w  | NL         | SE         | repeat |
|----------|----|------------|------------|--------|
| unit (1) | 16 | HS         | yes        |        |
| unit (2) | 16 | RE         |            | 2      |
| unit (3) | 16 | RE then HS | yes then - | 3      |
"""
FAMILY = """---
input: 32x32x3
networks: repeat = A, B:2
---

```blocks
stem  = conv 3x3 {width}
block = conv 3x3 {width}
top   = global average pool -> flatten -> linear {width}
```

| type      | width | A            | B:2         |
|-----------|-------|--------------|-------------|
| stem      | 8     |              |             |
| block (1) | 8     | 2            | 3           |
| block (2) | 16    | no           | 1           |
| top       | 10    |              |             |
| total     |       | 1,482 params | 3.9K params |
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chosen.md").write_text(CHOSEN)
    Path("family.md").write_text(FAMILY)


def test_cells_choose_steps_by_hand() -> None:
    """Two convolutions of 8 x 16; a squeeze of 16 to 4 and back; `then` chooses another for later copies."""
    plain, squeeze = 8 * 16 + 16 + 16 * 8 + 8, 16 * 4 + 4 + 4 * 16 + 16
    params = {row["row"]: int(row["params"]) for row in rows("table", "chosen.md")}
    assert params == {"1": plain + squeeze, "2": 2 * plain, "3": 3 * plain + squeeze}
    layers = [row["op"] for row in rows("table", "chosen.md", "--level", "layer")]
    assert (layers.count("hard swish"), layers.count("identity")) == (3, 2 + 2 + 2)
    assert command("check", "chosen.md").code == 0


def test_each_network_of_a_table_by_hand() -> None:
    conv, top = 9 * 8 * 8 + 8, 8 * 10 + 10
    one, two = archcalc.load("family.md:A"), archcalc.load("family.md:B:2")
    assert one.cost().params == (27 * 8 + 8) + 2 * conv + top == 1482
    assert two.cost().params == (27 * 8 + 8) + 3 * conv + (9 * 8 * 16 + 16) + 16 * 10 + 10
    assert [row["verdict"] for row in rows("audit", "family.md:A")] == ["agrees"]
    assert {row["network"] for row in rows("check", "family.md")} == {"family:A", "family:B:2"}
    assert command("compare", "family.md").code == 0


def test_a_network_of_a_table_is_asked_as_any_other() -> None:
    formulas = {row["quantity"]: row["formula"] for row in rows("formula", "family.md:A", "--input", "HxWx3")}
    assert formulas["params"] == "1482"
    assert len(rows("sweep", "family.md:A", "--vary", "1.width=8:16:8")) == 2
    assert command("explain", "family.md:A", "1").code == 0


def test_reports_of_networks_have_names_for_every_system() -> None:
    Path("odd.md").write_text(FAMILY.replace("B:2", "B/2"))
    assert command("report", "family.md", "odd.md", "-o", "out").code == 0
    names = {path.name for path in Path("out").iterdir()}
    assert {"family-A.md", "family-B-2.md", "odd-B-2.csv"} <= names
    assert not [name for name in names if ":" in name]
