"""What does each row, branch or layer of a network cost? Answered with a Report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.audit import verdicts
from archcalc.costs import Cost, Layer, by_row, total
from archcalc.costs.branches import Branch, branches, written
from archcalc.costs.counting import Counting
from archcalc.graph import Graph, Network, Row
from archcalc.notation.document import CLAIMS
from archcalc.notation.network import TableNetwork
from archcalc.report import Column, Kind, Mark, Report, Value
from archcalc.sizes import Shape, Size

Level = Literal["row", "branch", "layer"]
LEVELS: tuple[Level, ...] = ("row", "branch", "layer")
Mismatches = Mapping[str, str]
"""What a check found to differ, by the path of the layer; layers that agree are not in it."""


SHARES = (
    Column("share_params", "share of params", "share", audience="machines"),
    Column("share_work", "share of work", "share", audience="machines"),
)
"""For people each share stands beside its cost; for machines both stand last."""


class Subject(NamedTuple):
    """What a table is of: a network's graph under some conditions, counted and perhaps checked."""

    network: Network
    counting: Counting
    graph: Graph
    layers: list[Layer]
    total: Cost
    mismatches: Mismatches | None

    def costs(self, cost: Cost, layers: Sequence[Layer]) -> dict[str, Value]:
        """The cells of one line's costs, by the keys of `cost_columns`."""
        cells: dict[str, Value] = {
            "weights": cost.weights,
            "biases": cost.biases,
            "params": cost.params,
            "share_params": self._share(cost.params, self.total.params),
            self.counting.count: self.counting.work(cost.macs),
            "share_work": self._share(cost.macs, self.total.macs),
            "elementwise": cost.elementwise,
        }
        if self.mismatches is not None:
            wrong = [
                self.mismatches[name] for layer in layers if (name := layer.node.name) in self.mismatches
            ]
            cells["check"] = f"{Mark.MISMATCH}: {wrong[0]}" if wrong else str(Mark.OK)
        return cells

    def _share(self, part: Size, whole: Size) -> Value:
        if self.network.alternatives or not (isinstance(part, int) and isinstance(whole, int) and whole):
            return None
        return Fraction(part, whole)

    def cost_columns(self) -> list[Column]:
        """The columns every level ends with."""
        columns = [
            Column("weights", "weights", "count", priority=3),
            Column("biases", "biases", "count", priority=6),
            Column("params", "params", "count"),
            Column("share_params", "share", "share", audience="people", priority=4),
            self.counting.work_column(),
            Column("share_work", "share", "share", audience="people", priority=4),
            Column("elementwise", "elementwise", "count", audience="machines"),
            Column("output_elements", "output elements", "count", audience="machines"),
        ]
        return columns if self.mismatches is None else [*columns, Column("check", "check", "mark", wrap=True)]


class Body(NamedTuple):
    """A table's columns and lines, what its total claims, what is said under it beyond the contract."""

    columns: list[Column]
    rows: list[dict[str, Value]]
    groups: list[str]
    claims: Mapping[str, Value] = {}
    footnotes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def table(
    network: Network, counting: Counting, level: Level = "row", mismatches: Mismatches | None = None
) -> Report:
    """The costs of a network, one line a row, a branch or a layer.

    With a check's `mismatches` each line is marked: `ok` where all of its layers agree. Raises DocumentError
    where the network cannot exist at that input.
    """
    graph = counting.graph(network)
    counted = counting.layers(graph)
    whole = total(counted)
    subject = Subject(network, counting, graph, counted, whole, mismatches)
    body = {"row": _rows, "branch": _branches, "layer": _layers}[level](subject)
    rounded = () if network.alternatives else counting.rounded(whole)
    return Report(
        caption=counting.caption(network.name, graph),
        columns=(*body.columns, *SHARES),
        rows=tuple(body.rows),
        total=None if network.alternatives else _total(subject, body),
        groups=tuple(body.groups),
        footnotes=body.footnotes,
        notes=(*rounded, *network.remarks, *body.notes, *counting.notes(counted)),
        head={
            "network": network.key,
            "input": str(graph.inputs),
            "batch": counting.batch,
            "counting": counting.head(counted),
        },
    )


def _total(subject: Subject, body: Body) -> dict[str, Value]:
    """The last line. Alternatives have none: they are never in one network."""
    line = subject.costs(subject.total, subject.layers)
    shown = next(column for column in body.columns if column.audience != "machines")
    line |= {body.columns[0].key: "total", shown.key: "total", **body.claims}
    line["depth"] = max((layer.depth for layer in subject.layers), default=0)
    line["output"] = ", ".join(map(str, subject.graph.output_shapes))
    return line


def _rows(subject: Subject) -> Body:
    network = subject.network
    before = [
        Column("row", "row", audience="machines"),
        Column("type", "type", audience="machines"),
        Column("text", "type", audience="people"),
        Column("output", "output", priority=2),
        Column("depth", "depth", "count", priority=5),
    ]
    printed = _printed(subject)
    after = [*subject.cost_columns(), *(verdicts.columns(printed.network) if printed else ())]
    taken = {column.key for column in (*before, *after)}
    rows = [network.row(section.name) for section in by_row(subject.layers)]
    own = {
        name: f"{name} (table)" if name in taken else name
        for name in network.columns
        if name not in (*CLAIMS, "type") and any(row.said(name) is not None for row in rows)
    }
    table_columns = [Column(key, name, _kind(network, name), priority=7) for name, key in own.items()]
    lines, groups = [], []
    for section in by_row(subject.layers):
        row = network.row(section.name)
        line: dict[str, Value] = {
            "row": row.name,
            "type": row.type,
            "text": row.text,
            "output": section.output,
            "depth": section.depth,
            **{key: _cell(row, column) for column, key in own.items()},
            **subject.costs(section.cost, section.layers),
            "output_elements": section.output_elements,
        }
        lines.append(line | (printed.cells(printed.network.row(row.name)) if printed else {}))
        groups.append(f"side chain {row.head}" if row.head else "")
    columns = [*before, *table_columns, *after]
    if printed is None:
        return Body(columns, lines, groups)
    whole = printed.network.total
    claims = printed.cells(whole) if whole else {}
    return Body(columns, lines, groups, claims, printed.footnotes(), printed.sentences())


def _printed(subject: Subject) -> verdicts.Audit | None:
    """What a paper printed of the network, judged; None where the network is no paper's."""
    if not isinstance(subject.network, TableNetwork):
        return None
    as_printed = subject.layers if subject.counting.as_printed else None
    return verdicts.audit(subject.network, subject.graph, as_printed)


def _kind(network: Network, column: str) -> Kind:
    """Whether a table's own column holds numbers."""
    texts = [row.said(column) for row in network.rows]
    return "count" if all(text.isdecimal() for text in texts if text) else "text"


def _cell(row: Row, column: str) -> Value:
    text = row.said(column) or ""
    return int(text) if text.isdecimal() and len(text) <= 100 else text or None


def _branches(subject: Subject) -> Body:
    columns = [
        Column("row", "row", audience="machines"),
        Column("branch", "branch", audience="machines"),
        Column("name", "branch", audience="people"),
        Column("operations", "operations", wrap=True),
        Column("output", "output"),
        Column("depth", "depth", "count", priority=5),
        *subject.cost_columns(),
    ]
    lines, groups = [], []
    for row, branch in _branches_of_rows(subject):
        section = branch.section
        line: dict[str, Value] = {
            "row": row.name,
            "branch": branch.path,
            "name": branch.name,
            "operations": written(section.layers),
            "output": section.output,
            "depth": section.depth,
            **subject.costs(section.cost, section.layers),
            "output_elements": section.output_elements,
        }
        lines.append(line)
        groups.append(f"{row.title}, {branch.copy} of {row.repeat}" if branch.copy else row.title)
    return Body(columns, lines, groups)


def _branches_of_rows(subject: Subject) -> Iterator[tuple[Row, Branch]]:
    for section in by_row(subject.layers):
        row = subject.network.row(section.name)
        for branch in branches(section, row.path, row.repeat > 1):
            yield row, branch


def _layers(subject: Subject) -> Body:
    columns = [
        Column("layer", "layer"),
        Column("op", "op", priority=3),
        Column("input", "input", priority=4, wrap=True),
        Column("output", "output"),
        *(Column(key, key, priority=5) for key in ("kernel", "stride", "padding")),
        Column("groups", "groups", "count", priority=6),
        *subject.cost_columns(),
    ]
    lines = []
    for layer in subject.layers:
        line: dict[str, Value] = {
            "layer": layer.node.name,
            "op": layer.node.op.name,
            "input": " + ".join(str(shape) for shape in layer.inputs),
            "output": layer.output,
            **_window(layer),
            **subject.costs(layer.cost, (layer,)),
            "output_elements": layer.output_elements,
        }
        lines.append(line)
    return Body(columns, lines, [])


def _window(layer: Layer) -> dict[str, Value]:
    """The kernel, stride, padding and groups of an operation that has them."""
    op = layer.node.op
    cells: dict[str, Value] = {}
    for key in ("kernel", "stride", "padding"):
        sizes = getattr(op, key, None)
        cells[key] = "x".join(map(str, sizes)) if sizes is not None else None
    groups: Callable[[Shape], Size] | None = getattr(op, "groups_of", None)
    cells["groups"] = groups(layer.inputs[0]) if groups is not None else None
    return cells
