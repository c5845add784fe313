"""A sweep's files are whole or not there, and what was finished is not lost: kills, full disks, resuming."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pandas
import pyarrow.parquet
import pytest

import archcalc
from archcalc.costs.counting import Counting
from archcalc.errors import OutputError
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep, widths
from archcalc.sweep.space import BLOCK
from tests._cli import archcalc as command

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
STOPPED = """
import os, signal, sys
def watch(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("000002.npz"):
        os.kill(os.getpid(), signal.SIGSTOP)
sys.addaudithook(watch)
"""
"""A sweep that stops itself before its third part, and goes on when it is told to."""
AFTER += MAIN
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


def test_a_folder_of_parts_is_not_taken_for_another_sweep(tmp_path: Path) -> None:
    output = tmp_path / "points.csv"

    def sweep(*vary: str, **options: str) -> Sweep:
        return Sweep(load("googlenet"), Request(vary, **options), Counting())  # type: ignore[arg-type]

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep("3a.#3x3=1:1000", "batch=1:200").write(output, "csv", False, stop)
    folder = tmp_path / "points.csv.parts"
    assert [path.name for path in folder.glob("*.npz")] == ["000000.npz"]
    with pytest.raises(archcalc.ArchcalcError, match="holds an unfinished sweep: --resume continues it"):
        sweep("3a.#3x3=1:1000", "batch=1:200").write(output, "csv")
    with pytest.raises(archcalc.ArchcalcError, match="holds another sweep, which differs in vary"):
        sweep("3a.#3x3=1:1000", "batch=1:201").write(output, "csv", True)
    with pytest.raises(archcalc.ArchcalcError, match="holds another sweep, which differs in where"):
        sweep("3a.#3x3=1:1000", "batch=1:200", where="macs<1G").write(output, "csv", True)
    (folder / "000000.npz").write_bytes((folder / "000000.npz").read_bytes()[:1000])  # a power failure
    sweep("3a.#3x3=1:1000", "batch=1:200").write(output, "csv", True)
    sweep("3a.#3x3=1:1000", "batch=1:200").write(tmp_path / "whole.csv", "csv")
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_other_widths_of_the_same_request_are_another_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rule that scales widths has changed, parts of before are of no use."""

    def computed() -> object:
        return Sweep(load("googlenet"), Request(("width=0.5,1,1.5",)), Counting()).statement()["computed"]

    before = computed()
    assert computed() == before
    monkeypatch.setattr(widths, "MULTIPLE", 4)
    assert computed() != before


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


def test_formats_agree(tmp_path: Path) -> None:
    """The streamed CSV is the report's, and Parquet has the same values with types and nulls."""
    arguments = ["--vary", "input=1:400:3", "--vary", "width=0.5:1:0.1"]
    for name in ("points.csv", "points.parquet", "points.json"):
        assert command("sweep", "googlenet", *arguments, "-o", str(tmp_path / name)).code == 0
    shown = command("sweep", "googlenet", *arguments, "-f", "csv").out
    assert (tmp_path / "points.csv").read_text() == shown
    table = pyarrow.parquet.read_table(tmp_path / "points.parquet")
    assert [str(field.type) for field in table.schema] == [
        "int64",
        "double",
        "int64",
        "int64",
        "int64",
        "bool",
    ]
    frame = pandas.read_csv(tmp_path / "points.csv")
    for column in table.column_names:
        values = [None if pandas.isna(each) else each for each in frame[column]]
        assert table[column].to_pylist() == values
    rows = json.loads((tmp_path / "points.json").read_text())["rows"]
    assert rows == table.to_pylist()


@pytest.mark.parametrize(
    "options", [("--pareto", "macs,-params"), ("--top", "7", "--by", "params")], ids=["pareto", "top"]
)
def test_a_selection_is_written_in_every_format(tmp_path: Path, options: tuple[str, ...]) -> None:
    arguments = ["sweep", "googlenet", "--vary", "3a.#3x3=1:300", "--vary", "3b.#3x3=1:300", *options]
    for name in ("kept.csv", "kept.parquet", "kept.md"):
        answer = command(*arguments, "-o", str(tmp_path / name))
        assert (answer.code, answer.out) == (0, "")
        assert "90,000 points: all can be built." in answer.err
    assert (tmp_path / "kept.csv").read_text() == command(*arguments, "-f", "csv").out
    table = pyarrow.parquet.read_table(tmp_path / "kept.parquet")
    frame = pandas.read_csv(tmp_path / "kept.csv")
    assert [list(row.values()) for row in table.to_pylist()] == frame.values.tolist()
    assert (tmp_path / "kept.md").read_text().count("\n|") >= len(frame)


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    sweep = Sweep(load("googlenet"), Request(("batch=1:4",)), Counting())
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match=r"folder\.csv: cannot be written: it is a folder"):
        sweep.write(tmp_path / "folder.csv", "csv")
    with pytest.raises(OutputError, match=r"the folder '.*none' does not exist"):
        sweep.write(tmp_path / "none" / "x.csv", "csv")
    with pytest.raises(OutputError, match="is no file, and a sweep's points need one"):
        sweep.write(Path("/dev/null"), "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_missing_pyarrow_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = command("sweep", "googlenet", "--vary", "batch=1:4", "-o", str(tmp_path / "x.parquet"))
    assert answer.code == 2
    assert (
        "a Parquet file needs pyarrow, which is not installed; install it with: pip install 'archcalc[sweep]'"
        in answer.err
    )
    assert not list(tmp_path.iterdir())


PEAK = r"""
import re, sys
from archcalc.cli import application
application()(sys.argv[1:], standalone_mode=False)
print(re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1])
"""


@pytest.mark.parametrize(
    "options", [(), ("-o", "points.parquet"), ("--top", "9", "--by", "macs")], ids=["shown", "file", "top"]
)
def test_memory_is_that_of_a_block(tmp_path: Path, options: tuple[str, ...]) -> None:
    """3 million points take what 300 thousand take.

    The peak is what Linux keeps of the program alone: `ru_maxrss` would be at least the tests' own.
    """

    def peak(points: int) -> int:
        arguments = ["--vary", f"3a.#3x3=1:{points // 1000}", "--vary", "3b.#3x3=1:1000", *options]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, "sweep", "googlenet", *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},
        )
        return int(done.stdout.split()[-1])

    assert peak(3_000_000) < 1.1 * peak(300_000)


def test_numpy_is_imported_by_a_sweep_alone() -> None:
    code = (
        "import sys; from archcalc.cli import application; application()(sys.argv[1:], standalone_mode=False)"
    )
    code += "; print('numpy' in sys.modules)"
    for arguments, expected in ((["list"], "False"), (["sweep", "lenet-5", "--vary", "batch=1,2"], "True")):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        assert done.stdout.split()[-1] == expected


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


def harm(folder: Path, how: str) -> None:
    """Do to a folder of parts what people, disks and other programs do."""
    first, second = folder / "000000.npz", folder / "000001.npz"
    if how == "copied":
        shutil.copy(second, first)
    elif how == "shortened":
        with numpy.load(first) as arrays:
            shorter = {
                name: each[:-1] if name.startswith("point ") else each for name, each in arrays.items()
            }
        with open(first, "wb") as file:
            numpy.savez(file, **shorter)
    elif how == "another kind":
        with open(first, "wb") as file:
            numpy.save(file, numpy.arange(3))
    else:
        first.unlink()
        if how == "pipe":
            os.mkfifo(first)
            os.mkfifo(folder / "whole.csv")
        else:
            first.symlink_to("/dev/zero")


@pytest.mark.parametrize("how", ["copied", "shortened", "another kind", "pipe", "device"])
def test_a_part_that_is_not_what_was_written_is_computed_again(tmp_path: Path, how: str) -> None:
    output, whole = tmp_path / "points.csv", tmp_path / "whole.csv"
    sweep = stopped(output, 2 * BLOCK, *FOUR_BLOCKS)
    sweep.write(whole, "csv")
    harm(tmp_path / "points.csv.parts", how)
    sweep.write(output, "csv", True)
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.csv", "whole.csv"]


def test_a_part_of_another_sweep_is_computed_again(tmp_path: Path) -> None:
    output, other, whole = (tmp_path / name for name in ("points.csv", "other.csv", "whole.csv"))
    sweep = stopped(output, BLOCK, *FOUR_BLOCKS)
    stopped(other, BLOCK, "3a.#3x3=2:1001", "batch=1:500")
    shutil.copy(tmp_path / "other.csv.parts/000000.npz", tmp_path / "points.csv.parts/000000.npz")
    sweep.write(output, "csv", True)
    sweep.write(whole, "csv")
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "[" * 10_000, "{", "7", "pipe"])
def test_a_folder_that_does_not_say_its_sweep(tmp_path: Path, text: str) -> None:
    output = tmp_path / "points.csv"
    stopped(output, BLOCK, *FOUR_BLOCKS)
    statement = tmp_path / "points.csv.parts" / "sweep.json"
    statement.unlink()
    if text == "pipe":
        os.mkfifo(statement)
    else:
        statement.write_text(text)
    vary = [word for each in FOUR_BLOCKS for word in ("--vary", each)]
    answer = command("sweep", "googlenet", *vary, "-o", str(output), "--resume")
    assert (answer.code, answer.err.count("\n")) == (3, 1)
    assert f"'{statement}' does not say which sweep the folder belongs to" in answer.err
    assert (statement.parent / "000000.npz").exists()
    assert not output.exists()


def test_a_folder_that_is_a_link_or_holds_something_else(tmp_path: Path) -> None:
    output, elsewhere = tmp_path / "points.csv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")
    parts = tmp_path / "points.csv.parts"
    parts.symlink_to(elsewhere)
    arguments = ("sweep", "googlenet", "--vary", "batch=1:4", "-o", str(output), "--resume")
    answer = command(*arguments)
    assert (answer.code, answer.err.count("\n")) == (3, 1)
    assert f"'{parts}' is a link; a sweep needs a folder of its own there" in answer.err
    assert [path.name for path in elsewhere.iterdir()] == ["mine.txt"]
    parts.unlink()
    elsewhere.rename(parts)
    assert command(*arguments).code == 0
    assert [path.name for path in parts.iterdir()] == ["mine.txt"]
