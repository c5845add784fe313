"""How does a row's cost come about? The derivation as one would write it on a board, as a Report.

Every line is written by the operations' own rules, run on sizes that remember how they were computed
(`traced.py`): nothing here knows an operation by name.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from archcalc.audit.readings import PrintedReading, stated
from archcalc.audit.verdicts import COSTS, Audit, audit
from archcalc.claims import number
from archcalc.costs import Layer, Section, by_row
from archcalc.costs.counting import Counting
from archcalc.costs.quantities import FLOPS_PER_MAC, flops
from archcalc.explain.traced import Key, Traced, constant, given
from archcalc.graph import INPUT
from archcalc.notation.network import TableNetwork, TableRow, scope_of
from archcalc.ops import Op, notation
from archcalc.report import Column, Report, Value
from archcalc.sizes import Shape, product


class Step(NamedTuple):
    """One line of a derivation: what is derived, how, and the result."""

    what: str
    derivation: str
    value: Value


def explain(network: TableNetwork, row_name: str, counting: Counting) -> Report:
    """The derivation of one row: every layer's output, weights and work, their sums, the printed cells.

    Raises UnknownName where no row is called so, DocumentError where the network cannot exist at the input.
    """
    row = network.row(row_name)
    counting = dataclasses.replace(counting, heads=counting.heads or bool(row.head))
    graph = counting.graph(network)
    section = next(each for each in by_row(counting.layers(graph)) if each.name == row.name)
    lines: list[dict[str, Value]] = []
    groups: list[str] = []
    for layer in _distinct(section, row):
        steps = list(_layer(layer, counting))
        lines += [step._asdict() for step in steps]
        groups += [_heading(layer, row)] * len(steps)
    sums = [*_sums(section, counting), *_printed(audit(network, graph), row)]
    lines += [step._asdict() for step in sums]
    groups += [row.title] * len(sums)
    return Report(
        caption=f"{network.name}, {row.title}, at {graph.inputs[INPUT]}, batch {counting.batch}",
        columns=(
            Column("what", "quantity"),
            Column("derivation", "derivation"),
            Column("value", "value", "count"),
        ),
        rows=tuple(lines),
        groups=tuple(groups),
        notes=(*_copies(row), *counting.notes(section.layers)),
        head={
            "network": network.key,
            "row": row.name,
            "input": str(graph.inputs[INPUT]),
            "batch": counting.batch,
        },
    )


def _copies(row: TableRow) -> tuple[str, ...]:
    if row.repeat == 1:
        return ()
    return (f"The row stands {row.repeat} times; copies that are alike are derived once.",)


def _heading(layer: Layer, row: TableRow) -> str:
    """A layer by its path within the row, what it is and what enters it."""
    path = _path(layer, row)
    entering = " and ".join(str(shape) for shape in layer.inputs)
    return f"{path}: {layer.node.op} on {entering}"


def _layer(layer: Layer, counting: Counting) -> Iterator[Step]:
    """One layer's derivation: its output, tensors, MACs and elementwise work, where it has any."""
    op = _with_constants(layer.node.op)
    x = [Shape(tuple(map(given, shape.places)), given(shape.channels)) for shape in layer.inputs]
    known: dict[Key, int] = {}
    output = op.out(*x)
    yield from _output(output, known)
    tensors = {tensor.name: tensor for tensor in op.weights(*x)}
    for tensor in (tensors[counted.name] for counted in layer.tensors if counted.kind != "buffer"):
        sizes = (*tensor.sizes[2:], *reversed(tensor.sizes[:2]))  # height x width x in x out, as papers write
        elements = product(sizes)
        if isinstance(elements, Traced):
            known[product(tensor.sizes).key] = elements.value
            yield Step(tensor.name, elements.text({}), elements.value)
    for what, work in ((counting.unit, op.macs(*x)), ("elementwise", op.elementwise(*x))):
        yield from _work(what, work, known, counting)


def _with_constants(op: Op) -> Op:
    """The operation with what its block writes as traced numbers; what it does not write stays plain."""
    fields: dict[str, Any] = {}
    for field in notation(type(op)):
        value, form = getattr(op, field.name), field.metadata["notation"].form
        if value is None or value == field.default:
            continue
        if form in ("kernel", "stride", "pair option"):
            fields[field.name] = tuple(map(constant, value))
        elif form in ("number", "option"):
            fields[field.name] = given(value) if form == "number" else constant(value)
    return dataclasses.replace(op, **fields)


def _output(output: Shape, known: dict[Key, int]) -> Iterator[Step]:
    """The output size: each place and the channels, unless they only pass through."""
    names = ("height", "width") if len(output.places) == 2 else ("tokens",)
    derived = [(name, size) for name, size in zip(names, output.places, strict=False) if _is_derived(size)]
    if len(derived) == 2 and str(derived[0][1]) == str(derived[1][1]):
        derived = [("height = width", derived[0][1])]
    if _is_derived(output.channels):
        derived.append(("channels", output.channels))
    for name, size in derived:
        if size.roundings == 1:  # (224 - 7 + 2 x 3)/2 + 1 = 112.5, rounded down
            yield Step(
                name, f"{size.text({}, plain=True)} = {_decimal(size)}, rounded {_way(size)}", size.value
            )
        else:
            yield Step(name, str(size), size.value)
    for size in output.places:
        if isinstance(size, Traced):
            known[size.key] = size.value


def _is_derived(size: object) -> bool:
    return isinstance(size, Traced) and bool(size.sign)


def _way(size: Traced) -> str:
    return "down" if size.exact > size.value else "up"


def _decimal(size: Traced) -> str:
    return f"{float(size.exact):.4g}"


def _work(what: str, work: Any, known: dict[Key, int], counting: Counting) -> Iterator[Step]:
    if not isinstance(work, Traced) or not work.value:
        return
    text, value = work.text(known), work.value
    if what == "FLOPs":
        text, value = f"{FLOPS_PER_MAC} x {text}", flops(value)
    if counting.batch > 1:
        text, value = f"{counting.batch} x {text}", counting.batch * value
    yield Step(what, text, value)


def _sums(section: Section, counting: Counting) -> Iterator[Step]:
    """The row's costs as sums of its layers'."""
    measures: Sequence[tuple[str, Callable[[Layer], int]]] = (
        ("weights", lambda layer: layer.cost.weights),
        ("biases", lambda layer: layer.cost.biases),
        ("norms", lambda layer: layer.cost.norms),
        (counting.unit, lambda layer: counting.work(layer.cost.macs)),
        ("elementwise", lambda layer: layer.cost.elementwise),
    )
    for what, measure in measures:
        terms = [amount for layer in section.layers if (amount := measure(layer))]
        if terms:
            yield Step(what, _sum(terms), sum(terms))
    parts = [part for part in section.cost[:3] if part]
    if len(parts) > 1:
        yield Step("params", _sum(parts), section.cost.params)


def _sum(terms: Iterable[int]) -> str:
    """A sum in the order of its terms, equal ones gathered."""
    counts = Counter(terms)
    return " + ".join(f"{count} x {term:,}" if count > 1 else f"{term:,}" for term, count in counts.items())


def _distinct(section: Section, row: TableRow) -> Iterator[Layer]:
    """The layers of a row; of the copies of a repeated one, those that are like an earlier one left out."""
    if row.repeat == 1:
        yield from section.layers
        return
    seen = set()
    copies = groupby(section.layers, lambda layer: _path(layer, row).partition(".")[0])
    for _, members in copies:
        copy = list(members)
        kind = tuple((layer.node.op, layer.inputs) for layer in copy)
        if kind not in seen:
            yield from copy
        seen.add(kind)


def _path(layer: Layer, row: TableRow) -> str:
    """A layer's path within its row."""
    return layer.node.name.removeprefix(scope_of(row) + ".")


def _printed(found: Audit, row: TableRow) -> Iterator[Step]:
    """What the paper printed of the row, the row's own number in that unit, and the verdict."""
    for claim, cell in row.claims.items():
        if not cell.text:
            continue
        verdict, derived = found.verdicts.get((row.name, claim)), ""
        if verdict is not None and claim in COSTS:
            reading = stated(found.network, claim)
            computed = reading.value(found.parts[row.name].cost, found.whole.cost)
            derived = _in_units(cell.text, computed, reading) + ": "
        said = f"judged at {found.network.input} only" if verdict is None else str(verdict.word)
        yield Step(f"printed {claim}", derived + said, cell.text)


def _in_units(printed: str, computed: int | Fraction, reading: PrintedReading) -> str:
    """The computed number divided by the unit in which a cell is printed."""
    read = number(printed, reading.thousand)
    if read is None or read.scale == 1 or isinstance(computed, Fraction):
        return f"{computed:,}" if isinstance(computed, int) else f"{float(100 * computed):.2f}%"
    digits = read.decimals + 2
    scaled = round(Fraction(computed) / read.scale * 10**digits)
    whole, rest = divmod(scaled, 10**digits)
    return f"{computed:,}/{read.scale.numerator:,} = {whole:,}.{rest:0{digits}d}"
