"""Up to which width does a design pay? A column is solved for where two alternatives cost the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import sympy

from archcalc.costs import Cost, Layer, by_branch
from archcalc.costs.counting import Counting
from archcalc.errors import InputError, UsageError
from archcalc.formula.expression import Formula
from archcalc.formula.network import caption, entering, head, meanings
from archcalc.formula.symbols import Cells, Symbols, column_symbols, symbolic_inputs
from archcalc.graph import Network
from archcalc.report import Column, Report, Value
from archcalc.sizes.inputs import Inputs

WHOLE = "all"
COLUMNS = (
    Column("design", "design", audience="machines"),
    Column("part", "part", audience="machines"),
    Column("quantity", "quantity"),
    Column("pays_where", "pays where", "formula"),
    Column("largest", "largest", "count"),
    Column("smallest", "smallest", "count"),
)


class BreakEven(NamedTuple):
    """Where one design costs less than another: below a bound, or above it."""

    symbol: sympy.Symbol
    relation: str
    bound: sympy.Expr

    @property
    def formula(self) -> Formula:
        """As a condition on the symbol."""
        relation = sympy.StrictLessThan if self.relation == "<" else sympy.StrictGreaterThan
        return Formula(relation(self.symbol, self.bound, evaluate=False))

    @property
    def integers(self) -> tuple[int | None, int | None]:
        """The largest and the smallest whole width that pays; None where there is none or none is known."""
        if not self.bound.is_number:
            return None, None
        if self.relation == "<":
            return max(0, int(sympy.ceiling(self.bound)) - 1), None
        return None, max(1, int(sympy.floor(self.bound)) + 1)


def break_even(
    network: Network, counting: Counting, column: str, input: str | None, columns: Sequence[str]
) -> Report:
    """Where each alternative costs less than the first, by one column, in each branch and in all.

    A `largest` of 0 says that no width pays. Raises UsageError where the network is no file of alternatives
    or the column is several, InputError where no cost depends on it or its break-even is no single bound.
    """
    if not network.alternatives or len(network.rows) < 2:
        raise UsageError(
            f"'{network.key}' holds one design; a break-even is of alternatives, as in naive-vs-v1"
        )
    symbols = Symbols()
    shape = symbolic_inputs(input, entering(network, None), symbols)
    cells = column_symbols(network, columns, True, symbols)
    solved = column_symbols(network, [column], True, symbols)
    if len(set(solved.values())) != 1:
        raise UsageError(f"a break-even is of one column, and '{column}' names several")
    (name,) = set(solved.values())
    counted = [
        _layers(network.alternative(row.name), counting, shape, cells | solved) for row in network.rows
    ]
    every, designs = list(chain.from_iterable(counted)), [_parts(layers) for layers in counted]
    lines: list[dict[str, Value]] = []
    groups: list[str] = []
    for row, design in zip(network.rows[1:], designs[1:], strict=True):
        own = list(_lines(designs[0], design, name, counting))
        lines += [{"design": row.name, **line} for line in own]
        groups += [f"{line['part']} of {row.title}" for line in own]
    if not lines:
        raise InputError(f"{network.name}: no cost depends on the column '{column}'")
    legend = symbols.legend({each for line in lines for each in line["pays_where"].symbols})
    return Report(
        caption=f"Break-even of {caption(network, None, shape, counting)}",
        columns=COLUMNS,
        rows=tuple(lines),
        groups=tuple(groups),
        notes=(
            *meanings(legend),
            f"Where it costs less than {network.rows[0].title}.",
            *counting.contract(every),
        ),
        head=head(network, shape, counting, every) | {"symbols": legend},
    )


def _layers(network: Network, counting: Counting, shape: Inputs, cells: Cells) -> list[Layer]:
    """The layers of an alternative, on symbols."""
    own = {cell: size for cell, size in cells.items() if cell[0] == network.rows[0].name}
    return counting.layers(network.graph(shape, counting.heads, own))


def _parts(counted: Sequence[Layer]) -> dict[str, Cost]:
    """The costs of an alternative by its branches, and in all."""
    parts: dict[str, Cost] = defaultdict(Cost)
    for section in by_branch(counted):
        parts[section.branch or section.layers[0].node.op.name] += section.cost
    return {**parts, WHOLE: sum(parts.values(), Cost())}


def _lines(
    first: dict[str, Cost], other: dict[str, Cost], name: sympy.Symbol, counting: Counting
) -> Iterator[dict[str, Value]]:
    for part in dict.fromkeys((*other, *first)):
        before, after = first.get(part, Cost()), other.get(part, Cost())
        for quantity, one, two in (
            (counting.unit, before.macs, after.macs),
            ("weights", before.weights, after.weights),
            ("params", before.params, after.params),
        ):
            found = solve(sympy.sympify(one - two), name, f"the {quantity} of {part}")
            if found is not None:
                largest, smallest = found.integers
                yield {
                    "part": part,
                    "quantity": quantity,
                    "pays_where": found.formula,
                    "largest": largest,
                    "smallest": smallest,
                }


def solve(saved: sympy.Expr, name: sympy.Symbol, what: str) -> BreakEven | None:
    """Where `saved`, what a design costs less, is more than 0; None where the symbol is not in it.

    Raises InputError where it is no a - b*symbol with a b of a known sign.
    """
    if name not in saved.free_symbols:
        return None
    unknown = InputError(
        f"{what}: the cost is not linear in '{name}', so there is no single break-even width"
    )
    if any(name in each.free_symbols for each in saved.atoms(sympy.floor, sympy.Min)):
        raise unknown
    above, _ = sympy.fraction(sympy.together(saved))
    factors = (factor for factor in sympy.factor_list(above)[1] if name in factor[0].free_symbols)
    bounds = [sympy.Poly(factor, name) for factor, _ in factors if factor != name]
    if len(bounds) != 1 or bounds[0].degree() != 1:
        raise unknown
    slope, constant = bounds[0].all_coeffs()
    bound = sympy.factor(sympy.cancel(-constant / slope))
    falls = sympy.expand(sympy.cancel(sympy.diff(saved, name)))
    if falls.is_negative:
        return BreakEven(name, "<", bound)
    if falls.is_positive:
        return BreakEven(name, ">", bound)
    raise InputError(f"{what}: whether it pays below or above {name} = {bound} depends on the other sizes")
