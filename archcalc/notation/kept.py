"""The catalogue's documents as data, kept after the first reading, so that Markdown need not be read again.

A document's file in the cache holds what was read and a key: the digest of the document's own bytes and of
the code that reads it. Where either differs, or the cache holds anything unexpected, the document is read
anew. It is JSON, so that nothing in it can run, and only for documents that archcalc brings along: the cache
has at most as many files as the catalogue.

The cache is the folder that `ARCHCALC_CACHE` names, or `archcalc` in the user's own (`XDG_CACHE_HOME`,
`~/.cache`); an empty `ARCHCALC_CACHE` turns it off. It is used silently, or silently not.
"""

from __future__ import annotations

import json
import os
import stat
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from archcalc.environment.inputs import PACKAGE
from archcalc.errors import OutputError, Place
from archcalc.notation.document import Cell, Document, Fence, Line, Setting, Table
from archcalc.version import VERSION

CODE = ("document.py", "kept.py", "reader.py", "tables.py")
"""The files that decide what is read from a document's bytes."""
LARGEST = 4_000_000
"""How long a file of the cache may be: the catalogue's longest takes a hundredth."""
ANY_FAULT = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
"""What a broken file, or a hostile one, can lead to."""


def document(path: Path, names: str = "") -> Document | None:
    """What an earlier reading of this very document found; None where nothing is kept of it.

    `names` are what its parent calls headings, where it is a variant of one that renames some.
    """
    try:
        place = _place(path, names)
        if place is None:
            return None
        key, said = json.loads(_read(place))
        return _decoded(path, said) if key == _key(path, names) else None
    except ANY_FAULT:
        return None


def keep(path: Path, document: Document, names: str = "") -> None:
    """Keep what was read, if there is a cache and if it gives back the same."""
    try:
        place = _place(path, names)
        if place is None or (os.path.lexists(place) and not os.path.isfile(place)):
            return  # a pipe would wait for a reader
        text = json.dumps([_key(path, names), _encoded(document)], ensure_ascii=False, separators=(",", ":"))
        if _decoded(path, json.loads(text)[1]) == document:
            from archcalc.environment import files  # imported here: it is needed once for each document

            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write(place, text)
    except (*ANY_FAULT, OutputError):
        pass


def _place(path: Path, names: str) -> Path | None:
    """Where a document is kept; None for those that are not archcalc's own, and where the cache is off."""
    if path.suffix != ".md" or path.parent.parent != PACKAGE:
        return None
    named = os.environ.get("ARCHCALC_CACHE")
    if named == "":
        return None
    if named is None:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        named = os.path.join(home, "archcalc")
    again = "-renamed" if names else ""
    return Path(named, f"{path.parent.name}-{path.stem}{again}.json") if os.path.isabs(named) else None


def _read(place: Path) -> bytes:
    """A file of the cache. Raises OSError where it is not the user's own file, or too long."""
    with open(os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise OSError("it is no file of a cache")
        if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            raise OSError("others can write it")
        return file.read(LARGEST)


def _key(path: Path, names: str) -> str:
    """What a document, and how it is read, is known by."""
    return sha256(_reader() + path.read_bytes() + names.encode()).hexdigest()


@cache
def _reader() -> bytes:
    """The digest of the code that reads documents, markdown-it-py's version included."""
    digest = sha256(VERSION.encode())
    for name in CODE:
        digest.update(Path(__file__).with_name(name).read_bytes())
    markdown = find_spec("markdown_it")
    if markdown and markdown.origin:
        digest.update(Path(markdown.origin).read_bytes())  # it states the version
    return digest.digest()


def _encoded(document: Document) -> list[object]:
    """A document as lists; what stands in them is its own, so a place is a line."""
    return [
        [[name, value, place.line] for name, (value, place) in document.settings.items()],
        [[text, line] for text, _, line in document.fences],
        [[text, line] for text, _, line in document.bare_fences],
        [_table(table) for table in document.tables],
        [_table(table) for table in document.claims],
        [_table(table) for table in document.prose_tables],
        list(document.footnotes.items()),
        document.prose,
    ]


def _table(table: Table) -> list[object]:
    rows = [
        [line.place.line, line.place.row, *([cell.text, cell.footnote] for cell in line.cells.values())]
        for line in table.lines
    ]
    return [table.columns, table.place.line, table.source, rows]


def _decoded(path: Path, said: Any) -> Document:
    """The document that lists stand for. Raises one of ANY_FAULT where they stand for none."""
    file = path.name
    settings, fences, bare_fences, tables, claims, prose_tables, footnotes, prose = said
    return Document(
        file,
        path,
        {_text(name): Setting(_text(value), Place(file, _number(line))) for name, value, line in settings},
        [Fence(_text(text), file, _number(line)) for text, line in fences],
        [Fence(_text(text), file, _number(line)) for text, line in bare_fences],
        [_decoded_table(file, table) for table in tables],
        [_decoded_table(file, table) for table in claims],
        [_decoded_table(file, table) for table in prose_tables],
        footnotes={_text(name): _text(note) for name, note in footnotes},
        prose=[_text(paragraph) for paragraph in prose],
    )


def _decoded_table(file: str, said: Any) -> Table:
    columns, first, source, rows = said
    columns = tuple(_text(column) for column in columns)
    lines = []
    for number, row, *texts in rows:
        place = Place(file, _number(number), _text(row))
        cells = {
            column: Cell(_text(text), Place(file, number, row, column), _text(footnote))
            for column, (text, footnote) in zip(columns, texts, strict=True)
        }
        lines.append(Line(cells, place))
    return Table(columns, tuple(lines), Place(file, _number(first)), _text(source))


def _text(said: object) -> str:
    if type(said) is not str:
        raise TypeError("expected a text")
    return said


def _number(said: object) -> int:
    if type(said) is not int:
        raise TypeError("expected a number")
    return said
