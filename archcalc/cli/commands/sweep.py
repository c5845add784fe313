"""`archcalc sweep`: what does each point of a design space cost?"""

from __future__ import annotations

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
    Top,
    Vary,
    Where,
    Workers,
    counting_of,
)
from archcalc.environment import extras
from archcalc.errors import UsageError
from archcalc.report import find_format


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
) -> None:
    """Count a network over a design space, and choose what fits.

    Every combination of sizes is counted exactly.

    \b
    For example:
      archcalc sweep googlenet --vary input=160:256:32
      archcalc sweep googlenet --vary width=0.5:1:0.1 --pareto params,macs
    """
    from archcalc import sweep as sweeps  # imported here: it needs numpy

    if workers is not None and cluster is not None:
        raise UsageError("--workers are of this machine and --cluster is elsewhere: give one of them")
    if resume and output is None:
        raise UsageError("--resume goes on with what stands beside a file: name it with -o FILE")
    if output is None:
        find_format(format_name or "terminal")
        written = format_name or "terminal"
    else:
        written = output_format(format_name, output, sweeps.EXTRA_FORMATS)
    if plot:
        with extras.needed("a picture"):
            from archcalc.pictures import points
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
    with (
        interrupted_by_hand(),
        sweeps.runner(cluster, workers) as runner,
        sweeps.progress.shown(sweep.space.points) as progress,
    ):
        if output is None:
            listed = sweeps.SHOWN if written == "terminal" else sweeps.LISTED
            report = sweep.report(listed, progress, runner)
        else:
            notes = sweep.write(output, written, resume, progress, runner)
        if plot:
            points.draw(sweep, plot, runner)
    if output is None:
        deliver(report, written, None)
    else:
        remark(notes)
