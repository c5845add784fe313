"""How a command talks with its surroundings: stdout, stderr, files, signals, exit codes."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

import typer

from archcalc.errors import ArchcalcError, OutputError, UsageError
from archcalc.report import Report, Target, find_format, format_names, render

P = ParamSpec("P")


def answers(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command's errors reach the user as one line and an exit code."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ArchcalcError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from None

    return guarded


def complain(text: str) -> None:
    """Say what is wrong in one line that holds nothing a terminal would obey."""
    from archcalc.report._text import plain

    print(f"archcalc: {plain(text)}", file=sys.stderr)


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


def deliver(report: Report, format_name: str | None, output: Path | None, total: bool = False) -> None:
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
    show(render(report, format_name or "terminal", target, total))


def show(text: str) -> None:
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
