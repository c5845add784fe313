"""How far a sweep is: a bar on a terminal's stderr, with its rate and the time left; elsewhere nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

from archcalc.numerals import decimal
from archcalc.sweep.space import BLOCK


@contextmanager
def shown(points: int) -> Iterator[Callable[[int], None]]:
    """While this lasts, a bar shows how many of the points are done: call what it gives with that number.

    One block, which is done at once, has none.
    """
    if points <= BLOCK or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sweep", total=points, rate="")

        def advance(done: int) -> None:
            speed = progress.tasks[0].speed or 0
            progress.update(
                task, completed=done, rate=f"{decimal(Fraction(speed), 0)} points/s" if speed else ""
            )

        yield advance
