"""One set of rules for every kind of size: ints, numpy arrays (many networks at once), sympy symbols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest
import sympy

import archcalc
from archcalc.costs import layers
from archcalc.errors import ArchcalcError, DocumentError, UnknownName
from archcalc.graph import Graph
from archcalc.notation.network import TableNetwork
from archcalc.ops.conv import Conv
from archcalc.sizes import Shape, as_int
from archcalc.sources.paper import load
from tests._formulas import takes_a_map

Cells = Mapping[tuple[str, str], Any]
H, W, C, N = sympy.symbols("H W C N", integer=True, positive=True)

GATED = """\
---
input: 20x20x24
rows: alternatives
every conv: no bias -> batch norm -> relu
---

```blocks
gated {n} = multiply
  | identity
  | global average pool -> conv 1x1 {n} bare -> conv 1x1 {in} bare -> sigmoid
wide   = conv {k} {t*in} groups 2 -> conv 3x3/2 {t*in} depthwise -> gated {t*in/4} -> conv 1x1 {out}
narrow = average pool 3x3/2 valid ceil -> lrn 5 -> conv 3x3 {c} dilation 2 -> shared {c/2} -> top
top    = flatten -> linear {c}
shared {n} = concat
  | max pool 3x3/2
  | conv 3x3/2 {n}
```

| type   | k   | t | c  | output size |
|--------|-----|---|----|-------------|
| wide   | 1x3 | 6 |    | 20x20x40    |
| narrow |     |   | 16 |             |
"""
"""What the catalogue may lack: divided and multiplied widths, groups, dilation, a gate, a linear layer."""


def _own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sizes") / "gated.md"
    path.write_text(GATED)
    return path


@pytest.fixture(params=[*(name for name in archcalc.networks() if load(name).input), "gated.md"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TableNetwork:
    """Every network of the catalogue that takes one input, and one of this file."""
    name = request.param
    return load(str(_own(tmp_path_factory)) if name == "gated.md" else name)


@pytest.fixture(params=[*filter(takes_a_map, archcalc.networks()), "gated.md"])
def of_a_map(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TableNetwork:
    """Those of them that take a feature map."""
    name = request.param
    return load(str(_own(tmp_path_factory)) if name == "gated.md" else name)


def numbers(graph: Graph) -> Iterator[tuple[str, Any]]:
    """Every size and cost of every node, with what it is."""
    for layer in layers(graph, batch=2):
        name = layer.node.name
        for what, size in zip(("height", "width"), layer.output.places, strict=False):
            yield f"{name} {what}", size
        yield f"{name} channels", layer.output.channels
        yield f"{name} activations", layer.output_elements
        for what, size in layer.cost._asdict().items():
            yield f"{name} {what}", size
        for tensor in layer.tensors:
            for axis, size in enumerate(tensor.sizes):
                yield f"{name} {tensor.name} {axis}", size


def run(network: TableNetwork, shape: Shape, cells: Cells | None = None) -> dict[str, int] | None:
    """What the calculator says of plain ints; None where it refuses."""
    try:
        found = dict(numbers(network.graph(shape, heads=True, cells=cells)))
    except DocumentError:
        return None
    assert {type(size) for size in found.values()} == {int}
    return found


def arrays_agree(network: TableNetwork, shape: Shape, cells: Cells, count: int) -> int:
    """Compare a run on arrays with a run on ints for each element; how many of them exist."""

    def element(size: Any, index: int) -> Any:
        return int(size[index]) if isinstance(size, numpy.ndarray) else size

    graph = network.graph(shape, heads=True, cells=cells)
    masks = [numpy.broadcast_to(condition.value, (count,)) for condition in graph.conditions]
    exists = numpy.logical_and.reduce(masks) if masks else numpy.ones(count, dtype=bool)
    found = dict(numbers(graph))
    for index in range(count):
        places = tuple(element(size, index) for size in shape.places)
        ints = Shape(places, element(shape.channels, index))
        plain = run(network, ints, {cell: element(size, index) for cell, size in cells.items()})
        assert bool(exists[index]) == (plain is not None), f"{ints}: {plain and 'exists'}"
        if plain is not None:
            assert {name: element(size, index) for name, size in found.items()} == plain
    return int(exists.sum())


def widths(network: TableNetwork) -> list[tuple[str, str]]:
    """The cells of a table that hold a width which a block reads.

    Of rows that take the same block, which have one type and the same cells filled, the first stands for all.
    """
    cells: dict[object, tuple[str, str]] = {}
    replaceable = {(width.row, width.column) for width in network.widths()}
    for row in network.rows:
        texts = {
            column: row.line.cells[column].text for column in network.read_columns if column in row.line.cells
        }
        filled = frozenset(column for column, text in texts.items() if text)
        for column in texts:
            if (row.name, column) in replaceable:
                cells.setdefault((row.type, filled, column), (row.name, column))
    return list(cells.values())


def inputs(network: TableNetwork) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Heights and widths about a network's own input, and down to sizes that are too small."""
    assert network.input is not None
    height, width = map(as_int, network.input.places)
    step = max(1, height // 13)
    heights = numpy.array([1, 2, 3, *range(5, height + 9, step), height, height + 1, height + 7])
    wide = numpy.roll(numpy.maximum(1, heights + width - height), 1)
    return numpy.append(heights, height), numpy.append(wide, width)


def test_arrays_of_heights_and_widths(of_a_map: TableNetwork) -> None:
    heights, wide = inputs(of_a_map)
    assert of_a_map.input is not None
    found = arrays_agree(of_a_map, Shape((heights, wide), of_a_map.input.channels), {}, len(heights))
    assert found >= 1


def test_arrays_of_widths(network: TableNetwork) -> None:
    """Every cell that holds a width, replaced by an array, one after the other."""
    assert network.input is not None
    offsets = numpy.array([-1, 0, 1, 2, 3, 8])
    for cell in widths(network):
        row = network.row(cell[0])
        values = int(row.line.cells[cell[1]].text) + offsets
        assert arrays_agree(network, network.input, {cell: values}, len(offsets)) >= 1


def test_arrays_of_input_channels(network: TableNetwork) -> None:
    assert network.input is not None
    channels = numpy.arange(1, 49)
    assert arrays_agree(network, Shape(network.input.places, channels), {}, len(channels)) >= 2


def symbols_agree(network: TableNetwork, shape: Shape, cells: Cells, values: list[dict[Any, int]]) -> int:
    """Compare a run on symbols with a run on ints for each substitution; how many of them exist."""

    def put(size: Any, numbers: dict[Any, int]) -> Any:
        return size.subs(numbers) if isinstance(size, sympy.Basic) else size

    graph = network.graph(shape, heads=True, cells=cells)
    conditions = {condition.value for condition in graph.conditions}
    found = dict(numbers(graph))
    existing = 0
    for substitution in values:
        ints = Shape(
            tuple(put(size, substitution) for size in shape.places), put(shape.channels, substitution)
        )
        ints = Shape(tuple(as_int(size) for size in ints.places), as_int(ints.channels))
        given_cells = {cell: int(put(size, substitution)) for cell, size in cells.items()}
        plain = run(network, ints, given_cells)
        decided = [condition.subs(substitution) for condition in conditions]
        assert set(decided) <= {sympy.true, sympy.false}
        assert all(decided) == (plain is not None), str(substitution)
        if plain is not None:
            existing += 1
            assert {name: put(size, substitution) for name, size in found.items()} == plain
    return existing


def test_symbols_for_height_and_width(of_a_map: TableNetwork) -> None:
    own = of_a_map.input
    assert own is not None
    height, width = map(as_int, own.places)
    values = [(1, 1), (height, width), (height + 1, width + 2), (max(1, height // 2), width), (3, height + 7)]
    found = symbols_agree(
        of_a_map, Shape((H, W), own.channels), {}, [{H: tall, W: wide} for tall, wide in values]
    )
    assert found >= 1


def test_symbols_for_channels_and_a_width(network: TableNetwork) -> None:
    own = network.input
    assert own is not None
    cells = dict.fromkeys(widths(network)[:1], N)
    printed = [int(network.row(row).line.cells[column].text) for row, column in cells]
    depth = as_int(own.channels)
    values = [(depth, 16), (2 * depth, 24), (depth + 1, 7), (12, 32)]
    values += [(depth, width) for width in printed]  # where a shortcut leaves no other width
    shape = Shape(own.places, C)
    assert symbols_agree(network, shape, cells, [{C: c, N: n} for c, n in values]) >= 1


def test_symbols_give_a_formula_people_write() -> None:
    """A 1x1 and a 3x3 convolution side by side, of C channels at H x W."""
    graph = load("naive-vs-v1").graph(Shape((H, W), C))
    costs = {layer.node.name: layer.cost for layer in layers(graph)}
    assert costs["inception_naive.branch2.conv3x3"].weights == 9 * 192 * C
    assert costs["inception_naive.branch2.conv3x3"].macs == 9 * 192 * C * H * W
    assert graph.shapes["inception_naive.concat"] == Shape((H, W), C + 416)
    assert graph.conditions == []


def test_a_replaced_output_size_is_a_width() -> None:
    """`{out}` reads the output size, and an array in its place is read too."""
    graph = load("googlenet").graph(cells={("linear", "output size"): numpy.array([10, 1000])})
    counted: dict[str, Any] = {layer.node.name: layer.cost.weights for layer in layers(graph)}
    assert counted["linear.linear"].tolist() == [10240, 1024000]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (("3z", "#1x1"), "GoogLeNet: no row is called '3z'; known: 3a, 3b, 40%, 4a"),
        (("3a", "#1x2"), "row '3a' has no width in a column '#1x2'; did you mean '#1x1'?"),
        (("3a", "params"), "row '3a' has no width in a column 'params'"),
    ],
    ids=["row", "column", "claim"],
)
def test_a_replaced_cell_must_exist(cell: tuple[str, str], message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        load("googlenet").graph(cells={cell: 64})
    assert str(caught.value).startswith(message)


def test_elements_that_cannot_be_are_masked_without_a_warning(tmp_path: Path) -> None:
    """Zero channels divide nothing; what a requirement rules out must not disturb the others."""
    path = tmp_path / "net.md"
    path.write_text(
        "---\ninput: 8x8x4\n---\n\n```blocks\na = conv 1x1 {c} -> conv 3x3 {c} depthwise\n```\n\n"
        "| type | c |\n|---|---|\n| a | 4 |\n"
    )
    graph = load(str(path)).graph(cells={("a", "c"): numpy.array([0, 4, 6])})
    exists = numpy.logical_and.reduce([condition.value for condition in graph.conditions])
    assert exists.tolist() == [False, True, True]


def test_an_error_at_arrays_is_an_error(tmp_path: Path) -> None:
    """What no element allows is refused as it is for ints."""
    path = tmp_path / "net.md"
    path.write_text("---\ninput: 8x8x4\n---\n\n```blocks\na = conv 2x2 4\n```\n\n| type |\n|---|\n| a |\n")
    with pytest.raises(ArchcalcError, match="an even window cannot keep the size"):
        load(str(path)).graph(Shape((numpy.array([8, 9]), 8), 4))


def test_shared_weights_of_arrays_must_agree() -> None:
    graph = Graph({"a": Shape((8, 8), numpy.array([3, 4, 5])), "b": Shape((9, 9), 4)})
    first = graph.add("one", Conv(kernel=(3, 3), channels=8), "a")
    graph.add("two", Conv(kernel=(3, 3), channels=8), "b", weights_of=first)
    assert [condition.value.tolist() for condition in graph.conditions if condition.node == "two"] == [
        [False, True, False]
    ]
