"""How soon does `archcalc table googlenet` answer, and in how much memory?

Ratios against an empty typer + rich program that prints a table of the same 19 rows, and against fvcore's
table of torchvision's GoogLeNet. The programs take turns, so that a machine that grows slower or faster
does so for all of them, and each ratio is the median of the ratios within a turn. All is measured RUNS
times, and each time counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from _goals import Line, show

RUNS, TURNS = 3, 9
SLOWEST, AIM = 1.3, 1.25
"""How often the empty program's wall time may be taken, and how often it should be at most."""

ARCHCALC = "archcalc table googlenet"
EMPTY = "an empty typer + rich program"
FVCORE = "fvcore's table of torchvision's googlenet"

SCRIPTS = {
    EMPTY: """
import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer()


@app.command()
def show() -> None:
    table = Table(*(f"column {column}" for column in range(12)))
    for row in range(19):
        table.add_row(*(str(row * column) for column in range(12)))
    Console(width=200).print(table)


app()
""",
    FVCORE: """
import torch
from fvcore.nn import FlopCountAnalysis, flop_count_table
from torchvision.models import googlenet

model = googlenet(weights=None, init_weights=False, aux_logits=False).eval()
print(flop_count_table(FlopCountAnalysis(model, torch.zeros(1, 3, 224, 224)), max_depth=4))
""",
}


class Run(NamedTuple):
    """One run of a program: its wall time in seconds, its peak memory in bytes."""

    seconds: float
    memory: float


def run(command: list[str]) -> Run:
    """Run a program to its end with its output thrown away. Raises CalledProcessError where it fails."""
    # Python may keep the bytecode of what it imports, as it does wherever archcalc is installed.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(seconds, peak(usage.ru_maxrss))


def peak(maxrss: int) -> float:
    """The peak memory of a program that ended, in bytes.

    It is never less than this process had when it started that one, so nothing large may be imported here
    before all have run.
    """
    return maxrss if sys.platform == "darwin" else maxrss * 1024


def measure() -> dict[str, list[Run]]:
    """Every program's runs, one a turn; the first turn warms the caches up and is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {ARCHCALC: [str(Path(sys.executable).with_name("archcalc")), "table", "googlenet"]}
        for number, (name, text) in enumerate(SCRIPTS.items()):
            script = Path(folder, f"program{number}.py")
            script.write_text(text, encoding="utf-8")
            commands[name] = [sys.executable, str(script)]
        turns = [{name: run(command) for name, command in commands.items()} for _ in range(TURNS + 1)]
    return {name: [turn[name] for turn in turns[1:]] for name in commands}


def seconds(runs: list[Run]) -> str:
    return f"{1000 * median(run.seconds for run in runs):,.0f} ms"


def mebibytes(runs: list[Run]) -> str:
    return f"{median(run.memory for run in runs) / 2**20:,.0f} MiB"


def compared(runs: dict[str, list[Run]]) -> list[Line]:
    """Time and memory of archcalc beside each of the others."""
    own = runs[ARCHCALC]
    lines = []
    for other, slowest, largest in ((EMPTY, SLOWEST, None), (FVCORE, 1 / 12, 1 / 20)):
        sides = list(zip(own, runs[other], strict=True))
        wall = median(a.seconds / b.seconds for a, b in sides)
        memory = median(a.memory / b.memory for a, b in sides)
        mine, its = seconds(own), seconds(runs[other])
        lines.append(Line(f"wall time against {other}", mine, its, *against(wall, slowest)))
        mine, its = mebibytes(own), mebibytes(runs[other])
        lines.append(Line(f"peak memory against {other}", mine, its, *against(memory, largest)))
    return lines


def against(ratio: float, goal: float | None) -> tuple[str, str, bool | None]:
    """A ratio of archcalc to another program as people read it, its goal, whether that is met."""
    if goal is None:
        return f"{ratio:.2f}", "", None
    if goal < 1:
        return f"1/{1 / ratio:.1f}", f"at most 1/{1 / goal:.0f}", ratio <= goal
    return f"{ratio:.2f}", f"at most {goal}", ratio <= goal


if __name__ == "__main__":
    for turn, runs in enumerate([measure() for _ in range(RUNS)], start=1):
        title = f"{ARCHCALC}: run {turn} of {RUNS}, medians of {TURNS} turns; the aim is {AIM}"
        show(title, ("measured", "archcalc", "other", "ratio"), compared(runs))
