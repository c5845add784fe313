"""Where do two designs differ, and what does each part of the difference cost? Answered with a Report.

A file of alternatives is compared branch by branch, stacked alternatives module by module, networks row by
row where most of their rows have names in common, and as wholes where they have not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from archcalc import numerals
from archcalc.costs import Cost, Layer, Section, by_branch, by_row, total
from archcalc.costs.branches import numbered, part_name, written
from archcalc.costs.counting import Counting
from archcalc.errors import UsageError
from archcalc.graph import Graph, Network
from archcalc.report import Audience, Column, Report, Value
from archcalc.sizes import as_int


class Part(NamedTuple):
    """One part of a design (a branch, a module, a row): what people call it, what it does, its layers."""

    name: str
    title: str
    what: str
    section: Section

    def value(self, measure: str, counting: Counting) -> Value:
        """Its cost by one measure; where several of its operations are named, a sum of what each costs.

        What is not named, such as a batch norm, belongs to the operation before it, or to the first.
        """
        costs: list[Cost] = []
        for layer in self.section.layers:
            if not costs or _is_named(layer):
                costs.append(layer.cost)
            else:
                costs[-1] += layer.cost
        if len(costs) > 1 and not _is_named(self.section.layers[0]):
            costs[:2] = [costs[0] + costs[1]]
        terms = tuple(_amount(cost, measure, counting) for cost in costs if cost.params or cost.macs)
        return terms if len(terms) > 1 and self.what else sum(terms)


def _is_named(layer: Layer) -> bool:
    """Whether a layer is named where a branch is written: windows and products say what it does."""
    return bool(layer.cost.macs) or hasattr(layer.node.op, "kernel")


class Candidate(NamedTuple):
    """One of the networks that are compared, with its parts by name."""

    name: str
    parts: dict[str, Part]
    layers: tuple[Layer, ...]
    graph: Graph

    @property
    def cost(self) -> Cost:
        return total(self.layers)


def compare(networks: Sequence[Network], counting: Counting, stack: int | None = None) -> Report:
    """Compare the alternatives of one network, or two networks or more.

    `stack` puts that many modules of each alternative in a row. Raises UsageError where there is nothing to
    compare, DocumentError where a network cannot exist at the input.
    """
    if len(networks) == 1:
        return _alternatives(networks[0], counting, stack)
    if stack is not None:
        raise UsageError("--stack takes one file of alternatives, such as naive-vs-v1")
    rows = [{row.name for row in network.own_rows} for network in networks]
    related = 2 * len(set.intersection(*rows)) > max(len(names) for names in rows)
    for network in networks:
        if network.alternatives:
            raise UsageError(f"'{network.key}' is a file of alternatives: compare it alone")
    keys = _distinct([network.key for network in networks])
    designs = [
        _design(key, network, counting, _row_parts) for key, network in zip(keys, networks, strict=True)
    ]
    names = " against ".join(network.name for network in networks)
    if not related:
        return _wholes(names, designs, counting)
    return _side_by_side(names, "row", designs, counting)


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
        return _side_by_side(network.name, "branch", designs, counting)
    return _side_by_side(f"{network.name}, {stack} modules in a row", "module", designs, counting)


Parts: TypeAlias = Callable[[Network, Sequence[Layer]], list[Part]]


def _design(name: str, network: Network, counting: Counting, parts: Parts) -> Candidate:
    graph = counting.graph(network)
    counted = counting.layers(graph)
    found = parts(network, counted)
    names = numbered(part.name for part in found)
    return Candidate(name, dict(zip(names, found, strict=True)), tuple(counted), graph)


def _row_parts(network: Network, counted: Sequence[Layer]) -> list[Part]:
    return [Part(section.name, network.row(section.name).title, "", section) for section in by_row(counted)]


def _branch_parts(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """A module's branches and its join."""
    parts = []
    for section in by_branch(counted):
        what = written(section.layers, _is_named)
        parts.append(Part(part_name(section), part_name(section), what, section))
    return parts


def _copy_parts(network: Network, counted: Sequence[Layer]) -> list[Part]:
    """The modules of a stack: the copies of a repeated row, whose paths are `row.1.…`, `row.2.…`."""
    copies: dict[str, list[Layer]] = {}
    for layer in counted:
        copy = layer.node.name.split(".")[1]
        copies.setdefault(copy if copy.isdecimal() else "1", []).append(layer)
    return [Part(copy, copy, "", Section(copy, "", tuple(members))) for copy, members in copies.items()]


def _side_by_side(name: str, stub: str, designs: list[Candidate], counting: Counting) -> Report:
    """One line a part, the designs beside each other under each measure."""
    names = [design.name for design in designs]
    shown = "params" if stub == "row" else "weights"
    described = any(part.what for design in designs for part in design.parts.values())
    columns = [Column(stub, stub, audience="machines"), Column("text", stub, audience="people")]
    if described:
        columns += [Column(f"{each}_operations", each, "text", "operations", wrap=True) for each in names]
    columns += [Column(f"{each}_output", each, "text", "output", priority=4) for each in names]
    for measure, title in _measures(counting):
        # Of weights and params people are shown one, and how the designs differ in it.
        audience: Audience = "all" if measure in (shown, counting.count) else "machines"
        columns += [Column(f"{each}_{measure}", each, "count", title, audience) for each in names]
        for other in names[1:]:
            columns += _difference_columns(measure, title, other if len(names) > 2 else "", audience, other)
    rows = []
    for key in dict.fromkeys(key for design in designs for key in design.parts):
        rows.append(_line(stub, key, designs, counting))
    return Report(
        caption=counting.caption(name, designs[0].graph),
        columns=tuple(columns),
        rows=tuple(rows),
        total=_total(stub, designs, counting),
        notes=(*_sentences(designs, counting), *counting.contract(_layers(designs))),
        head={
            "network": name,
            "input": str(designs[0].graph.inputs),
            "batch": counting.batch,
            "counting": counting.head(_layers(designs)),
        },
    )


def _layers(designs: Sequence[Candidate]) -> list[Layer]:
    """The layers of all of them."""
    return [layer for design in designs for layer in design.layers]


def _measures(counting: Counting) -> tuple[tuple[str, str], ...]:
    return ("weights", "weights"), ("params", "params"), (counting.count, counting.unit)


def _difference_columns(
    measure: str, title: str, mention: str, audience: Audience, other: str
) -> list[Column]:
    """The columns that set a design against the first; `mention` names it where there are several."""
    key, of = f"{other}_{measure}", f"{mention} " if mention else ""
    return [
        Column(f"{key}_difference", f"{of}difference", "count", title, audience, 2),
        Column(f"{key}_ratio", f"{of}ratio", "ratio", title, audience, 1),
        Column(f"{key}_saving", f"{of}of the saving", "share", title, audience, 3),
    ]


def _amount(cost: Cost, measure: str, counting: Counting) -> int:
    return as_int(counting.work(cost.macs) if measure == counting.count else getattr(cost, measure))


def _line(stub: str, key: str, designs: list[Candidate], counting: Counting) -> dict[str, Value]:
    """One part of every design that has it."""
    line: dict[str, Value] = {stub: key}
    for design in designs:
        part = design.parts.get(key)
        if part is not None:
            line.setdefault("text", part.title if part.name == key else key)
            line[f"{design.name}_operations"] = part.what or None
            line[f"{design.name}_output"] = part.section.output
            for measure, _ in _measures(counting):
                line[f"{design.name}_{measure}"] = part.value(measure, counting)
    for measure, _ in _measures(counting):
        amounts = [_sum(line.get(f"{design.name}_{measure}")) for design in designs]
        wholes = [_amount(design.cost, measure, counting) for design in designs]
        line |= _differences(measure, designs, amounts, wholes)
    return line


def _total(stub: str, designs: list[Candidate], counting: Counting) -> dict[str, Value]:
    line: dict[str, Value] = {stub: "total"}
    for measure, _ in _measures(counting):
        amounts = [_amount(design.cost, measure, counting) for design in designs]
        line |= {f"{design.name}_{measure}": amount for design, amount in zip(designs, amounts, strict=True)}
        line |= _differences(measure, designs, amounts, amounts)
    outputs = {design.name: ", ".join(map(str, design.graph.output_shapes)) for design in designs}
    return line | {f"{name}_output": shapes for name, shapes in outputs.items()}


def _sum(value: Value) -> int:
    return as_int(sum(value) if isinstance(value, tuple) else value or 0)


def _differences(
    measure: str, designs: list[Candidate], amounts: list[int], wholes: list[int]
) -> dict[str, Value]:
    """The first design's amount against each other's: difference, ratio, share of the whole difference."""
    cells: dict[str, Value] = {}
    for design, amount, whole in zip(designs[1:], amounts[1:], wholes[1:], strict=True):
        key, saved = f"{design.name}_{measure}", amounts[0] - amount
        cells[f"{key}_difference"] = saved
        cells[f"{key}_ratio"] = Fraction(amounts[0], amount) if amount and amounts[0] else None
        cells[f"{key}_saving"] = Fraction(saved, wholes[0] - whole) if wholes[0] != whole else None
    return cells


def _sentences(designs: list[Candidate], counting: Counting) -> tuple[str, ...]:
    """What the totals say, in words."""
    first, sentences = (
        designs[0],
        ["Differences and ratios are of the first to the other, the share that of the whole."],
    )
    for other in designs[1:]:
        parts = []
        for measure, title in _measures(counting):
            mine, its = (_amount(design.cost, measure, counting) for design in (first, other))
            ratio = f" ({numerals.decimal(Fraction(mine, its), 2)} times)" if its else ""
            parts.append(f"{numerals.whole(mine)} against {numerals.whole(its)} {title}{ratio}")
        sentences.append(f"{first.name} against {other.name}: {'; '.join(parts)}.")
    return tuple(sentences)


def _wholes(name: str, designs: list[Candidate], counting: Counting) -> Report:
    """One line a network, each measure with its ratio to the first."""
    columns = [
        Column("network", "network"),
        Column("input", "input"),
        Column("depth", "depth", "count", priority=6),
    ]
    for measure, title in _measures(counting):
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
        for measure, _ in _measures(counting):
            mine, first = (_amount(each.cost, measure, counting) for each in (design, designs[0]))
            line |= {measure: mine, f"{measure}_ratio": Fraction(mine, first) if first else None}
        rows.append(line)
    return Report(
        caption=f"{name}, batch {counting.batch}",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=counting.contract(_layers(designs)),
        head={"network": name, "batch": counting.batch, "counting": counting.head(_layers(designs))},
    )
