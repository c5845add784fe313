"""A sweep's files: formats agree, a file is whole or not there, and memory is that of a block."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas
import pyarrow.parquet
import pytest

from archcalc.costs.counting import Counting
from archcalc.errors import OutputError
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep
from tests._cli import archcalc as command


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
