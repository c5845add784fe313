"""Designs side by side: one line for each part, with its cost in each design and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc import numerals
from archcalc.costs import Cost, Layer, Section, total
from archcalc.costs.counting import Counting
from archcalc.graph import Graph
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
            if not costs or is_named(layer):
                costs.append(layer.cost)
            else:
                costs[-1] += layer.cost
        if len(costs) > 1 and not is_named(self.section.layers[0]):
            costs[:2] = [costs[0] + costs[1]]
        terms = tuple(amount(cost, measure, counting) for cost in costs if cost.params or cost.macs)
        return terms if len(terms) > 1 and self.what else sum(terms)


def is_named(layer: Layer) -> bool:
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


def side_by_side(name: str, stub: str, designs: list[Candidate], counting: Counting) -> Report:
    """One line a part, the designs beside each other under each measure."""
    names = [design.name for design in designs]
    shown = "params" if stub == "row" else "weights"
    described = any(part.what for design in designs for part in design.parts.values())
    columns = [Column(stub, stub, audience="machines"), Column("text", stub, audience="people")]
    if described:
        columns += [Column(f"{each}_operations", each, "text", "operations", wrap=True) for each in names]
    columns += [Column(f"{each}_output", each, "text", "output", priority=4) for each in names]
    for measure, title in measures(counting):
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
        notes=(*_sentences(designs, counting), *counting.contract(layers_of(designs))),
        head={
            "network": name,
            "input": str(designs[0].graph.inputs),
            "batch": counting.batch,
            "counting": counting.head(layers_of(designs)),
        },
    )


def layers_of(designs: Sequence[Candidate]) -> list[Layer]:
    """The layers of all of them."""
    return [layer for design in designs for layer in design.layers]


def measures(counting: Counting) -> tuple[tuple[str, str], ...]:
    """What is compared of costs, by key and by name."""
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


def amount(cost: Cost, measure: str, counting: Counting) -> int:
    """A cost by one measure."""
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
            for measure, _ in measures(counting):
                line[f"{design.name}_{measure}"] = part.value(measure, counting)
    for measure, _ in measures(counting):
        amounts = [_sum(line.get(f"{design.name}_{measure}")) for design in designs]
        wholes = [amount(design.cost, measure, counting) for design in designs]
        line |= _differences(measure, designs, amounts, wholes)
    return line


def _total(stub: str, designs: list[Candidate], counting: Counting) -> dict[str, Value]:
    line: dict[str, Value] = {stub: "total"}
    for measure, _ in measures(counting):
        amounts = [amount(design.cost, measure, counting) for design in designs]
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
        for measure, title in measures(counting):
            mine, its = (amount(design.cost, measure, counting) for design in (first, other))
            ratio = f" ({numerals.decimal(Fraction(mine, its), 2)} times)" if its else ""
            parts.append(f"{numerals.whole(mine)} against {numerals.whole(its)} {title}{ratio}")
        sentences.append(f"{first.name} against {other.name}: {'; '.join(parts)}.")
    return tuple(sentences)
