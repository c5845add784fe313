"""The points of a sweep: a Pareto front over the others, or costs against one thing that varies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from archcalc.errors import UsageError
from archcalc.numerals import ratio, setting, whole
from archcalc.pictures.canvas import (
    BLUE,
    GREY,
    ORANGE,
    figure,
    literal,
    require_ending,
    save,
    styled,
    thousands,
    titled,
)
from archcalc.report import Report, Value

SAMPLE = 2_000
"""How many other points stand behind a front."""
LINES = 6
"""The most lines that can be told apart."""
MARKS = "os^Dvx"
NOTHING = "--plot has nothing to draw: no point that is kept can be built"
UNITS = {
    "macs": "MACs",
    "flops": "FLOPs",
    "input": "input height and width (pixels)",
    "batch": "batch (images)",
}
Row = Mapping[str, Value]


def draw_front(report: Report, others: Report, keys: Sequence[str], path: Path) -> None:
    """Draw what is kept over a sample of all points, by the first two keys of the front.

    Raises UsageError where the keys are not two columns or there is no point, OutputError where it cannot be
    written.
    """
    require_ending(path)
    names = [key.strip().removeprefix("-").strip() for key in keys[:2]]
    known = {column.key for column in others.columns}
    if len(names) < 2 or not set(names) <= known:
        raise UsageError(f"--plot draws a Pareto front of two columns, not of '{','.join(keys)}'")
    across, up = names
    kept = sorted((row[across], row[up]) for row in report.rows)
    cloud = [(row[across], row[up]) for row in others.rows if row["buildable"]]
    if not (kept or cloud):
        raise UsageError(NOTHING)
    with styled([report.caption, across, up]):
        picture = figure(5)
        axes = picture.subplots()
        if cloud:
            axes.plot(*zip(*cloud, strict=True), ".", color=GREY, markersize=3, label="others (a sample)")
        if kept:
            axes.plot(
                *zip(*kept, strict=True),
                "o" if len(keys) > 2 else "o-",
                color=BLUE,
                markersize=4,
                label="Pareto front",
            )
        axes.legend(frameon=False)
        _labelled(axes, across, up)
        count = f"{whole(len(kept))} of {whole(report.head['points'])}" if report.head else whole(len(kept))
        titled(picture, report.caption, f"The front is {count} points: none is beaten by another.")
        save(picture, path)


def draw_lines(report: Report, axes: Sequence[str], work: str, path: Path) -> None:
    """Draw params and work against the input, or else the first axis; a line for each of the others' values.

    Raises UsageError where there are more lines than can be told apart.
    """
    require_ending(path)
    across = next((name for name in axes if name.startswith("input")), axes[0])
    lines = defaultdict[tuple[Value, ...], list[Row]](list)
    for row in report.rows:
        if row["buildable"]:
            lines[tuple(row[name] for name in axes if name != across)].append(row)
    if len(lines) > LINES:
        raise UsageError(
            f"--plot draws at most {LINES} lines, not {whole(len(lines))}: vary less, or use --pareto"
        )
    if not lines:
        raise UsageError(NOTHING)
    others = [name for name in axes if name != across]
    with styled([report.caption, *axes]):
        picture = figure(4)
        panels = picture.subplots(1, 2)
        for panel, cost, color in zip(panels, ("params", work), (BLUE, ORANGE), strict=True):
            for mark, (values, rows) in zip(MARKS, lines.items(), strict=False):
                label = ", ".join(
                    f"{name} {setting(value)}" for name, value in zip(others, values, strict=True)
                )
                points = sorted((row[across], row[cost]) for row in rows)
                panel.plot(
                    *zip(*points, strict=True), f"{mark}-", color=color, markersize=4, label=literal(label)
                )
            _labelled(panel, across, cost)
            panel.set_ylim(bottom=0)
            if others:
                panel.legend(frameon=False)
        values, rows = [*lines.items()][-1]
        titled(picture, report.caption, _grows(rows, across, work, zip(others, values, strict=True)))
        save(picture, path)


def _grows(rows: Sequence[Row], across: str, work: str, others: Iterable[tuple[str, Value]]) -> str:
    first, last = min(rows, key=lambda row: row[across]), max(rows, key=lambda row: row[across])
    if not (first["params"] and first[work]):
        return "Costs against what varies."
    at = "".join(f", {name} {setting(value)}" for name, value in others)
    params, costs = (ratio(Fraction(int(last[key]), int(first[key]))) for key in ("params", work))
    ratios = f"{params} the params and {costs} the"
    return f"From {across} {setting(first[across])} to {setting(last[across])}{at}: {ratios} {UNITS[work]}."


def _labelled(axes: Any, across: str, up: str) -> None:
    axes.set_xlabel(literal(UNITS.get(across, across)))
    axes.set_ylabel(literal(UNITS.get(up, up)))
    if not across.startswith("input"):
        thousands(axes.xaxis)
    thousands(axes.yaxis)
