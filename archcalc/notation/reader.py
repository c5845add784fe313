"""A file -> a document.

Markdown is read by markdown-it-py, and every piece is kept with its line. `NAME.csv` or `NAME.tsv` is a
table whose settings and blocks stand beside it in `NAME.blocks.md`. Standard input is either of the two, and
a table there has no settings.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from archcalc.environment import inputs, reading
from archcalc.errors import DocumentError, InputError, Place, nearest, quoted, shortened
from archcalc.notation import kept
from archcalc.notation.document import EVERY, SETTINGS, Document, Fence, Setting, Table
from archcalc.notation.tables import Source, clean, csv_lines, read_table, split
from archcalc.ops import operations

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


SHEETS = (".csv", ".tsv")
"""The endings of tables that spreadsheets write."""


def read(path: Path, names: str = "") -> Document:
    """Read a `.md` document, a `.csv` or `.tsv` table with its `.blocks.md`, or what stands on stdin.

    `names` is a setting `columns` that holds beside its own. Raises InputError where a file cannot be read,
    DocumentError where it is not what it should be.
    """
    if before := kept.document(path, names):
        return before
    document = _read_sheet(path, names) if _is_sheet(path) else _read_markdown(path, names)
    if path == inputs.STDIN:
        document.path = Path(path.name)  # what it names is looked for in the current folder
    _check_columns(document)
    kept.keep(path, document, names)
    return document


def parts(path: Path) -> tuple[Path, ...]:
    """The files of a network: a `.md` document, or a table and the `.blocks.md` beside it."""
    return (path, path.with_suffix(".blocks.md")) if path.suffix in SHEETS else (path,)


def _is_sheet(path: Path) -> bool:
    if path != inputs.STDIN:
        return path.suffix in SHEETS
    _, heading = next(csv_lines(path.name, text_of(path).partition("\n")[0]), (1, []))
    return "type" in [cell.strip().casefold() for cell in heading]


def _read_sheet(path: Path, names: str) -> Document:
    text = text_of(path)
    document = Document(path.name, path) if path == inputs.STDIN else _beside(path, names)
    renamed = _renamed(document, names)
    _keep(document, read_table(Source(path.name, renamed), csv_lines(path.name, text)))
    return document


def _beside(path: Path, names: str) -> Document:
    """What stands beside a table: its settings and blocks."""
    _, beside = parts(path)
    if not os.path.isfile(beside):
        raise InputError(
            f"{shortened(str(path))}: its settings and blocks are expected beside it, in"
            f" {quoted(beside.name)}: lines '---', 'input: 224x224x3', '---', then a fence of blocks"
            " ('archcalc new mine.csv' writes an example of both files)"
        )
    document = _read_markdown(beside, names)
    if document.tables:
        fact = f"the table stands in {quoted(path.name)}; a second is one too many"
        raise DocumentError(document.tables[0].place, fact)
    document.file, document.path = path.name, path
    document.prose_tables.clear()
    return document


def text_of(path: Path) -> str:
    """The text of a file. Raises InputError where it cannot be read, DocumentError where it is no text."""
    inputs.note(path)
    data = reading.stdin() if path == inputs.STDIN else reading.read(path)
    # What Excel calls Unicode text begins with the mark of UTF-16.
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fact = f"is not {error.encoding.upper()} text: it holds the byte 0x{data[error.start]:02x}"
        raise DocumentError(Place(path.name, line), fact) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DocumentError(Place(path.name, line), "is not text: it holds a NUL byte")
    return text


def _read_markdown(path: Path, names: str) -> Document:
    document = Document(path.name, path)
    # Lines end as they do in an editor: `splitlines` would end them at form feeds too.
    lines = text_of(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = _read_settings(document, lines)
    source = ""
    tokens = _markdown().parse("\n".join([""] * body + lines[body:]))
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "fence" and token.info.split() == ["blocks"]:
            document.fences.append(_fence(document.file, token, lines))
        elif token.type == "fence" and not token.info.strip():
            document.bare_fences.append(Fence(token.content, document.file, token.map[0] + 2))
        elif token.type == "heading_open":
            head = _head(tokens[index + 1].content)
            if head and source:
                raise _no_side_chain(document, token.map[0] + 1, source)
            source = head or source
        elif token.type == "paragraph_open":
            _read_paragraph(document, tokens[index + 1].content, token.map[0] + 1)
        elif token.type == "table_open":
            rows = ((number, split(lines[number - 1])) for number in _table_lines(tokens, index))
            table = read_table(Source(document.file, _renamed(document, names), source), rows)
            _keep(document, table)
            source = "" if table in document.tables else source
    if source:
        raise _no_side_chain(document, len(lines), source)
    return document


def _no_side_chain(document: Document, line: int, source: str) -> DocumentError:
    heading = quoted(f"heads: from {source}")
    return DocumentError(
        Place(document.file, line), f"no table with a column 'type' follows the heading {heading}"
    )


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # `[^1]: text` must stay a paragraph, and no inline markup is needed: cells are read from their lines.
    return MarkdownIt("commonmark").enable("table").disable(["reference", "inline", "text_join"])


def _read_settings(document: Document, lines: list[str]) -> int:
    """Read the front matter and return the number of lines it takes."""
    if lines[0].rstrip() != "---":
        raise DocumentError(Place(document.file, 1), "a document begins with a line '---' and its settings")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end:
        raise DocumentError(
            Place(document.file, 1), "the settings do not end: a second line '---' is missing"
        )
    for number, line in enumerate(lines[1:end], start=2):
        if not line.strip():
            continue
        place = Place(document.file, number)
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not (key and colon):
            raise DocumentError(place, f"expected 'setting: value', found {quoted(line.strip())}")
        if key not in SETTINGS and not key.startswith(EVERY):
            known = (*SETTINGS, *(EVERY + name for name in operations()))
            raise DocumentError(place, f"no setting is called {quoted(key)}{nearest(key, known)}")
        if not value:
            raise DocumentError(place, f"{quoted(key)} is given no value")
        if key in document.settings:
            first = document.settings[key].place.line
            raise DocumentError(place, f"{quoted(key)} is set twice, first in line {first}")
        document.settings[key] = Setting(value, place)
    return end + 1


def _fence(file: str, token: Token, lines: list[str]) -> Fence:
    """A fence of blocks. Raises DocumentError where it does not end, and so swallows what follows."""
    first, end = token.map or [0, 0]
    last = lines[end - 1].strip()
    if end - first < 2 or set(last) != {token.markup[0]} or len(last) < len(token.markup):
        raise DocumentError(
            Place(file, first + 1), f"the fence does not end: a line '{token.markup}' is missing"
        )
    return Fence(token.content, file, first + 2)


def _renamed(document: Document, more: str = "") -> Mapping[str, str]:
    """What the setting `columns: FLOPs -> ops, operator -> type` calls other headings, its own last."""
    names: dict[str, str] = {}
    own = document.settings.get("columns", Setting("", Place(document.file)))
    stated = [text for text in (more, own.value) if text]
    for part in ",".join(stated).split(",") if stated else ():
        heading, arrow, name = (piece.strip() for piece in part.partition("->"))
        if not (heading and arrow and name):
            raise DocumentError(own.place, f"expected 'heading -> name', found {quoted(part.strip())}")
        names[clean(heading)] = name
    return names


def _check_columns(document: Document) -> None:
    """Refuse a renamed heading that no table has."""
    columns = [column for table in document.tables for column in table.columns]
    for heading, name in _renamed(document).items():
        if document.tables and name not in columns:
            place = document.settings["columns"].place
            raise DocumentError(place, f"no column is headed {quoted(heading)}{nearest(heading, columns)}")


def _head(heading: str) -> str:
    """The row named by a heading `heads: from ROW`; empty for any other heading."""
    match = re.fullmatch(r"heads?\s*:\s*from\s(.*\S)", heading.strip(), re.IGNORECASE)
    return match[1].strip() if match else ""


def _read_paragraph(document: Document, text: str, line: int) -> None:
    if text.startswith("|"):  # Markdown sees a table only where the rule below the heading fits it
        raise DocumentError(Place(document.file, line), _no_table(text.split("\n")))
    notes = re.split(r"^\[\^([^\]\s]+)\]:[ \t]*", text, flags=re.MULTILINE)
    if notes[0].strip():
        document.prose.append(" ".join(notes[0].split()))
    for name, note in zip(notes[1::2], notes[2::2], strict=True):
        document.footnotes[name] = " ".join(note.split())


def _no_table(lines: list[str]) -> str:
    """Why lines that begin as a table are not one."""
    if len(lines) < 2 or not re.fullmatch(r"[\s|:-]+", lines[1]):
        return "a table's heading is followed by a rule such as |---|---|, and there is none"
    heading, rule = (len(split(each)) for each in lines[:2])
    return f"the table's heading has {heading} cells, and the rule below it {rule}"


def _table_lines(tokens: list[Token], start: int) -> Iterator[int]:
    """The line numbers of a table's heading and rows."""
    for index in range(start, len(tokens)):  # a slice would copy what follows every table
        token = tokens[index]
        if token.type == "table_close":
            return
        if token.type == "tr_open" and token.map is not None:
            yield token.map[0] + 1


def _keep(document: Document, table: Table) -> None:
    of_rows = document.tables if "type" in table.columns else document.claims
    (of_rows if table.lines else document.prose_tables).append(table)
