"""The command line: one short function a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import (
    answers,
    deliver,
    interrupted_by_hand,
    interruptible,
    output_format,
    remark,
    run,
    show,
)
from archcalc.cli.options import (
    Alternative,
    Batch,
    Bias,
    BreakEven,
    By,
    ClusterAddress,
    Count,
    FormatName,
    Heads,
    Input,
    Largest,
    NetworkName,
    NetworkNames,
    OneRow,
    Output,
    Pareto,
    Plot,
    Resume,
    Sample,
    Seed,
    Sensitivity,
    SymbolicInput,
    Symbols,
    Top,
    Total,
    Vary,
    Where,
    Workers,
    counting_of,
    split,
)
from archcalc.environment import extras
from archcalc.errors import UsageError, nearest
from archcalc.report import find_format
from archcalc.table import LEVELS
from archcalc.version import VERSION

app = typer.Typer(
    name="archcalc",
    help="What does this architecture cost, and is that number true?",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("list")
@answers
def list_command(count: Count = "macs", format_name: FormatName = None, output: Output = None) -> None:
    """The networks of the catalogue, with their costs."""
    from archcalc.catalogue.listing import listing

    deliver(listing(counting_of(None, 1, count, True)), format_name, output)


@app.command("table")
@answers
def table_command(
    network: NetworkName,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    level: Annotated[
        str, typer.Option("--level", metavar="row|branch|layer", help="One line for each.")
    ] = "row",
    check: Annotated[bool, typer.Option("--check", help="Check every layer against a torch model.")] = False,
    plot: Plot = None,
    format_name: FormatName = None,
    output: Output = None,
    total: Total = False,
) -> None:
    """A network's own table with what each row costs, and a verdict on what the paper printed."""
    if level not in LEVELS:
        raise UsageError(f"--level is {', '.join(LEVELS)}, not '{level}'{nearest(level, LEVELS)}")
    chosen = LEVELS[LEVELS.index(level)]
    counting = counting_of(input, batch, count, bias, heads)
    if plot:
        with extras.needed("a picture"):
            from archcalc.pictures import bars
    with interruptible():
        report = api.load(network).report(counting, chosen, check)
    if plot:
        bars.draw(report, plot, count)
    deliver(report, format_name, output, total)
    if check and any(row["check"] != "ok" for row in report.rows):
        raise typer.Exit(1)


@app.command("compare")
@answers
def compare_command(
    networks: NetworkNames = None,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    stack: Annotated[
        int | None,
        typer.Option("--stack", min=1, metavar="N", help="N modules of each alternative in a row."),
    ] = None,
    format_name: FormatName = None,
    output: Output = None,
    total: Total = False,
) -> None:
    """The alternatives of one file (naive-vs-v1), or two networks or more, side by side."""
    if not networks:
        raise UsageError("name a file of alternatives, such as naive-vs-v1, or two networks or more")
    report = api.compare_networks(networks, counting_of(input, batch, count, bias), stack)
    deliver(report, format_name, output, total)


@app.command("check")
@answers
def check_command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network of the catalogue.")] = False,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """The calculator against a real torch model, layer by layer; exit 1 where they differ."""
    names = [*(networks or []), *(api.networks() if all_networks else [])]
    if not names:
        raise UsageError("name a network, or check --all")
    with interruptible():
        with extras.needed("a check"):
            from archcalc.check.report import report
        found = [each for name in names for each in api.load(name).check(input)]
    deliver(report(found), format_name, output)
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


@app.command("audit")
@answers
def audit_command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network that prints a number.")] = False,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Which printed numbers are true, and where the others could have come from; exit 1 where one is not."""
    names = [*(networks or []), *(api.networks() if all_networks else [])]
    if not names:
        raise UsageError("name a network, or audit --all")
    from archcalc.audit.report import unexpected

    report = api.audit(*names)
    deliver(report, format_name, output)
    if unexpected(report):
        raise typer.Exit(1)


@app.command("explain")
@answers
def explain_command(
    network: NetworkName,
    row: Annotated[str, typer.Argument(metavar="ROW", help="A row, as 'archcalc table' calls it: 3a.")],
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """How a row's cost comes about: the derivation as one would write it on a board."""
    report = api.load(network).explain(row, counting_of(input, batch, count, True))
    deliver(report, format_name, output)


@app.command("formula")
@answers
def formula_command(
    network: NetworkName,
    row: OneRow = None,
    input: SymbolicInput = None,
    columns: Symbols = "",
    solve: BreakEven = "",
    sensitivity: Sensitivity = False,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Formulas that hold for every size; with --solve the break-even point of alternatives."""
    if sum(map(bool, (row, solve))) > 1 or (sensitivity and (solve or columns)):
        raise UsageError("--solve stands without --row, and --sensitivity without --solve and --symbols")
    loaded, counting = api.load(network), counting_of(None, batch, count, bias, heads)
    if solve:
        report = loaded.break_even(solve, input, split(columns), counting)
    elif sensitivity:
        report = loaded.sensitivity(input, row, counting)
    else:
        report = loaded.formula(input, row, split(columns), counting)
    deliver(report, format_name, output)


@app.command("reconcile")
@answers
def reconcile_command(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A number, 6.8M, or a ratio, 27x.")],
    networks: NetworkNames = None,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Which way of counting gives a claimed number of a network, or a claimed ratio of two?"""
    deliver(api.reconcile(claim, *(networks or []), input=input), format_name, output)


@app.command("sweep")
@answers
def sweep_command(
    network: NetworkName,
    vary: Vary = None,
    sample: Sample = None,
    seed: Seed = 0,
    where: Where = "",
    pareto: Pareto = "",
    top: Top = None,
    by: By = "",
    solve: Largest = "",
    row: Alternative = "",
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
    """A network over a design space: every combination of sizes, counted exactly, and which of them fit."""
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
    request = sweeps.Request(tuple(vary or ()), sample, seed, where, pareto, top, by, solve)
    sweep = api.load(network).sweeping(request, counting_of(input, batch, count, bias, heads), row)
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


@app.command("report")
@answers
def report_command(
    networks: NetworkNames = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write.")] = Path(
        "reports"
    ),
) -> None:
    """Write CSV and Markdown of every network and comparison of the catalogue, or of the networks named."""
    from archcalc.catalogue.reports import reports
    from archcalc.environment import files

    texts = {output / name: text for name, text in reports(networks or api.networks()).items()}
    files.make_folder(output)
    files.write_all(texts)
    show(f"{len(texts)} files in {output}\n")


def _version(asked: bool) -> None:
    if asked:
        print(f"archcalc {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    run(app)
