"""Outputs: none replaces an input, and one that cannot be written is one line and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import archcalc
from archcalc.environment import inputs
from archcalc.errors import UsageError
from tests._cli import archcalc as command

COMMAND = Path(sys.executable).with_name("archcalc")
NETWORK = "---\ninput: 8x8x3\n---\n\n```blocks\nc = conv 3x3 {w}\n```\n\n| type | w |\n|---|---|\n| c | 4 |\n"
FILES = {
    "my.md": NETWORK,
    "other.md": NETWORK.replace("| 4 |", "| 5 |"),
    "child.md": "---\nvariant of: my\n---\n\n| type | w |\n|---|---|\n| c | 6 |\n",
    "sheet.csv": "type,w\nc,4\n",
    "sheet.blocks.md": "---\ninput: 8x8x3\n---\n\n```blocks\nc = conv 3x3 {w}\n```\n",
    "shared.md": "---\nnotation: 1\n---\n\n```blocks\nc = conv 3x3 {w}\n```\n",
    "using.md": "---\ninput: 8x8x3\nuses: shared\n---\n\n| type | w |\n|---|---|\n| c | 4 |\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of networks, and of other names for one of them, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    Path("link.md").symlink_to("my.md")
    Path("chain.md").symlink_to("link.md")
    Path("hard.md").hardlink_to("my.md")
    Path("under").symlink_to(".")
    return tmp_path


def unchanged() -> bool:
    """Whether every file is what it was, and none has been added."""
    kept = all(Path(name).read_text() == text for name, text in FILES.items())
    return kept and len(os.listdir()) == len(FILES) + 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("table my.md -o my.md", "'my.md' is the input"),
        ("table sheet.csv -o sheet.csv", "'sheet.csv' is the input"),
        ("table sheet.csv -o sheet.blocks.md", "'sheet.blocks.md' is the input"),
        ("table my.md -o sheet.md --plot sheet.md", "'sheet.md' and 'sheet.md' are one file"),
        ("table my.md -f csv -o a.svg --plot under/a.svg", "'under/a.svg' and 'a.svg' are one file"),
        ("table my.md --plot my.md", "'my.md' is the input"),
        ("table child.md -o my.md", "'my.md' is the input"),
        ("table using.md -o shared.md", "'shared.md' is the input"),
        ("table my.md -o ./my.md", "'my.md' is the input"),
        ("table my.md -o under/my.md", "'under/my.md' is the input"),
        ("table under/my.md -o my.md", "'my.md' is the input"),
        ("table my.md -o link.md", "'link.md' is the input"),
        ("table chain.md -o my.md", "'my.md' is the input"),
        ("table chain.md -o link.md", "'link.md' is the input"),
        ("table my.md -o hard.md", "'hard.md' is the input"),
        ("compare my.md other.md -o my.md", "'my.md' is the input"),
        ("compare my.md other.md -o other.md", "'other.md' is the input"),
        ("compare other.md child.md -o my.md", "'my.md' is the input"),
        ("report my.md -o .", "'my.md' is the input"),
        ("report sheet.csv -o under", "'under/sheet.csv' is the input"),
        ("audit my.md -o my.md", "'my.md' is the input"),
        ("check my.md -o my.md", "'my.md' is the input"),
        ("explain my.md c -o my.md", "'my.md' is the input"),
        ("formula my.md -o my.md", "'my.md' is the input"),
        ("reconcile 1M my.md -o my.md", "'my.md' is the input"),
        ("sweep my.md --vary batch=1:4 -o my.md", "'my.md' is the input"),
        ("sweep sheet.csv --vary batch=1:4 -o sheet.csv", "'sheet.csv' is the input"),
        ("sweep my.md --vary batch=1:4 -f csv -o hard.md", "'hard.md' is the input"),
    ],
)  # fmt: skip
def test_an_output_that_is_an_input(arguments: str, said: str) -> None:
    answer = command(*arguments.split())
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert unchanged()


def test_the_absolute_name_of_an_input(folder: Path) -> None:
    answer = command("table", "my.md", "-o", str(folder / "my.md"))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"archcalc: '{folder / 'my.md'}' is the input: no output replaces an input\n"
    assert unchanged()


def test_an_input_by_another_name_is_named(folder: Path) -> None:
    fact = f"'link.md' is the input '{folder / 'my.md'}' by another name: no output replaces an input"
    assert command("table", "my.md", "-o", "link.md").err == f"archcalc: {fact}\n"


def test_standard_output_that_goes_into_an_input(folder: Path) -> None:
    done = subprocess.run(f"'{COMMAND}' table my.md >> my.md", shell=True, capture_output=True, text=True)
    fact = f"standard output goes into '{folder / 'my.md'}', which is an input"
    assert (done.returncode, done.stderr) == (2, f"archcalc: {fact}\n")
    assert unchanged()


def test_a_file_of_archcalc_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(archcalc.__file__).parent == inputs.PACKAGE
    monkeypatch.setattr(inputs, "PACKAGE", folder)  # a fault here must not cost the package a file
    fact = "'other.md' is a file of archcalc itself: no output replaces it"
    assert command("table", "my.md", "-o", "other.md") == (2, "", f"archcalc: {fact}\n")
    assert unchanged()


def test_a_report_saved_from_python() -> None:
    net = archcalc.load("my.md")
    with pytest.raises(UsageError, match=r"'my\.md' is the input"):
        net.sweep("batch=1:4").write("my.md", "csv")
    assert unchanged()


def test_an_operation_that_was_imported(folder: Path) -> None:
    (folder / "ops").mkdir()
    text = "from archcalc.ops import Op, operation\n\n@operation\nclass Still(Op):\n    name = 'still'\n"
    (folder / "ops" / "still.py").write_text(text)
    done = subprocess.run(
        [COMMAND, "table", "my.md", "-o", "ops/still.py"],
        capture_output=True, text=True, env={**os.environ, "ARCHCALC_PATH": "."},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "still.py' is the input" in done.stderr
    assert (folder / "ops" / "still.py").read_text() == text


def test_what_is_no_input_is_replaced_as_before() -> None:
    assert command("table", "my.md", "-o", "other.md").code == 0
    assert command("table", "my.md", "-o", "new.csv", "--plot", "new.svg").code == 0
    assert Path("other.md").read_text() != FILES["other.md"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("my.md deeper/my.md", "my.csv"),
        ("catalogue.md", "catalogue.csv"),
        ("audit.md my.md", "audit.csv"),
    ],
)
def test_two_reports_of_one_name(arguments: str, name: str, folder: Path) -> None:
    Path("deeper").mkdir()
    for path in ("deeper/my.md", "catalogue.md", "audit.md"):
        Path(path).write_text(NETWORK)
    fact = f"two reports would be written to '{name}': give each network a file name of its own"
    assert command("report", *arguments.split(), "-o", "reports") == (2, "", f"archcalc: {fact}\n")
    assert not Path("reports").exists()


SHORT, LONG = "x" * 251 + ".csv", "x" * 252 + ".csv"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("table my.md -o circle.csv", 3, "circle.csv: cannot be written: its links lead in a circle"),
        ("table my.md -o circle.csv/x.csv", 3, "cannot be written: Too many levels of symbolic links"),
        ("sweep my.md --vary batch=1:4 -o circle.csv", 3, "cannot be written: its links lead in a circle"),
        (f"table my.md -o {LONG}", 3, f"{LONG}: cannot be written: File name too long"),
        (f"table my.md -o {LONG}/x.csv", 3, "x.csv: cannot be written: File name too long"),
        (f"table my.md --plot {LONG}.svg", 3, ".svg: cannot be written: File name too long"),
        (f"sweep my.md --vary batch=1:4 -o {LONG}", 3, f"{LONG}: cannot be written: File name too long"),
        (f"sweep my.md --vary batch=1:4 -o {SHORT}", 3, ".csv: cannot be written: File name too long"),
        (f"report my.md -o {LONG}", 3, f"{LONG}: cannot be written: File name too long"),
        ("table my.md -f csv -o .", 3, ".: cannot be written: it is a folder"),
        ("sweep my.md --vary batch=1:4 -f csv -o .", 3, ".: cannot be written: it is a folder"),
        ("table my.md -f csv -o /dev/full", 3, "/dev/full: cannot be written: No space left on device"),
    ],
    ids=lambda value: str(value).replace("x" * 200, "..."),
)  # fmt: skip
def test_an_output_that_cannot_be_written(arguments: str, code: int, said: str) -> None:
    Path("circle.csv").symlink_to("elcric.csv")
    Path("elcric.csv").symlink_to("circle.csv")
    answer = command(*arguments.split())
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert Path("circle.csv").is_symlink()
    assert len(os.listdir()) == len(FILES) + 6


@pytest.mark.parametrize("arguments", ["table my.md -o", "table my.md --plot", "report my.md -o"])
def test_an_output_without_a_name(arguments: str) -> None:
    """A variable of the shell that is not set names no folder, least of all the one it stands in."""
    answer = command(*arguments.split(), "")
    assert (answer.code, answer.out) == (2, "")
    assert "the name is empty" in answer.err
    assert unchanged()


def test_the_longest_name_of_a_file() -> None:
    assert command("table", "my.md", "-o", SHORT).code == 0
    assert Path(SHORT).is_file()


def streams(arguments: str) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command of the shell."""
    done = subprocess.run(f"'{COMMAND}' {arguments}", shell=True, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", ["--version", "--help", "-h", "table --help", "table my.md", "list"])
def test_a_stdout_that_cannot_be_written(arguments: str) -> None:
    full = "archcalc: standard output: cannot be written: No space left on device\n"
    assert streams(f"{arguments} >/dev/full") == (3, "", full)
    assert streams(f"{arguments} >&-") == (3, "", "archcalc: standard output is closed\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("table nope", 3),
        ("table my.md --count x", 2),
        ("tabel my.md", 2),
        ("table my.md --nope", 2),
        ("audit googlenet", 1),
        ("sweep my.md --vary batch=1:4 -o x.csv", 0),
    ],
)
@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
def test_a_stderr_that_cannot_be_written_changes_no_exit_code(arguments: str, code: int, stderr: str) -> None:
    found = streams(f"{arguments} {stderr}")
    assert (found[0], "archcalc:" in found[1], found[2]) == (code, False, "")


def test_an_output_needs_no_stdout() -> None:
    assert streams("table my.md -o x.csv >&-") == (0, "", "")
    assert Path("x.csv").read_text().startswith("row,")
