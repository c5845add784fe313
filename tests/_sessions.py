"""Every command of the documents, typed one after the other in one real terminal of some width."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from archcalc.report import Report, machine_value
from archcalc.report._text import sheet_of
from tests._documents import PATHS, ROOT, Document, received, write

MARK = "\x1e"
"""What stands at both ends of the line that the terminal is sent before each command."""
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
FORMAT = re.compile(r" (--format|-f) [a-z]+")
LARGE = (
    "table inception-v4 --level branch",
    "compare googlenet vgg16 resnet50 alexnet",
    "audit --all",
    "explain inception-v4 'stem A'",
    "formula googlenet --row 3a --symbols all",
    "list --count flops",
    "table lenet-5 --check --count flops",
    "sweep googlenet --vary batch=1:3 --count flops",
)
"""Reports with more columns or longer cells than those of the documents, or other ones."""


class Typed(NamedTuple):
    """A command: its words, the document that it is of, and whether that shows an error."""

    words: list[str]
    document: str
    refused: bool


class Cell(NamedTuple):
    """A cell of a report: its column, its text and, of a count, the number in full."""

    column: str
    text: str
    number: str


class Shown(NamedTuple):
    """What a terminal has shown of a command, without colours; the cells behind it, and the exit code."""

    typed: Typed
    text: str
    cells: list[Cell]
    code: int


def typed() -> list[Typed]:
    """The commands of the documents and the large ones; each once, and without what it is piped into.

    What a document writes for machines is asked for as people see it: it has a width then.
    """
    found: dict[str, Typed] = {}
    for path in PATHS:
        for command in Document(path).commands:
            text = re.split(r" \| | 2?> |;", command.text)[0]
            if not text.startswith("archcalc "):
                continue
            if " -o " not in text:
                text = FORMAT.sub("", text)
            words = shlex.split(text)[1:]
            own = any(word.endswith((".md", ".csv")) for word in words)
            refused = " 2> " in command.text or any(line.startswith("archcalc: ") for line in command.shown)
            key = f"{path.name}: {text}" if own else text
            found.setdefault(key, Typed(words, path.name, refused))
    return [*found.values(), *(Typed(shlex.split(text), PATHS[0].name, False) for text in LARGE)]


def session(width: int, folder: Path) -> list[Shown]:
    """What a terminal of that many columns shows of every command."""
    extended = []
    for document in map(Document, PATHS):
        own = folder / document.path.name
        own.mkdir()
        write(document, own)
        if "export ARCHCALC_PATH=$PWD" in (command.text for command in document.commands):
            extended.append(str(own))
    screen, keyboard = pty.openpty()
    fcntl.ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests._sessions", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=keyboard,
        stderr=keyboard,
        env={
            **environment,
            "TERM": "xterm",
            "ARCHCALC_PATH": os.pathsep.join(extended),
            "ARCHCALC_CACHE": str(folder / "kept"),
        },
    ) as process:
        os.close(keyboard)
        text = ESCAPE.sub("", received(screen)).replace("\r\n", "\n")
    parts = re.split(rf"{MARK}\d+{MARK}\n", text)[1:]
    assert process.returncode == 0, parts[-1]
    answers = json.loads((folder / "answers.json").read_text())
    return [
        Shown(each, part, [Cell(*cell) for cell in found], code)
        for each, part, (found, code) in zip(typed(), parts, answers, strict=True)
    ]


def cells(report: Report) -> Iterator[Cell]:
    """What a report has for people."""
    sheet = sheet_of(report)
    for row, line in zip(report.rows, sheet.lines, strict=True):
        texts = dict(zip((column.key for column in sheet.columns), line.cells, strict=True))
        for column in report.columns_for("people"):
            value = row.get(column.key)
            exact = machine_value(value) if column.kind == "count" and not isinstance(value, tuple) else None
            number = f"{abs(exact):,}" if isinstance(exact, int) else ""
            yield Cell(column.key, texts.get(column.key, ""), number)


def type_all(folder: Path) -> None:
    """Run every command in this process, and keep of each the cells of its report and its exit code."""
    from archcalc import cli
    from archcalc.cli import console

    answers: list[tuple[list[Cell], int | str | None]] = []
    shown: list[Cell] = []
    rendered = vars(console)["render"]

    def render(report: Report, *arguments: Any, **named: Any) -> str:
        shown.extend(cells(report))
        return str(rendered(report, *arguments, **named))

    console.render = render  # type: ignore[attr-defined]  # a report is caught on its way to the terminal
    own_errors = sys.stderr
    for number, each in enumerate(typed()):
        os.chdir(folder / each.document)
        sys.argv, sys.stderr = ["archcalc", *each.words], own_errors
        sys.stdout.write(f"{MARK}{number}{MARK}\n")
        shown.clear()
        try:
            cli.main()
        except SystemExit as left:
            answers.append(([*shown], left.code))
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    type_all(Path(sys.argv[1]))
