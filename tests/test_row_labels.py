"""Rows of several types may share a label: as DenseNet's table numbers its blocks and its transitions."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.errors import DocumentError
from archcalc.sources.paper import load
from tests._cli import archcalc as command
from tests._cli import rows

DENSE = """---
input: 32x32x3
---

```blocks
Dense Block = conv 3x3 {width}
Transition  = conv 1x1 {width} -> average pool 2x2/2 valid
top = global average pool -> flatten -> linear {width}
```

| type            | width |
|-----------------|-------|
| Dense Block (1) | 16    |
| Transition (1)  | 8     |
| Dense Block (2) | 32    |
| Transition (2)  | 16    |
| Dense Block (3) | 64    |
| top             | 10    |
"""
HEAD = "\n## heads: from {row}\n\n| type    | width |\n|---------|-------|\n| top     | 10    |\n"
NAMES = ["Dense Block (1)", "Transition (1)", "Dense Block (2)", "Transition (2)", "3", "top"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dense.md").write_text(DENSE, encoding="utf-8")
    return tmp_path / "dense.md"


def test_they_are_called_by_type_and_label(path: Path) -> None:
    """A label of one row alone stays its name; paths are what they were for labels of their own."""
    assert [row.name for row in load(str(path)).rows] == NAMES
    assert [row["row"] for row in rows("table", "dense.md")] == NAMES
    paths = [node.name for node in archcalc.load(str(path)).graph()]
    assert paths[:3] == ["Dense_Block_1.conv3x3", "Transition_1.conv1x1", "Transition_1.average_pool2x2"]
    assert paths[6] == "Dense_Block_3.conv3x3"


def test_every_command_finds_them(path: Path) -> None:
    assert "Transition (2)" in command("explain", "dense.md", "Transition (2)").out
    swept = rows("sweep", "dense.md", "--vary", "Dense Block (1).width=16,24")
    assert next(int(row["params"]) for row in swept) == sum(
        layer.cost.params for layer in archcalc.load("dense.md").layers()
    )
    assert command("formula", "dense.md", "--row", "Transition (1)").code == 0
    assert command("formula", "dense.md", "--symbols", "Transition (1).width").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "dense.md", "1"),
        ("explain", "dense.md", "1.conv3x3"),
        ("sweep", "dense.md", "--vary", "1.width=8,16"),
        ("formula", "dense.md", "--row", "1"),
        ("formula", "dense.md", "--symbols", "1.width"),
    ],
    ids=" ".join,
)
def test_the_label_alone_is_ambiguous(arguments: tuple[str, ...], path: Path) -> None:
    answer = command(*arguments)
    assert (answer.code, answer.out) == (3, "")
    assert "it is the label of 'Dense Block (1)' and of 'Transition (1)'" in answer.err


def test_a_side_chain_and_a_variant_name_them(path: Path) -> None:
    path.write_text(DENSE + HEAD.format(row="Transition (1)"), encoding="utf-8")
    assert list(load("dense.md").heads.values()) == ["Transition (1)"]
    assert command("table", "dense.md", "--heads").code == 0
    variant = "---\nvariant of: dense\n---\n\n| type | width |\n|---|---|\n| Transition (2) | 24 |\n"
    path.with_name("wide.md").write_text(variant, encoding="utf-8")
    wide = load("wide.md")
    assert [row.name for row in wide.rows if not row.head] == NAMES
    assert {row.name: row.line.cells["width"].text for row in wide.rows}["Transition (2)"] == "24"
    path.with_name("less.md").write_text("---\nvariant of: dense\ndrop rows: 2\n---\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="no row called '2': it is the label of 'Dense Block"):
        load("less.md")
    path.write_text(DENSE + HEAD.format(row="1"), encoding="utf-8")
    with pytest.raises(DocumentError, match="no row has that name: it is the label of 'Dense Block"):
        load("dense.md")


def test_rows_of_one_type_and_label_are_refused(path: Path) -> None:
    path.write_text(DENSE.replace("Dense Block (2)", "Dense Block (1)"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"is called 'Dense Block \(1\)' already"):
        load(str(path))
