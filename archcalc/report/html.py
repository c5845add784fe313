"""An HTML table for notebooks and pages: a fragment that needs no style sheet and no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import repeat

from archcalc.report import Audience, Column, Report, Target
from archcalc.report._text import Sheet, has_spanner, is_number, sheet_of, spans

ENDING = ".html"
AUDIENCE: Audience = "people"


def render(report: Report, target: Target) -> str:
    """The table and, in a small paragraph beneath, its footnotes and notes."""
    return "\n".join(_fragment(sheet_of(report))) + "\n"


def _fragment(sheet: Sheet) -> Iterator[str]:
    # The classes keep notebooks from setting what stands between two dollar signs as a formula.
    yield '<div class="tex2jax_ignore mathjax_ignore">'
    yield "<table>"
    if sheet.caption:
        yield f"<caption>{escape(sheet.caption)}</caption>"
    yield "<thead>"
    if has_spanner(sheet.columns):
        yield f"<tr>{''.join(_spanners(sheet.columns))}</tr>"
    yield _row("th", [column.title for column in sheet.columns], sheet.columns)
    yield "</thead>"
    yield "<tbody>"
    for line in sheet.lines:
        if line.group:
            name = escape(line.group)
            yield f'<tr><th colspan="{len(sheet.columns)}" style="text-align: left">{name}</th></tr>'
        yield _row("td", line.cells, sheet.columns)
    yield "</tbody>"
    if sheet.total:
        yield f"<tfoot>\n{_row('th', sheet.total, sheet.columns)}\n</tfoot>"
    yield "</table>"
    if sheet.notes:
        yield f"<p><small>{'<br>'.join(map(escape, sheet.notes))}</small></p>"
    yield "</div>"


def _spanners(columns: Sequence[Column]) -> Iterator[str]:
    for spanner, count in spans(columns):
        tag = "th" if spanner else "td"
        yield f'<{tag} colspan="{count}" style="text-align: center">{escape(spanner)}</{tag}>'


def _row(tag: str, cells: Sequence[str], columns: Sequence[Column]) -> str:
    return f"<tr>{''.join(map(_cell, repeat(tag), cells, columns))}</tr>"


def _cell(tag: str, text: str, column: Column) -> str:
    # Notebooks align every cell to the right unless the cell itself says otherwise.
    side = "right" if is_number(column) else "left"
    return f'<{tag} style="text-align: {side}">{escape(text)}</{tag}>'
