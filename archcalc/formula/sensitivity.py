"""Which column moves the costs most? What one channel more in each adds to the whole network."""

from __future__ import annotations

import sympy

from archcalc.costs.counting import Counting
from archcalc.formula.conditions import sentences
from archcalc.formula.expression import Formula, collected
from archcalc.formula.network import caption, costed, entering, head, meanings
from archcalc.formula.symbols import Cells, Symbols, symbol, symbolic_inputs
from archcalc.graph import Network
from archcalc.report import Column, Kind, Report, Value


def sensitivity(network: Network, counting: Counting, input: str | None, row: str | None) -> Report:
    """What one channel more in each column adds, the largest first; at the network's own input or another.

    Columns that no cost depends on, and those that divide something (strides, groups), have no line. Raises
    UnknownName where no row has that name, DocumentError where the network cannot exist at the input.
    """
    symbols = Symbols()
    shape = symbolic_inputs(input or str(entering(network, row)), entering(network, row), symbols)
    own = network.alternative(row) if row else network
    printed = {symbol(f"{each.row}.{each.column}"): each for each in own.widths()}
    numbers = {name: sympy.Integer(each.size) for name, each in printed.items()}
    cells: Cells = {(each.row, each.column): name for name, each in printed.items()}
    found = costed(network.key, own, counting, shape, cells)
    work, params = (sympy.sympify(size) for size in (counting.work(found.cost.macs), found.cost.params))
    depends = (work.free_symbols | params.free_symbols) - _no_widths(work + params)
    lines: list[dict[str, Value]] = []
    for name, each in printed.items():
        if name in depends:
            steps = [_value(_step(size, name, numbers), found.places) for size in (work, params)]
            line = {"row": each.row, "column": each.column, "width": each.size}
            lines.append(line | dict(zip((counting.count, "params"), steps, strict=True)))
    numeric = all(isinstance(line[key], int) for line in lines for key in (counting.count, "params"))
    if numeric:
        lines.sort(key=lambda line: -abs(line[counting.count]))
    else:  # a column holds formulas, or numbers, and never both
        for line in lines:
            line |= {key: _formula(line[key]) for key in (counting.count, "params")}
    legend = symbols.legend(_named(lines))
    return Report(
        caption=f"What one channel more adds to {caption(network, row, shape, counting)}",
        columns=_columns(counting, "count" if numeric else "formula"),
        rows=tuple(lines),
        notes=(*meanings(legend), *_ties(found.conditions, set(printed)), *counting.contract(found.layers)),
        head=head(network, shape, counting, found.layers) | {"symbols": legend},
    )


def _columns(counting: Counting, kind: Kind) -> tuple[Column, ...]:
    return (
        Column("row", "row"),
        Column("column", "column"),
        Column("width", "width", "count"),
        Column(counting.count, f"{counting.unit} per channel", kind),
        Column("params", "params per channel", kind),
    )


def _named(lines: list[dict[str, Value]]) -> set[str]:
    """The symbols that are left in the answer."""
    formulas = (value for line in lines for value in line.values() if isinstance(value, Formula))
    return {name for formula in formulas for name in formula.symbols}


def _step(size: sympy.Expr, name: sympy.Symbol, numbers: dict[sympy.Symbol, sympy.Integer]) -> sympy.Expr:
    """What one more of a width adds: its derivative, and more where the width enters squared."""
    alone = size.xreplace({other: number for other, number in numbers.items() if other != name})
    return alone.xreplace({name: numbers[name] + 1}) - alone.xreplace({name: numbers[name]})


def _no_widths(size: sympy.Expr) -> set[sympy.Symbol]:
    """The symbols that divide something: strides, which rounding hides, and groups."""
    quotients = {power for power in size.atoms(sympy.Pow) if power.exp.is_negative}
    return {name for each in size.atoms(sympy.floor, sympy.Min) | quotients for name in each.free_symbols}


def _value(size: sympy.Expr, places: tuple[sympy.Symbol, ...]) -> Value:
    """The step; half a channel more in a layer of half the width is not whole."""
    return int(size) if size.is_Integer else Formula(collected(size, places), whole=False)


def _formula(value: Value) -> Formula:
    return value if isinstance(value, Formula) else Formula(value)


def _ties(conditions: list[sympy.Basic], names: set[sympy.Symbol]) -> tuple[str, ...]:
    """What widths must agree with, so that one alone cannot be changed."""
    equal = [each for each in conditions if isinstance(each, sympy.Eq) and not each.atoms(sympy.Mod)]
    tied = [each for each in equal if each.free_symbols & names]
    if not tied:
        return ()
    return (f"Widths that others must agree with cannot change alone: {'; '.join(sentences(tied))}.",)
