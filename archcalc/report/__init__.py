"""A Report is a table before it has a format: columns under spanners, rows in groups, a total, notes.

It holds sizes, shapes and fractions; texts with separators, signs and marks are made by the formats,
one file each in this folder and in `report/` of every folder of ARCHCALC_PATH. A format is a Python
file whose name is the format's name on the command line. It defines

    render(report, target) -> str     the whole text, ending in a newline
    ENDING                            the ending of the files it writes, ".csv"
    AUDIENCE                          who reads it, "people" or "machines": which columns it shows
    TOTAL_ON_REQUEST                  optional; True where a total is written only when asked for
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol, cast

from archcalc.environment import folders
from archcalc.environment.plugins import blamed, complete
from archcalc.errors import UsageError, nearest, shortened
from archcalc.report._choosing import chosen
from archcalc.report._values import Audience, Column, Kind, Mark, Value, machine_value

__all__ = [
    "Audience",
    "Column",
    "Format",
    "Kind",
    "Mark",
    "Report",
    "Target",
    "Value",
    "find_format",
    "format_names",
    "format_of",
    "machine_value",
    "render",
]


@dataclass(frozen=True)
class Report:
    """A table before it has a format.

    `groups` names, for each row, the group it stands in (empty for none); `footnotes` are pairs of a
    mark and its text; `notes` are the sentences under the table; `head` is what JSON states before
    the rows (network, input, batch, counting).
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Value], ...]
    total: Mapping[str, Value] | None = None
    groups: tuple[str, ...] = ()
    footnotes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    head: Mapping[str, Value] = field(default_factory=dict)

    def columns_for(self, audience: Audience) -> tuple[Column, ...]:
        """The columns that people, or machines, are shown."""
        return tuple(column for column in self.columns if column.audience in ("all", audience))

    def choose(self, *names: str, sort: str = "", audience: Audience = "people") -> Report:
        """These columns alone, in this order, by key or heading; the rows sorted by a column.

        `-` before the name of that column sorts the largest first. Where two columns have one name, that of
        the audience is meant. Raises UsageError.
        """
        return chosen(self, names, sort, audience)

    def frame(self) -> Any:
        """The machines' columns as a pandas DataFrame, without the total.

        Counts are Python ints where they would leave int64, else integers; empty cells are missing.
        """
        import pandas

        return pandas.DataFrame(
            {
                column.key: pandas.array(
                    [machine_value(row.get(column.key)) for row in self.rows], **_dtype(column, self)
                )
                for column in self.columns_for("machines")
            }
        )

    def save(self, path: str | PathLike[str], total: bool = False) -> None:
        """Write a file in the format whose files end as the path does, whole or not at all.

        `total` adds the total line to CSV. Raises UsageError where no format's files end so, OutputError
        where the file cannot be written.
        """
        from archcalc.environment import files

        file = Path(path)
        files.write(file, render(self, format_of(file), total=total))

    def __str__(self) -> str:
        """The table as text, as wide as the terminal where there is one."""
        return render(self, "terminal", Target(_terminal_width())).removesuffix("\n")

    def _repr_html_(self) -> str:
        return render(self, "html", Target(alone=False))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Target(NamedTuple):
    """Where a text goes: the width it must fit (None: any), whether colour is welcome, the encoding.

    `alone` says that it is a file of its own; else it becomes part of a page.
    """

    width: int | None = None
    color: bool = False
    encoding: str = "utf-8"
    alone: bool = True


class Format(Protocol):
    """What a file of `report/` offers."""

    ENDING: str
    AUDIENCE: Audience

    def render(self, report: Report, target: Target) -> str: ...


def format_names() -> list[str]:
    """The names of all formats."""
    return sorted(folders.files("report", ".py"))


def find_format(name: str) -> Format:
    """The format of that name, or whose files end so. Raises UsageError with the nearest name."""
    if not isinstance(name, str):
        raise UsageError(f"a format is a text such as csv, not {shortened(repr(name))}")
    found = folders.module("report", name) if name.isidentifier() and not name.startswith("_") else None
    if found is None:
        found = _ending_in(f".{name}")
    if found is None:
        raise UsageError(f"no format is called '{name}'{nearest(name, format_names())}")
    complete(found, "a format", ("ENDING", "AUDIENCE"), "render")
    return cast(Format, found)


def _ending_in(ending: str) -> Any:
    """The format whose files end so, for `-f md` and `-f tex`; None where there is none."""
    modules = (folders.module("report", name) for name in format_names())
    ending = {".htm": ".html"}.get(ending, ending)
    return next((module for module in modules if getattr(module, "ENDING", None) == ending), None)


def _terminal_width() -> int | None:
    """The width of the terminal that standard output is; None where it is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def format_of(path: Path, others: Mapping[str, str] | None = None) -> str:
    """The name of the format whose files end as this one does.

    `others` are further endings and the formats that they stand for. Raises UsageError where there is none.
    """
    endings = {find_format(each).ENDING: each for each in format_names()} | dict(others or {})
    endings.setdefault(".htm", "html")
    if path.suffix not in endings:
        known = ", ".join(sorted(endings))
        raise UsageError(f"'{path}' ends like no format's files ({known}); say which with --format")
    return endings[path.suffix]


def render(report: Report, format_name: str, target: Target | None = None, total: bool = False) -> str:
    """The report as text in a format; `total` asks for the total line where a format has it on request."""
    if not isinstance(report, Report):
        raise UsageError(f"what is rendered is a Report, not {shortened(repr(report))}")
    found = find_format(format_name)
    if getattr(found, "TOTAL_ON_REQUEST", False) and not total:
        report = replace(report, total=None)
    with blamed(cast(ModuleType, found), "'render'"):
        text: object = found.render(report, target or Target())
        if not isinstance(text, str):
            raise TypeError(f"it gives a {type(text).__name__}, not a text")
    return text


def _dtype(column: Column, report: Report) -> dict[str, Any]:
    """The pandas type of a column: integers that all fit into 64 bits, fractions, or any objects."""
    if column.kind in ("share", "ratio"):
        return {"dtype": "Float64"}
    if column.kind != "count":
        return {"dtype": "object"}
    values = [machine_value(row.get(column.key)) for row in report.rows]
    fit = all(value is None or (isinstance(value, int) and abs(value) < 2**63) for value in values)
    return {"dtype": "Int64" if fit else "object"}
