"""How a command talks with its surroundings: stdout, stderr, files, signals, exit codes."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import ParamSpec

import typer

from archcalc.cli import streams
from archcalc.environment import inputs, plugins
from archcalc.errors import LONGEST_MESSAGE, ArchcalcError, OutputError, listed, shortened
from archcalc.report import Report, Target, find_format, format_of, render

P = ParamSpec("P")


def answers(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command's errors reach the user as one line and an exit code.

    What the command takes as a path it writes: nothing of that name may be an input too.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        gc.enable()  # what was loaded until now was not garbage: see `main`
        try:
            with inputs.kept_from(*(each for each in kwargs.values() if isinstance(each, Path))):
                command(*args, **kwargs)
        except ArchcalcError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort, KeyboardInterrupt):
            raise
        except BaseException as error:  # a file of ARCHCALC_PATH can leave Python in a layer's forward pass
            theirs = plugins.fault(error)
            if theirs is None:
                raise
            complain(str(theirs))
            raise typer.Exit(theirs.exit_code) from None

    return guarded


def complain(text: str) -> None:
    """Say what is wrong in one line that holds nothing a terminal would obey."""
    from archcalc.report._text import plain

    print(f"archcalc: {plain(shortened(text, LONGEST_MESSAGE))}", file=sys.stderr)


@contextmanager
def interruptible() -> Iterator[None]:
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


@contextmanager
def interrupted_by_hand() -> Iterator[None]:
    """While this lasts, Ctrl-C ends the command with 130, and says what the interrupted code has to say."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        for said in interrupt.args:
            complain(str(said))
        raise typer.Exit(130) from None


def deliver(
    report: Report,
    format_name: str | None,
    output: Path | None,
    total: bool = False,
    shown: str = "",
    sort: str = "",
) -> None:
    """Write a report to the output, or show it on stdout.

    `shown` are the columns to show, with commas between them; `sort` is the one to sort the rows by.
    """
    written = output_format(format_name, output) if output is not None else format_name or "terminal"
    if shown or sort:
        report = report.choose(*_names(shown), sort=sort, audience=find_format(written).AUDIENCE)
    if output is not None:
        from archcalc.environment import files

        files.write(output, render(report, written, total=total))
        return
    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else None
    color = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    target = Target(width, color, sys.stdout.encoding or "utf-8")
    show(render(report, written, target, total))


def _names(columns: str) -> list[str]:
    """The names in a list with commas; a name that has a comma itself stands between quotation marks."""
    import csv

    return [name.strip() for line in csv.reader([columns], skipinitialspace=True) for name in line]


def show(text: str) -> None:
    """Write to stdout. A reader that has seen enough (`| head -1`) is no error. Raises OutputError."""
    if isinstance(sys.stdout, TextIOWrapper):  # a stream that stands in for it takes every character
        sys.stdout.reconfigure(errors="backslashreplace")
    streams.write(text)


def remark(sentences: Iterable[str]) -> None:
    """Say what stands beside the data, on stderr."""
    from archcalc.report._text import plain

    for sentence in sentences:
        print(plain(sentence), file=sys.stderr)


def output_format(name: str | None, output: Path, others: Mapping[str, str] | None = None) -> str:
    """The format to write a file in: the one that is named, else the one whose files end as this one does.

    `others` are endings that a command can write beside those of the formats. Raises UsageError where there
    is none.
    """
    if name is not None:
        if name not in (others or {}).values():
            find_format(name)
        return name
    return format_of(output, others)


def run(app: typer.Typer) -> None:
    """Run commands; Ctrl-C ends them quietly, a fault of archcalc's own in one line and with 70."""
    streams.guard()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except ArchcalcError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except Exception as error:
        if isinstance(error, OSError):
            _require_stdout()
        if os.environ.get("ARCHCALC_DEBUG"):
            import traceback

            traceback.print_exc()
        else:
            said = f"{type(error).__name__}: {error}"
            files = listed(plugins.loaded(), " or ")
            where = f"archcalc itself, or in what {files} gave it" if files else "archcalc itself"
            complain(f"a fault in {where}: {said} (ARCHCALC_DEBUG=1 shows where)")
        sys.exit(70)


def _require_stdout() -> None:
    """End the process with 3 where stdout cannot take what waits there, such as a command's help."""
    try:
        streams.write()
    except OutputError as error:
        complain(str(error))
        sys.exit(error.exit_code)
