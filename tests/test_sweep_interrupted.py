"""What a sweep has finished is not lost: kills, Ctrl-C, full disks, two sweeps at once, resuming."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archcalc.costs.counting import Counting
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep
from archcalc.sweep.space import BLOCK
from tests._sweep_files import AFTER, MILLION, STOPPED, finish, line


@pytest.mark.parametrize("name", ["points.csv", "front.csv"])
def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path, name: str) -> None:
    """Ended at three random moments, between or within blocks."""
    arguments = MILLION if name == "points.csv" else (*MILLION, "--pareto", "macs,-params,-input")
    whole, killed = tmp_path / "whole.csv", tmp_path / name
    said = finish(whole, *arguments)
    parts = killed.with_name(f"{name}.parts")
    draws = random.Random(name)
    for finished in (1, 3, 6):
        missing = finished - len(list(parts.glob("*.npz"))) + 1
        seconds = f"{draws.uniform(0.001, 0.01)}"
        rest = line(killed, *arguments, "--resume")[3:]
        process = subprocess.run([sys.executable, "-c", AFTER, f"{missing}", seconds, *rest], check=False)
        assert process.returncode == -signal.SIGVTALRM
        assert finished <= len(list(parts.glob("*.npz"))) < 8
        assert not killed.exists()
    assert finish(killed, *arguments, "--resume") == said
    assert killed.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((name, "whole.csv"))


def test_killed_while_the_output_is_written(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.csv", tmp_path / "points.csv"
    finish(whole, *MILLION)
    ninth = [sys.executable, "-c", AFTER, "9", "0.1", *line(killed, *MILLION)[3:]]
    assert subprocess.run(ninth, check=False).returncode == -signal.SIGVTALRM
    assert (tmp_path / "points.csv.parts" / "whole.csv").exists()
    assert not killed.exists()
    finish(killed, *MILLION, "--resume")
    assert killed.read_bytes() == whole.read_bytes()


def test_ctrl_c_ends_quietly_and_keeps_what_was_finished(tmp_path: Path) -> None:
    output = tmp_path / "points.csv"
    process = subprocess.Popen(
        line(output, "3a.#3x3=1:1000", "3b.#3x3=1:1000", "batch=1:50"), stderr=subprocess.PIPE, text=True
    )
    parts = output.with_name("points.csv.parts")
    until = time.monotonic() + 60
    while len(list(parts.glob("*.npz"))) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert f"{output}.parts' keeps" in said
    assert "--resume goes on" in said
    assert not output.exists()
    assert len(list(parts.glob("*.npz"))) >= 2
    assert not [path for path in parts.iterdir() if not re.fullmatch(r"\d+\.npz|sweep\.json|lock", path.name)]


@pytest.mark.parametrize(
    ("name", "limit"),
    [("points.csv", 1_000_000), ("points.parquet", 4_000_000), ("points.csv", 5_000_000)],
    ids=["part", "parquet", "csv"],
)
def test_a_full_disk(tmp_path: Path, name: str, limit: int) -> None:
    """A file that may not grow: the parts that were written stay, and with room again the sweep goes on."""
    if name.endswith("parquet"):
        arguments: tuple[str, ...] = ("3a.#3x3=1:1000", "3b.#3x3=1:300", "batch=1:2")
    else:
        arguments = ("3a.#3x3=1:1000", "3b.#3x3=1:300")
    output = tmp_path / name
    output.write_text("what was there before")
    done = subprocess.run(
        line(output, *arguments),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot be written: File too large" in done.stderr
    assert output.read_text() == "what was there before"
    assert output.with_name(f"{name}.parts").is_dir()
    finish(output, *arguments, "--resume")
    whole = tmp_path / f"whole{output.suffix}"
    finish(whole, *arguments)
    assert output.read_bytes() == whole.read_bytes()


def test_a_resumed_sweep_computes_only_the_rest(tmp_path: Path) -> None:
    output = tmp_path / "points.csv"
    sweep = Sweep(load("googlenet"), Request(("3a.#3x3=1:1000", "batch=1:500")), Counting())

    def stop(done: int) -> None:
        if done == 2 * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep.write(output, "csv", False, stop)
    computed = []
    block = sweep.engine.block
    sweep.engine.block = lambda number: computed.append(number) or block(number)  # type: ignore[method-assign, func-returns-value]
    sweep.write(output, "csv", True)
    assert computed == [2, 3]
    assert output.read_bytes().count(b"\n") == 500_001


def test_two_sweeps_into_one_output_at_once(tmp_path: Path) -> None:
    """The second is refused in one line while the first runs, and the first's file is whole."""
    output, whole = tmp_path / "points.csv", tmp_path / "whole.csv"
    finish(whole, *MILLION)
    first = subprocess.Popen([sys.executable, "-c", STOPPED, *line(output, *MILLION)[3:]])
    os.waitpid(first.pid, os.WUNTRACED)  # it stopped itself between two parts
    for more in ((), ("--resume",)):
        second = subprocess.run(line(output, *MILLION, *more), capture_output=True, text=True, check=False)
        assert (second.returncode, second.stderr.count("\n")) == (3, 1)
        assert f"another process sweeps into '{output}.parts': wait until it ends" in second.stderr
    first.send_signal(signal.SIGCONT)
    assert first.wait() == 0
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.csv", "whole.csv"]
