"""What each row of a table costs, as mirrored bars: params to the left, work to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archcalc.pictures.canvas import (
    BLUE,
    ORANGE,
    figure,
    literal,
    require_ending,
    save,
    styled,
    thousands,
    titled,
)
from archcalc.report import Report


def draw(report: Report, path: Path, work: str) -> None:
    """Draw the rows of a table that cost something; `work` is "macs" or "flops".

    Raises UsageError where the file's ending is no picture's, OutputError where it cannot be written.
    """
    require_ending(path)
    groups = report.groups or ("",) * len(report.rows)
    grouped = zip(report.rows, groups, strict=True)
    kept = [(row, group) for row, group in grouped if row["params"] or row[work]]
    rows = [row for row, _ in kept]
    shown = next(column.key for column in report.columns if column.audience != "machines")
    names = [str(row[shown] or "") for row in rows]
    if shown == "branch":  # whose names repeat from row to row
        names = [", ".join(filter(None, (group, name))) for (_, group), name in zip(kept, names, strict=True)]
    places = range(len(rows))
    with styled():
        picture = figure(1.2 + 0.24 * max(len(rows), 3))
        left, right = picture.subplots(1, 2, sharey=True)
        left.barh(places, [row["params"] for row in rows], color=BLUE)
        right.barh(places, [row[work] for row in rows], color=ORANGE, hatch="///", edgecolor="white")
        left.set_yticks(places, [literal(name) for name in names])
        left.invert_xaxis()
        left.invert_yaxis()
        left.set_xlabel("params")
        right.set_xlabel("MACs" if work == "macs" else "FLOPs")
        for each in (left, right):
            thousands(each.xaxis)
            each.tick_params(axis="y", length=0)
        titled(picture, report.caption, sentence(rows, names, work))
        save(picture, path)


def sentence(rows: Sequence[Mapping[str, Any]], names: Sequence[str], work: str) -> str:
    """Which row holds most of each cost, and how much.

    >>> sentence([{"params": 3, "macs": 1}, {"params": 1, "macs": 9}], ["fc", "conv"], "macs")
    'Most params: fc, 75.0% (and 10.0% of the MACs). Most MACs: conv, 90.0% (and 25.0% of the params).'
    """
    unit = "MACs" if work == "macs" else "FLOPs"
    totals = {key: sum(row[key] for row in rows) for key in ("params", work)}

    def most(key: str, title: str, other: str, other_title: str) -> str:
        best = max(range(len(rows)), key=lambda index: rows[index][key])
        shares = [100 * rows[best][each] / (totals[each] or 1) for each in (key, other)]
        return f"Most {title}: {names[best]}, {shares[0]:.1f}% (and {shares[1]:.1f}% of the {other_title})."

    if not rows:
        return "No row costs anything."
    return f"{most('params', 'params', work, unit)} {most(work, unit, 'params', 'params')}"
