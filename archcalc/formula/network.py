"""What does a network cost at every size? Formulas in H, W, C and the columns, as a Report.

The operations' own rules write them: they run on symbols as they run on numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import sympy

from archcalc.costs import Cost, Layer, by_row, layers, total
from archcalc.costs.counting import Counting
from archcalc.formula.conditions import sentences
from archcalc.formula.expression import Formula, collected, shape_formula, strides, text
from archcalc.formula.symbols import COLUMN, Cells, Symbols, column_symbols, symbolic_inputs
from archcalc.graph import Network
from archcalc.report import Column, Report, Value
from archcalc.sizes import Shape, Size
from archcalc.sizes.inputs import Inputs

MAP = Inputs.of(Shape((1, 1), 1))
"""What enters where nothing says it: a feature map."""


class Costed(NamedTuple):
    """One network on symbols: its layers, the names of its input's places, the shapes that it gives by the
    rows that give them, its costs, what must hold.
    """

    title: str
    layers: Sequence[Layer]
    places: tuple[sympy.Symbol, ...]
    outputs: Mapping[str, Shape]
    cost: Cost
    output_elements: Size
    conditions: list[sympy.Basic]

    def put(self, numbers: Mapping[sympy.Symbol, sympy.Expr]) -> Costed:
        """The same with other sizes in the place of symbols."""

        def at(size: Size) -> sympy.Expr:
            return sympy.sympify(size).subs(numbers)

        return self._replace(
            places=tuple(name for size in map(at, self.places) for name in _names(size)),
            outputs={
                row: Shape(tuple(map(at, output.places)), at(output.channels))
                for row, output in self.outputs.items()
            },
            cost=Cost(*map(at, self.cost)),
            output_elements=at(self.output_elements),
            conditions=[at(condition) for condition in self.conditions],
        )

    @property
    def sizes(self) -> tuple[Size, ...]:
        """All sizes that the report shows of it."""
        costs = (self.cost.weights, self.cost.params, self.cost.macs, self.output_elements)
        outputs = self.outputs.values()
        return (*(size for each in outputs for size in (*each.places, each.channels)), *costs)


def formula(
    network: Network, counting: Counting, input: str | None, row: str | None, columns: Sequence[str]
) -> Report:
    """The formulas of a network, of each of its alternatives, or of one row.

    `input` may hold names in the place of sizes and is what enters the row where one is named; `columns` are
    those that stay symbols. Raises UsageError for a text that is not a name, UnknownName for a row or column
    that is not there, DocumentError where the network cannot exist at that input.
    """
    symbols = Symbols()
    parts = _parts(network, row)
    shape = symbolic_inputs(input, entering(network, row), symbols)
    whole = network.alternative(row) if row else network
    cells = column_symbols(whole, columns, network.alternatives, symbols)
    exact = [costed(title, part, counting, shape, cells) for title, part in parts]
    lines: list[dict[str, Value]] = []
    groups: list[str] = []
    notes: list[str] = []
    for each in exact:
        for at, version in _versions(each, symbols):
            group = f"{each.title} at {at}" if at else each.title
            own = [{"of": each.title, "at": at or None, **line} for line in _quantities(version, counting)]
            lines += own
            groups += [group] * len(own)
            notes.append(_holds(group, version))
    counted = [layer for each in exact for layer in each.layers]
    legend = symbols.legend({name for line in lines for name in line["formula"].symbols})
    return Report(
        caption=caption(network, row, shape, counting),
        columns=COLUMNS,
        rows=tuple(lines),
        groups=tuple(groups),
        notes=(*network.remarks, *meanings(legend), *notes, ELEMENTS, *counting.contract(counted)),
        head=head(network, shape, counting, counted) | {"symbols": legend},
    )


def caption(network: Network, row: str | None, shape: Inputs, counting: Counting) -> str:
    """The title of a report on formulas."""
    heads = ", with the side chains of training" if counting.heads and network.heads and not row else ""
    return f"{network.name}{f', row {row},' if row else ''} at {shape}, batch {counting.batch}{heads}"


def head(network: Network, shape: Inputs, counting: Counting, counted: Iterable[Layer]) -> dict[str, Value]:
    """What JSON states before the formulas."""
    return {
        "network": network.key,
        "input": str(shape),
        "batch": counting.batch,
        "counting": counting.head(counted),
    }


def meanings(legend: Mapping[str, str]) -> tuple[str, ...]:
    """Which columns the symbols stand for; the caption shows the input's, the groups what is a multiple."""
    meant = [f"{name} is {what}" for name, what in legend.items() if what.startswith(COLUMN)]
    return ("; ".join(meant) + ".",) if meant else ()


COLUMNS = (
    Column("of", "of", audience="machines"),
    Column("at", "at", audience="machines"),
    Column("quantity", "quantity"),
    Column("formula", "formula", "formula"),
)
ELEMENTS = "Output elements: those of each row's output, added."


def _parts(network: Network, row: str | None) -> list[tuple[str, Network]]:
    """What a formula is asked of, with its title."""
    if row:
        return [(network.row(row).title, network.alternative(row))]
    if network.alternatives:
        return [(each.title, network.alternative(each.name)) for each in network.own_rows]
    return [(network.key, network)]


def entering(network: Network, row: str | None) -> Inputs:
    """The shapes that enter, by their kind: what enters the row where the network has its own input."""
    if not row or network.alternatives:
        return network.inputs or MAP
    head = bool(network.row(row).head)
    if network.inputs is None:
        return MAP
    counted = layers(network.graph(heads=head))
    return Inputs.of(next(each for each in by_row(counted) if each.name == row).layers[0].inputs[0])


def costed(title: str, network: Network, counting: Counting, shape: Inputs, cells: Cells) -> Costed:
    """One network on symbols, by the operations' own rules."""
    names = {row.name for row in network.rows}
    own = {cell: size for cell, size in cells.items() if cell[0] in names}
    graph = network.graph(shape, counting.heads, own)
    counted = counting.layers(graph)
    return Costed(
        title,
        counted,
        tuple(
            dict.fromkeys(name for each in shape.values() for size in each.places for name in _names(size))
        ),
        {graph.nodes[name].row: graph.shapes[name] for name in graph.outputs},
        total(counted),
        sum(section.output_elements for section in by_row(counted)),
        list(dict.fromkeys(condition.value for condition in graph.conditions)),
    )


def _quantities(each: Costed, counting: Counting) -> Iterator[dict[str, Value]]:
    for row, output in each.outputs.items():
        quantity = f"output of {row}" if len(each.outputs) > 1 else "output"
        yield {"quantity": quantity, "formula": shape_formula(output, each.places)}
    for quantity, size in (
        ("weights", each.cost.weights),
        ("params", each.cost.params),
        (counting.unit, counting.work(each.cost.macs)),
        ("output elements", each.output_elements),
    ):
        yield {"quantity": quantity, "formula": Formula(collected(size, each.places))}


def _versions(each: Costed, symbols: Symbols) -> Iterator[tuple[str, Costed]]:
    """The exact formulas; where sizes are rounded, also those at multiples of the total stride."""
    yield "", each
    multiples = {}
    for name in each.places:
        stride = strides(each.sizes, name)
        if stride > 1:
            multiples[name] = symbols.multiple(name, stride)
    clean = each.put(multiples)
    if multiples and sympy.false not in clean.conditions:
        yield ", ".join(f"{name} = {text(multiple)}" for name, multiple in multiples.items()), clean


def _holds(title: str, each: Costed) -> str:
    said = sentences(each.conditions)
    return f"{title}: holds {'where ' + ' and '.join(said) if said else 'at every size'}."


def _names(size: Size) -> list[sympy.Symbol]:
    return sorted(sympy.sympify(size).free_symbols, key=str)
