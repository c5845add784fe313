"""HTML: a whole page that reads well on a phone, in the dark and on paper; and a fragment for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import repeat

from archcalc.report import Audience, Column, Report, Target
from archcalc.report._text import Sheet, has_spanner, is_number, sheet_of, spans

ENDING = ".html"
AUDIENCE: Audience = "people"


STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --quiet: #57606a; --back: #fff; --text: #1f2328 }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --quiet: #9198a1; --back: #0d1117; --text: #e6edf3 }
}
body { margin: 0 auto; padding: 1rem; max-width: max-content; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif }
.box { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: 0 0 .6rem }
th, td { padding: .2rem .6rem; vertical-align: top; border-bottom: 1px solid var(--line) }
th, td { white-space: nowrap }
thead th { border-bottom: 2px solid var(--line) }
tfoot th { border-top: 2px solid var(--line) }
tr > :first-child:not([colspan]) { position: sticky; left: 0; background: var(--back) }
.long { min-width: 16em; white-space: normal }
p { color: var(--quiet); max-width: 70em }
@media (max-width: 40em) {
  body { padding: .6rem; font-size: 14px }
  th, td { padding: .15rem .4rem }
}
@media print {
  :root { color-scheme: light; --line: #999; --quiet: #333; --back: #fff; --text: #000 }
  body { font-size: 8pt; max-width: none }
  .box { overflow: visible }
  thead { display: table-header-group }
  tr { break-inside: avoid }
}
"""


def render(report: Report, target: Target) -> str:
    """A page of its own, in which a wide table scrolls in its box; or, for another page, its body alone."""
    sheet = sheet_of(report)
    return "\n".join(_page(sheet) if target.alone else _fragment(sheet)) + "\n"


def _page(sheet: Sheet) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(sheet.caption or 'archcalc')}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield from _fragment(sheet)
    yield "</body>"
    yield "</html>"


def _fragment(sheet: Sheet) -> Iterator[str]:
    # The classes keep notebooks from setting what stands between two dollar signs as a formula.
    yield '<div class="tex2jax_ignore mathjax_ignore">'
    yield '<div class="box" style="overflow-x: auto">'
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
    yield "</div>"
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
    long = ' class="long"' if len(text) > 40 else ""
    return f'<{tag}{long} style="text-align: {side}">{escape(text)}</{tag}>'
