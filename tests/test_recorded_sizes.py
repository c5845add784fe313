"""Recorded arithmetic: its bounds hold, it branches on nothing, and 64 bits are never left."""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest

import archcalc
from archcalc.errors import ArchcalcError
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import MaxPool
from archcalc.recorded.operations import OPERATIONS
from archcalc.recorded.recording import Recorded, Recorder
from archcalc.sizes import Shape
from archcalc.sweep.program import FUNCTIONS, Program
from tests._cli import archcalc as command

NUMBERS = (-7, -1, 0, 1, 2, 3, 10)


@pytest.mark.parametrize("operation", ["+", "-", "*", "//", "min", "<=", "<", "==", "!="])
def test_bounds_hold(operation: str) -> None:
    """Whatever lies between the bounds of two terms gives a result between those of their term."""
    for low, high, least, most in itertools.product(NUMBERS, repeat=4):
        if low >= high or least >= most:
            continue
        recorder = Recorder()
        term = recorder.record(
            operation, recorder.variable("a", low, high), recorder.variable("b", least, most)
        )
        corners = list(itertools.product(range(low, high + 1), range(least, most + 1)))
        columns = [numpy.array(column) for column in zip(*corners, strict=True)]
        [values] = Program([term])(dict(zip("ab", columns, strict=True)), len(corners))
        if isinstance(term, Recorded):
            assert term.low <= values.min()
            assert values.max() <= term.high
        else:  # decided: True, or the one number it can be
            assert (values == term).all()


def test_numpy_does_every_recorded_operation() -> None:
    assert FUNCTIONS.keys() == OPERATIONS.keys()


def test_recorded_sizes_are_no_numbers() -> None:
    """A rule that branches on a size's value would be recorded wrongly: it fails instead."""
    n = Recorder().variable("n", 1, 9)
    with pytest.raises(TypeError, match="the truth of the recorded term"):
        assert n < 5
    conv = Conv(kernel=(3, 3), channels=n)
    assert conv.macs(Shape((4, 4), n)) is 144 * (n * n)
    pool = MaxPool(kernel=(3, 3), stride=(2, 2), valid=True, ceil=True)
    height = pool.out(Shape((n, n), 1)).places[0]
    [found] = Program([height])({"n": numpy.arange(1, 10)})
    assert found.tolist() == [pool.out(Shape((size, size), 1)).places[0] for size in range(1, 10)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--vary", "batch=1:100G"), "'convolution.conv7x7': the number of macs can reach 1.18e+19"),
        (("--vary", "3a.#3x3=1:9000P"), "holds '9000P', which is no number"),
        (
            ("--vary", "input.channels=1:3000000000000000000", "--sample", "3"),
            "'convolution.conv7x7': the number of weights can reach 9.41e+21",
        ),
        (("--vary", "batch=1:1000", "--where", "macs*macs*macs<1"), "a number in --where can reach"),
        (
            ("--vary", "batch=1:1000", "--pareto", "macs*macs,params"),
            "a number in --pareto, --by or --solve can reach",
        ),
    ],
    ids=["batch", "letter", "channels", "where", "pareto"],
)
def test_numbers_beyond_64_bits_are_refused_by_name(arguments: tuple[str, ...], message: str) -> None:
    answer = command("sweep", "googlenet", *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_a_network_of_a_fixed_width_beyond_64_bits(tmp_path: Any) -> None:
    path = tmp_path / "wide.md"
    path.write_text(
        f"---\ninput: 8x8x3\n---\n\n```blocks\na = conv 1x1 {10**30} -> conv 1x1 {{c}}\n```\n\n"
        "| type | c |\n|---|---|\n| a | 4 |\n"
    )
    with pytest.raises(ArchcalcError, match=r"'a.conv1x1': the number of weights can reach 3e\+30"):
        archcalc.load(str(path)).sweep("a.c=1:4")
