"""What a sweep keeps of its points is what brute force keeps: --where, --pareto, --top and --solve."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy
import pytest

from archcalc.sweep.run import CHUNK
from archcalc.sweep.selection import pareto
from tests._sweeps import points, sweep


@pytest.mark.parametrize(
    ("where", "keeps"),
    [
        ("macs<1.5G and params<7M", lambda p: p["macs"] < 1_500_000_000 and p["params"] < 7_000_000),
        ("not macs >= 1G or input == 320", lambda p: not p["macs"] >= 10**9 or p["input"] == 320),
        ("macs/params > 200.5", lambda p: p["macs"] / p["params"] > 200.5),
        ("3*params-macs/2 <= -(2e8)", lambda p: 3 * p["params"] - p["macs"] / 2 <= -2e8),
        ("width != 0.3 and (width < .5)", lambda p: p["width"] != 0.3 and p["width"] < 0.5),
        ("1G < macs and macs < 2*activations*256", lambda p: 10**9 < p["macs"] < 512 * p["activations"]),
    ],
)
def test_where_keeps_what_fits(where: str, keeps: Any) -> None:
    axes = ("width=0.2:2:0.1", "input=192:384:32")
    everything = [row for row in sweep(*axes).report().rows if row["buildable"]]
    expected = [row for row in everything if keeps(row)]
    assert 0 < len(expected) < len(everything)
    assert list(sweep(*axes, where=where).report().rows) == expected


def beaten(point: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    return any(
        all(a <= b for a, b in zip(other, point, strict=True)) and tuple(other) != tuple(point)
        for other in others
    )


@pytest.mark.parametrize("keys", [1, 2, 3, 4])
def test_pareto_against_brute_force(keys: int) -> None:
    draws = random.Random(keys)
    for size in (1, 2, 40, 300):
        drawn = [tuple(draws.randrange(12) for _ in range(keys)) for _ in range(size)]
        front = pareto([numpy.array(column) for column in zip(*drawn, strict=True)])
        expected = sorted(point for point in drawn if not beaten(point, drawn))
        assert [drawn[index] for index in front] == expected


def test_a_front_is_that_of_all_points() -> None:
    axes = ("width=0.25:2:0.05", "input=224:512:8", "3a.#3x3=16:512:4")
    report = sweep(*axes, pareto="-input,macs,params").report()
    everything = sweep(*axes).report().rows
    assert len(everything) > 2 * CHUNK
    keys = [(-row["input"], row["macs"], row["params"]) for row in everything]
    least: dict[tuple[int, int], tuple[int, int, int]] = {}
    for key in sorted(keys):
        least.setdefault(key[:2], key)
    assert points(report, "input", "macs", "params")
    for row in report.rows:
        key = (-row["input"], row["macs"], row["params"])
        assert not beaten(key, keys)
    front = {(-row["input"], row["macs"], row["params"]) for row in report.rows}
    rest = [key for key in keys if key not in front]
    assert all(beaten(key, list(front)) for key in rest[::97])


def test_top_is_the_largest() -> None:
    axes = ("width=0.25:2:0.05", "input=224:512:8", "3a.#3x3=16:512:16")
    everything = sweep(*axes).report().rows
    for by, key in (("macs", lambda row: -row["macs"]), ("-params", lambda row: row["params"])):
        report = sweep(*axes, top=25, by=by).report()
        assert list(report.rows) == sorted(everything, key=key)[:25]


def test_solve_is_the_largest_that_fits() -> None:
    axes = ("batch=3,1,2", "width=0.25:2:0.05", "3a.#3x3=16:512:16")
    fitting = sweep(*axes, where="macs<3G").report().rows
    report = sweep(*axes, where="macs<3G", solve="width").report()
    largest: dict[Any, float] = {}
    for row in fitting:
        other = row["batch"], row["3a.#3x3"]
        largest[other] = max(largest.get(other, 0), row["width"])
    assert {(row["batch"], row["3a.#3x3"]): row["width"] for row in report.rows} == largest
    assert len(report.rows) == len(largest)


def test_nothing_fits() -> None:
    for options in ({}, {"pareto": "macs"}, {"top": 2, "by": "macs"}, {"solve": "batch"}):
        report = sweep("batch=1:4", where="macs<1", **options).report()
        assert report.rows == ()
