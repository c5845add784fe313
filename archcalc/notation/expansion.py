"""A row and the block it takes -> nodes of a graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from keyword import iskeyword
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, Refused, nearest, quoted
from archcalc.graph import Graph
from archcalc.notation.arguments import Given, bind, whole
from archcalc.notation.block import Block, Chain, Every, Step
from archcalc.notation.document import Cell
from archcalc.ops import Op, operations
from archcalc.sizes import Requirement, Shape, Size, parse_shape

BARE = "bare"
MOST_LAYERS = 250_000
"""Far beyond any network; blocks that double one another, or a repeat, would go on for ever."""
OUTPUT = "output size"

TAKEN = frozenset(
    """T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
    ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu
    zero_grad""".split()  # noqa: SIM905 -- as a list, one name a line, it would fill a screen
)
"""Names that torch's modules use themselves: a part of a path that is one of them gets a `_`."""


class Reading(NamedTuple):
    """What the steps of one row read: its cells, and where errors say they happened."""

    row: str
    place: Place
    cells: Mapping[str, Cell]
    sizes: Mapping[str, Size]
    head: str
    blocks: Mapping[str, Block]


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
    reading: Reading
    frame: Frame

    def __call__(self, name: str, /) -> Given:
        """What a name in braces stands for. Raises Refused."""
        name, reading, frame = name.strip(), self.reading, self.frame
        if frame.parameter and name == frame.parameter:
            return frame.given
        if name == "in":
            return Given(frame.enters.channels)
        if name == "out":
            return _out(reading, frame.enters)
        if name in reading.sizes:
            return Given(reading.sizes[name], reading.cells[name].place)
        if name not in reading.cells:
            raise Refused(f"{quoted(f'{{{name}}}')} is no column of the table{nearest(name, reading.cells)}")
        return Given(reading.cells[name].text, reading.cells[name].place)

    def require(self, requirement: Requirement, /) -> None:
        self.graph.require(self.frame.scope, requirement)


def identifier(text: str) -> str:
    """A text as part of a path.

    >>> identifier("inception 3a"), identifier("half"), identifier("5x5/2")
    ('inception_3a', 'half_', '5x5_2')
    """
    name = re.sub(r"\W+", "_", text).strip("_") or "_"
    return name + "_" if name in TAKEN or iskeyword(name) else name


class Expansion:
    """Adds rows to a graph; `every` is what the network's settings add to operations."""

    def __init__(self, graph: Graph, every: Mapping[str, Every]) -> None:
        self.graph = graph
        self.every = every
        self._scopes: set[str] = set()

    def row(self, reading: Reading, what: Block | Step, source: str, scope: str) -> str:
        """Add one row after the node `source`; the name of the node that gives its output."""
        frame = Frame(scope, "", self.graph.shapes[source], self.every)
        if isinstance(what, Step):
            return self._operation(reading, frame, what, (source,))
        return self._block(reading, frame, what, source)

    def _block(self, reading: Reading, frame: Frame, block: Block, source: str) -> str:
        if block.every:
            frame = frame._replace(every={**frame.every, **block.every})
        frame = frame._replace(parameter=block.parameter)
        source = self._chain(reading, frame, block.before, source)
        if block.join is None:
            return source
        ends = []
        for number, branch in enumerate(block.branches, start=1):
            name = f"branch{number}"
            inside = frame._replace(scope=f"{frame.scope}.{name}", branch=frame.branch or name)
            ends.append(self._chain(reading, inside, branch, source))
        joined = self._operation(reading, frame, block.join, tuple(ends))
        return self._chain(reading, frame, block.after, joined)

    def _chain(self, reading: Reading, frame: Frame, chain: Chain, source: str) -> str:
        for step in chain:
            if step.name in operations():
                source = self._operation(reading, frame, step, (source,))
            else:
                source = self._call(reading, frame, step, source)
        return source

    def _call(self, reading: Reading, frame: Frame, step: Step, source: str) -> str:
        """A step that names a block."""
        block = reading.blocks[step.name]
        try:
            given = self._argument(reading, frame, block, step)
        except Refused as refused:
            raise self._error(reading, step, refused) from None
        inside = frame._replace(
            scope=self._scope(f"{frame.scope}.{identifier(step.name)}"),
            enters=self.graph.shapes[source],
            given=given,
        )
        return self._block(reading, inside, block, source)

    def _argument(self, reading: Reading, frame: Frame, block: Block, step: Step) -> Given:
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
        braces = Braces(self.graph, reading, frame)
        try:
            return braces(word[1:-1])
        except Refused:
            return Given(whole(word, braces))

    def _operation(self, reading: Reading, frame: Frame, step: Step, sources: tuple[str, ...]) -> str:
        """A step that names an operation, and what `every` adds to it."""
        arguments = step.arguments
        after: Chain = ()
        if BARE in arguments:
            arguments = tuple(argument for argument in arguments if argument != BARE)
        elif step.name in frame.every:
            rule = frame.every[step.name]
            arguments, after = (*arguments, *rule.arguments), rule.after
        source = name = self._node(reading, frame, step, arguments, sources, f"{frame.scope}.")
        for following in after:  # its node is called after the one it follows
            source = self._node(reading, frame, following, following.arguments, (source,), f"{name}_")
        return source

    def _node(
        self,
        reading: Reading,
        frame: Frame,
        step: Step,
        arguments: tuple[str, ...],
        sources: tuple[str, ...],
        prefix: str,
    ) -> str:
        """Add one operation to the graph; its name is its label behind the prefix."""
        try:
            if len(self.graph) == MOST_LAYERS:
                raise Refused(f"the network has more than {MOST_LAYERS:,} layers")
            op = bind(operations()[step.name], arguments, Braces(self.graph, reading, frame))
            name = prefix + _label(op)
            return self.graph.add(name, op, *sources, row=reading.row, branch=frame.branch, head=reading.head)
        except Refused as refused:
            raise self._error(reading, step, refused) from None

    def _scope(self, scope: str) -> str:
        """A scope that no other use of a block has."""
        count, name = 1, scope
        while name in self._scopes or name in self.graph.nodes:
            count += 1
            name = f"{scope}_{count}"
        self._scopes.add(name)
        return name

    def _error(self, reading: Reading, step: Step, refused: Refused) -> DocumentError:
        file, line, row, _ = reading.place
        where = f"in row {quoted(row)} ({'line ' if file == step.place.file else file + ':'}{line})"
        if step.place == reading.place:  # the row itself names the operation
            return DocumentError(reading.place, str(refused))
        return DocumentError(step.place, f"{quoted(step.text)} {where}: {refused}")


def _label(op: Op) -> str:
    """What a node is called within its scope: `conv3x3`, `max_pool3x3`, `relu`."""
    kernel = getattr(op, "kernel", None)
    return identifier(op.name + (f"{kernel[0]}x{kernel[1]}" if kernel else ""))


def _out(reading: Reading, enters: Shape) -> Given:
    """`{out}`: the channels of the row's output size, where the paper states a width nowhere else."""
    cell = reading.cells.get(OUTPUT)
    if OUTPUT in reading.sizes:
        return Given(reading.sizes[OUTPUT])
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
