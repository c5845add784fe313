"""A malformed document gives exit code 3, nothing on stdout, and one line on stderr that teaches.

The documents stand in `malformed/*.txt`, each as it is written, with the command and what it answers:

    === what is wrong
    the text of net.md
    ::: other.md
    the text of another file
    $ archcalc table net.md
    archcalc: net.md:1: the message
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests._cli import Answer, archcalc

FOLDER = Path(__file__).parent / "malformed"


class Case(NamedTuple):
    """Files by name, the arguments of the command, the line it answers with."""

    title: str
    files: dict[str, str]
    arguments: list[str]
    message: str


def cases() -> list[Case]:
    """Every case of every file."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))]
    return [case(text) for whole in texts for text in re.split("^=== ", whole, flags=re.MULTILINE)[1:]]


def case(text: str) -> Case:
    """One case from its title to its message."""
    title, _, rest = text.partition("\n")
    written, _, transcript = rest.partition("\n$ archcalc ")
    command, message = transcript.strip().split("\n")
    pieces = re.split("^::: ", f"::: net.md\n{written}\n", flags=re.MULTILINE)[1:]
    files = dict(piece.split("\n", 1) for piece in pieces)
    return Case(title, files, command.split(), message)


CASES = cases()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title.replace(" ", "-"))
def test_the_message_is_the_one_written_beside_the_document(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, case.files)
    monkeypatch.chdir(tmp_path)
    assert archcalc(*case.arguments) == Answer(3, "", case.message + "\n")


def test_every_case_has_a_title_of_its_own() -> None:
    titles = [case.title for case in CASES]
    assert len(titles) == len(set(titles)) > 100


@pytest.mark.parametrize("case", CASES[::25], ids=lambda case: case.title.replace(" ", "-"))
def test_the_installed_command_says_the_same(case: Case, tmp_path: Path) -> None:
    write(tmp_path, case.files)
    command = Path(sys.executable).with_name("archcalc")
    done = subprocess.run([command, *case.arguments], cwd=tmp_path, capture_output=True, text=True)
    assert Answer(done.returncode, done.stdout, done.stderr) == Answer(3, "", case.message + "\n")


HEAD = b"---\ninput: 8x8x3\n---\n\n"
ROWS = b"| type |\n|------|\n| relu |\n"


NOT_UTF8 = "is not UTF-8 text: it holds the byte"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("net.md", HEAD + b"caf\xe9\n" + ROWS, f"net.md:5: {NOT_UTF8} 0xe9", id="latin-1"),
        pytest.param("net.md", b"\x89PNG\r\n\x1a\n", f"net.md:1: {NOT_UTF8} 0x89", id="an-image"),
        pytest.param("net.csv", b"type\n\xff\n", f"net.csv:2: {NOT_UTF8} 0xff", id="a-csv"),
        pytest.param("net.md", HEAD + b"\0", "net.md:5: is not text: it holds a NUL byte", id="a-nul-byte"),
    ],
)
def test_bytes_that_are_no_text(
    name: str, data: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    assert archcalc("table", name) == Answer(3, "", f"archcalc: {message}\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"\n", b"\r\n", id="windows"),
        pytest.param(b"\n", b"\r", id="old-mac"),
        pytest.param(b"---\ninput", b"\xef\xbb\xbf---\ninput", id="byte-order-mark"),
        pytest.param(b"the stem", b"the\x0cstem\xe2\x80\xa8here", id="form-feed-and-line-separator"),
    ],
)
def test_lines_are_counted_as_an_editor_counts_them(
    before: bytes, after: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HEAD + b"Here is the stem.\n\n" + ROWS.replace(b"relu", b"rulu")
    (tmp_path / "net.md").write_bytes(text.replace(before, after))
    monkeypatch.chdir(tmp_path)
    fact = "net.md:9, row 'rulu', column 'type': no block is called 'rulu'; did you mean 'relu'?"
    assert archcalc("table", "net.md") == Answer(3, "", f"archcalc: {fact}\n")


def test_blocks_too_deep_in_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = ["b0 = relu", *(f"b{number} = b{number - 1}" for number in range(1, 2000))]
    monkeypatch.chdir(tmp_path)
    for order in (blocks, blocks[::-1]):
        body = "\n".join(["```blocks", *order, "```", "", "| type  |", "|-------|", "| b1999 |", ""])
        (tmp_path / "net.md").write_text(f"---\ninput: 8x8x3\n---\n\n{body}")
        answer = archcalc("table", "net.md")
        assert answer.code == 3
        assert re.fullmatch(
            r"archcalc: net\.md:\d+: blocks stand in one another deeper than 100\n", answer.err
        )


def test_two_operations_of_one_name(tmp_path: Path) -> None:
    # In a process of its own: operations are found once.
    (tmp_path / "ops").mkdir()
    text = "from archcalc.ops import Op\n\nclass Swap(Op):\n    name = 'swap'\n"
    for file in ("first.py", "second.py"):
        (tmp_path / "ops" / file).write_text(text)
    command = Path(sys.executable).with_name("archcalc")
    done = subprocess.run(
        [command, "table", "googlenet"],
        env={**os.environ, "ARCHCALC_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    fact = f"two operations of '{tmp_path / 'ops'}' are called 'swap': in 'first.py' and 'second.py'"
    assert Answer(done.returncode, done.stdout, done.stderr) == Answer(3, "", f"archcalc: {fact}\n")


def test_nothing_in_a_message_moves_the_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.md").write_bytes(HEAD + ROWS.replace(b"relu", b"\x1b[2Jrelu\x07"))
    monkeypatch.chdir(tmp_path)
    answer = archcalc("table", "net.md")
    assert answer.code == 3
    assert answer.err.startswith("archcalc: net.md:7, row '?[2Jrelu?', column 'type': ")
    assert answer.err.rstrip("\n").isprintable()
