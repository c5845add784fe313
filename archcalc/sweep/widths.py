"""The widths of a table: which cells hold one, and what a factor makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from archcalc.notation.expansion import OUTPUT
from archcalc.notation.network import Network
from archcalc.recorded.recording import Recorder
from archcalc.sizes import Shape, parse_shape

MULTIPLE = 8
"""What scaled widths are rounded to a multiple of, as MobileNet's are (Sandler et al., 2018)."""


def scaled(printed: int, factor: int | Fraction) -> int:
    """A width times a factor, rounded to the nearest multiple of 8, at least 8; as printed at the factor 1.

    >>> scaled(96, Fraction(1, 4)), scaled(12, 1), scaled(12, Fraction(3, 2))
    (24, 12, 16)
    """
    if factor == 1:
        return printed
    return max(MULTIPLE, MULTIPLE * int(printed * factor / Fraction(MULTIPLE) + Fraction(1, 2)))


def widths(network: Network, input: Shape | None = None) -> dict[tuple[str, str], int]:
    """The cells whose numbers are the channels of a layer, with these; the network's outputs excepted.

    The graph tells: a cell is a width if, recorded, it stands as the channels of some layer just as it is.
    """
    recorder = Recorder()
    printed = dict(_numbers(network))
    cells = {each: recorder.variable(f"{each}", 1, 2**20) for each in printed}
    graph = network.graph(input, heads=True, cells=cells)
    found = {id(shape.channels) for shape in graph.shapes.values()}
    ends = {id(graph.shapes[name].channels) for name in (*graph.outputs, *graph.heads.values())}
    return {each: printed[each] for each, variable in cells.items() if id(variable) in found - ends}


def _numbers(network: Network) -> Iterable[tuple[tuple[str, str], int]]:
    """The cells that hold a number which blocks may read."""
    for row in network.rows:
        for column, written in row.line.cells.items():
            if column in network.read_columns and written.text.isdecimal() and len(written.text) <= 15:
                yield (row.name, column), int(written.text)
            elif column == OUTPUT and (shape := parse_shape(written.text)):
                yield (row.name, column), shape.channels
