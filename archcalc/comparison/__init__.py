"""Where do two designs differ, and what does each part of the difference cost? Answered with a Report.

A file of alternatives is compared branch by branch, stacked alternatives module by module, networks row by
row where most of their rows have names in common. Of two others the rows are found by what is done in them;
where little is alike, and of three or more, networks are compared as wholes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from archcalc.alignment import Alignment, align
from archcalc.comparison.aligned import Counted, aligned
from archcalc.comparison.aligned import rows as row_parts
from archcalc.comparison.sides import Candidate, Part, amount, is_named, layers_of, measures, side_by_side
from archcalc.costs import Layer, Section, by_branch
from archcalc.costs.branches import numbered, part_name, written
from archcalc.costs.counting import Counting
from archcalc.errors import Refused, UsageError
from archcalc.graph import Network
from archcalc.report import Column, Report, Value


def compare(
    networks: Sequence[Network],
    counting: Counting,
    stack: int | None = None,
    level: str | None = None,
    by_structure: bool = False,
) -> Report:
    """Compare the alternatives of one network, or two networks or more.

    `stack` puts that many modules of each alternative in a row. `by_structure` finds the rows of two networks
    that are each other's by what is done in them, whatever they are called; `level` does so with their
    branches or layers. Raises UsageError where there is nothing to compare, DocumentError where a network
    cannot exist at the input.
    """
    if len(networks) != 2 and (by_structure or level is not None):
        option = "--align" if by_structure else "--level"
        raise UsageError(f"{option} takes two networks, whose operations are set against each other")
    if len(networks) == 1:
        return _alternatives(networks[0], counting, stack)
    if stack is not None:
        raise UsageError("--stack takes one file of alternatives, such as naive-vs-v1")
    for network in networks:
        if network.alternatives:
            raise UsageError(f"'{network.key}' is a file of alternatives: compare it alone")
    rows = [{row.name for row in network.own_rows} for network in networks]
    related = 2 * len(set.intersection(*rows)) > max(len(names) for names in rows)
    keys = _distinct([network.key for network in networks])
    wanted = by_structure or level not in (None, "row")
    designs = [
        _design(key, network, counting, row_parts) for key, network in zip(keys, networks, strict=True)
    ]
    if len(networks) == 2 and (wanted or not related):
        counted = [
            Counted(design.name, network, design.graph, design.layers)
            for design, network in zip(designs, networks, strict=True)
        ]
        found = _aligned(counted[0], counted[1], wanted)
        if found is not None:
            return aligned(found, counted[0], counted[1], counting, level or "row")
    names = " against ".join(network.name for network in networks)
    if not related:
        return _wholes(names, designs, counting)
    return side_by_side(names, "row", designs, counting)


def _aligned(first: Counted, second: Counted, wanted: bool) -> Alignment | None:
    """The operations that are each other's; unless it is `wanted`, None where most of them are not."""
    try:
        found = align(first.graph, second.graph)
    except Refused as refused:
        if wanted:
            raise UsageError(str(refused)) from None
        return None
    most = max(len(found.only_first), len(found.only_second))
    return found if wanted or len(found.pairs) >= most else None


def _distinct(keys: list[str]) -> list[str]:
    """The designs' names: files in two folders may have one name."""
    return [key if keys.index(key) == place else f"{key}_{place + 1}" for place, key in enumerate(keys)]


def _alternatives(network: Network, counting: Counting, stack: int | None) -> Report:
    if not network.alternatives or len(network.rows) < 2:
        raise UsageError(
            f"'{network.key}' holds one design; name two networks or more, or a file of alternatives"
        )
    if stack is not None and stack < 1:
        raise UsageError(f"--stack takes a number of modules from 1, not {stack}")
    parts = _branch_parts if stack is None else _copy_parts
    designs = [
        _design(row.name, network.alternative(row.name, stack or 1), counting, parts) for row in network.rows
    ]
    if stack is None:
        return side_by_side(network.name, "branch", designs, counting)
    return side_by_side(f"{network.name}, {stack} modules in a row", "module", designs, counting)


Parts: TypeAlias = Callable[[Network, Sequence[Layer]], list[Part]]


def _design(name: str, network: Network, counting: Counting, parts: Parts) -> Candidate:
    graph = counting.graph(network)
    counted = counting.layers(graph)
    found = parts(network, counted)
    names = numbered(part.name for part in found)
    return Candidate(name, dict(zip(names, found, strict=True)), tuple(counted), graph)


def _branch_parts(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """A module's branches and its join."""
    parts = []
    for section in by_branch(counted):
        what = written(section.layers, is_named)
        parts.append(Part(part_name(section), part_name(section), what, section))
    return parts


def _copy_parts(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """The modules of a stack: the copies of a repeated row, whose paths are `row.1.…`, `row.2.…`."""
    copies: dict[str, list[Layer]] = {}
    for layer in counted:
        copy = layer.node.name.split(".")[1]
        copies.setdefault(copy if copy.isdecimal() else "1", []).append(layer)
    return [Part(copy, copy, "", Section(copy, "", tuple(members))) for copy, members in copies.items()]


def _wholes(name: str, designs: list[Candidate], counting: Counting) -> Report:
    """One line a network, each measure with its ratio to the first."""
    columns = [
        Column("network", "network"),
        Column("input", "input"),
        Column("depth", "depth", "count", priority=6),
    ]
    for measure, title in measures(counting):
        priority = 4 if measure == "weights" else 0
        columns.append(Column(measure, "number", "count", title, priority=priority))
        # A ratio says nothing without its number, so it is the first of the two to be left out.
        columns.append(
            Column(f"{measure}_ratio", f"/ {designs[0].name}", "ratio", title, priority=priority + 1)
        )
    rows = []
    for design in designs:
        line: dict[str, Value] = {
            "network": design.name,
            "input": design.graph.inputs.alone or str(design.graph.inputs),
        }
        line["depth"] = max((layer.depth for layer in design.layers), default=0)
        for measure, _ in measures(counting):
            mine, first = (amount(each.cost, measure, counting) for each in (design, designs[0]))
            line |= {measure: mine, f"{measure}_ratio": Fraction(mine, first) if first else None}
        rows.append(line)
    return Report(
        caption=f"{name}, batch {counting.batch}",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=counting.contract(layers_of(designs)),
        head={"network": name, "batch": counting.batch, "counting": counting.head(layers_of(designs))},
    )
