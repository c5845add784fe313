"""`show` and `new`: a document to copy from, and one to start with."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import archcalc
from archcalc import networks
from archcalc.environment.inputs import PACKAGE
from tests._cli import Answer
from tests._cli import archcalc as command

SHEET = {
    "sheet.csv": "type,w\nc,4\n",
    "sheet.blocks.md": "---\ninput: 8x8x3\n---\n\n```blocks\nc = conv 3x3 {w}\n```\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("network", networks())
def test_a_document_is_shown_exactly(network: str) -> None:
    path = PACKAGE / "networks" / f"{network.partition(':')[0]}.md"
    assert command("show", network) == Answer(0, path.read_text(encoding="utf-8"), "")
    assert command("show", network, "--path") == Answer(0, f"{path}\n", "")
    assert command("show", network, "-o", "copy.md").code == 0
    assert Path("copy.md").read_bytes() == path.read_bytes()
    member = network.partition(":")[2]
    assert archcalc.load(f"copy.md:{member}" if member else "copy.md").cost() == archcalc.load(network).cost()


def test_a_csv_network_is_shown_in_both_its_files() -> None:
    for name, text in SHEET.items():
        Path(name).write_text(text)
    assert command("show", "sheet.csv") == Answer(
        0, "".join(SHEET.values()), "sheet.csv:\nsheet.blocks.md:\n"
    )
    assert command("show", "sheet.csv", "--path").out == "sheet.csv\nsheet.blocks.md\n"
    assert command("show", "sheet.csv", "-o", "copy.csv").code == 0
    assert command("table", "copy.csv", "-f", "csv").out == command("table", "sheet.csv", "-f", "csv").out
    fact = "'copy.md' cannot hold 'sheet.csv' and 'sheet.blocks.md': give it the ending .csv"
    assert command("show", "sheet.csv", "-o", "copy.md") == Answer(2, "", f"archcalc: {fact}\n")
    assert command("show", "sheet.csv", "-o", "sheet.csv").code == 2


def test_a_document_that_is_wrong_is_shown_too() -> None:
    Path("wrong.md").write_text("no network\n")
    assert command("table", "wrong.md").code == 3
    assert command("show", "wrong.md") == Answer(0, "no network\n", "")
    assert command("show", "nope").code == 3


@pytest.mark.parametrize("name", ["mine.md", "mine.csv", "my own.md"])
def test_a_new_network_works(name: str) -> None:
    answer = command("new", name)
    assert (answer.code, answer.out) == (0, "")
    quoted = f"'{name}'" if " " in name else name
    assert answer.err.splitlines()[1:] == [f"  archcalc table {quoted}", f"  archcalc audit {quoted}"]
    table = command("table", name, "-f", "csv")
    assert table.code == 0
    rows = list(csv.DictReader(table.out.splitlines()))
    # 3x3x3x32 + 32; 32x32 + 32x16 + 9x16x48 + 32x16 and 112 biases; 96x(48 + 24 + 16) + 9x24x64 and 152
    assert [(row["row"], row["params"]) for row in rows] == [
        ("stem", "896"), ("a", "9072"), ("b", "22424"), ("top", "1290")
    ]  # fmt: skip
    assert [row["verdict_params"] for row in rows] == ["agrees", "agrees", "differs", "agrees"]
    audit = command("audit", name)
    assert audit.code == 1
    assert "#1x1 40 for 48" in audit.out


def test_a_new_network_is_checked_by_torch() -> None:
    assert command("new", "mine.md").code == 0
    assert command("check", "mine.md").code == 0


@pytest.mark.parametrize(
    ("there", "new"), [("mine.md", "mine.md"), ("mine.csv", "mine.csv"), ("mine.blocks.md", "mine.csv")]
)
def test_a_new_network_replaces_nothing(there: str, new: str, folder: Path) -> None:
    Path(there).write_text("kept")
    fact = f"{there}: is there already, and nothing was written"
    assert command("new", new) == Answer(3, "", f"archcalc: {fact}\n")
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(there, "kept")]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("mine", 2, "'mine': a network is a .md or .csv file, such as mine.md"),
        ("mine.txt", 2, "'mine.txt': a network is a .md or .csv file, such as mine.md"),
        ("none/mine.md", 3, "none/mine.md: cannot be written: the folder 'none' does not exist"),
    ],
)
def test_a_new_network_that_cannot_be_written(name: str, code: int, said: str, folder: Path) -> None:
    assert command("new", name) == Answer(code, "", f"archcalc: {said}\n")
    assert not list(folder.iterdir())


def test_what_a_newcomer_starts_with_is_no_member_of_the_catalogue() -> None:
    assert (PACKAGE / "networks" / "_start.md").is_file()
    assert "_start" not in networks()
