"""The widths of a table: which cells hold one, and what a factor makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from archcalc.graph import Network
from archcalc.recorded.recording import VARIABLE, Recorded, Recorder
from archcalc.sizes import Size
from archcalc.sizes.inputs import Entering

WIDTH = "width"
"""The axis that scales every width."""
LARGEST = 10**15
"""Wider than any layer: what a table prints beyond it is no width that a factor could scale."""


def scaled(printed: int, factor: int | Fraction, multiple: int) -> int:
    """A width times a factor, rounded to the nearest multiple, at least one; as printed at the factor 1.

    >>> scaled(96, Fraction(1, 4), 8), scaled(12, 1, 8), scaled(12, Fraction(3, 2), 8)
    (24, 12, 16)
    """
    if factor == 1:
        return printed
    return max(multiple, multiple * int(printed * factor / Fraction(multiple) + Fraction(1, 2)))


def widths(network: Network, input: Entering | None = None) -> dict[tuple[str, str], int]:
    """The cells whose numbers are the channels of a layer, with these; those of the outputs excepted.

    The graph tells: a cell is a width if, recorded, it stands as the channels of some layer just as it is.
    Where it stands there times something or divided, it is one too, unless a block writes it as the factor.
    """
    recorder = Recorder()
    printed = {(each.row, each.column): each for each in network.widths() if each.size < LARGEST}
    cells = {place: recorder.variable(f"{place}", 1, 2**20) for place in printed}
    graph = network.graph(input, heads=True, cells=cells)
    channels = [shape.channels for shape in graph.shapes.values()]
    alone, within = set(map(id, channels)), _within(channels)
    ends = [graph.nodes[name] for name in (*graph.outputs, *graph.heads.values())]
    fixed = {id(graph.shapes[end.name].channels) for end in ends}
    own = {(end.row, name) for end in ends for name in _within([graph.shapes[end.name].channels])}

    def is_width(place: tuple[str, str]) -> bool:
        cell = cells[place]
        if id(cell) in fixed or (place[0], cell.name) in own:
            return False
        return id(cell) in alone or (cell.name in within and not printed[place].factor)

    return {place: each.size for place, each in printed.items() if is_width(place)}


def _within(channels: Iterable[Size]) -> set[str]:
    """The variables that channels are multiples or parts of; a sum, such as that of places, is neither."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting: list[Size] = list(channels)
    while waiting:
        size = waiting.pop()
        if not isinstance(size, Recorded) or size.number in seen:
            continue
        seen.add(size.number)
        if size.operation == VARIABLE:
            found.add(size.name)
        elif size.operation == "*" or (size.operation == "//" and isinstance(size.operands[1], int)):
            waiting += size.operands
    return found
