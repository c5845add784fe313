"""`archcalc sweep`: what does each point of a design space cost?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archcalc import api
from archcalc.cli.console import answers, deliver, interrupted_by_hand, output_format, remark
from archcalc.cli.options import (
    Alternative,
    Batch,
    Bias,
    By,
    ClusterAddress,
    Count,
    FormatName,
    Heads,
    Input,
    Largest,
    NetworkName,
    Output,
    Pareto,
    Plot,
    Resume,
    Sample,
    Seed,
    Shown,
    Sort,
    Top,
    Vary,
    Where,
    Workers,
    counting_of,
)
from archcalc.environment import extras
from archcalc.errors import UsageError
from archcalc.report import find_format

if TYPE_CHECKING:
    from archcalc.sweep import Sweep
    from archcalc.sweep.run import Runner


@answers
def command(
    network: NetworkName,
    vary: Vary = None,
    sample: Sample = None,
    seed: Seed = 0,
    where: Where = "",
    pareto: Pareto = "",
    top: Top = None,
    by: By = "",
    solve: Largest = "",
    row: Alternative = None,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    plot: Plot = None,
    resume: Resume = False,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Count a network over a design space, and choose what fits.

    Every combination of sizes is counted exactly.

    \b
    For example:
      archcalc sweep googlenet --vary input=160:256:32
      archcalc sweep googlenet --vary width=0.5:1:0.1 --pareto params,macs
    """
    run = Run(workers, cluster, resume, plot, format_name, output, shown, sort)
    sweep = api.load(network).sweep(
        *(vary or ()),
        sample=sample,
        seed=seed,
        where=where,
        pareto=pareto,
        top=top,
        by=by,
        solve=solve,
        row=row,
        counting=counting_of(input, batch, count, bias, heads),
    )
    run.answer(sweep)


@dataclass(frozen=True)
class Run:
    """How a sweep is run, and where its answer goes. Raises UsageError where options contradict."""

    workers: int | None
    cluster: str | None
    resume: bool
    plot: Path | None
    format_name: str | None
    output: Path | None
    shown: str
    sort: str

    def __post_init__(self) -> None:
        if self.workers is not None and self.cluster is not None:
            raise UsageError("--workers are of this machine and --cluster is elsewhere: give one of them")
        if self.output is not None and (self.shown or self.sort):
            raise UsageError("--columns and --sort are for what is shown; a file has every column and point")
        if self.resume and self.output is None:
            raise UsageError("--resume goes on with what stands beside a file: name it with -o FILE")
        if self.output is None:
            find_format(self.written)
        if self.plot:  # what a picture needs is asked for before the points are computed
            with extras.needed("a picture"):
                from archcalc.pictures import points  # noqa: F401

    @property
    def written(self) -> str:
        """The format of the answer."""
        from archcalc import sweep as sweeps

        if self.output is None:
            return self.format_name or "terminal"
        return output_format(self.format_name, self.output, sweeps.EXTRA_FORMATS)

    def answer(self, sweep: Sweep) -> None:
        """Run a sweep: show its report, or write its points; and draw them."""
        from archcalc import sweep as sweeps

        with (
            interrupted_by_hand(),
            sweeps.runner(self.cluster, self.workers) as running,
            sweeps.progress.shown(sweep.space.points) as tell,
        ):
            if self.output is None:
                listed = sweeps.SHOWN if self.written == "terminal" else sweeps.LISTED
                report = sweep.report(listed, tell, running)
            else:
                notes = sweep.write(self.output, self.written, self.resume, tell, running)
            if self.plot:
                _draw(sweep, self.plot, running)
        if self.output is None:
            deliver(report, self.written, None, shown=self.shown, sort=self.sort)
        else:
            remark(notes)


def _draw(sweep: Sweep, path: Path, running: Runner) -> None:
    """Draw a sweep: its Pareto front over a sample of all points, or its costs as lines."""
    from archcalc import sweep as sweeps
    from archcalc.pictures import points

    report = sweep.report(sweeps.LISTED, runner=running)
    if sweep.request.pareto:
        points.draw_front(report, sweep.some(points.SAMPLE), sweep.request.pareto.split(","), path)
    else:
        points.draw_lines(report, [axis.name for axis in sweep.space.axes], sweep.design.counting.count, path)
