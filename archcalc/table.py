"""What does each row, branch or layer of a network cost? Answered with a Report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal

from archcalc import audit
from archcalc.calculator import Cost, Layer, Section, by_branch, by_row
from archcalc.counting import Counting
from archcalc.graph import Graph
from archcalc.notation.network import CLAIMS, INPUT, Network, Row
from archcalc.report import Column, Report, Value
from archcalc.sizes import Shape

Level = Literal["row", "branch", "layer"]
LEVELS: tuple[Level, ...] = ("row", "branch", "layer")
Marks = Mapping[str, str]
"""What a check says of each layer, by its path."""


def table(network: Network, counting: Counting, level: Level = "row", marks: Marks | None = None) -> Report:
    """The costs of a network, one line a row, a branch or a layer.

    `marks` are a check's verdicts on the layers; a row's mark is `ok` where all of its layers' are. Raises
    DocumentError where the network cannot exist at that input.
    """
    graph = counting.graph(network)
    counted = counting.layers(graph)
    build = {"row": _rows, "branch": _branches, "layer": _layers}[level]
    columns, rows, groups = build(network, counting, graph, counted, marks)
    total = sum((layer.cost for layer in counted), Cost())
    depth = max((layer.depth for layer in counted), default=0)
    first = next(column.key for column in columns if column.audience != "machines")
    totals: dict[str, Value] = {first: "total", **_costs(total, total, counting)}
    totals |= {columns[0].key: "total", "depth": None if network.alternatives else depth}
    if not network.alternatives:
        totals["output"] = counted[-1].output if not counting.heads else graph.shapes[graph.outputs[0]]
    if marks is not None:
        totals["check"] = _mark(counted, marks)
    return Report(
        caption=counting.caption(network.name, graph),
        columns=tuple(columns),
        rows=tuple(rows),
        total=totals,
        groups=tuple(groups),
        footnotes=audit.footnotes(network) if level == "row" else (),
        notes=(*(audit.sentences(network, graph) if level == "row" else ()), *counting.notes(counted)),
        head={
            "network": network.name,
            "input": str(graph.inputs[INPUT]),
            "batch": counting.batch,
            "counting": counting.head(),
        },
    )


def _cost_columns(counting: Counting, marks: Marks | None) -> list[Column]:
    columns = [
        Column("weights", "weights", "count", priority=3),
        Column("biases", "biases", "count", priority=6),
        Column("params", "params", "count"),
        Column("share_params", "share", "share", audience="people", priority=4),
        counting.work_column(),
        Column("share_work", "share", "share", audience="people", priority=4),
        Column("elementwise", "elementwise", "count", audience="machines"),
        Column("activations", "activations", "count", audience="machines"),
    ]
    return columns if marks is None else [*columns, Column("check", "check", "mark")]


def _costs(cost: Cost, total: Cost, counting: Counting) -> dict[str, Value]:
    """A cost's cells, by the keys of `_cost_columns`."""
    return {
        "weights": cost.weights,
        "biases": cost.biases,
        "params": cost.params,
        "share_params": _share(cost.params, total.params),
        counting.count: counting.work(cost.macs),
        "share_work": _share(cost.macs, total.macs),
        "elementwise": cost.elementwise,
    }


def _share(part: Any, whole: Any) -> Value:
    if not (isinstance(part, int) and isinstance(whole, int)) or not whole:
        return None
    return Fraction(part, whole)


def _mark(counted: list[Layer] | tuple[Layer, ...], marks: Marks) -> str:
    """The first mark that is not `ok`, or `ok`."""
    return next((mark for layer in counted if (mark := marks[layer.node.name]) != "ok"), "ok")


def _rows(
    network: Network, counting: Counting, graph: Graph, counted: list[Layer], marks: Marks | None
) -> tuple[list[Column], list[dict[str, Value]], list[str]]:
    own = {column: _key(column) for column in network.columns if column not in (*CLAIMS, "type")}
    columns = [
        Column("row", "row", audience="machines"),
        Column("type", "type", audience="machines"),
        Column("text", "type", audience="people"),
        Column("output", "output"),
        Column("depth", "depth", "count", priority=5),
        *(Column(key, column, _kind(network, column), priority=7) for column, key in own.items()),
        *_cost_columns(counting, marks),
        *audit.columns(network),
    ]
    total = sum((layer.cost for layer in counted), Cost())
    lines, groups = [], []
    for section, as_printed in zip(by_row(counted), audit.sections(graph), strict=True):
        row = network.row(section.name)
        line: dict[str, Value] = {
            "row": row.name,
            "type": row.type,
            "text": row.text,
            "output": section.output,
            "depth": section.depth,
            **{key: _cell(row, column) for column, key in own.items()},
            **_costs(section.cost, total, counting),
            "activations": section.activations,
        }
        if marks is not None:
            line["check"] = _mark(section.layers, marks)
        lines.append(line | audit.cells(network, row, as_printed, graph))
        groups.append(f"side chain {row.head}" if row.head else "")
    return columns, lines, groups


OWN_KEYS = {"row", "type", "text", "output", "share_params", "share_work", "flops", "check"}


def _key(column: str) -> str:
    """The plain name of a table's own column; one that archcalc's columns have is told apart."""
    taken = column in OWN_KEYS | set(_costs(Cost(), Cost(), Counting())) or column.startswith("printed_")
    return f"{column} (table)" if taken or column == "activations" else column


def _kind(network: Network, column: str) -> Any:
    """Whether a table's own column holds numbers."""
    texts = [row.line.cells[column].text for row in network.rows if column in row.line.cells]
    return "count" if all(text.isdecimal() for text in texts if text) else "text"


def _cell(row: Row, column: str) -> Value:
    text = row.line.cells[column].text if column in row.line.cells else ""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 1000 else text


def _branches(
    network: Network, counting: Counting, graph: Graph, counted: list[Layer], marks: Marks | None
) -> tuple[list[Column], list[dict[str, Value]], list[str]]:
    columns = [
        Column("row", "row", audience="machines"),
        Column("branch", "branch"),
        Column("operations", "operations"),
        Column("output", "output"),
        Column("depth", "depth", "count", priority=5),
        *_cost_columns(counting, marks),
    ]
    total = sum((layer.cost for layer in counted), Cost())
    lines, groups = [], []
    for section in by_branch(counted):
        line: dict[str, Value] = {
            "row": section.name,
            "branch": section.branch,
            "operations": chain(section),
            "output": section.output,
            "depth": section.depth,
            **_costs(section.cost, total, counting),
            "activations": section.activations,
        }
        if marks is not None:
            line["check"] = _mark(section.layers, marks)
        lines.append(line)
        groups.append(network.row(section.name).text)
    return columns, lines, groups


def chain(section: Section) -> str:
    """The operations of a section as a block would write them."""
    return " -> ".join(str(layer.node.op) for layer in section.layers)


def _layers(
    network: Network, counting: Counting, graph: Graph, counted: list[Layer], marks: Marks | None
) -> tuple[list[Column], list[dict[str, Value]], list[str]]:
    columns = [
        Column("layer", "layer"),
        Column("op", "op", priority=3),
        Column("input", "input", priority=4),
        Column("output", "output"),
        *(Column(key, key, priority=5) for key in ("kernel", "stride", "padding")),
        Column("groups", "groups", "count", priority=6),
        *_cost_columns(counting, marks),
    ]
    total = sum((layer.cost for layer in counted), Cost())
    lines = []
    for layer in counted:
        line: dict[str, Value] = {
            "layer": layer.node.name,
            "op": layer.node.op.name,
            "input": " + ".join(str(shape) for shape in layer.inputs),
            "output": layer.output,
            **_window(layer),
            **_costs(layer.cost, total, counting),
            "activations": layer.activations,
        }
        if marks is not None:
            line["check"] = marks[layer.node.name]
        lines.append(line)
    return columns, lines, []


def _window(layer: Layer) -> dict[str, Value]:
    """The kernel, stride, padding and groups of an operation that has them."""
    op: Any = layer.node.op
    cells: dict[str, Value] = {}
    for key in ("kernel", "stride", "padding"):
        pair = getattr(op, key, None)
        cells[key] = str(Shape((pair[0],), pair[1])) if pair is not None else None
    groups: Callable[[Shape], Any] | None = getattr(op, "groups_of", None)
    cells["groups"] = groups(layer.inputs[0]) if groups is not None else None
    return cells
