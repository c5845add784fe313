"""A sweep on Dask is the sweep in one process, to the last digit, whatever is killed on the way."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from archcalc.costs.counting import Counting
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep, cluster
from archcalc.version import VERSION
from tests._cli import archcalc as command
from tests._sweep_files import MAIN, MILLION, finish, line

TEN_MILLION = ("3a.#3x3=1:1000", "3b.#3x3=1:1000", "input=224:512:32", "--where", "macs<9G")

LIMIT = 300
"""Seconds after which a test fails that waits for an event: far more than the event takes."""


def start(output: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a sweep in a group of processes of its own, as a terminal does."""
    return subprocess.Popen(
        line(output, *arguments), stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def until_parts(process: subprocess.Popen[str], output: Path, count: int) -> None:
    """Wait until a sweep has finished some parts."""
    parts = output.with_name(output.name + ".parts")
    while process.poll() is None and len(list(parts.glob("*.npz"))) < count:
        time.sleep(0.001)
    assert process.poll() is None, "the sweep ended too early"


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that compute."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [each for each in children if "spawn_main" in " ".join(each.cmdline())]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A Dask cluster of one scheduler and two workers, started as an administrator would."""
    where = tmp_path / "scheduler.json"
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    ends = ["--scheduler-file", str(where)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "2", "--no-dashboard"]
    processes = [
        subprocess.Popen([*each, *ends], **quiet)  # type: ignore[call-overload]
        for each in (run, worker, worker)
    ]
    try:
        while not where.exists() or not where.read_text().endswith("}"):
            time.sleep(0.02)
        yield json.loads(where.read_text())["address"]
    finally:
        for process in processes:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
        for process in processes:
            process.wait()


def test_ten_million_points_survive_a_killed_worker_and_a_killed_sweep(tmp_path: Path) -> None:
    """Of two workers one is killed at a random moment, then all of the sweep at another; it is resumed."""
    whole, killed = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    said = finish(whole, *TEN_MILLION)
    draws = random.Random(7)
    process = start(killed, *TEN_MILLION, "--workers", "2")
    until_parts(process, killed, draws.randint(3, 20))
    before = workers_of(process)
    assert len(before) == 2
    draws.choice(before).kill()
    until_parts(process, killed, draws.randint(25, 50))
    process.kill()
    process.communicate()
    assert not killed.exists()
    assert finish(killed, *TEN_MILLION, "--workers", "2", "--resume") == said
    assert killed.read_bytes() == whole.read_bytes()


def test_ten_million_points_killed_and_resumed_in_one_process(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    said = finish(whole, *TEN_MILLION)
    process = start(killed, *TEN_MILLION)
    until_parts(process, killed, random.Random(11).randint(3, 60))
    process.kill()
    process.communicate()
    assert not killed.exists()
    assert finish(killed, *TEN_MILLION, "--resume") == said
    assert killed.read_bytes() == whole.read_bytes()


def test_a_cluster_gives_what_one_process_gives(tmp_path: Path, scheduler: str) -> None:
    for options in ((), ("--pareto", "macs,-params,-input")):
        for name, more in (("one.csv", ()), ("many.csv", ("--cluster", scheduler))):
            finish(tmp_path / name, *MILLION, *options, *more)
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "many.csv").read_bytes()
    shown = ["sweep", "googlenet", "--vary", "input=192:320:32", "--vary", "batch=1:30000"]
    alone, together = command(*shown), command(*shown, "--cluster", scheduler)
    assert together == alone
    assert "The first 1,000 of 150,000 points" in alone.out


def test_ctrl_c_ends_workers_too(tmp_path: Path) -> None:
    output = tmp_path / "points.csv"
    process = start(output, "3a.#3x3=1:1000", "3b.#3x3=1:1000", "batch=1:50", "--workers", "2")
    until_parts(process, output, 2)
    workers = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 130
    assert said.count("\n") == 1
    assert f"{output}.parts' keeps what was finished: --resume goes on with it" in said
    assert len(workers) == 2
    assert not psutil.wait_procs(workers, timeout=LIMIT)[1]


DELETING = """
import signal, sys
class Deleted:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
def watch(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("000001.npz"):
        Deleted()
sys.addaudithook(watch)
"""
"""A sweep that is interrupted while an object is deleted, where Python drops every exception."""


def test_ctrl_c_while_an_object_is_deleted(tmp_path: Path) -> None:
    output = tmp_path / "points.csv"
    arguments = line(output, "3a.#3x3=1:1000", "3b.#3x3=1:1000", "batch=1:50", "--workers", "1")[3:]
    run = subprocess.run(
        [sys.executable, "-c", DELETING + MAIN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert run.returncode == 130
    assert run.stderr.count("\n") == 1
    assert "keeps what was finished: --resume goes on with it" in run.stderr


def test_a_cluster_that_is_lost(tmp_path: Path, scheduler: str) -> None:
    """The scheduler dies in the middle: what was finished stays, and one process goes on with it."""
    output, whole = tmp_path / "points.csv", tmp_path / "whole.csv"
    arguments = ("3a.#3x3=1:1000", "3b.#3x3=1:1000", "batch=1:3")
    process = start(output, *arguments, "--cluster", scheduler)
    until_parts(process, output, 2)
    process.send_signal(signal.SIGSTOP)  # or it could be done before the scheduler is found
    assert process.poll() is None
    for each in psutil.Process().children():
        if "distributed.cli.dask_scheduler" in each.cmdline():
            each.kill()
    process.send_signal(signal.SIGCONT)
    said = process.communicate(timeout=LIMIT)[1]
    assert (process.returncode, said.count("\n")) == (3, 1), said
    assert f"the cluster at {scheduler} could not finish the sweep" in said
    assert "keeps what was finished: --resume goes on with it" in said
    finish(output, *arguments, "--resume")
    finish(whole, *arguments)
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "nonsense", "tcp://no.such.host.invalid:8786", "ftp://x:1"]
)
def test_a_cluster_that_cannot_be_reached(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1)
    output = tmp_path / "points.csv"
    answer = command("sweep", "googlenet", "--vary", "batch=1:9", "--cluster", address, "-o", str(output))
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"archcalc: the cluster at {address} cannot be reached: ")
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_options_and_a_missing_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = ["sweep", "googlenet", "--vary", "batch=1:9"]
    answer = command(*sweep, "--workers", "2", "--cluster", "tcp://x:1")
    assert answer.code == 2
    assert "--workers are of this machine and --cluster is elsewhere: give one of them" in answer.err
    monkeypatch.setitem(sys.modules, "distributed", None)
    answer = command(*sweep, "--workers", "2")
    assert answer.code == 2
    assert "install it with: pip install 'archcalc[cluster]'" in answer.err


def test_what_a_worker_is_sent_holds_no_network() -> None:
    """A worker needs no file, and its block is the block computed here."""
    sweep = Sweep(load("googlenet"), Request(("width=0.5:2:0.1", "input=100:400"), pareto="macs"), Counting())
    sent = pickle.dumps(sweep.engine)
    assert b"archcalc.notation" not in sent
    assert b"archcalc.graph" not in sent
    assert b"Recorded" not in sent
    here, there = sweep.engine.block(0), cluster.compute(sent, VERSION, 0)
    assert {name: column.tolist() for name, column in here.points.items()} == {
        name: column.tolist() for name, column in there.points.items()
    }
    assert here.summary[:3] == there.summary[:3]
    assert here.summary.reasons.tolist() == there.summary.reasons.tolist()
    with pytest.raises(RuntimeError, match=r"archcalc .* is installed there, and 0\.0 here"):
        cluster.compute(sent, "0.0", 0)
