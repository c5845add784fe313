"""What documents mean: names and paths, numbers read from columns, settings, choice of blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import archcalc
from archcalc.errors import DocumentError
from archcalc.sizes import as_int

Load = Callable[[str], archcalc.Architecture]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a document that is given as text."""

    def written(text: str) -> archcalc.Architecture:
        path = tmp_path / "net.md"
        path.write_text(text, encoding="utf-8")
        return archcalc.load(str(path))

    return written


def document(blocks: str, table: str, settings: str = "") -> str:
    """A document of an 8x8x16 input."""
    return f"---\ninput: 8x8x16\n{settings}---\n\n```blocks\n{blocks}\n```\n\n{table}\n"


def paths(network: archcalc.Architecture) -> list[str]:
    return [node.name for node in network.graph()]


def test_a_kernel_and_its_stride_in_two_columns(load: Load) -> None:
    network = load(document("c = conv {k}/{s} 4", "| type | k | s |\n|---|---|---|\n| c | 5x3 | 2 |"))
    (layer,) = network.layers()
    assert str(layer.output) == "4x4x4"
    assert layer.tensors[0].sizes == (4, 16, 5, 3)


@pytest.mark.parametrize(("stride", "places"), [("1x2", "8x4"), ("2", "4x4"), ("4x1", "2x8")])
def test_a_column_of_strides_may_hold_pairs(load: Load, stride: str, places: str) -> None:
    """As Inception's factorised convolutions print them: `1x7/1x2` in two columns."""
    table = f"| type | k | s/d | p |\n|---|---|---|---|\n| c | 1x7 | {stride} | 0x3 |"
    (layer,) = load(document("c = conv {k}/{s/d} 4 pad {p}", table)).layers()
    assert str(layer.output) == f"{places}x4"


@pytest.mark.parametrize(("stride", "found"), [("3x3/2", "3x3/2"), ("two", "two")])
def test_a_column_of_strides_holds_numbers_or_pairs(load: Load, stride: str, found: str) -> None:
    with pytest.raises(DocumentError, match=f"column 's'.*found '{found}'"):
        load(
            document("c = conv {k}/{s} 4", f"| type | k | s |\n|---|---|---|\n| c | 3x3 | {stride} |")
        ).layers()


@pytest.mark.parametrize(
    ("number", "channels"),
    [("{w}", 12), ("{2*w}", 24), ("{w/3}", 4), ("{3*w/4}", 9), ("{t*w}", 60), ("{t*in/16}", 5), ("{in}", 16)],
)
def test_arithmetic_in_braces(load: Load, number: str, channels: int) -> None:
    table = "| type | w | t |\n|---|---|---|\n| c | 12 | 5 |"
    reads = {"{w}": "t", "{2*w}": "t", "{w/3}": "t", "{3*w/4}": "t", "{t*w}": "", "{t*in/16}": "w"}
    ignored = reads.get(number, "wt")
    extra = "".join(f" -> conv 1x1 {{{column}}}" for column in ignored)
    first = load(document(f"c = conv 1x1 {number}{extra}", table)).layers()[0]
    assert first.output.channels == channels


def test_rows_are_named_by_label_or_type_and_numbered(load: Load) -> None:
    table = "| type |\n|---|\n| relu |\n| relu |\n| relu (last) |\n| relu |"
    network = load("---\ninput: 8x8x16\n---\n\n" + table)
    assert [row.name for row in network.network.rows] == ["relu", "relu_2", "last", "relu_3"]
    assert paths(network) == ["relu.relu", "relu_2.relu", "relu_last.relu", "relu_3.relu"]


def test_copies_of_a_repeated_row(load: Load) -> None:
    network = load(document("c = conv 3x3 {in}", "| type | repeat |\n|---|---|\n| c (x) | 3 |"))
    assert paths(network) == ["c_x.1.conv3x3", "c_x.2.conv3x3", "c_x.3.conv3x3"]
    assert network.cost().weights == 3 * 9 * 16 * 16
    (row,) = network.table().rows
    assert (row["weights"], row["depth"], row["repeat"]) == (3 * 9 * 16 * 16, 3, 3)


def test_what_every_adds_is_named_after_its_layer(load: Load) -> None:
    settings = "every conv: no bias -> batch norm eps 0.001 -> relu\n"
    blocks = "c = conv 3x3 4 -> conv 3x3 4 -> conv 1x1 4 bare"
    network = load(document(blocks, "| type |\n|---|\n| c |", settings))
    assert paths(network) == [
        "c.conv3x3",
        "c.conv3x3_batch_norm",
        "c.conv3x3_relu",
        "c.conv3x3_2",
        "c.conv3x3_2_batch_norm",
        "c.conv3x3_2_relu",
        "c.conv1x1",
    ]
    assert [bool(layer.cost.biases) for layer in network.layers() if layer.weighted] == [False, False, True]


def test_a_block_in_a_block_is_a_scope_and_reads_its_own_in(load: Load) -> None:
    blocks = "c = conv 1x1 4 -> halve -> halve\nhalve = conv 1x1 {in/2}"
    network = load(document(blocks, "| type |\n|---|\n| c |"))
    assert paths(network) == ["c.conv1x1", "c.halve.conv1x1", "c.halve_2.conv1x1"]
    assert [layer.output.channels for layer in network.layers()] == [4, 2, 1]


def test_a_row_takes_the_block_that_reads_exactly_its_cells(load: Load) -> None:
    blocks = "c = conv 1x1 {w}\nc = conv 1x1 {r} -> conv 3x3 {w}"
    network = load(
        document(blocks, "| type | w | r |\n|---|---|---|\n| c | 8 | |\n| c | 8 | 2 |\n| c | 8 | - |")
    )
    assert [row["depth"] for row in network.table().rows] == [1, 2, 1]


def test_a_word_means_the_operation_in_a_block_and_the_block_in_a_table(load: Load) -> None:
    network = load(document("relu = relu -> relu6", "| type |\n|---|\n| relu |"))
    assert [node.op.name for node in network.graph()] == ["relu", "relu6"]


def test_a_file_of_blocks_keeps_its_own_settings(load: Load, tmp_path: Path) -> None:
    shared = "---\nevery conv: no bias\n---\n\n```blocks\nmine = conv 1x1 4\n```\n"
    (tmp_path / "shared.md").write_text(shared)
    blocks = "c = conv 1x1 4 -> mine"
    network = load(document(blocks, "| type |\n|---|\n| c |", "every conv: relu\nuses: shared\n"))
    assert [node.op.name for node in network.graph()] == ["conv", "relu", "conv"]
    assert [layer.cost.biases for layer in network.layers()] == [4, 0, 0]


SHARED = (
    "---\nevery conv: no bias -> batch norm\n---\n\n```blocks\nc = conv 3x3 4 -> d\nd = conv 1x1 2\n```\n"
)


@pytest.mark.parametrize(
    ("block", "settings", "labels"),
    [
        ("c = conv 3x3 8 bare -> d", "", ["conv3x3", "d.conv1x1", "d.conv1x1_batch_norm"]),
        ("c = relu -> d", "", ["relu", "d.conv1x1", "d.conv1x1_batch_norm"]),
        ("c = conv 3x3 8", "every conv: relu\n", ["conv3x3", "conv3x3_relu"]),
        ("e = conv 3x3 8\nc = e", "every conv: relu\n", ["e.conv3x3", "e.conv3x3_relu"]),
    ],
    ids=["bare", "no-conv", "its-own", "in-a-helper"],
)
def test_a_block_takes_the_settings_of_its_file(
    block: str, settings: str, labels: list[str], load: Load, tmp_path: Path
) -> None:
    (tmp_path / "shared.md").write_text(SHARED, encoding="utf-8")
    network = load(document(block, "| type |\n|---|\n| c |", f"uses: shared\n{settings}"))
    assert paths(network) == [f"c.{label}" for label in labels]


def test_a_block_that_would_lose_what_its_file_adds_is_refused(load: Load, tmp_path: Path) -> None:
    """Its batch norm was dropped without a word, and a bias counted in its place."""
    (tmp_path / "shared.md").write_text(SHARED, encoding="utf-8")
    fact = (
        "block 'c' replaces that of shared.md, whose 'every conv' does not hold here: state 'every conv' in"
    )
    with pytest.raises(DocumentError, match=f"net.md:7: {fact} this file too, or write 'conv 3x3 8 bare'"):
        load(document("c = conv 3x3 8", "| type |\n|---|\n| c |", "uses: shared\n"))


def test_the_multiplication_sign_is_read(load: Load) -> None:
    table = "| type | k | output size |\n|---|---|---|\n| c | 3\u00d73/2 | 4\u00d74\u00d74 |"
    network = load(document("c = conv {k} {out}", table))
    assert str(network.layers()[0].output) == "4x4x4"


def test_shared_weights_count_once_and_their_macs_each_time() -> None:
    from archcalc.costs import layers
    from archcalc.graph import Graph
    from archcalc.ops.conv import Conv
    from archcalc.sizes import Shape

    graph = Graph({"input": Shape((8, 8), 4)})
    first = graph.add("first", Conv(kernel=(3, 3), channels=4), "input")
    graph.outputs = (graph.add("second", Conv(kernel=(3, 3), channels=4), first, weights_of="first"),)
    one, two = layers(graph)
    assert (one.cost.params, two.cost.params) == (9 * 4 * 4 + 4, 0)
    assert one.cost.macs == two.cost.macs == 9 * 4 * 4 * 64


def test_a_block_without_a_join_goes_on_in_lines_that_begin_with_an_arrow(load: Load) -> None:
    network = load(document("c = conv 3x3 4\n  -> relu\n  -> conv 1x1 2 -> tanh", "| type |\n|---|\n| c |"))
    assert [layer.node.op.name for layer in network.layers()] == ["conv", "relu", "conv", "tanh"]
    assert paths(network) == ["c.conv3x3", "c.relu", "c.conv1x1", "c.tanh"]


RENAMED = """\
---
input: 8x8x4
columns: layer -> type, filters -> width
---

```blocks
c = conv 3x3 {width} no bias
```

| layer | filters |
|-------|---------|
| c (1) | 4       |
| c (2) | 8       |
"""


@pytest.mark.parametrize(
    ("settings", "heading"),
    [("", "filters"), ("columns: channels -> width\n", "channels"), ("", "width")],
)
def test_a_variant_s_table_has_its_parent_s_headings(settings: str, heading: str, tmp_path: Path) -> None:
    """What the parent calls other headings holds in its variants, and beside what they call others."""
    (tmp_path / "net.md").write_text(RENAMED)
    table = f"| layer | {heading} |\n|---|---|\n| c (2) | 16 |\n"
    (tmp_path / "wide.md").write_text(f"---\nvariant of: net\n{settings}---\n\n{table}")
    (tmp_path / "wider.md").write_text("---\nvariant of: wide\n---\n\n" + table.replace("16", "32"))
    for name, width in (("net", 8), ("wide", 16), ("wider", 32)):
        report = archcalc.load(str(tmp_path / f"{name}.md")).table()
        assert [row["params"] for row in report.rows] == [9 * 4 * 4, 9 * 4 * width]


def test_a_variant_s_table_that_says_nothing_is_refused(tmp_path: Path) -> None:
    """Without a column `type` it would be prose, and the variant silently its parent."""
    (tmp_path / "net.md").write_text(RENAMED.replace("layer", "type").replace("type -> type, ", ""))
    (tmp_path / "wide.md").write_text(
        "---\nvariant of: net\n---\n\n| layer | width |\n|---|---|\n| c (2) | 16 |\n"
    )
    with pytest.raises(
        archcalc.ArchcalcError, match=r"wide.md:5: this table has no column 'type', but 'layer'"
    ):
        archcalc.load(str(tmp_path / "wide.md"))
    (tmp_path / "prose.md").write_text(
        "---\nvariant of: net\n---\n\n| year | place |\n|---|---|\n| 1998 | 1 |\n"
    )
    assert len(archcalc.load(str(tmp_path / "prose.md")).table().rows) == 2


ADDED = """---
variant of: lenet-5
---

| type      | after     | maps |
|-----------|-----------|------|
| full (F7) | {after}   | 84   |
"""


@pytest.mark.parametrize("after", ["F6", "full (F6)"])
def test_a_variant_adds_a_row_behind_one_of_its_parent_s(after: str, load: Load) -> None:
    deeper, parent = load(ADDED.format(after=after)), archcalc.load("lenet-5")
    names = [row.name for row in parent.network.rows]
    assert [row.name for row in deeper.network.rows] == [*names[:-1], "F7", "output"]
    assert "after" not in deeper.network.columns
    assert as_int(deeper.cost().params) == as_int(parent.cost().params) + 84 * 84 + 84


def test_a_row_stands_behind_one_that_is_there(load: Load) -> None:
    with pytest.raises(DocumentError, match=r"net.md:7, row 'full \(F7\)', column 'after': no row is called"):
        load(ADDED.format(after="F9"))
