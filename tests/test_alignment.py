"""Operations of two graphs that are each other's: found without names, alike by what they do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from archcalc.alignment import Alignment, align
from archcalc.alignment.pairing import pairing
from archcalc.alignment.steps import Traits
from archcalc.errors import Refused
from archcalc.graph import Graph, Node
from archcalc.ops import Op
from archcalc.ops.activations import Relu, Sigmoid
from archcalc.ops.conv import Conv
from archcalc.ops.flatten import Flatten
from archcalc.ops.joins import Concat
from archcalc.ops.linear import Linear
from archcalc.ops.norms import BatchNorm
from archcalc.ops.pooling import AdaptiveAveragePool, AveragePool, GlobalAveragePool, MaxPool
from archcalc.sizes import Shape
from archcalc.sources.paper import load

PAIRS = [
    ("googlenet", "googlenet-torchvision"),
    ("googlenet", "googlenet-naive"),
    ("resnet50", "resnet50-v1"),
    ("mobilenet-v2", "mobilenet-v3-large"),
    ("alexnet", "alexnet-owt"),
    ("resnet18", "resnet50"),
    ("inception-v3", "inception-v4"),
]
Edit = Callable[[Node], list[Node]]


def rebuilt(graph: Graph, edit: Edit = lambda node: [node], order: list[str] | None = None) -> Graph:
    """The graph with other names, each of its nodes replaced by what `edit` makes of it, in another order."""
    new = Graph(dict(graph.inputs))
    names = {name: name for name in graph.inputs}
    for name in order or list(graph.nodes):
        last = ""
        for node in edit(graph.nodes[name]):
            inputs = (last,) if last else tuple(names[source] for source in node.inputs)
            last = new.add(f"n{len(new.nodes)}", node.op, *inputs)
        names[name] = last or names[graph.nodes[name].inputs[0]]
    new.outputs = tuple(names[name] for name in graph.outputs)
    return new


def other_order(graph: Graph) -> list[str]:
    """Its nodes in an order of computation unlike its own: the last that can come first."""
    waiting, order = list(graph.nodes), list[str]()
    known = set(graph.inputs)
    while waiting:
        name = next(each for each in reversed(waiting) if known.issuperset(graph.nodes[each].inputs))
        waiting.remove(name)
        order.append(name)
        known.add(name)
    return order


def differences(found: Alignment) -> list[tuple[str, str, tuple[Any, ...]]]:
    """What differs: the paths of both and the changes."""
    return [
        (
            pair.first.node.name if pair.first else "",
            type(pair.second.node.op).__name__ if pair.second else "",
            tuple(tuple(change) for change in pair.changes),
        )
        for pair in found.every
        if pair.differs
    ]


@pytest.mark.parametrize("name", ["googlenet", "resnet50", "mobilenet-v3-large", "unet", "transformer-base"])
def test_neither_names_nor_order_make_a_difference(name: str) -> None:
    graph = load(name).graph()
    other = rebuilt(graph, order=other_order(graph))
    assert [type(node.op) for node in other] != [type(node.op) for node in graph]
    found = align(graph, other)
    assert differences(found) == []
    assert found.likeness == 1


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_which_is_the_first_makes_no_difference(first: str, second: str) -> None:
    one, other = load(first).graph(), load(second).graph()
    there, back = align(one, other), align(other, one)
    assert there.likeness == back.likeness
    assert [
        (pair.first.node.name, pair.second.node.name) for pair in there.pairs if pair.first and pair.second
    ] == [(pair.second.node.name, pair.first.node.name) for pair in back.pairs if pair.first and pair.second]
    assert {
        (change.fact, change.first, change.second) for pair in there.every for change in pair.changes
    } == {(change.fact, change.second, change.first) for pair in back.every for change in pair.changes}


def chosen(graph: Graph, kind: type[Op], seed: int) -> Node:
    return random.Random(seed).choice([node for node in graph if isinstance(node.op, kind)])


def edits(graph: Graph, seed: int) -> Iterator[tuple[Edit, tuple[str, str, tuple[Any, ...]]]]:
    """Edits of one node drawn by a seed, each with the one difference that it makes."""
    conv, relu = chosen(graph, Conv, seed), chosen(graph, Relu, seed)
    op = cast(Conv, conv.op)
    (k, _), (p, _) = cast(tuple[int, int], op.kernel), cast(tuple[int, int], op.padding)
    shapes = graph.input_shapes(conv)
    if len(set(shapes[0].places)) == 1 and cast(int, shapes[0].places[0]) > 1:
        facts = (("bias", op.bias, not op.bias),)
        yield _with(conv, replace(op, bias=not op.bias)), (conv.name, "Conv", facts)
        wider = (("kernel", (k, k), (k + 2, k + 2)), ("padding", (p, p), (p + 1, p + 1)))
        changed = replace(op, kernel=(k + 2, k + 2), pad=(p + 1, p + 1), valid=False)
        yield _with(conv, changed), (conv.name, "Conv", wider)
    yield _with(relu, Sigmoid()), (relu.name, "Sigmoid", ())
    yield (lambda node: [] if node is relu else [node]), (relu.name, "", ())
    yield (
        (lambda node: [node, node._replace(op=BatchNorm())] if node is relu else [node]),
        (
            "",
            "BatchNorm",
            (),
        ),
    )


def _with(changed: Node, op: Op) -> Edit:
    return lambda node: [node._replace(op=op) if node is changed else node]


@pytest.mark.parametrize("name", ["googlenet", "resnet50", "vgg16"])
@pytest.mark.parametrize("seed", range(8))
def test_one_edit_is_one_difference(name: str, seed: int) -> None:
    graph = load(name).graph()
    made = list(edits(graph, seed))
    assert len(made) >= 3
    for edit, difference in made:
        assert differences(align(graph, rebuilt(graph, edit))) == [difference]


@pytest.mark.parametrize("seed", range(4))
def test_a_shortcut_from_elsewhere_is_seen(seed: int) -> None:
    """Every operation is the same and gives the same shape: one alone takes another input."""
    graph = load("resnet50").graph()
    adds = [node for node in graph if node.op.joins]
    moved = random.Random(seed).choice(
        [(before, add) for before, add in zip(adds, adds[2:], strict=False) if _alike(graph, before, add)]
    )
    before, add = moved
    inputs = (add.inputs[0], before.name)
    other = rebuilt(graph, lambda node: [node._replace(inputs=inputs) if node is add else node])
    assert differences(align(graph, other)) == [(add.name, "Add", (("inputs", "", ""),))]


def _alike(graph: Graph, before: Node, add: Node) -> bool:
    return graph.shapes[before.name] == graph.shapes[add.name] and before.name not in add.inputs


MAP, POINT = Shape((7, 7), 64), Shape((1, 1), 64)
FLAT = (Flatten(), Linear(channels=10))


@pytest.mark.parametrize(
    ("x", "one", "other"),
    [
        (MAP, [GlobalAveragePool()], [AveragePool(kernel=(7, 7), valid=True)]),
        (MAP, [GlobalAveragePool()], [AveragePool(kernel=(7, 7), stride=(7, 7), valid=True)]),
        (MAP, [GlobalAveragePool()], [AdaptiveAveragePool(size=(1, 1))]),
        (MAP, [Relu()], [AdaptiveAveragePool(size=(7, 7)), Relu()]),
        (MAP, [Conv(kernel=(3, 3), channels=8)], [Conv(kernel=(3, 3), channels=8, pad=(1, 1))]),
        (
            MAP,
            [Conv(kernel=(3, 3), channels=64, depthwise=True)],
            [Conv(kernel=(3, 3), channels=64, groups=64)],
        ),
        (
            MAP,
            [MaxPool(kernel=(3, 3), stride=(2, 2), valid=True)],
            [MaxPool(kernel=(3, 3), stride=(2, 2), valid=True, ceil=True)],
        ),
        (POINT, [*FLAT], [Conv(kernel=(1, 1), channels=10)]),
        (MAP, [*FLAT], [Conv(kernel=(7, 7), channels=10, valid=True)]),
    ],
)
def test_what_does_the_same_is_alike(x: Shape, one: list[Op], other: list[Op]) -> None:
    assert differences(align(chain(x, one), chain(x, other))) == []


@pytest.mark.parametrize(
    ("x", "one", "other", "facts"),
    [
        (
            MAP,
            GlobalAveragePool(),
            AveragePool(kernel=(5, 5), valid=True),
            {"kernel": ("global", (5, 5))},
        ),
        (
            Shape((8, 8), 64),
            MaxPool(kernel=(3, 3), stride=(2, 2), valid=True),
            MaxPool(kernel=(3, 3), stride=(2, 2), valid=True, ceil=True),
            {"ceil": (False, True)},
        ),
        (
            MAP,
            Conv(kernel=(3, 3), channels=64, depthwise=True),
            Conv(kernel=(3, 3), channels=64, groups=32),
            {"groups": ("depthwise", 32)},
        ),
    ],
)
def test_what_does_something_else_differs(
    x: Shape, one: Op, other: Op, facts: dict[str, tuple[Any, Any]]
) -> None:
    [pair] = align(chain(x, [one]), chain(x, [other])).every
    assert {change.fact: (change.first, change.second) for change in pair.changes} == facts


def chain(x: Shape, ops: list[Op]) -> Graph:
    graph = Graph({"input": x})
    at = "input"
    for op in ops:
        at = graph.add(op.name.replace(" ", "_"), op, at)
    graph.outputs = (at,)
    return graph


def test_pairs_are_those_of_the_largest_sum() -> None:
    """Against every choice of pairs in order, for short sequences."""
    draw = random.Random(7)

    def sequence() -> list[Traits]:
        return [Traits(draw.choice("ab"), draw.choice("12"), draw.choice("xy")) for _ in range(5)]

    def largest(first: list[Traits], second: list[Traits]) -> int:
        if not first or not second:
            return 0
        same = [mine == its for mine, its in zip(first[0], second[0], strict=True)]
        counts = {(True, True): 30, (True, False): 20, (False, True): 10, (False, False): 3}
        pair = counts[same[1], same[2]] + largest(first[1:], second[1:]) if same[0] else 0
        return max(pair, largest(first[1:], second), largest(first, second[1:]))

    for _ in range(200):
        first, second = sequence(), sequence()
        found = pairing(first, second)
        assert found is not None
        assert found.score == largest(first, second)


def test_graphs_that_are_too_large_are_refused() -> None:
    ops = [Conv(kernel=(1, 1), channels=2), Conv(kernel=(1, 1), channels=3)] * 1600
    one, other = chain(MAP, list(ops)), chain(MAP, [Relu(), *ops[::-1], Sigmoid()])
    with pytest.raises(Refused, match="3200 and 3202 operations are too many"):
        align(one, other)
    assert align(one, one).likeness == 1


def test_a_concat_of_concats_is_one_of_all() -> None:
    flat, nested = (Graph({"input": MAP}) for _ in range(2))
    for graph in (flat, nested):
        for name in "ab":
            graph.add(name, Conv(kernel=(3, 3), channels=8), "input")
        graph.add("c", Conv(kernel=(3, 3), channels=8), graph.add("ab", Concat(), "a", "b"))
    flat.outputs = (flat.add("end", Concat(), "a", "b", "c"),)
    nested.outputs = (nested.add("end", Concat(), "ab", "c"),)
    assert differences(align(flat, nested)) == []


def test_a_linear_layer_on_a_map_is_a_convolution() -> None:
    linear = Linear(channels=10, bias=False)
    assert linear.effect(MAP) == Conv(kernel=(1, 1), channels=10, bias=False).effect(MAP)
