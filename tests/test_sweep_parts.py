"""A folder of finished parts is used by its own sweep alone, and what is wrong in it is computed again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy
import pytest

import archcalc
from archcalc.costs.counting import Counting
from archcalc.notation.network import TableNetwork
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep
from archcalc.sweep.space import BLOCK
from tests._cli import archcalc as command
from tests._sweep_files import FOUR_BLOCKS, stopped


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
    monkeypatch.setattr(TableNetwork, "width_multiple", 4)
    assert computed() != before


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
