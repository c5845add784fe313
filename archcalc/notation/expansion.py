"""A row and the block it takes -> nodes of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archcalc import numerals
from archcalc.errors import DocumentError, Refused, quoted
from archcalc.graph import Graph, Node
from archcalc.notation.arithmetic import LARGEST, whole
from archcalc.notation.binding import Bindings
from archcalc.notation.block import FROM, Block, Chain, Every, Step
from archcalc.notation.block_sizes import MOST_LAYERS
from archcalc.notation.braces import Braces, Frame, RowContext, given_by
from archcalc.notation.ends import Ends
from archcalc.notation.paths import identifier
from archcalc.notation.recipe import Reading, entry
from archcalc.notation.sharing import Sharing
from archcalc.ops import Op

BARE = "bare"


class Rules(NamedTuple):
    """What a network's settings say of its blocks: what `every` adds to operations, what `choices` the cells
    of a column make, and the blocks that are `shared`, whose uses have the same weights.
    """

    every: Mapping[str, Every]
    choices: Mapping[str, Mapping[str, Chain]]
    shared: frozenset[str]


class Expansion:
    """Adds rows to a graph by the rules of a network.

    `bindings` keep the operations that its steps were bound to, for the next graph of the network; `ends`
    are the nodes in which its rows end.
    """

    def __init__(self, graph: Graph, rules: Rules, bindings: Bindings, ends: Ends) -> None:
        self.graph = graph
        self.rules = rules
        self.ends = ends
        self._bindings = bindings
        self._scopes: set[str] = set()
        self._counts: dict[str, int] = {}
        self.sharing = Sharing(graph, rules.shared)
        self.recipe: list[Node | Reading] | None = None
        """How the last row's nodes were made; None where that is no recipe for another graph."""

    def row(self, context: RowContext, what: Block | Step, source: str, scope: str) -> str:
        """Add one row after the node `source`; the name of the node that gives its output."""
        self.recipe = []
        frame = Frame(scope, "", self.graph.shapes[source], source, self.rules.every)
        if isinstance(what, Step):
            return self._operation(context, frame, what, (source,))
        return self._block(context, frame, what, source)

    def _block(self, context: RowContext, frame: Frame, block: Block, source: str) -> str:
        if block.name not in self.rules.shared:
            return self._expanded(context, frame, block, source)
        self.recipe = None  # whose weights it has is found out anew in each graph
        with self.sharing.of(block.name):
            return self._expanded(context, frame, block, source)

    def _expanded(self, context: RowContext, frame: Frame, block: Block, source: str) -> str:
        every = {**frame.every, **block.every} if block.every else frame.every
        source = self._start(context, frame, block.before, source)
        frame = Frame(frame.scope, frame.branch, self.graph.shapes[source], source, every, frame.given)
        source = self._chain(context, frame, block.before, source)
        if block.join is None:
            return source
        ends: list[str] = []
        for chain in block.branches:
            for start in self._starts(context, frame, chain, source):
                name = f"branch{len(ends) + 1}"
                inside = Frame(f"{frame.scope}.{name}", frame.branch or name, *frame[2:])
                ends.append(self._chain(context, inside, chain, start))
        joined = self._operation(context, frame, block.join, tuple(ends))
        channels = self.graph.shapes[joined].channels
        if type(channels) is int and channels > LARGEST:  # joins alone can double a number again and again
            raise self._error(
                context, block.join, Refused("the channels are a number of more than 300 digits")
            )
        return self._chain(context, frame, block.after, joined)

    def _start(self, context: RowContext, frame: Frame, chain: Chain, source: str) -> str:
        """Where a block starts: from `source`, or from the one row that its first step names."""
        starts = self._starts(context, frame, chain, source)
        if len(starts) > 1:
            fact = "a block starts from one row; a branch that names several stands for one of each"
            raise self._error(context, chain[0], Refused(fact))
        return starts[0]

    def _starts(self, context: RowContext, frame: Frame, chain: Chain, source: str) -> list[str]:
        """Where a chain starts: from `source`, or from each row or input that its first step names."""
        if not chain or chain[0].name != FROM:
            return [source]
        step = chain[0]
        try:
            return [self.ends.node(name) for name in self._named(context, frame, step.arguments)]
        except Refused as refused:
            raise self._error(context, step, refused) from None

    def _named(self, context: RowContext, frame: Frame, words: tuple[str, ...]) -> list[str]:
        """The names of rows that words give, written out or in the cell of a column."""
        if len(words) != 1 or not words[0].startswith("{"):
            return self.ends.names(" ".join(words), None)
        value, place = Braces(self.graph, context, frame)(words[0][1:-1])
        return self.ends.names(str(value), place)

    def _chain(self, context: RowContext, frame: Frame, chain: Chain, source: str) -> str:
        for step in chain:
            if step.name == FROM:  # where the chain starts was looked up before
                continue
            for _ in range(self._times(context, frame, step)):
                source = self._step(context, frame, step, source)
        return source

    def _step(self, context: RowContext, frame: Frame, step: Step, source: str) -> str:
        if step.chosen:
            return self._chain(context, frame, self._choice(context, step), source)
        if step.is_call:
            return self._call(context, frame, step, source)
        return self._operation(context, frame, step, (source,))

    def _times(self, context: RowContext, frame: Frame, step: Step) -> int:
        """How often a step stands there."""
        if not step.times:
            return 1
        name = step.times[1:-1].strip()
        if not step.times.isdecimal() and (name not in context.cells or name in frame.given):
            self.recipe = None  # it may read what enters
        try:
            times = whole(step.times, Braces(self.graph, context, frame))
            if type(times) is not int or not 1 <= times <= MOST_LAYERS:
                raise Refused(f"a step stands there 1 to {numerals.whole(MOST_LAYERS)} times, not {times}")
        except Refused as refused:
            raise self._error(context, step, refused) from None
        return times

    def _choice(self, context: RowContext, step: Step) -> Chain:
        """The steps that a row's cell chooses."""
        cell, known = context.cells[step.chosen], self.rules.choices[step.chosen]
        said = "" if cell.text == "-" else cell.text  # in `yes then -`
        if said not in known:
            written = " or ".join(quoted(text or "-") for text in known)
            raise DocumentError(cell.place, f"expected {written}, found {quoted(said or '-')}")
        return known[said]

    def _call(self, context: RowContext, frame: Frame, step: Step, source: str) -> str:
        """A step that names a block."""
        block = context.blocks[step.name]
        try:
            given = given_by(step, block, Braces(self.graph, context, frame))
        except Refused as refused:
            raise self._error(context, step, refused) from None
        scope = self._scope(f"{frame.scope}.{identifier(step.name)}")
        inside = Frame(scope, frame.branch, self.graph.shapes[source], source, frame.every, given)
        return self._block(context, inside, block, source)

    def _operation(self, context: RowContext, frame: Frame, step: Step, sources: tuple[str, ...]) -> str:
        """A step that names an operation, and what `every` adds to it."""
        arguments, lender = self._lender(context, frame, step)
        after: Chain = ()
        if BARE in arguments:
            arguments = tuple(argument for argument in arguments if argument != BARE)
        elif step.name in frame.every:
            rule = frame.every[step.name]
            arguments, after = (*arguments, *rule.arguments), rule.after
        source = name = self._node(context, frame, step, arguments, sources, f"{frame.scope}.", lender)
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
        lender: str = "",
    ) -> str:
        """Add one operation to the graph; its name is its label behind the prefix.

        It uses the weights of the row that lends them.
        """
        try:
            if len(self.graph.nodes) == MOST_LAYERS:
                raise Refused(f"the network has more than {numerals.whole(MOST_LAYERS)} layers")
            written = step.name, arguments
            bound = self._bindings.fixed.get(written)
            if bound is None and not frame.given:
                bound = context.bound.get(written)
            if bound is None:
                braces = Braces(self.graph, context, frame)
                bound = self._bindings.bind(step.name, arguments, braces, braces.find)
                if braces.stay(self._bindings.names(arguments)):
                    context.bound[written] = bound
            op, label = bound
            lent = self._weights_of(op, sources, lender)
            fields = (prefix + label, op, sources, context.row, frame.branch, context.head, lent, False)
            name = self.graph.append(tuple.__new__(Node, fields))  # as Node(*fields), and fast
            if self.recipe is not None:
                made = entry(self.graph.nodes[name], written, frame, self._bindings.fixed, context.bound)
                if made is None:
                    self.recipe = None
                else:
                    self.recipe.append(made)
            return name
        except Refused as refused:
            raise self._error(context, step, refused) from None

    def _weights_of(self, op: Op, sources: tuple[str, ...], lender: str) -> str:
        """The earlier node whose weights an operation uses; empty where its weights are its own."""
        if lender:
            return self.sharing.of_row(op, sources, lender)
        return self.sharing.of_block(op) if self.rules.shared else ""

    def _lender(self, context: RowContext, frame: Frame, step: Step) -> tuple[tuple[str, ...], str]:
        """A step's arguments without `weights of ROW`, and a node of the row whose weights it uses."""
        words = step.arguments
        if "of" not in words or words[words.index("of") - 1] != "weights":
            return words, ""
        end = words.index("of") - 1
        try:
            names = self._named(context, frame, words[end + 2 :])
            if len(names) != 1:
                raise Refused("a layer uses the weights of one row")
            return words[:end], self.ends.node(names[0])
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
