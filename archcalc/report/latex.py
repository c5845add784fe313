"""A LaTeX table for a thesis or a paper: booktabs rules, spanners, notes beneath."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.report import Audience, Column, Kind, Report, Target, Value
from archcalc.report._text import Sheet, has_spanner, is_number, readable, sheet_of, spans

ENDING = ".tex"
AUDIENCE: Audience = "people"

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        **{sign: "\\" + sign for sign in "{}$&#_%"},
    }
)


def render(report: Report, target: Target) -> str:
    """A whole `table` environment; its first line says which package it needs."""
    return "\n".join(_environment(sheet_of(report, write=_written))) + "\n"


def _written(value: Value, kind: Kind) -> str:
    """A value as text; a formula as mathematics, in dollar signs."""
    if kind == "formula" and hasattr(value, "latex"):
        return f"${value.latex()}$"
    return readable(value, kind)


def escape(text: str) -> str:
    """A text that LaTeX sets as it is.

    >>> escape("#3x3_reduce"), escape("[bold]")
    ('\\\\#3x3\\\\_reduce', '{[}bold]')
    """
    escaped = text.translate(_ESCAPES)
    # After the end of a line or a rule, a bracket or a star would be read as that command's argument.
    return f"{{{escaped[0]}}}{escaped[1:]}" if escaped.startswith(("[", "*")) else escaped


def _environment(sheet: Sheet) -> Iterator[str]:
    yield r"% needs \usepackage{booktabs}"
    yield r"\begin{table}"
    yield r"  \centering"
    if sheet.caption:
        yield rf"  \caption{{{escape(sheet.caption)}}}"
    if sheet.columns:
        yield from (f"  {line}" for line in _tabular(sheet))
    yield from (f"  {line}" for line in _notes(sheet.notes))
    yield r"\end{table}"


def _tabular(sheet: Sheet) -> Iterator[str]:
    alignment = "".join(map(_alignment, sheet.columns))
    yield rf"\begin{{tabular}}{{{alignment}}}"
    yield r"  \toprule"
    if has_spanner(sheet.columns):
        yield from (f"  {line}" for line in _spanners(sheet))
    yield "  " + _row([column.title for column in sheet.columns])
    yield r"  \midrule"
    for number, line in enumerate(sheet.lines):
        if line.group:
            if number:
                yield r"  \addlinespace"
            yield rf"  \multicolumn{{{len(sheet.columns)}}}{{l}}{{\textbf{{{escape(line.group)}}}}} \\"
        yield "  " + _row(line.cells, sheet.columns)
    if sheet.total:
        yield r"  \midrule"
        yield "  " + _row(sheet.total, sheet.columns)
    yield r"  \bottomrule"
    yield r"\end{tabular}"


def _alignment(column: Column) -> str:
    if column.kind == "formula":
        return r"p{0.75\linewidth}"  # TeX breaks a long one between its terms
    return "r" if is_number(column) else "l"


def _spanners(sheet: Sheet) -> Iterator[str]:
    cells, rules, first = [], [], 1
    for spanner, count in spans(sheet.columns):
        if spanner:
            cells.append(rf"\multicolumn{{{count}}}{{c}}{{{escape(spanner)}}}")
            rules.append(rf"\cmidrule(lr){{{first}-{first + count - 1}}}")
        else:
            cells.extend([""] * count)
        first += count
    yield " & ".join(cells).strip() + r" \\"
    yield " ".join(rules)


def _row(cells: Sequence[str], columns: Sequence[Column] = ()) -> str:
    """One line; cells of formulas are mathematics already."""
    formulas = {index for index, column in enumerate(columns) if column.kind == "formula"}
    written = (
        cell if index in formulas and cell.startswith("$") else escape(cell)
        for index, cell in enumerate(cells)
    )
    return " & ".join(written).strip() + r" \\"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if not notes:
        return
    yield r"\par\medskip"
    yield r"\begin{minipage}{\linewidth}"
    yield r"  \footnotesize"
    yield from (rf"  {escape(note)}\par" for note in notes)
    yield r"\end{minipage}"
