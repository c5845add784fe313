"""A document: settings, fences of blocks, tables whose cells know their place, footnotes.

Markdown is read by markdown-it-py, and every piece is kept with its line. `NAME.csv` is a table whose
settings and blocks stand beside it in `NAME.blocks.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archcalc.errors import DocumentError, InputError, Place, nearest

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SETTINGS = (
    "notation",
    "name",
    "paper",
    "year",
    "input",
    "K",
    "params claim",
    "ops claim",
    "columns",
    "uses",
    "rows",
    "variant of",
    "drop columns",
)
EVERY = "every "


class Cell(NamedTuple):
    """One cell: its text without its footnote mark, where it stands, its footnote's name."""

    text: str
    place: Place
    footnote: str = ""


class Setting(NamedTuple):
    """The value of a setting and where it is written."""

    value: str
    place: Place


class Fence(NamedTuple):
    """The text of a `blocks` fence; `line` is the line its first line stands on."""

    text: str
    file: str
    line: int


class Line(NamedTuple):
    """One row of a table: its cells by column, and where it stands."""

    cells: dict[str, Cell]
    place: Place


class Table(NamedTuple):
    """A table of rows; `source` is the row a side chain starts from, empty for the network itself."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    place: Place
    source: str = ""


@dataclass
class Document:
    """What one file says."""

    file: str
    path: Path
    settings: dict[str, Setting] = field(default_factory=dict)
    fences: list[Fence] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    footnotes: dict[str, str] = field(default_factory=dict)
    prose: list[str] = field(default_factory=list)

    def setting(self, name: str, default: str = "") -> str:
        """The value of a setting."""
        return self.settings[name].value if name in self.settings else default


def read(path: Path) -> Document:
    """Read a `.md` document, or a `.csv` table with its `.blocks.md`.

    Raises InputError where a file cannot be read, DocumentError where it is not what it should be.
    """
    if path.suffix != ".csv":
        return _read_markdown(path)
    beside = path.with_suffix(".blocks.md")
    if not beside.is_file():
        raise InputError(f"{path.name}: its settings and blocks are expected beside it in '{beside.name}'")
    document = _read_markdown(beside)
    if document.tables:
        raise DocumentError(
            document.tables[0].place, f"the table stands in '{path.name}'; a second is one too many"
        )
    document.file, document.path = path.name, path
    document.tables.append(_read_csv(path, _column_names(document)))
    return document


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    if "\0" in text:
        raise InputError(f"{path}: is not text (it holds a NUL byte)")
    return text


def _read_markdown(path: Path) -> Document:
    document = Document(path.name, path)
    lines = _text(path).splitlines()
    body = _read_settings(document, lines)
    names = _column_names(document)
    source = ""
    tokens = _markdown().parse("\n".join([""] * body + lines[body:]))
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        line = token.map[0] + 1
        if token.type == "fence" and token.info.split() == ["blocks"]:
            document.fences.append(Fence(token.content, document.file, line + 1))
        elif token.type == "heading_open":
            source = _head(tokens[index + 1].content) or source
        elif token.type == "paragraph_open":
            _read_paragraph(document, tokens[index + 1].content)
        elif token.type == "table_open":
            rows = ((number, _split(lines[number - 1])) for number in _table_lines(tokens, index))
            table = _table(document.file, rows, names, source)
            if table is not None:
                document.tables.append(table)
                source = ""
    return document


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # `[^1]: text` must stay a paragraph, and no inline markup is needed: cells are read from their lines.
    return MarkdownIt("commonmark").enable("table").disable(["reference", "inline", "text_join"])


def _read_settings(document: Document, lines: list[str]) -> int:
    """Read the front matter and return the number of lines it takes."""
    if not lines or lines[0].rstrip() != "---":
        raise DocumentError(Place(document.file, 1), "a document begins with a line '---' and its settings")
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == "---":
            return number
        if not line.strip():
            continue
        place = Place(document.file, number)
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not (key and colon and value):
            raise DocumentError(place, f"expected 'setting: value', found '{line.strip()}'")
        if key not in SETTINGS and not key.startswith(EVERY):
            raise DocumentError(place, f"no setting is called '{key}'{nearest(key, SETTINGS)}")
        if key in document.settings:
            raise DocumentError(
                place, f"'{key}' is set twice, first in line {document.settings[key].place.line}"
            )
        document.settings[key] = Setting(value, place)
    raise DocumentError(Place(document.file, 1), "the settings do not end: a second line '---' is missing")


def _column_names(document: Document) -> dict[str, str]:
    """What the setting `columns: FLOPs -> ops, operator -> type` calls other headings."""
    names: dict[str, str] = {}
    if "columns" in document.settings:
        value, place = document.settings["columns"]
        for part in value.split(","):
            heading, arrow, name = (piece.strip() for piece in part.partition("->"))
            if not (heading and arrow and name):
                raise DocumentError(place, f"expected 'heading -> name', found '{part.strip()}'")
            names[heading] = name
    return names


def _head(heading: str) -> str:
    """The row named by a heading `heads: from ROW`; empty for any other heading."""
    match = re.fullmatch(r"heads?\s*:\s*from\s+(.+)", heading.strip())
    return match[1].strip() if match else ""


def _read_paragraph(document: Document, text: str) -> None:
    notes = re.split(r"^\[\^([^\]\s]+)\]:[ \t]*", text, flags=re.MULTILINE)
    if notes[0].strip():
        document.prose.append(" ".join(notes[0].split()))
    for name, note in zip(notes[1::2], notes[2::2], strict=True):
        document.footnotes[name] = " ".join(note.split())


def _table_lines(tokens: list[Token], start: int) -> Iterator[int]:
    """The line numbers of a table's heading and rows."""
    for token in tokens[start:]:
        if token.type == "table_close":
            return
        if token.type == "tr_open" and token.map is not None:
            yield token.map[0] + 1


def _split(line: str) -> list[str]:
    """The cells of a table's line; markdown-it would drop those that are too many."""
    from markdown_it.rules_block.table import escapedSplit

    cells = escapedSplit(line.strip())
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _read_csv(path: Path, names: dict[str, str]) -> Table:
    import csv
    import io

    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        line = 1
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise DocumentError(Place(path.name, line), f"is not CSV: {error}") from error

    table = _table(path.name, rows(), names, "")
    if table is None:
        raise DocumentError(Place(path.name, 1), "no column is called 'type'")
    return table


def _table(
    file: str, rows: Iterator[tuple[int, list[str]]], names: dict[str, str], source: str
) -> Table | None:
    """A table of rows, or None where it has no column `type`: such a table is prose."""
    first, headings = next(rows, (1, []))
    columns = [names.get(_clean(heading), _clean(heading)) for heading in headings]
    if "type" not in columns:
        return None
    place = Place(file, first)
    for position, column in enumerate(columns):
        if not column:
            raise DocumentError(place, f"column {position + 1} has no heading")
        if column in columns[:position]:
            raise DocumentError(place, f"two columns are called '{column}'")
    lines = []
    for number, texts in rows:
        if len(texts) != len(columns):
            name = _clean(texts[columns.index("type")]) if len(texts) > columns.index("type") else ""
            raise DocumentError(
                Place(file, number, name), f"the row has {len(texts)} cells, the heading {len(columns)}"
            )
        lines.append(_line(file, number, dict(zip(columns, texts, strict=True))))
    if not lines:
        raise DocumentError(place, "the table has no rows")
    return Table(tuple(columns), tuple(lines), place, source)


def _line(file: str, number: int, texts: dict[str, str]) -> Line:
    name = _clean(texts["type"])
    cells = {}
    for column, text in texts.items():
        match = re.fullmatch(r"(.*?)\s*\[\^([^\]\s]+)\]", _clean(text))
        text, footnote = match.groups() if match else (_clean(text), "")
        cells[column] = Cell("" if text == "-" else text, Place(file, number, name, column), footnote)
    return Line(cells, Place(file, number, name))


def _clean(text: str) -> str:
    """A cell's text with single spaces and the multiplication sign read as `x`."""
    return " ".join(text.replace("\N{MULTIPLICATION SIGN}", "x").split())
