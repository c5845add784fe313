"""How does a cost come about? The derivation as one would write it on a board, as a Report.

Every line is written by the operations' own rules, run on sizes that remember how they were computed
(`traced.py`): nothing here knows an operation by name.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeGuard

from archcalc import numerals
from archcalc.audit.readings import PrintedReading, stated
from archcalc.audit.verdicts import Audit, audit
from archcalc.claims import number
from archcalc.costs import Layer, Section
from archcalc.costs.counting import Counting
from archcalc.costs.quantities import FLOPS_PER_MAC, flops
from archcalc.explain.target import Derived, distinct, members, path_in, targets
from archcalc.explain.traced import Key, Traced, constant, given, traced
from archcalc.graph import Network, Row
from archcalc.notation.document import COSTS
from archcalc.notation.network import TableNetwork
from archcalc.notation.table_row import TableRow
from archcalc.ops import Op, is_unwritten, notation
from archcalc.report import Column, Report, Value
from archcalc.sizes import Shape, Size, as_int, product


class Derivation(NamedTuple):
    """One line of a derivation: what is derived, how, and the result."""

    what: str
    derivation: str
    value: Value


def explain(network: Network, name: str, counting: Counting) -> Report:
    """The derivation of a row, a branch or a layer: outputs, weights and work, their sums, the printed cells.

    Raises UnknownName where nothing in the network has that name, DocumentError where the network cannot
    exist at the input.
    """
    wanted = targets(network, name)
    counting = dataclasses.replace(counting, heads=counting.heads or any(each.row.head for each in wanted))
    graph = counting.graph(network)
    section = members(network, wanted, counting.layers(graph))
    row = network.row(section.name)
    lines: list[dict[str, Value]] = []
    groups: list[str] = []
    derived = distinct(section, row)
    for each in derived:
        steps = list(_layer(each.layer, counting))
        said: dict[str, Value] = {"layer": each.layer.node.name, "layers": each.alike}
        lines += [said | step._asdict() for step in steps]
        groups += [_heading(each, row)] * len(steps)
    title = f"{row.title}, {section.branch}" if section.branch else row.title
    printed: Iterable[Derivation] = ()
    if not section.branch and isinstance(network, TableNetwork):
        printed = _printed(audit(network, graph), network.row(row.name))
    sums = [*_sums(section, counting), *printed]
    lines += [step._asdict() for step in sums]
    groups += [title] * len(sums)
    return Report(
        caption=f"{network.name}, {title}, at {graph.inputs}, batch {counting.batch}",
        columns=(
            Column("layer", "layer", audience="machines"),
            Column("layers", "layers alike", "count", audience="machines"),
            Column("what", "quantity"),
            Column("derivation", "derivation", wrap=True),
            Column("value", "value", "count"),
        ),
        rows=tuple(lines),
        groups=tuple(groups),
        notes=(*_left_out(section, row, derived), *counting.notes(section.layers)),
        head={
            "network": network.key,
            "row": row.name,
            "part": section.branch or None,
            "input": str(graph.inputs),
            "batch": counting.batch,
        },
    )


def _left_out(section: Section, row: Row, derived: Sequence[Derived]) -> Iterator[str]:
    """What is derived once and stands in the network several times."""
    if row.repeat > 1 and not section.branch:
        yield f"The row stands {row.repeat} times; copies that are alike are derived once."
    if any(each.branches > 1 for each in derived):
        yield "Equal branches are derived once; the sums are of all of them."


def _heading(derived: Derived, row: Row) -> str:
    """A layer by its path within the row, what it is and what enters it."""
    layer = derived.layer
    entering = " and ".join(str(shape) for shape in layer.inputs)
    equal = f" ({derived.branches} equal branches)" if derived.branches > 1 else ""
    return f"{path_in(row, layer)}: {layer.node.op} on {entering}{equal}"


def _layer(layer: Layer, counting: Counting) -> Iterator[Derivation]:
    """One layer's derivation: its output, tensors, MACs and elementwise work, where it has any."""
    op = _with_constants(layer.node.op)
    x = [_given(shape) for shape in layer.inputs]
    known: dict[Key, int] = {}
    output = op.out(*x)
    yield from _output(output, known)
    tensors = {tensor.name: tensor for tensor in op.weights(*x)}
    for tensor in (tensors[counted.name] for counted in layer.tensors if counted.kind != "buffer"):
        sizes = (*tensor.sizes[2:], *reversed(tensor.sizes[:2]))  # height x width x in x out, as papers write
        elements = product(sizes)
        if isinstance(elements, Traced):
            known[traced(product(tensor.sizes)).key] = elements.value
            lender = f", those of {layer.node.weights_of}" if layer.node.weights_of else ""
            yield Derivation(tensor.name, elements.text({}) + lender, elements.value)
    for what, work in ((counting.unit, op.macs(*x)), ("elementwise", op.elementwise(*x))):
        yield from _work(what, work, known, counting)


def _given(shape: Shape) -> Shape:
    """A shape whose sizes remember that a derivation starts from them."""
    return Shape(tuple(given(as_int(size)) for size in shape.places), given(as_int(shape.channels)))


def _with_constants(op: Op) -> Op:
    """The operation with what its block writes as traced numbers; what it does not write stays plain."""
    fields: dict[str, Traced | tuple[Traced, ...]] = {}
    for field in notation(type(op)):
        value, form = getattr(op, field.name), field.metadata["notation"].form
        if value is None or is_unwritten(field, value):
            continue
        if isinstance(value, tuple):
            fields[field.name] = tuple(map(constant, value))
        elif form in ("number", "option"):
            fields[field.name] = given(value) if form == "number" else constant(value)
    return dataclasses.replace(op, **fields)


def _output(output: Shape, known: dict[Key, int]) -> Iterator[Derivation]:
    """The output size: each place and the channels, unless they only pass through."""
    sizes = zip(output.axes, output.places, strict=True)
    derived = [(name, size) for name, size in sizes if _is_derived(size)]
    if len(derived) > 1 and str(derived[-2][1]) == str(derived[-1][1]):
        derived[-2:] = [(f"{derived[-2][0]} = {derived[-1][0]}", derived[-1][1])]
    if _is_derived(output.channels):
        derived.append(("channels", output.channels))
    for name, size in derived:
        if size.roundings == 1:  # (224 - 7 + 2 x 3)/2 + 1 = 112.5, rounded down
            yield Derivation(
                name,
                f"{size.text({}, plain=True)} = {numerals.significant(size.exact, 4)}, rounded {_way(size)}",
                size.value,
            )
        else:
            yield Derivation(name, str(size), size.value)
    for place in output.places:
        if isinstance(place, Traced):
            known[place.key] = place.value


def _is_derived(size: Size) -> TypeGuard[Traced]:
    return isinstance(size, Traced) and bool(size.sign)


def _way(size: Traced) -> str:
    return "down" if size.exact > size.value else "up"


def _work(what: str, work: Size, known: dict[Key, int], counting: Counting) -> Iterator[Derivation]:
    if not isinstance(work, Traced) or not work.value:
        return
    text, value = work.text(known), work.value
    if what == "FLOPs":
        text, value = f"{FLOPS_PER_MAC} x {text}", as_int(flops(value))
    if counting.batch > 1:
        text, value = f"{counting.batch} x {text}", counting.batch * value
    yield Derivation(what, text, value)


def _sums(section: Section, counting: Counting) -> Iterator[Derivation]:
    """The row's costs as sums of its layers'."""
    measures: Sequence[tuple[str, Callable[[Layer], Size]]] = (
        ("weights", lambda layer: layer.cost.weights),
        ("biases", lambda layer: layer.cost.biases),
        ("norms", lambda layer: layer.cost.norms),
        (counting.unit, lambda layer: counting.work(layer.cost.macs)),
        ("elementwise", lambda layer: layer.cost.elementwise),
    )
    for what, measure in measures:
        terms = [amount for layer in section.layers if (amount := as_int(measure(layer)))]
        if terms:
            yield Derivation(what, _sum(terms), sum(terms))
    parts = [as_int(part) for part in section.cost[:3] if part]
    if len(parts) > 1:
        yield Derivation("params", _sum(parts), section.cost.params)


def _sum(terms: Iterable[int]) -> str:
    """A sum in the order of its terms, equal ones gathered."""
    counts = Counter(terms)
    times = {term: f"{count} x " if count > 1 else "" for term, count in counts.items()}
    return " + ".join(f"{times[term]}{numerals.whole(term)}" for term in counts)


def _printed(found: Audit, row: TableRow) -> Iterator[Derivation]:
    """What the paper printed of the row, the row's own number in that unit, and the verdict."""
    for claim, cell in row.claims.items():
        if not cell.text:
            continue
        verdict, derived = found.verdicts.get((row.name, claim)), ""
        if verdict is not None and claim in COSTS:
            reading = stated(found.network, claim)
            computed = reading.value(found.basis(row))
            derived = _in_units(cell.text, computed, reading) + ": "
        said = f"judged at {found.network.inputs} only" if verdict is None else str(verdict.word)
        yield Derivation(f"printed {claim}", derived + said, cell.text)


def _in_units(printed: str, computed: int | Fraction, reading: PrintedReading) -> str:
    """The computed number divided by the unit in which a cell is printed."""
    read = number(printed, reading.thousand)
    if isinstance(computed, Fraction):
        return f"{numerals.decimal(100 * computed, 2)}%"
    if read is None or read.scale == 1:
        return numerals.whole(computed)
    digits = read.decimals + 2
    in_unit = numerals.decimal(Fraction(computed) / read.scale, digits)
    return f"{numerals.whole(computed)}/{numerals.whole(read.scale.numerator)} = {in_unit}"
