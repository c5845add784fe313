"""What a benchmark prints: each measured value beside its goal, and whether the goal was met."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """One comparison: what was measured, both sides, their ratio, the goal; `met` is None without a goal."""

    what: str
    archcalc: str
    other: str
    ratio: str
    goal: str = ""
    met: bool | None = None


def show(title: str, headings: Sequence[str], lines: Sequence[Line]) -> None:
    """Print the lines as a table. A goal that is missed is said, and fails nothing: machines differ."""
    # Imported here: see peak() in startup.py.
    from rich.console import Console
    from rich.table import Table

    words = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
    table = Table(title=title, title_justify="left")
    for index, heading in enumerate((*headings, "goal", "")):
        right = 0 < index < len(headings)
        table.add_column(heading, justify="right" if right else "left", no_wrap=index > 0)
    for line in lines:
        table.add_row(*line[:5], words[line.met])
    console = Console() if sys.stdout.isatty() else Console(width=120)
    console.print(table)
    goals = [line for line in lines if line.met is not None]
    console.print(f"{sum(line.met is True for line in goals)} of {len(goals)} goals met.\n")
