"""What braces stand for in one use of a block: a cell, a parameter, `{in}` or `{out}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, Refused, listed, nearest, quoted
from archcalc.graph import Graph
from archcalc.notation.arithmetic import Given, whole
from archcalc.notation.binding import Bound, Written
from archcalc.notation.block import Block, Every, Step
from archcalc.notation.document import OUTPUT, Cell
from archcalc.sizes import Requirement, Shape, Size
from archcalc.sizes.written import parse_shape


class RowContext(NamedTuple):
    """What the steps of one row read: its cells, and where errors say they happened.

    `bound` are the operations of its steps that read nothing but its own cells, by name and arguments.
    """

    row: str
    place: Place
    cells: Mapping[str, Cell]
    sizes: Mapping[str, Size]
    head: str
    blocks: Mapping[str, Block]
    bound: dict[Written, Bound]


class Frame(NamedTuple):
    """One use of a block: where its nodes are named, what enters it and from which node, its parameters."""

    scope: str
    branch: str
    enters: Shape
    source: str
    every: Mapping[str, Every]
    given: Mapping[str, Given] = {}


class Braces(NamedTuple):
    """What a step's braces read in one use of a block; their arithmetic is required of the graph."""

    graph: Graph
    context: RowContext
    frame: Frame

    def __call__(self, name: str, /) -> Given:
        """What a name in braces stands for. Raises Refused."""
        found = self.find(name.strip())
        if found is None:
            cells = self.context.cells
            raise Refused(
                f"{quoted(f'{{{name.strip()}}}')} is no column of the table{nearest(name.strip(), cells)}"
            )
        return found

    def find(self, name: str) -> Given | None:
        """What a name stands for; None where it is no column. Raises Refused where `{out}` says nothing."""
        context, frame = self.context, self.frame
        if name in frame.given:
            return frame.given[name]
        if name == "in":
            return Given(frame.enters.channels)
        if name == "out":
            return _out(context, frame.enters)
        if name not in context.cells:
            return None
        cell = context.cells[name]
        return Given(context.sizes.get(name, cell.text), cell.place)

    def stay(self, names: Iterable[str]) -> bool:
        """Whether these names stand for the same whenever the row is read: for the texts of its cells."""
        cells, sizes = self.context.cells, self.context.sizes
        return not self.frame.given and not any(
            name in ("in", "out") or name in sizes or (name in cells and "{" in cells[name].text)
            for name in names
        )

    def require(self, requirement: Requirement, /) -> None:
        self.graph.require(self.frame.scope, requirement)


def _out(context: RowContext, enters: Shape) -> Given:
    """`{out}`: the channels of the row's output size, where the paper states a width nowhere else."""
    cell = context.cells.get(OUTPUT)
    if OUTPUT in context.sizes:
        return Given(context.sizes[OUTPUT])
    if cell is None:
        raise Refused(f"{{out}} is the channels of the column '{OUTPUT}', and the table has none")
    if not cell.text:
        raise DocumentError(cell.place, "{out} reads this cell, and it is empty")
    shape = parse_shape(cell.text)
    if shape is None:
        raise DocumentError(
            cell.place, f"expected an output size such as 28x28x256, found {quoted(cell.text)}"
        )
    if 1 <= len(shape.places) == len(enters.places) - 1:
        raise DocumentError(
            cell.place, f"{{out}} reads the channels of this cell, and {quoted(cell.text)} states none"
        )
    return Given(shape.channels, cell.place)


def given_by(step: Step, block: Block, braces: Braces) -> Mapping[str, Given]:
    """What a step gives for the parameters of the block it names. Raises Refused where it gives too few."""
    wanted = block.parameters
    if len(step.arguments) != len(wanted):
        what = "no argument"
        if wanted:
            count = "one argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
            what = f"{count}, {listed(f'{{{name}}}' for name in wanted)}"
        given = len(step.arguments) or "none"
        raise Refused(f"block '{block.name}' takes {what}, and is given {given}")
    return {name: _argument(word, braces) for name, word in zip(wanted, step.arguments, strict=True)}


def _argument(word: str, braces: Braces) -> Given:
    if not word.startswith("{"):
        return Given(word)
    try:
        return braces(word[1:-1])
    except Refused:
        return Given(whole(word, braces))
