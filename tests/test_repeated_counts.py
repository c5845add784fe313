"""One network counted again and again: what was worked out before changes no number, name or error.

How long it takes is measured in benchmarks/; here the rules that are asked are counted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy
import pytest

from archcalc import applied
from archcalc.costs import Cost, layers, total
from archcalc.errors import DocumentError, Refused
from archcalc.graph import Graph
from archcalc.notation import binding
from archcalc.notation.network import TableNetwork
from archcalc.ops.activations import Relu
from archcalc.ops.conv import Conv
from archcalc.sizes import Shape, Size
from archcalc.sources.paper import load, names

Cells = dict[tuple[str, str], Size]


def said(network: TableNetwork, input: Shape | None, cells: Cells) -> object:
    """Everything that a count says: each layer, or the error."""
    try:
        graph = network.graph(input, heads=True, cells=cells)
    except DocumentError as error:
        return str(error)
    return layers(graph), graph.shapes, graph.outputs, graph.heads


def drawn(network: TableNetwork, seed: int) -> Iterator[tuple[Shape | None, Cells]]:
    """Inputs and widths, some of which no network can have."""
    numbers = random.Random(seed)
    widths = list(network.widths())
    for _ in range(12):
        chosen = numbers.sample(widths, min(len(widths), numbers.randrange(4)))
        sizes = [width.size + numbers.choice((0, 0, 1, 4, -width.size)) for width in chosen]
        cells: Cells = {(width.row, width.column): size for width, size in zip(chosen, sizes, strict=True)}
        own = network.input
        places = None if own is None else tuple(size + numbers.choice((0, 0, 1, 32)) for size in own.places)
        yield (None if own is None or places is None else Shape(places, own.channels)), cells


@pytest.mark.parametrize("name", names())
def test_a_network_that_was_counted_before_says_what_a_new_one_says(name: str) -> None:
    again = load(name)
    for shape, cells in drawn(load(name), seed=1):
        assert said(again, shape, cells) == said(load(name), shape, cells)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.graph.MOST_KNOWN", 50)
    monkeypatch.setattr(binding, "MOST_BOUND", 5)
    again = load("googlenet")
    for shape, cells in drawn(load("googlenet"), seed=2):
        assert said(again, shape, cells) == said(load("googlenet"), shape, cells)
        assert len(again._prepared.known) <= 50
        assert len(again._prepared.bindings) <= 5


def test_rules_are_asked_again_only_where_something_else_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()

    def counting(op: Conv, x: Shape) -> Any:
        asked["conv"] += 1
        return right(op, x)

    right = Conv.out
    monkeypatch.setattr(Conv, "out", counting)
    network = load("googlenet")
    network.graph()
    assert asked["conv"] == 52  # five of its 57 are equal to others and take the same
    network.graph()
    assert asked["conv"] == 52
    network.graph(cells={("3a", "#3x3"): 132})  # that convolution, and the four which read the concat
    assert asked["conv"] == 52 + 5


def test_steps_that_read_their_row_alone_are_bound_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[tuple[str, tuple[str, ...]]] = []

    def counting(self: binding.Bindings, name: str, arguments: tuple[str, ...], *rest: Any) -> binding.Bound:
        bound.append((name, arguments))
        return right(self, name, arguments, *rest)

    right = binding.Bindings.bind
    monkeypatch.setattr(binding.Bindings, "bind", counting)
    network = load("googlenet")
    network.graph()
    assert bound
    bound.clear()
    network.graph(Shape((256, 320), 3))
    assert all("{out}" in arguments for _, arguments in bound)
    network.graph(cells={("3a", "#3x3"): 132})
    assert bound.count(("conv", ("3x3", "{#3x3}"))) == 1


def test_what_a_convolution_lacks_is_said_in_the_same_order() -> None:
    graph = Graph({"x": Shape((8, 8), 6)})
    for op, fact in (
        (Conv(kernel=(9, 9), channels=0, groups=4, valid=True), "does not fit"),
        (Conv(kernel=(3, 3), channels=0, groups=0), "at least 1 channel"),
        (Conv(kernel=(3, 3), channels=7, groups=0), "at least 1 group"),
        (Conv(kernel=(3, 3), channels=7, groups=4), "6 input channels"),
        (Conv(kernel=(3, 3), channels=7, groups=3), "7 output channels"),
        (Conv(kernel=(3, 3), channels=7, groups=2, depthwise=True), "excludes the other"),
        (Conv(kernel=(3, 3), channels=7, depthwise=True), "7 output channels"),
        (Conv(kernel=(4, 3), channels=7), "an even window"),
    ):
        with pytest.raises(Refused, match=fact):
            graph.add("conv", op, "x")


def test_the_total_is_the_sum() -> None:
    counted = layers(load("googlenet").graph(heads=True), batch=3, bias=False)
    assert total(counted) == sum((layer.cost for layer in counted), Cost())
    assert total([]) == Cost()


def test_equal_sizes_of_other_kinds_are_never_taken_for_each_other() -> None:
    network = load("googlenet")
    plain = network.graph(cells={("3a", "#3x3"): 128})
    for other in (numpy.int64(128), numpy.array(128), Fraction(128)):
        graph = network.graph(cells={("3a", "#3x3"): other})
        shape = graph.shapes["inception_3a.branch2.conv3x3"]
        assert type(shape.channels) is type(other)
        assert graph.shapes == plain.shapes
    again = network.graph(cells={("3a", "#3x3"): 128})
    assert type(again.shapes["inception_3a.branch2.conv3x3"].channels) is int


def test_an_operation_of_other_sizes_ends_what_graphs_share() -> None:
    known = applied.Known()
    graph = Graph({"x": Shape((8, 8), 3)}, known)
    graph.add("a", Conv(kernel=(3, 3), channels=4), "x")
    assert len(known) == 1
    graph.add("b", Conv(kernel=(3, 3), channels=numpy.int64(4)), "a")
    graph.add("c", Relu(), "b")
    assert len(known) == 1


class Seen(dict[str, Any]):
    """A dictionary that counts how often it is asked whether it has a name."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return super().__contains__(name)


def test_unique_names_take_steps_in_proportion_to_the_nodes() -> None:
    graph, relu = Graph({"x": Shape((), 3)}), Relu()
    graph.shapes = seen = Seen(graph.shapes)
    source = "x"
    for _ in range(1000):
        source = graph.add("relu", relu, source)
    assert source == "relu_1000"
    assert seen.asked < 5000  # one by one it would be half a million


def test_a_name_that_was_refused_is_free() -> None:
    graph = Graph({"x": Shape((8, 8), 3)})
    graph.add("conv", Conv(kernel=(3, 3), channels=4), "x")
    with pytest.raises(Refused, match="does not fit"):
        graph.add("conv", Conv(kernel=(9, 9), channels=4, valid=True), "x")
    assert graph.add("conv", Conv(kernel=(3, 3), channels=4), "x") == "conv_2"
    graph.add("conv_3", Relu(), "x")
    assert graph.add("conv", Relu(), "x") == "conv_4"
