"""The widths of a table: which cells hold one, and what a factor makes of it."""

from __future__ import annotations

from fractions import Fraction

from archcalc.graph import Network
from archcalc.recorded.recording import Recorder
from archcalc.sizes import Shape

MULTIPLE = 8
"""What scaled widths are rounded to a multiple of, as MobileNet's are (Sandler et al., 2018)."""
LARGEST = 10**15
"""Wider than any layer: what a table prints beyond it is no width that a factor could scale."""


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
    printed = {(each.row, each.column): each.size for each in network.widths() if each.size < LARGEST}
    cells = {each: recorder.variable(f"{each}", 1, 2**20) for each in printed}
    graph = network.graph(input, heads=True, cells=cells)
    found = {id(shape.channels) for shape in graph.shapes.values()}
    ends = {id(graph.shapes[name].channels) for name in (*graph.outputs, *graph.heads.values())}
    return {each: printed[each] for each, variable in cells.items() if id(variable) in found - ends}
