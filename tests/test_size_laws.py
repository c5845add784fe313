"""Laws of sizes: quotients and requirements of every kind of size, windows against torch's own."""

from __future__ import annotations

from typing import Any, get_args

import numpy
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archcalc.errors import Refused
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import AveragePool, MaxPool
from archcalc.sizes import (
    Relation,
    Requirement,
    Shape,
    ceil_quotient,
    exact_quotient,
    floor_quotient,
    holds,
    minimum,
)
from archcalc.torch_module import sample

H, W = sympy.symbols("H W", integer=True, positive=True)
sizes = st.integers(1, 40)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(sizes, sizes)
def test_the_quotients_of_every_kind_of_size(dividend: int, divisor: int) -> None:
    down, up = dividend // divisor, (dividend + divisor - 1) // divisor
    for kind in (int, numpy.int64, sympy.Integer):
        assert floor_quotient(kind(dividend), kind(divisor)) == down
        assert ceil_quotient(kind(dividend), kind(divisor)) == up
        assert exact_quotient(kind(dividend * divisor), kind(divisor)) == dividend
        assert minimum(kind(dividend), kind(divisor)) == min(dividend, divisor)
    symbol: tuple[Any, ...] = floor_quotient(H, divisor), ceil_quotient(H, divisor), minimum(H, divisor)
    assert [each.subs(H, dividend) for each in symbol] == [down, up, min(dividend, divisor)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(sizes, sizes, st.sampled_from(get_args(Relation)))
def test_a_requirement_of_every_kind_of_size(left: int, right: int, relation: Relation) -> None:
    truth = {
        "<=": left <= right,
        "==": left == right,
        "divides": right % left == 0,
        "is 1 or": left in (1, right),
    }[relation]
    assert holds(Requirement(left, relation, right, "")) is truth
    assert holds(Requirement(numpy.int64(left), relation, numpy.int64(right), "")) is truth
    assert holds(Requirement(sympy.Integer(left), relation, right, "")) is truth
    assert holds(Requirement(numpy.array([left]), relation, right, "")).tolist() == [truth]
    assert holds(Requirement(H, relation, W, "")).subs({H: left, W: right}) == sympy.sympify(truth)


@pytest.mark.parametrize("size", [3, H])
def test_a_relation_that_there_is_not_is_a_fault(size: Any) -> None:
    """A misspelt relation once meant the last one of the list."""
    with pytest.raises(AssertionError, match="divide"):
        holds(Requirement(size, "divide", 6, ""))  # type: ignore[arg-type]


def same(op: Op, module: torch.nn.Module, x: Shape) -> None:
    """The operation gives the shape that torch's module gives, and is refused where torch refuses."""
    graph = Graph({"x": x})
    try:
        shape = module(sample(x, device="meta")).shape
    except RuntimeError:
        with pytest.raises(Refused, match="does not fit"):
            graph.add("window", op, "x")
        return
    assert graph.shapes[graph.add("window", op, "x")] == Shape(tuple(shape[2:]), shape[1])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(0, 3), st.booleans(),
    st.sampled_from([(MaxPool, torch.nn.MaxPool2d), (AveragePool, torch.nn.AvgPool2d)]),
)  # fmt: skip
def test_pooling_rounds_and_refuses_as_torch_does(
    size: int, kernel: int, stride: int, pad: int, ceil: bool, pools: tuple[Any, Any]
) -> None:
    assume(2 * pad <= kernel)
    mine, theirs = pools
    op = mine(kernel=(kernel, 1), stride=(stride, 1), pad=(pad, 0), ceil=ceil)
    module = theirs((kernel, 1), (stride, 1), padding=(pad, 0), ceil_mode=ceil)
    same(op, module, Shape((size, 3), 1))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(0, 5), st.integers(1, 4)
)  # fmt: skip
def test_convolution_rounds_and_refuses_as_torch_does(
    size: int, kernel: int, stride: int, pad: int, dilation: int
) -> None:
    op = Conv(kernel=(1, kernel), stride=(1, stride), pad=(0, pad), dilation=(1, dilation), channels=1)
    module = torch.nn.Conv2d(
        1, 1, (1, kernel), (1, stride), padding=(0, pad), dilation=(1, dilation), device="meta"
    )
    same(op, module, Shape((2, size), 1))
