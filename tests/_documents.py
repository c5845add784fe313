"""The documentation as data: fences, tables, links and headings; and a terminal to run its sessions in."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
PATHS = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md"))
COLUMNS = 120
END = "\x1f"
"""What a session writes after each command, so that their outputs can be told apart."""


class Fence(NamedTuple):
    """A fenced text: its kind, the line it begins in, the file that the sentence before it says it is."""

    kind: str
    text: str
    line: int
    file: str = ""


class Command(NamedTuple):
    """One command of a session, the line it stands in, and the output that is shown beneath."""

    text: str
    line: int
    shown: list[str]


class Document:
    """One Markdown file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path.relative_to(ROOT))
        self.text = path.read_text(encoding="utf-8")
        self._tokens = MarkdownIt("commonmark").enable("table").parse(self.text)

    @property
    def fences(self) -> list[Fence]:
        """Every fence, in order."""
        found, before = [], ""
        for token in self._tokens:
            if token.type == "fence":
                assert token.map is not None
                kind = (token.info.split() or [""])[0]
                file = _file(before) if kind != "console" and ">>>" not in token.content else ""
                found.append(Fence(kind, token.content, token.map[0] + 2, file))
            before = token.content if token.type in ("inline", "fence") else before
        return found

    @property
    def files(self) -> dict[str, str]:
        """The files that the document tells its reader to write."""
        return {fence.file: fence.text for fence in self.fences if fence.file}

    @property
    def commands(self) -> list[Command]:
        """The commands of all its sessions, in order."""
        found: list[Command] = []
        for fence in self.fences:
            if fence.kind != "console":
                continue
            assert fence.text.startswith("$ "), f"{self.name}:{fence.line}: a session begins with '$ '"
            for number, line in enumerate(fence.text.splitlines(), start=fence.line):
                if line.startswith("$ "):
                    found.append(Command(line[2:], number, []))
                else:
                    found[-1].shown.append(line)
        return found

    def refreshed(self, answers: list[str]) -> str:
        """The document with what each command shows now; a session that is cut with `...` stays."""
        lines = self.text.splitlines()
        for command, answer in reversed(list(zip(self.commands, answers, strict=True))):
            if "..." not in command.shown:
                now = [line.rstrip() for line in answer.rstrip("\n").splitlines()]
                lines[command.line : command.line + len(command.shown)] = now
        return "\n".join(lines) + "\n"

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        inline = [child for token in self._tokens for child in token.children or ()]
        return [str(child.attrs["href"]) for child in inline if child.type == "link_open"]

    @property
    def anchors(self) -> set[str]:
        """What a link can call its headings, as GitHub does."""
        pairs = pairwise(self._tokens)
        titles = (after.content for token, after in pairs if token.type == "heading_open")
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    def table(self, *headings: str) -> list[dict[str, str]]:
        """The rows of its table with these headings, without the marks of code."""
        for table in _tables(self._tokens):
            if table[0] == list(headings):
                return [dict(zip(headings, row, strict=True)) for row in table[1:]]
        raise AssertionError(f"{self.name} has no table headed {headings}")


def write(document: Document, folder: Path) -> None:
    """Write the files of a document into a folder."""
    for name, text in document.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(commands: list[str], folder: Path) -> list[str]:
    """What each command shows when they are typed one after the other in a terminal in that folder."""
    script = "".join(f"{command}\nstatus=$?; printf '\\037'; (exit $status)\n" for command in commands)
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "NO_COLOR": "1",
    }
    shell = subprocess.Popen(
        ["sh", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
    )
    os.close(inner)
    text = received(outer)
    shell.wait()
    return text.replace("\r\n", "\n").split(END)[:-1]


def same(shown: list[str], answer: str) -> bool:
    """Whether a shown output, in which a line `...` stands for any lines, is the answer."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "..." else re.escape(line.rstrip()) + r"\n" for line in shown
    )
    lines = [line.rstrip() for line in answer.rstrip("\n").split("\n")] if answer else []
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


def received(descriptor: int) -> str:
    """What a terminal is sent until its last writer has gone."""
    read = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux says so when the last writer has closed the terminal
            part = b""
        if not part:
            os.close(descriptor)
            return read.decode()
        read += part


def _file(sentence: str) -> str:
    """The file named last in a sentence that ends in a colon."""
    names = re.findall(r"`([\w./-]+\.(?:md|csv|py))`", sentence)
    return names[-1] if names and sentence.endswith(":") else ""


def _tables(tokens: list[Token]) -> list[list[list[str]]]:
    """Every table as lines of cells, the headings first."""
    found: list[list[list[str]]] = []
    for token, after in pairwise(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            found[-1][-1].append(after.content.replace("`", ""))
    return found
