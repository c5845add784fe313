"""Tables as spreadsheets write them: separators, encodings, decimal commas; and documents on stdin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archcalc.claims import number
from tests._cli import archcalc as command

COMMAND = Path(sys.executable).with_name("archcalc")
BLOCKS = "---\ninput: 8x8x3\n---\n\n```blocks\nc = conv 3x3 {w} -> dropout {rate}\n```\n"
MARKDOWN = f"{BLOCKS}\n| type | w | rate | params |\n|---|---|---|---|\n| c | 4 | 0.5 | 0.11K |\n"
PLAIN = "type,w,rate,params\nc,4,0.5,0.11K\n"
SEMICOLONS = "type;w;rate;params\nc;4;0.5;0,11K\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the table as plain CSV, in which commands run."""
    monkeypatch.chdir(tmp_path)
    Path("net.blocks.md").write_text(BLOCKS)
    Path("plain.blocks.md").write_text(BLOCKS)
    Path("plain.csv").write_text(PLAIN)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("net.csv", SEMICOLONS.encode()),
        ("net.csv", SEMICOLONS.replace("\n", "\r\n").encode("utf-8-sig")),
        ("net.csv", b"sep=;\r\n" + SEMICOLONS.encode()),
        ("net.csv", PLAIN.replace(",", "\t").encode()),
        ("net.tsv", PLAIN.replace(",", "\t").encode()),
        ("net.tsv", PLAIN.replace(",", "\t").encode("utf-16")),
        ("net.csv", SEMICOLONS.encode("utf-16-le").join([b"\xff\xfe", b""])),
        ("net.csv", SEMICOLONS.encode("utf-16-be").join([b"\xfe\xff", b""])),
        ("net.csv", b'"type";"w";rate;params\n"c";"4";"0.5";"0,11K"\n'),
        ("net.csv", PLAIN.replace("type", "Type").encode()),
        ("net.csv", PLAIN.replace("type", "TYPE").encode()),
        ("net.csv", PLAIN.encode("utf-8-sig")),
    ],
)
def test_a_table_of_a_spreadsheet(name: str, data: bytes) -> None:
    Path(name).write_bytes(data)
    answer = command("table", name, "-f", "csv")
    assert (answer.code, answer.err) == (0, "")
    assert (
        answer.out.replace("0,11K", "0.11K").replace('"', "")
        == command("table", "plain.csv", "-f", "csv").out
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,7K", 2700),
        ("5,66M", 5_660_000),
        ("0,5", 0.5),
        ("6,998,552", 6_998_552),
        ("1,072K", 1_072_000),
        ("1,072.5K", 1_072_500),
    ],
)
def test_a_decimal_comma_is_not_read_as_a_thousand(text: str, value: float) -> None:
    found = number(text)
    assert found is not None
    assert found.value == value


def test_a_table_in_utf_16_that_is_cut() -> None:
    Path("net.csv").write_bytes(PLAIN.encode("utf-16")[:-1])
    answer = command("table", "net.csv")
    assert answer.code == 3
    assert "net.csv:" in answer.err
    assert "is not UTF-16" in answer.err


def test_a_table_without_blocks_says_what_to_write() -> None:
    Path("alone.tsv").write_text("type\tw\nc\t4\n")
    answer = command("table", "alone.tsv")
    assert answer.code == 3
    for said in ("'alone.blocks.md'", "'input: 224x224x3'", "'archcalc new mine.csv'"):
        assert said in answer.err


def piped(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a command says of a document on its stdin."""
    return subprocess.run([COMMAND, *arguments], input=text, capture_output=True, text=True)


def test_a_document_on_stdin(folder: Path) -> None:
    Path("stdin.md").write_text(MARKDOWN)
    shown = command("table", "stdin.md").out
    done = piped(MARKDOWN, "table", "-", "-f", "terminal")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", shown)
    assert piped(MARKDOWN, "show", "-").stdout == MARKDOWN
    assert piped(MARKDOWN, "report", "-", "-o", "reports").returncode == 0
    assert (folder / "reports" / "stdin.csv").is_file()


def test_a_table_on_stdin() -> None:
    done = piped("type;note\nrelu;first\nflatten;\n", "table", "-", "--input", "8x8x3", "-f", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["row", "relu", "flatten"]


def test_what_a_document_on_stdin_names_is_found_in_the_folder() -> None:
    Path("parent.md").write_text(MARKDOWN)
    variant = "---\nvariant of: parent\n---\n\n| type | w |\n|---|---|\n| c | 6 |\n"
    done = piped(variant, "table", "-", "-f", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "8x8x6" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "stdin:1: a document begins with a line '---'"),
        ("hello\n", "stdin:1: a document begins with a line '---'"),
        (MARKDOWN.replace("| 4 |", "|  |"), "stdin:11, row 'c', column 'w'"),
        ("\0", "stdin:1: is not text"),
    ],
)
def test_a_wrong_document_on_stdin(text: str, said: str) -> None:
    done = piped(text, "table", "-")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert said in done.stderr


def test_a_stdin_that_is_closed_or_endless_or_the_output() -> None:
    def shell(line: str) -> tuple[int, str]:
        done = subprocess.run(f"'{COMMAND}' {line}", shell=True, capture_output=True, text=True)
        return done.returncode, done.stderr

    code, said = shell("table - <&-")
    assert (code, "standard input is closed" in said) == (3, True)
    code, said = shell("table - </dev/zero")
    assert (code, "stdin: is larger than 10 MB" in said) == (3, True)
    Path("my.md").write_text(MARKDOWN)
    code, said = shell("table - -o my.md <my.md")
    assert (code, "'my.md' is the input '/dev/stdin' by another name" in said) == (2, True)
    assert Path("my.md").read_text() == MARKDOWN
