"""What each row of a table costs, as mirrored bars: params to the left, work to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from archcalc.numerals import share, whole
from archcalc.pictures.canvas import (
    BLUE,
    ORANGE,
    drawable,
    figure,
    literal,
    require_ending,
    save,
    styled,
    thousands,
    titled,
)
from archcalc.report import Report, Value

MOST = 60
"""The most bars that can be read; the picture shows the rows that cost most."""
LONGEST = 60
"""Characters of a name beside a bar."""
Row = Mapping[str, Value]


def draw(report: Report, path: Path, work: str) -> None:
    """Draw the rows of a table that cost something; `work` is "macs" or "flops".

    Raises UsageError where the file's ending is no picture's, InputError where no installed font has the
    signs of a name, OutputError where the file cannot be written.
    """
    require_ending(path)
    named = _named(report, work)
    rows, names = [row for row, _ in named], [name for _, name in named]
    said = sentence(rows, names, work)
    largest = _largest(rows, work)
    if len(largest) < len(rows):
        said += f" The {len(largest)} rows that cost most, of {whole(len(rows))}."
    rows, names = [rows[index] for index in largest], [_short(names[index]) for index in largest]
    places = range(len(rows))
    with styled([report.caption, said, *names]):
        picture = figure(1.2 + 0.24 * max(len(rows), 3))
        left, right = picture.subplots(1, 2, sharey=True)
        params, params_title = drawable([row["params"] for row in rows], "params")
        costs, title = drawable([row[work] for row in rows], _unit(work))
        left.barh(places, params, color=BLUE)
        right.barh(places, costs, color=ORANGE, hatch="///", edgecolor="white")
        left.set_yticks(places, [literal(name) for name in names])
        left.invert_xaxis()
        left.invert_yaxis()
        left.set_xlabel(params_title)
        right.set_xlabel(title)
        for each in (left, right):
            thousands(each.xaxis)
            each.tick_params(axis="y", length=0)
        titled(picture, report.caption, said)
        save(picture, path)


def _named(report: Report, work: str) -> list[tuple[Row, str]]:
    """The rows that cost something, and their names."""
    shown = next(column.key for column in report.columns if column.audience != "machines")
    named = []
    for row, group in zip(report.rows, report.groups or ("",) * len(report.rows), strict=True):
        name = str(row[shown] or "")
        if shown == "branch":  # whose names repeat from row to row
            name = ", ".join(filter(None, (group, name)))
        if row["params"] or row[work]:
            named.append((row, name))
    return named


def _largest(rows: Sequence[Row], work: str) -> list[int]:
    """Where the rows stand, in their order, whose share of the params or of the work is largest."""
    params, costs = (sum(row[key] for row in rows) or 1 for key in ("params", work))
    shares = [max(row["params"] / params, row[work] / costs) for row in rows]
    return sorted(sorted(range(len(rows)), key=lambda index: -shares[index])[:MOST])


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def _unit(work: str) -> str:
    return "MACs" if work == "macs" else "FLOPs"


def sentence(rows: Sequence[Row], names: Sequence[str], work: str) -> str:
    """Which row holds most of each cost, and how much.

    >>> sentence([{"params": 3, "macs": 1}, {"params": 1, "macs": 9}], ["fc", "conv"], "macs")
    'Most params: fc, 75.0% (and 10.0% of the MACs). Most MACs: conv, 90.0% (and 25.0% of the params).'
    """
    unit = _unit(work)
    totals = {key: sum(row[key] for row in rows) for key in ("params", work)}

    def most(key: str, title: str, other: str, other_title: str) -> str:
        best = max(range(len(rows)), key=lambda index: rows[index][key])
        shares = [share(Fraction(rows[best][each], totals[each] or 1)) for each in (key, other)]
        name = _short(names[best])
        return f"Most {title}: {name}, {shares[0]} (and {shares[1]} of the {other_title})."

    if not rows:
        return "No row costs anything."
    return f"{most('params', 'params', work, unit)} {most(work, unit, 'params', 'params')}"
