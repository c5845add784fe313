"""Each operation alone: what it refuses, what it gives, and what its torch side does with the values."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from archcalc.costs import layers
from archcalc.errors import Refused
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.ops.channels import PadChannels, Take
from archcalc.ops.joins import Add, Concat, Multiply
from archcalc.ops.norms import Lrn
from archcalc.sizes import Shape
from archcalc.torch_module import build, sample, shape_of


def graph_of(op: Op, *shapes: Shape) -> Graph:
    """An operation alone on inputs of these shapes."""
    graph = Graph({f"x{place}": shape for place, shape in enumerate(shapes)})
    graph.outputs = (graph.add("op", op, *graph.inputs),)
    return graph


MAP = Shape((4, 6), 3)


@pytest.mark.parametrize("join", [Concat(), Add()], ids=str)
@pytest.mark.parametrize("other", [Shape((5, 6), 3), Shape((4, 7), 3)], ids=str)
@pytest.mark.parametrize("equal", [0, 1])
def test_branches_that_differ_in_places_are_refused(join: Op, other: Shape, equal: int) -> None:
    """Two branches as well as three, and whichever of them is another."""
    for shapes in ((MAP, *equal * [MAP], other), (other, *equal * [MAP], MAP)):
        with pytest.raises(Refused, match="the branches differ in height or width"):
            graph_of(join, *shapes)


def test_branches_that_differ_in_channels_are_added_by_none() -> None:
    for shapes in ((MAP, Shape((4, 6), 2)), (MAP, MAP, Shape((4, 6), 2))):
        with pytest.raises(Refused, match="the branches differ in channels"):
            graph_of(Add(), *shapes)


def test_only_a_branch_of_one_place_is_spread_over_the_first() -> None:
    for other in (Shape((2, 6), 3), Shape((4, 3), 3), Shape((1, 1), 1)):
        with pytest.raises(Refused, match="the branches cannot be multiplied"):
            graph_of(Multiply(), MAP, other)
    with pytest.raises(Refused, match="the branches cannot be multiplied"):
        graph_of(Multiply(), Shape((1, 1), 3), MAP)
    assert graph_of(Multiply(), MAP, Shape((1, 1), 3)).shapes["op"] == MAP


LAID_OUT = pytest.mark.parametrize("places", [(), (5,), (4, 6)], ids=["vector", "sequence", "map"])


def channels_last(values: torch.Tensor) -> torch.Tensor:
    """Values with the channels in the last dimension; a sequence's are there."""
    return values if values.dim() == 3 else values.movedim(1, -1)


@LAID_OUT
def test_channels_of_zeros_stand_behind_the_input_s_own(places: tuple[int, ...]) -> None:
    graph = graph_of(PadChannels(channels=7), Shape(places, 3))
    x = sample(Shape(places, 3), batch=2).normal_()
    result = build(graph)(x)
    assert shape_of(result) == graph.shapes["op"] == Shape(places, 7)
    assert torch.equal(channels_last(result)[..., :3], channels_last(x))
    assert not channels_last(result)[..., 3:].any()


@LAID_OUT
@pytest.mark.parametrize(
    ("op", "taken"),
    [
        (Take(count=2, start=1), [1, 2]),
        (Take(count=3, start=4), [4, 5, 0]),
        (Take(count=1, second=3), [0, 3]),
    ],
    ids=str,
)
def test_the_channels_that_are_taken(op: Take, taken: list[int], places: tuple[int, ...]) -> None:
    graph = graph_of(op, Shape(places, 6))
    x = sample(Shape(places, 6), batch=2).normal_()
    result = build(graph)(x)
    assert shape_of(result) == graph.shapes["op"] == Shape(places, len(taken))
    assert torch.equal(channels_last(result), channels_last(x)[..., taken])


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (PadChannels(channels=5), "its input has 6 channels already, not 5 or fewer"),
        (Take(count=0), "it takes at least 1 channel, not 0"),
        (Take(count=7), "it takes 7 of 6 channels"),
        (Take(count=4, second=1), "it takes 8 of 6 channels"),
        (Take(count=1, start=6), "there is no channel 6 among 6"),
        (Take(count=1, second=6), "there is no channel 6 among 6"),
        (Lrn(size=0), "lrn looks at 1 channel or more, not 0"),
    ],
    ids=str,
)
def test_what_an_operation_refuses(op: Op, message: str) -> None:
    with pytest.raises(Refused, match=message):
        graph_of(op, Shape((4, 4), 6))


def test_the_most_that_an_operation_takes() -> None:
    for op in (PadChannels(channels=6), Take(count=6), Take(count=3, second=3), Take(count=1, start=5)):
        graph_of(op, Shape((4, 4), 6))


def test_local_response_normalisation_counts_its_neighbours() -> None:
    """The squares of 5 channels are summed; the sum is raised to beta, and the element divided by it."""
    assert Lrn(size=1).elementwise(Shape((4, 6), 3)) == 3 * 72
    assert Lrn(size=5).elementwise(Shape((4, 6), 3)) == 7 * 72
    graph_of(Lrn(size=1), MAP)
    with pytest.raises(Refused, match="'lrn' takes a feature map"):
        graph_of(Lrn(size=5), Shape((), 3))


class Mean(Op):
    """The mean of its inputs, in the style of before there were types: it takes whatever it is given."""

    name = "mean"
    joins = True

    def elementwise(self, *x: Any, **_: Any) -> Any:
        return len(x) * x[0].elements

    def forward(self, torch: Any, *tensors: Any, **own: Any) -> Any:
        return sum(tensors) / len(tensors)


def test_a_join_may_leave_out_what_holds_for_every_operation() -> None:
    """Its output is then the first input's shape; it has no tensors and no MACs, and needs nothing."""
    graph = graph_of(Mean(), MAP, MAP)
    (layer,) = layers(graph)
    assert layer.output == MAP
    assert (layer.cost.params, layer.cost.macs, layer.cost.elementwise) == (0, 0, 144)
    x, y = sample(MAP).normal_(), sample(MAP).normal_()
    assert torch.allclose(build(graph)(x, y), (x + y) / 2)
