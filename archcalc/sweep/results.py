"""What a sweep answers with: a report of points, or a CSV or Parquet file of as many as there are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from archcalc.environment import extras
from archcalc.numerals import setting, whole
from archcalc.report import Column, Report, Value
from archcalc.sweep.checkpoints import Folder, writing
from archcalc.sweep.design import SweepDesign
from archcalc.sweep.program import Array
from archcalc.sweep.run import BlockResult, Summary
from archcalc.sweep.selection import Points, Selection
from archcalc.sweep.space import Space
from archcalc.sweep.widths import WIDTH

if TYPE_CHECKING:
    import pandas
    import pyarrow

MOST_REASONS = 5
"""How many reasons for points that cannot be built are shown, the most frequent first."""


def report(
    design: SweepDesign, space: Space, selection: Selection, points: Points, summary: Summary, title: str
) -> Report:
    """Points as a report, with what stands behind them."""
    unlisted = summary.kept - len(points["buildable"]) if selection.kind == "all" else 0
    notes = [_counted(space, summary), *_reasons(design, summary), *design.notes]
    if unlisted:
        listed = len(points["buildable"])
        notes.insert(
            0,
            f"The first {whole(listed)} of {whole(summary.kept)} points; "
            "-o FILE.csv or FILE.parquet takes all.",
        )
    return Report(
        caption=title,
        columns=_columns(design, bool(points["buildable"].all())),
        rows=tuple(_rows(design, points)),
        notes=tuple(notes),
        head={
            "network": design.network.name,
            "points": summary.points,
            "buildable": summary.buildable,
            "kept": summary.kept,
            "counting": design.counting.head(design.layers),
        },
    )


def _columns(design: SweepDesign, all_buildable: bool) -> tuple[Column, ...]:
    varied = (Column(axis.name, axis.name, "text" if axis.name == WIDTH else "count") for axis in design.axes)
    titles = {"params": "params", "activations": "activations", design.counting.count: design.counting.unit}
    costs = (Column(name, titles[name], "count") for name in design.costs)
    buildable = Column("buildable", "buildable", audience="machines" if all_buildable else "all")
    return (*varied, *costs, buildable)


def _rows(design: SweepDesign, points: Points) -> Iterator[dict[str, Value]]:
    columns = {name: column.tolist() for name, column in _values(design, points).items()}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        if not row["buildable"]:
            row.update(dict.fromkeys(design.costs))
        yield row


def _values(design: SweepDesign, points: Points) -> dict[str, Array]:
    """The columns of points by their names; costs of what cannot be built are of no meaning."""
    digits = [points[f"axis {index}"] for index in range(len(design.axes))]
    varied = design.variables(digits, [axis.name for axis in design.axes])
    return {**varied, **{name: points[name] for name in design.costs}, "buildable": points["buildable"]}


def _counted(space: Space, summary: Summary) -> str:
    """How many points there were, and what became of them."""
    drawn = f", drawn from {whole(space.grid)} (seed {space.seed})" if space.sample is not None else ""
    said = f"{whole(summary.points)} {'point' if summary.points == 1 else 'points'}{drawn}: "
    said += "all" if summary.buildable == summary.points else whole(summary.buildable)
    said += " can be built"
    return f"{said}."


def _reasons(design: SweepDesign, summary: Summary) -> Iterable[str]:
    """Why points cannot be built: for each reason how many, and the first of them."""
    order = [index for index in numpy.argsort(-summary.reasons, kind="stable") if summary.reasons[index]]
    for index in order[:MOST_REASONS]:
        digits = [int(digit) for digit in summary.examples[index]]
        first = ", ".join(
            f"{axis.name} {setting(axis.value(digit))}"
            for axis, digit in zip(design.axes, digits, strict=True)
        )
        count = int(summary.reasons[index])
        cannot = f"{whole(count)} cannot be built, the first at" if count > 1 else "1 cannot be built, at"
        yield f"{cannot} {first}: {design.reason(digits)}"
    if len(order) > MOST_REASONS:
        rest = sum(int(summary.reasons[index]) for index in order[MOST_REASONS:])
        yield f"{whole(rest)} cannot be built for {len(order) - MOST_REASONS} other reasons."


def write_csv(design: SweepDesign, parts: Iterable[BlockResult], folder: Folder, output: Path) -> None:
    """All points as CSV, part by part. Raises OutputError, leaving nothing half-written."""
    temporary = folder.temporary(".csv")
    with writing(output):
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            for index, part in enumerate(parts):
                frame = _frame(design, part.points)
                frame.to_csv(file, index=False, header=index == 0, lineterminator="\n")
        os.replace(temporary, os.path.realpath(output))


def write_parquet(
    design: SweepDesign, parts: Iterable[Points], output: Path, temporary: Path | None = None
) -> None:
    """Points as Parquet, part by part. Raises OutputError, MissingExtra where pyarrow is not installed."""
    with extras.needed("a Parquet file"):
        import pyarrow
        import pyarrow.parquet

    beside = temporary or output.with_name(f".archcalc-{os.getpid()}-{output.name}")
    writer = None
    with writing(output):
        try:
            for points in parts:
                table = pyarrow.table(_arrow(design, points))
                writer = writer or pyarrow.parquet.ParquetWriter(beside, table.schema)
                writer.write_table(table)
            if writer is not None:
                writer.close()
            os.replace(beside, os.path.realpath(output))
        finally:
            beside.unlink(missing_ok=True)


def _arrow(design: SweepDesign, points: Points) -> dict[str, pyarrow.Array]:
    import pyarrow

    columns = _values(design, points)
    missing = ~columns["buildable"]
    return {
        name: pyarrow.array(column, mask=missing if name in design.costs else None)
        for name, column in columns.items()
    }


def _frame(design: SweepDesign, points: Points) -> pandas.DataFrame:
    """Points as a pandas DataFrame: costs of what cannot be built are missing."""
    import pandas

    columns = _values(design, points)
    missing = ~columns["buildable"]
    masked: dict[str, object] = {
        name: pandas.arrays.IntegerArray(numpy.ascontiguousarray(column), missing.copy())
        if name in design.costs
        else column
        for name, column in columns.items()
    }
    return pandas.DataFrame(masked)


def summary_of(summaries: Sequence[Summary]) -> Summary:
    """All of them together."""
    first, *others = summaries
    for other in others:
        first = first.plus(other)
    return first
