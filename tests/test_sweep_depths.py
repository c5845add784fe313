"""Sweeps over depths: each point is the network whose document says those numbers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.errors import DocumentError, UsageError
from archcalc.sweep import Sweep
from archcalc.sweep.structures import MOST_STRUCTURES
from tests._cli import archcalc as command

DEEP = """---
input: 32x32x3
columns: n -> repeat
every conv: no bias -> batch norm -> relu
---

```blocks
stem        = conv 3x3 {width}
unit        = add
  | identity
  | conv 1x1 {width} -> conv 3x3 {in}
down        = max pool 2x2/2 valid
dense block = dense layer * {layers}
dense layer = concat
  | identity
  | conv 1x1 {4*k} -> conv 3x3 {k}
top         = global average pool -> flatten -> linear {width}
```

| type        | width | k  | layers | n |
|-------------|-------|----|--------|---|
| stem        | 16    |    |        |   |
| unit        | WIDTH |    |        | N |
| down        |       |    |        | D |
| dense block |       | 12 | LAYERS |   |
| top         | 10    |    |        |   |
"""
VARY = ("down.repeat=1:6", "input=8:40:2", "unit.repeat=1:3", "unit.width=4:9", "dense block.layers=1,4,2")
COSTS = ("params", "macs", "activations")


def written(
    path: Path, down: int = 1, unit: int = 2, width: int = 8, layers: int = 4
) -> archcalc.Architecture:
    """The document with these numbers written in."""
    numbers = {"WIDTH": width, "N |": f"{unit} |", "D |": f"{down} |", "LAYERS": layers}
    text = DEEP
    for name, number in numbers.items():
        text = text.replace(name, str(number))
    path.write_text(text)
    return archcalc.load(str(path))


def counted(net: archcalc.Architecture, side: int) -> tuple[int, ...] | None:
    """What the table says at an input; None where the network cannot be built."""
    try:
        total = net.table(input=(side, side, 3)).total
        single = net.sweep("batch=1", input=(side, side, 3)).report().rows[0]
    except DocumentError:
        return None
    assert total is not None
    assert (total["params"], total["macs"]) == (single["params"], single["macs"])
    return tuple(single[name] for name in COSTS)


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return written(tmp_path / "deep.md").sweep(*VARY)


def test_points_are_the_networks_that_documents_say(sweep: Sweep, tmp_path: Path) -> None:
    rows = sweep.report().rows
    grid = [
        (down, side, unit, width, layers)
        for down in range(1, 7)
        for side in range(8, 41, 2)
        for unit in range(1, 4)
        for width in range(4, 10)
        for layers in (1, 4, 2)
    ]
    assert [tuple(row[axis.name] for axis in sweep.space.axes) for row in rows] == grid
    built = 0
    for number in random.Random(5).sample(range(len(rows)), 50):
        down, side, unit, width, layers = grid[number]
        expected = counted(written(tmp_path / "one.md", down, unit, width, layers), side)
        assert rows[number]["buildable"] == (expected is not None)
        assert tuple(rows[number][name] for name in COSTS) == (expected or (None,) * 3)
        built += expected is not None
    assert 20 < built < 50


def test_depths_outside_and_inside_give_the_same_points(tmp_path: Path) -> None:
    net = written(tmp_path / "deep.md")
    outside = net.sweep("unit.repeat=1:5", "batch=1:4000").report().rows
    inside = net.sweep("batch=1:4000", "unit.repeat=1:5").report().rows

    def key(row: Mapping[str, Any]) -> tuple[int, int]:
        return row["unit.repeat"], row["batch"]

    assert sorted(inside, key=key) == sorted(outside, key=key)


def test_selections_work_over_all_depths(sweep: Sweep, tmp_path: Path) -> None:
    rows = [row for row in sweep.report().rows if row["buildable"]]
    net = written(tmp_path / "deep.md")
    where = "params < 40K and unit.repeat >= 2"
    fits = [row for row in rows if row["params"] < 40_000 and row["unit.repeat"] >= 2]
    assert list(net.sweep(*VARY, where=where).report().rows) == fits
    top = net.sweep(*VARY, where=where, top=7, by="unit.repeat*macs").report().rows
    assert list(top) == sorted(fits, key=lambda row: -row["unit.repeat"] * row["macs"])[:7]
    front = net.sweep(*VARY, where=where, pareto="macs,-unit.repeat,-down.repeat").report().rows
    keys = [(row["macs"], -row["unit.repeat"], -row["down.repeat"]) for row in fits]
    best = [
        key for key in keys if not any(other != key and all(map(int.__le__, other, key)) for other in keys)
    ]
    assert sorted((row["macs"], -row["unit.repeat"], -row["down.repeat"]) for row in front) == sorted(best)
    solved = net.sweep("unit.repeat=1:30", "input=32:40:4", where="macs < 16M", solve="unit.repeat").report()
    largest = dict.fromkeys((32, 36, 40), 0)
    for side in largest:
        for unit in range(1, 31):
            found = counted(written(tmp_path / "one.md", unit=unit), side)
            if found and found[1] < 16_000_000:
                largest[side] = unit
    assert {row["input"]: row["unit.repeat"] for row in solved.rows} == {
        s: n for s, n in largest.items() if n
    }


def test_reasons_are_told_once_with_their_first_point(sweep: Sweep) -> None:
    report = sweep.report()
    failed = [row for row in report.rows if not row["buildable"]]
    notes = [note for note in report.notes if "cannot be built" in note]
    assert sum(int(note.split()[0].replace(",", "")) for note in notes) == len(failed)
    first = failed[0]
    point = f"down.repeat {first['down.repeat']}, input {first['input']}, unit.repeat 1, unit.width 4"
    assert any(point in note and "max pool 2x2/2 valid" in note for note in notes)


def test_files_are_those_of_one_process_and_workers(sweep: Sweep, tmp_path: Path) -> None:
    from archcalc.sweep import runner

    alone, shared = tmp_path / "alone.csv", tmp_path / "shared.csv"
    sweep.write(alone, "csv")
    with runner(None, 2) as workers:
        sweep.write(shared, "csv", runner=workers)
    assert alone.read_bytes() == shared.read_bytes()
    assert len(alone.read_text().splitlines()) == 1 + len(sweep.report().rows)


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("unit.repeat=0:3", "--vary 'unit.repeat' begins at 1"),
        ("unit.repeat=1:3:0.5", "--vary 'unit.repeat' takes whole numbers"),
        ("unit.layers=1:3", "row 'unit' has no width in a column 'layers'"),
        (f"unit.repeat=1:{MOST_STRUCTURES + 1}", "5,001 combinations of depths, each a network of its own"),
    ],
)
def test_refusals_are_one_line(vary: str, said: str, tmp_path: Path) -> None:
    written(tmp_path / "deep.md")
    answer = command("sweep", str(tmp_path / "deep.md"), "--vary", vary)
    assert answer.code in (2, 3)
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_depth_of_a_side_chain_needs_heads() -> None:
    net = archcalc.load("googlenet")
    row = next(row.name for row in net.network.rows if row.head)
    with pytest.raises(UsageError, match="counted with --heads alone"):
        net.sweep(f"{row}.repeat=1:2")
    (point,) = net.sweep(f"{row}.repeat=1", heads=True).report().rows
    total = net.table(heads=True).total
    assert total is not None
    assert point["params"] == total["params"]
