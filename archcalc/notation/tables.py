"""The lines of a table -> cells that know their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, quoted
from archcalc.notation.document import CLAIMS, OF, Cell, Line, Table

Texts = Iterator[tuple[int, list[str]]]
"""The cells of each line of a table, its heading first, with the number of the line."""


class Source(NamedTuple):
    """Where a table stands: the file, what `columns` calls its headings, the row a side chain starts from."""

    file: str
    names: Mapping[str, str]
    row: str = ""


def read_table(source: Source, lines: Texts) -> Table:
    """Read a table. One without a column `type` or `claims of` has no lines: it is prose.

    Raises DocumentError where headings are missing or equal, where a row is too short or too long, and
    where there are no rows.
    """
    first, headings = next(lines, (1, []))
    columns = [source.names.get(clean(heading), clean(heading)) for heading in headings]
    place = Place(source.file, first)
    if "type" not in columns:
        columns = ["type" if column.casefold() == "type" else column for column in columns]
    first_column = "type" if "type" in columns else OF
    if first_column not in columns:
        return Table(tuple(columns), (), place, source.row)
    for position, column in enumerate(columns):
        if not column:
            raise DocumentError(place, f"column {position + 1} has no heading")
        if column in columns[:position]:
            raise DocumentError(place, f"two columns are called {quoted(column)}")
    position = columns.index(first_column)
    rows = tuple(_line(source.file, number, columns, texts, position) for number, texts in lines)
    if not rows:
        raise DocumentError(place, "the table has no rows")
    return Table(tuple(columns), rows, place, source.row)


def _line(file: str, number: int, columns: list[str], texts: list[str], position: int) -> Line:
    """One row; `position` is that of the column that names it."""
    place = Place(file, number, clean(texts[position]) if position < len(texts) else "")
    if len(texts) != len(columns):
        cells = f"{len(texts)} cell{'s' * (len(texts) != 1)}"
        raise DocumentError(place, f"the row has {cells}, and the heading {len(columns)}")
    cells_of = {}
    for column, text in zip(columns, map(clean, texts), strict=True):
        said, footnote = without_footnote(text)
        if column not in CLAIMS:  # what is printed shows by its digits how exact it is
            said = re.sub(r"^([0-9]+)\.0+$", r"\1", said)
        cells_of[column] = Cell("" if said == "-" else said, place._replace(column=column), footnote)
    return Line(cells_of, place)


def without_footnote(text: str) -> tuple[str, str]:
    """A cell's text, and the name in the footnote mark `[^name]` that it ends in."""
    said, mark, name = text[:-1].rpartition("[^")
    if not (mark and name and text.endswith("]")) or "]" in name or " " in name:
        return text, ""
    return said.rstrip(), name


def split(line: str) -> list[str]:
    """The cells of a line of a Markdown table; markdown-it itself would drop those that are too many."""
    from markdown_it.rules_block.table import escapedSplit

    cells = escapedSplit(line.strip())
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def csv_lines(file: str, text: str) -> Texts:
    """The lines of CSV that are not blank, with commas, semicolons or tabs between the cells.

    Raises DocumentError where the quotes are broken.
    """
    import csv
    import io

    stated = re.match(r"sep=([,;\t])\r?\n", text)  # Excel's own first line
    between = stated[1] if stated else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=between)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not (stated and line == 1):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DocumentError(Place(file, line), f"is not CSV: {error}") from error


def _separator(text: str) -> str:
    """What stands between the cells of the heading most often, and is not in quotes."""
    heading = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(",;\t", key=heading.count)


def names_in(text: str, place: Place) -> list[str]:
    """The names in a list with commas. Raises DocumentError where one is missing."""
    names = [clean(name) for name in text.split(",")]
    if not all(names):
        raise DocumentError(place, f"a name is missing in {quoted(text)}")
    return names


def clean(text: str) -> str:
    """A cell's text with single spaces and the multiplication sign read as `x`."""
    return " ".join(text.replace("\N{MULTIPLICATION SIGN}", "x").split())
