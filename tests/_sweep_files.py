"""Sweeps into files: in processes that are ended or stopped, and in this one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archcalc.costs.counting import Counting
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep

MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from archcalc.cli import main; main()"
)
"""The command line, which heeds Ctrl-C even where the tests run in the background, where shells ignore it."""
MILLION = ("3a.#3x3=1:1000", "input=1:1000", "--where", "macs<9G")
"""A million points in eight blocks, a part of which cannot be built or does not fit."""
AFTER = """
import signal, sys
parts, seconds = int(sys.argv.pop(1)), float(sys.argv.pop(1))
def watch(event, arguments):
    global parts
    renamed = event == "os.rename" and str(arguments[1]).endswith(".npz")
    if renamed or (event == "open" and str(arguments[0]).endswith("/whole.csv")):
        parts -= 1
        if parts == 0:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
sys.addaudithook(watch)
"""
"""A sweep that the kernel ends, with a signal that no code answers, some seconds of its work after so many
parts: however busy the machine is, the moment is the same.
"""
AFTER += MAIN
STOPPED = """
import os, signal, sys
def watch(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("000002.npz"):
        os.kill(os.getpid(), signal.SIGSTOP)
sys.addaudithook(watch)
"""
"""A sweep that stops itself before its third part, and goes on when it is told to."""
STOPPED += MAIN


def line(output: Path, *arguments: str) -> list[str]:
    """The command line of a sweep of googlenet; arguments before the first option are varied."""
    varied = [each for each in arguments if "=" in each and "<" not in each]
    others = [each for each in arguments if each not in varied]
    vary = [word for each in varied for word in ("--vary", each)]
    return [sys.executable, "-c", MAIN, "sweep", "googlenet", *vary, *others, "-o", str(output)]


def finish(output: Path, *arguments: str) -> str:
    """Run a sweep to its end; what it said."""
    done = subprocess.run(line(output, *arguments), capture_output=True, text=True, check=True)
    assert not output.with_name(output.name + ".parts").exists()
    return done.stderr


def stopped(output: Path, done: int, *vary: str) -> Sweep:
    """A sweep into a file that was interrupted when some of its points were done."""
    sweep = Sweep(load("googlenet"), Request(vary), Counting())

    def stop(points: int) -> None:
        if points >= done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep.write(output, "csv", False, stop)
    return sweep


FOUR_BLOCKS = ("3a.#3x3=1:1000", "batch=1:500")
