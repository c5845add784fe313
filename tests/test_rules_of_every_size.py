"""The rules of operations say the same of numbers, arrays, symbols and recorded sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy

from archcalc.ops import Op
from archcalc.ops.embedding import Embedding
from archcalc.ops.gated import Geglu, Glu, Reglu, Swiglu
from archcalc.ops.identity import StochasticDepth
from archcalc.ops.norms import GroupNorm, L2Norm, LayerNorm, RmsNorm
from archcalc.ops.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from archcalc.ops.scale import LayerScale
from archcalc.ops.tokens import ClassToken, MeanOfTokens, TakeToken, ToMap, ToTokens, Transpose
from archcalc.recorded.recording import Recorded, Recorder
from archcalc.sizes import Shape, holds
from archcalc.sweep.program import Program

Made = Callable[[Any], Op]
OPERATIONS: list[tuple[Made, int]] = [
    (lambda n: LayerNorm(), 2),
    (lambda n: LayerNorm(bias=False), 1),
    (lambda n: GroupNorm(groups=n), 2),
    (lambda n: RmsNorm(), 1),
    (lambda n: L2Norm(scale=True), 0),
    (lambda n: LayerScale(), 2),
    (lambda n: StochasticDepth(share=0.1), 2),
    (lambda n: Glu(), 2),
    (lambda n: Geglu(), 1),
    (lambda n: Swiglu(), 0),
    (lambda n: Reglu(), 1),
    (lambda n: Embedding(rows=n, channels=2 * n), 0),
    (lambda n: LearnedPositions(), 1),
    (lambda n: LearnedPositions(positions=n), 1),
    (lambda n: SinusoidalPositions(), 1),
    (lambda n: RotaryPositions(heads=n), 1),
    (lambda n: ClassToken(), 1),
    (lambda n: TakeToken(token=n), 1),
    (lambda n: MeanOfTokens(), 1),
    (lambda n: ToTokens(), 2),
    (lambda n: ToMap(size=(n, 2)), 1),
    (lambda n: Transpose(), 1),
]
NAMES = [f"{make('n')} on {places} places" for make, places in OPERATIONS]
SIZES = [(3, 6, 4, 9), (4, 8, 5, 16), (2, 4, 7, 12), (5, 7, 3, 7)]
"""A number that is written, and the sizes that enter; of the last, little fits."""
each_operation = pytest.mark.parametrize(("make", "places"), OPERATIONS, ids=NAMES)


def said(make: Made, places: int, n: Any, *sizes: Any) -> list[Any]:
    """All that an operation's rules say: the sizes of its output and tensors, its work, what holds."""
    op, x = make(n), Shape(sizes[:places], sizes[2])
    out = op.out(x)
    tensors = [size for tensor in op.weights(x) for size in tensor.sizes]
    conditions = [holds(requirement) for requirement in op.requirements(x)]
    return [*out.places, out.channels, *tensors, op.macs(x), op.elementwise(x), *conditions]


def numbers(make: Made, places: int) -> list[list[Any]]:
    """What is said of plain numbers, by what it is said of."""
    return [list(each) for each in zip(*(said(make, places, *sizes) for sizes in SIZES), strict=True)]


@each_operation
def test_arrays(make: Made, places: int) -> None:
    found = said(make, places, *map(numpy.array, zip(*SIZES, strict=True)))
    assert [numpy.broadcast_to(each, len(SIZES)).tolist() for each in found] == numbers(make, places)


@each_operation
def test_symbols(make: Made, places: int) -> None:
    """Where a requirement does not hold, a formula says nothing else."""
    symbols = sympy.symbols("n h w c", integer=True, positive=True)
    found = said(make, places, *symbols)
    for sizes in SIZES:
        expected = said(make, places, *sizes)
        answers = [sympy.sympify(each).subs(dict(zip(symbols, sizes, strict=True))) for each in found]
        conditions = [each for each in expected if isinstance(each, bool)]
        assert answers[len(answers) - len(conditions) :] == [sympy.sympify(each) for each in conditions]
        if all(conditions):
            assert answers == [sympy.sympify(each) for each in expected]


@each_operation
def test_recorded_sizes(make: Made, places: int) -> None:
    recorder = Recorder()
    found = said(make, places, *(recorder.variable(name, 1, 100) for name in "nhwc"))
    terms = [each for each in found if isinstance(each, Recorded)]
    arrays = dict(zip("nhwc", map(numpy.array, zip(*SIZES, strict=True)), strict=True))
    answers = iter(Program(terms)(arrays, len(SIZES)))
    assert [
        next(answers).tolist() if isinstance(each, Recorded) else [each] * len(SIZES) for each in found
    ] == numbers(make, places)
