"""Two networks whose parts have no names in common: the parts that are each other's, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from archcalc.alignment import Alignment
from archcalc.alignment.parts import together
from archcalc.alignment.sentences import change_text, sentences
from archcalc.alignment.steps import Placed
from archcalc.comparison.sides import Candidate, Part, side_by_side
from archcalc.costs import Layer, Section, by_row
from archcalc.costs.branches import branches
from archcalc.costs.counting import Counting
from archcalc.graph import Graph, Network
from archcalc.report import Audience, Column, Report, Value

Named: TypeAlias = Callable[[Network, Sequence[Layer]], list[Part]]
"""How the layers of a network are parted, each part with a name of its own."""


class Counted(NamedTuple):
    """A network that is compared, with its key, its graph and the costs of its layers."""

    key: str
    network: Network
    graph: Graph
    layers: tuple[Layer, ...]


def aligned(found: Alignment, first: Counted, second: Counted, counting: Counting, level: str) -> Report:
    """Rows, branches or layers of two networks as they are each other's, and in sentences what differs."""
    if level == "layer":
        ours, theirs = _by_path(first), _by_path(second)
        lines = [(_layer(pair.first, ours), _layer(pair.second, theirs)) for pair in found.every]
    else:
        lines = _parts(found, first, second, rows if level == "row" else row_branches)
    # Side by side stand parts that have one name: here the number of their line.
    designs = [
        Candidate(each.key, _numbered([line[side] for line in lines]), each.layers, each.graph)
        for side, each in enumerate((first, second))
    ]
    name = f"{first.network.name} against {second.network.name}"
    report = side_by_side(name, "row", designs, counting)
    by_line = {str(row["row"]): row for row in report.rows}
    own, cells = _names(level, designs, lines)
    if level == "layer":
        own.append(Column("change", "change", wrap=True))
        cells = [
            {**line, "change": change_text(pair) or None}
            for line, pair in zip(cells, found.every, strict=True)
        ]
    said = sentences(found, lambda step: _title(first.network, step))
    caption, head = report.caption, {**report.head, "differences": list(said)}
    if first.graph.inputs != second.graph.inputs:
        both = f"{first.graph.inputs} against {second.graph.inputs}"
        said = (f"Their inputs differ: {both}.", *said)
        caption, head = f"{name}, batch {counting.batch}", {**head, "input": both, "differences": list(said)}
    return replace(
        report,
        caption=caption,
        columns=(*own, *(column for column in report.columns if column.key not in ("row", "text"))),
        rows=tuple({**by_line[str(number)], **line} for number, line in enumerate(cells)),
        total={**(report.total or {}), **{column.key: "total" for column in own[:2]}},
        notes=(*said, *report.notes),
        head=head,
    )


Line: TypeAlias = tuple[Part | None, Part | None]


def _numbered(parts: Sequence[Part | None]) -> dict[str, Part]:
    return {str(number): part for number, part in enumerate(parts) if part is not None}


def _names(
    level: str, designs: Sequence[Candidate], lines: Sequence[Line]
) -> tuple[list[Column], list[dict[str, Value]]]:
    """The columns that say which parts stand in a line, for machines and for people, and their cells."""
    columns, cells = [], [dict[str, Value]() for _ in lines]
    audiences: tuple[tuple[Audience, str], ...] = (("machines", level), ("people", "title"))
    for who, key in audiences:
        for side, design in enumerate(designs):
            columns.append(Column(f"{design.name}_{key}", design.name, "text", level, who))
            for cell, line in zip(cells, lines, strict=True):
                part = line[side]
                if part is not None:
                    cell[f"{design.name}_{key}"] = part.name if who == "machines" else part.title
    return columns, cells


def _by_path(counted: Counted) -> dict[str, Layer]:
    return {layer.node.name: layer for layer in counted.layers}


def _layer(step: Placed | None, layers: Mapping[str, Layer]) -> Part | None:
    if step is None:
        return None
    name = step.node.name
    return Part(name, name, str(step.node.op), Section(name, "", (layers[name],)))


def rows(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """The rows of a network."""
    return [Part(section.name, network.row(section.name).title, "", section) for section in by_row(counted)]


def row_branches(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """The branches of all rows, each with its row's name before its own."""
    found = []
    for section in by_row(counted):
        row = network.row(section.name)
        for branch in branches(section, row.path, row.repeat > 1):
            name, title = (
                " ".join(part for part in (of, branch.path) if part) for of in (row.name, row.title)
            )
            found.append(Part(name, title, "", branch.section))
    return found


def _parts(found: Alignment, first: Counted, second: Counted, named: Named) -> list[Line]:
    ours, theirs = (
        {part.name: part for part in named(each.network, each.layers)} for each in (first, second)
    )
    lines = together(found, _paths(ours), _paths(theirs))
    return [(_joined(line.first, ours), _joined(line.second, theirs)) for line in lines]


def _paths(parts: Mapping[str, Part]) -> dict[str, list[str]]:
    return {name: [layer.node.name for layer in part.section.layers] for name, part in parts.items()}


def _joined(names: Sequence[str], parts: Mapping[str, Part]) -> Part | None:
    """Parts that stand in one line as one; None where there is none."""
    if not names:
        return None
    found = [parts[name] for name in names]
    titles = [part.title for part in found]
    title = " + ".join(titles) if len(titles) < 4 else f"{titles[0]} ... {titles[-1]}"
    layers = tuple(layer for part in found for layer in part.section.layers)
    return Part(" + ".join(names), title, "", Section(names[0], "", layers))


def _title(network: Network, step: Placed) -> str:
    return network.row(step.node.row).title if step.node.row else ""
