"""A row and the block it takes -> nodes of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, Refused, nearest, quoted
from archcalc.graph import Graph
from archcalc.notation.arguments import LARGEST, Given, whole
from archcalc.notation.binding import Bindings, Bound, Written
from archcalc.notation.block import Block, Chain, Every, Step
from archcalc.notation.block_sizes import MOST_LAYERS
from archcalc.notation.document import OUTPUT, Cell
from archcalc.notation.paths import identifier
from archcalc.ops import operations
from archcalc.sizes import Requirement, Shape, Size, parse_shape

BARE = "bare"


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
    """One use of a block: where its nodes are named, what enters it, what its parameter is."""

    scope: str
    branch: str
    enters: Shape
    every: Mapping[str, Every]
    parameter: str = ""
    given: Given = Given("")


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
        if frame.parameter and name == frame.parameter:
            return frame.given
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
        return not self.frame.parameter and not any(
            name in ("in", "out") or name in sizes or (name in cells and "{" in cells[name].text)
            for name in names
        )

    def require(self, requirement: Requirement, /) -> None:
        self.graph.require(self.frame.scope, requirement)


class Expansion:
    """Adds rows to a graph; `every` is what the network's settings add to operations.

    `bindings` keep the operations that its steps were bound to, for the next graph of the network.
    """

    def __init__(self, graph: Graph, every: Mapping[str, Every], bindings: Bindings) -> None:
        self.graph = graph
        self.every = every
        self._bindings = bindings
        self._scopes: set[str] = set()
        self._counts: dict[str, int] = {}

    def row(self, context: RowContext, what: Block | Step, source: str, scope: str) -> str:
        """Add one row after the node `source`; the name of the node that gives its output."""
        frame = Frame(scope, "", self.graph.shapes[source], self.every)
        if isinstance(what, Step):
            return self._operation(context, frame, what, (source,))
        return self._block(context, frame, what, source)

    def _block(self, context: RowContext, frame: Frame, block: Block, source: str) -> str:
        every = {**frame.every, **block.every} if block.every else frame.every
        frame = Frame(frame.scope, frame.branch, frame.enters, every, block.parameter, frame.given)
        source = self._chain(context, frame, block.before, source)
        if block.join is None:
            return source
        ends = []
        for number, branch in enumerate(block.branches, start=1):
            name = f"branch{number}"
            inside = Frame(f"{frame.scope}.{name}", frame.branch or name, *frame[2:])
            ends.append(self._chain(context, inside, branch, source))
        joined = self._operation(context, frame, block.join, tuple(ends))
        channels = self.graph.shapes[joined].channels
        if type(channels) is int and channels > LARGEST:  # joins alone can double a number again and again
            raise self._error(
                context, block.join, Refused("the channels are a number of more than 300 digits")
            )
        return self._chain(context, frame, block.after, joined)

    def _chain(self, context: RowContext, frame: Frame, chain: Chain, source: str) -> str:
        for step in chain:
            if step.name in operations():
                source = self._operation(context, frame, step, (source,))
            else:
                source = self._call(context, frame, step, source)
        return source

    def _call(self, context: RowContext, frame: Frame, step: Step, source: str) -> str:
        """A step that names a block."""
        block = context.blocks[step.name]
        try:
            given = self._argument(context, frame, block, step)
        except Refused as refused:
            raise self._error(context, step, refused) from None
        scope = self._scope(f"{frame.scope}.{identifier(step.name)}")
        inside = Frame(scope, frame.branch, self.graph.shapes[source], frame.every, given=given)
        return self._block(context, inside, block, source)

    def _argument(self, context: RowContext, frame: Frame, block: Block, step: Step) -> Given:
        wanted = 1 if block.parameter else 0
        if len(step.arguments) != wanted:
            what = f"one argument, {{{block.parameter}}}" if wanted else "no argument"
            given = len(step.arguments) or "none"
            raise Refused(f"block '{block.name}' takes {what}, and is given {given}")
        if not wanted:
            return Given("")
        word = step.arguments[0]
        if not word.startswith("{"):
            return Given(word)
        braces = Braces(self.graph, context, frame)
        try:
            return braces(word[1:-1])
        except Refused:
            return Given(whole(word, braces))

    def _operation(self, context: RowContext, frame: Frame, step: Step, sources: tuple[str, ...]) -> str:
        """A step that names an operation, and what `every` adds to it."""
        arguments = step.arguments
        after: Chain = ()
        if BARE in arguments:
            arguments = tuple(argument for argument in arguments if argument != BARE)
        elif step.name in frame.every:
            rule = frame.every[step.name]
            arguments, after = (*arguments, *rule.arguments), rule.after
        source = name = self._node(context, frame, step, arguments, sources, f"{frame.scope}.")
        for following in after:  # its node is called after the one it follows
            source = self._node(context, frame, following, following.arguments, (source,), f"{name}_")
        return source

    def _node(
        self,
        context: RowContext,
        frame: Frame,
        step: Step,
        arguments: tuple[str, ...],
        sources: tuple[str, ...],
        prefix: str,
    ) -> str:
        """Add one operation to the graph; its name is its label behind the prefix."""
        try:
            if len(self.graph.nodes) == MOST_LAYERS:
                raise Refused(f"the network has more than {MOST_LAYERS:,} layers")
            written = step.name, arguments
            bound = self._bindings.fixed.get(written)
            if bound is None and not frame.parameter:
                bound = context.bound.get(written)
            if bound is None:
                braces = Braces(self.graph, context, frame)
                bound = self._bindings.bind(step.name, arguments, braces, braces.find)
                if braces.stay(self._bindings.names(arguments)):
                    context.bound[written] = bound
            return self.graph.add(
                prefix + bound.label,
                bound.op,
                *sources,
                row=context.row,
                branch=frame.branch,
                head=context.head,
            )
        except Refused as refused:
            raise self._error(context, step, refused) from None

    def _scope(self, scope: str) -> str:
        """A scope that no other use of a block has."""
        # What was taken stays taken: the search goes on where the last one for this scope ended.
        name, count = scope, self._counts.get(scope, 1)
        while name in self._scopes or name in self.graph.nodes:
            count += 1
            name = f"{scope}_{count}"
        self._scopes.add(name)
        self._counts[scope] = count
        return name

    def _error(self, context: RowContext, step: Step, refused: Refused) -> DocumentError:
        file, line, row, _ = context.place
        where = f"in row {quoted(row)} ({'line ' if file == step.place.file else file + ':'}{line})"
        if step.place == context.place:  # the row itself names the operation
            return DocumentError(context.place, str(refused))
        return DocumentError(step.place, f"{quoted(step.text)} {where}: {refused}")


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
    if len(shape.places) == 1 and len(enters.places) == 2:
        raise DocumentError(
            cell.place, f"{{out}} reads the channels of this cell, and {quoted(cell.text)} states none"
        )
    return Given(shape.channels, cell.place)
