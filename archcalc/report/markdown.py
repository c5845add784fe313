"""A GitHub Markdown table that reads well as source too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archcalc.report import Audience, Column, Report, Target
from archcalc.report._lines import cells_wide
from archcalc.report._text import Sheet, is_number, sheet_of
from archcalc.report._values import full_title

ENDING = ".md"
AUDIENCE: Audience = "people"

# `<` and `&` become entities because not every reader of Markdown takes a backslash before them; without a
# `<` a `>` is harmless but at the beginning of a note. An underline between letters or digits (conv_1) is no
# emphasis and stays readable.
_ENTITIES = {"&": "&amp;", "<": "&lt;"}
_SPECIAL = re.compile(r"[&<]|[\\|`*\[\]~$]|(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START = re.compile(r"^(\d*)((?:[-+#.)]+(?=\s|$))|>)")


def render(report: Report, target: Target) -> str:
    """The caption in bold, the table, footnotes and notes as a list."""
    sheet = sheet_of(report)
    parts = [
        _bold(escape(sheet.caption)),
        "\n".join(_table(sheet)),
        "\n".join(f"- {_sentence(note)}" for note in sheet.notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """A text that Markdown shows as it is, with no more signs than that takes.

    >>> escape("#3x3 reduce | 7x7/2 inception_3a <b>")
    '#3x3 reduce \\\\| 7x7/2 inception_3a &lt;b>'
    """
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)


def _table(sheet: Sheet) -> Iterator[str]:
    if not sheet.columns:
        return
    heading = [escape(full_title(column)) for column in sheet.columns]
    body = list(_body(sheet))
    widths = [max(3, *map(cells_wide, texts)) for texts in zip(heading, *body, strict=True)]
    yield _line(heading, widths, sheet.columns)
    rules = ["-" * width for width in widths]
    yield _line(
        [
            f"{rule[1:]}:" if is_number(column) else rule
            for rule, column in zip(rules, sheet.columns, strict=True)
        ],
        widths,
        sheet.columns,
    )
    for cells in body:
        yield _line(cells, widths, sheet.columns)


def _body(sheet: Sheet) -> Iterator[list[str]]:
    for line in sheet.lines:
        if line.group:
            yield [_bold(escape(line.group)), *[""] * (len(sheet.columns) - 1)]
        yield [_cell(cell, column) for cell, column in zip(line.cells, sheet.columns, strict=True)]
    if sheet.total:
        yield [_bold(escape(cell)) for cell in sheet.total]


def _cell(text: str, column: Column) -> str:
    if column.kind == "formula" and text and not set(text) & set("`|"):
        return f"`{text}`"  # in code, no sign of a formula needs a backslash
    return escape(text)


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    padded = (
        " " * (width - cells_wide(cell)) + cell
        if is_number(column)
        else cell + " " * (width - cells_wide(cell))
        for cell, width, column in zip(cells, widths, columns, strict=True)
    )
    return f"| {' | '.join(padded)} |"


def _bold(text: str) -> str:
    return f"**{text.strip()}**" if text.strip() else ""


def _sentence(text: str) -> str:
    # A note that begins with the sign of a list, heading, quotation or rule would be one.
    return _BLOCK_START.sub(r"\1\\\2", escape(text))
