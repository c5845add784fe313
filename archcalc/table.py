"""What does each row, branch or layer of a network cost? Answered with a Report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal

from archcalc.calculator import Cost, Layer, Section, by_branch, by_row, layers
from archcalc.claims import Verdict, judge, judge_shape
from archcalc.counting import Counting
from archcalc.graph import Graph
from archcalc.notation.document import Cell
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
        footnotes=_footnotes(network) if level == "row" else (),
        notes=(*_disagreements(network, graph, counted, counting), *counting.notes(counted))
        if level == "row"
        else counting.notes(counted),
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
    own = [column for column in network.columns if column not in (*CLAIMS, "type")]
    claimed = [claim for claim in CLAIMS if any(claim in row.claims for row in network.rows)]
    columns = [
        Column("row", "row", audience="machines"),
        Column("type", "type", audience="machines"),
        Column("text", "type", audience="people"),
        Column("output", "output"),
        Column("depth", "depth", "count", priority=5),
        *(Column(column, column, _kind(network, column), priority=7) for column in own),
        *_cost_columns(counting, marks),
        *_claim_columns(claimed),
    ]
    total = sum((layer.cost for layer in counted), Cost())
    # Claims are judged as the paper counts, whatever is shown: one image, biases where it has them.
    as_claimed = by_row(layers(graph))
    lines, groups = [], []
    for section, claimed_section in zip(by_row(counted), as_claimed, strict=True):
        row = network.row(section.name)
        line: dict[str, Value] = {
            "row": row.name,
            "type": row.type,
            "text": row.text,
            "output": section.output,
            "depth": section.depth,
            **{column: _cell(row, column) for column in own},
            **_costs(section.cost, total, counting),
            "activations": section.activations,
        }
        if marks is not None:
            line["check"] = _mark(section.layers, marks)
        lines.append(line | _claims(network, row, claimed_section, graph))
        groups.append(f"side chain {row.head}" if row.head else "")
    return columns, lines, groups


def _kind(network: Network, column: str) -> Any:
    """Whether a table's own column holds numbers."""
    texts = [row.line.cells[column].text for row in network.rows if column in row.line.cells]
    return "count" if all(text.isdecimal() for text in texts if text) else "text"


def _cell(row: Row, column: str) -> Value:
    text = row.line.cells[column].text if column in row.line.cells else ""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 1000 else text


def _claim_columns(claimed: list[str]) -> list[Column]:
    columns = []
    if "output size" in claimed:
        columns.append(Column("printed_output", "output", audience="machines"))
    if "depth" in claimed:
        columns.append(Column("printed_depth", "depth", audience="machines"))
    for claim in ("params", "ops"):
        if claim in claimed:
            columns.append(Column(f"printed_{claim}", claim, audience="machines"))
            columns.append(Column(f"paper_{claim}", claim, "text", "paper", "people", 1))
            columns.append(Column(f"shown_{claim}", "verdict", "mark", "paper", "people", 2))
    for claim in ("params", "ops"):
        if claim in claimed:
            columns.append(Column(f"verdict_{claim}", f"verdict on {claim}", audience="machines"))
    return columns


def _claims(network: Network, row: Row, section: Section, graph: Graph) -> dict[str, Value]:
    """The printed cells of one row and the verdicts on them."""
    cells: dict[str, Value] = {}
    for claim, key in (("output size", "printed_output"), ("depth", "printed_depth")):
        if claim in row.claims and row.claims[claim].text:
            cells[key] = row.claims[claim].text
    for claim in ("params", "ops"):
        cell = row.claims.get(claim)
        if cell is None or not cell.text:
            continue
        cells[f"printed_{claim}"] = cell.text
        cells[f"paper_{claim}"] = cell.text + _footnote_mark(cell, network)
        verdict = verdict_on(claim, cell, network, section, graph)
        if verdict is not None:
            cells[f"verdict_{claim}"] = verdict.word
            cells[f"shown_{claim}"] = verdict.text
    return cells


def verdict_on(claim: str, cell: Cell, network: Network, section: Section, graph: Graph) -> Verdict | None:
    """The verdict on a printed `params` or `ops` cell of a section counted with biases and batch 1.

    Claims are read as the network's settings say. None where the cell cannot be judged: ops away from the
    network's own input, and sizes that are no ints.
    """
    thousand = int(network.setting("K", "1000"))
    cost = section.cost
    if claim == "params":
        computed = cost.weights if network.setting("params claim") == "weights" else cost.params
    elif graph.inputs[INPUT] != network.input:
        return None
    else:
        computed = 2 * cost.macs if network.setting("ops claim") == "FLOPs" else cost.macs
    return judge(cell.text, computed, thousand) if isinstance(computed, int) else None


def _footnote_mark(cell: Cell, network: Network) -> str:
    return f" [{cell.footnote}]" if cell.footnote in network.document.footnotes else ""


def _footnotes(network: Network) -> tuple[tuple[str, str], ...]:
    used = {cell.footnote for row in network.rows for cell in row.claims.values() if cell.footnote}
    return tuple((f"[{name}]", text) for name, text in network.document.footnotes.items() if name in used)


def _disagreements(
    network: Network, graph: Graph, counted: list[Layer], counting: Counting
) -> tuple[str, ...]:
    """Printed output sizes and depths that are not the computed ones, and how claims are read."""
    found = []
    for section in by_row(counted):
        row = network.row(section.name)
        size, depth = row.claims.get("output size"), row.claims.get("depth")
        if size and size.text and graph.inputs[INPUT] == network.input:
            verdict = judge_shape(size.text, section.output)
            if verdict.word != "agrees":
                found.append(f"{row.text}: output printed {size.text}, computed {section.output}.")
        if depth and depth.text and depth.text != str(section.depth):
            found.append(f"{row.text}: depth printed {depth.text}, computed {section.depth}.")
    return (*found, *_reading(network, graph))


def _reading(network: Network, graph: Graph) -> tuple[str, ...]:
    """How the paper's cells are read, where there are any."""
    claimed = {claim for row in network.rows for claim in row.claims if row.claims[claim].text}
    parts = []
    if "params" in claimed:
        thousand = f", K = {network.setting('K')}" if "K" in network.settings else ""
        parts.append(f"params as {network.setting('params claim', 'params')}{thousand}")
    if "ops" in claimed:
        own = "" if graph.inputs[INPUT] == network.input else f" at {network.input} only, so not judged here"
        parts.append(f"ops as {network.setting('ops claim', 'MACs')}{own}")
    return (f"The paper's cells are read as printed: {'; '.join(parts)}.",) if parts else ()


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
