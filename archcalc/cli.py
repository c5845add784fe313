"""The command line: one short function a command."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from archcalc import api, extras
from archcalc.counting import Counting
from archcalc.errors import ArchcalcError, OutputError, UsageError, nearest
from archcalc.notation.loading import catalogue
from archcalc.report import Report, Target, find_format, format_names, render
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

P = ParamSpec("P")


def _network_names(incomplete: str) -> list[str]:
    return [name for name in catalogue() if name.startswith(incomplete)]


def _formats(incomplete: str) -> list[str]:
    return [name for name in format_names() if name.startswith(incomplete)]


NetworkName = Annotated[
    str,
    typer.Argument(
        metavar="NETWORK",
        help="A name from 'archcalc list', or the path of a .md or .csv table.",
        autocompletion=_network_names,
        show_default=False,
    ),
]
NetworkNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NETWORK...",
        help="Names from 'archcalc list', or paths of .md or .csv tables.",
        autocompletion=_network_names,
        show_default=False,
    ),
]
Input = Annotated[
    str | None, typer.Option("--input", metavar="HxWxC", help="The input; by default the network's own.")
]
Batch = Annotated[int, typer.Option("--batch", min=1, help="Images in one forward pass.")]
Count = Annotated[
    str, typer.Option("--count", metavar="macs|flops", help="The unit of work; 1 MAC = 2 FLOPs.")
]
Bias = Annotated[bool, typer.Option("--bias/--no-bias", help="Whether biases are counted.")]
Heads = Annotated[bool, typer.Option("--heads", help="Count the side chains of training too.")]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="terminal, csv, markdown, json, latex or html; by default what FILE ends in, else terminal.",
        autocompletion=_formats,
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")]
Total = Annotated[bool, typer.Option("--total", help="Add the total line to CSV.")]


def _answers(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command's errors reach the user as one line and an exit code."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ArchcalcError as error:
            _complain(str(error))
            raise typer.Exit(error.exit_code) from None

    return guarded


def _complain(text: str) -> None:
    """Say what is wrong in one line that holds nothing a terminal would obey."""
    from archcalc.report._text import plain

    print(f"archcalc: {plain(text)}", file=sys.stderr)


@contextmanager
def _interruptible() -> Iterator[None]:
    """While this lasts, Ctrl-C ends the process at once: no exception may pass through torch's C++.

    There it would end in an abort and a message of C++'s own.
    """
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():  # handlers are the main thread's alone
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _counting(input: str | None, batch: int, count: str, bias: bool, heads: bool = False) -> Counting:
    if count not in ("macs", "flops"):
        raise UsageError(f"--count is macs or flops, not '{count}'{nearest(count, ('macs', 'flops'))}")
    shape = api.shape(input)
    return Counting(shape, batch, "flops" if count == "flops" else "macs", bias, heads)


def _deliver(report: Report, format_name: str | None, output: Path | None, total: bool = False) -> None:
    """Write a report to the output, or show it on stdout."""
    if output is not None:
        from archcalc import files

        files.write(output, render(report, format_name or _format_of(output), total=total))
        return
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else None
    color = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    target = Target(width, color, sys.stdout.encoding or "utf-8")
    _print(render(report, format_name or "terminal", target, total))


def _print(text: str) -> None:
    """Write to stdout. A reader that has seen enough (`| head -1`) is no error. Raises OutputError."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it is a TextIOWrapper
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python would complain again when it flushes stdout on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"standard output: cannot be written: {error.strerror}") from error


def _format_of(output: Path) -> str:
    """The format whose files end as this one does. Raises UsageError where there is none."""
    endings = {find_format(name).ENDING: name for name in format_names()}
    if output.suffix not in endings:
        known = ", ".join(sorted(endings))
        raise UsageError(f"'{output}' ends like no format's files ({known}); say which with --format")
    return endings[output.suffix]


@app.command("list")
@_answers
def list_command(count: Count = "macs", format_name: FormatName = None, output: Output = None) -> None:
    """The networks of the catalogue, with their costs."""
    from archcalc.catalogue import listing

    _deliver(listing(_counting(None, 1, count, True)), format_name, output)


@app.command("table")
@_answers
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
    format_name: FormatName = None,
    output: Output = None,
    total: Total = False,
) -> None:
    """A network's own table with what each row costs, and a verdict on what the paper printed."""
    if level not in LEVELS:
        raise UsageError(f"--level is {', '.join(LEVELS)}, not '{level}'{nearest(level, LEVELS)}")
    chosen = LEVELS[LEVELS.index(level)]
    counting = _counting(input, batch, count, bias, heads)
    with _interruptible():
        report = api.load(network).report(counting, chosen, check)
    _deliver(report, format_name, output, total)
    if check and any(row["check"] != "ok" for row in report.rows):
        raise typer.Exit(1)


@app.command("compare")
@_answers
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
    report = api.compare_networks(networks, _counting(input, batch, count, bias), stack)
    _deliver(report, format_name, output, total)


@app.command("check")
@_answers
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
    with _interruptible():
        checks = extras.need("archcalc.check_report", "a check")
        found = [each for name in names for each in api.load(name).check(input)]
    _deliver(checks.report(found), format_name, output)
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


@app.command("audit")
@_answers
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
    from archcalc.audit_report import unexpected

    report = api.audit(*names)
    _deliver(report, format_name, output)
    if unexpected(report):
        raise typer.Exit(1)


@app.command("explain")
@_answers
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
    report = api.load(network).explain(row, _counting(input, batch, count, True))
    _deliver(report, format_name, output)


@app.command("reconcile")
@_answers
def reconcile_command(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A number, 6.8M, or a ratio, 27x.")],
    networks: NetworkNames = None,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Which way of counting gives a claimed number of a network, or a claimed ratio of two?"""
    _deliver(api.reconcile(claim, *(networks or []), input=input), format_name, output)


@app.command("report")
@_answers
def report_command(
    networks: NetworkNames = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write.")] = Path(
        "reports"
    ),
) -> None:
    """Write CSV and Markdown of every network and comparison of the catalogue, or of the networks named."""
    from archcalc import files
    from archcalc.reports import reports

    texts = {output / name: text for name, text in reports(networks or api.networks()).items()}
    files.make_folder(output)
    files.write_all(texts)
    _print(f"{len(texts)} files in {output}\n")


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
    """Run the command line; Ctrl-C ends it quietly, a fault of archcalc's own in one line and with 70."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("ARCHCALC_DEBUG"):
            traceback.print_exc()
        else:
            said = f"{type(error).__name__}: {error}"
            _complain(f"a fault in archcalc itself: {said} (ARCHCALC_DEBUG=1 shows where)")
        sys.exit(70)
