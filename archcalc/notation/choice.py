"""Choice by filled cells: which block a row takes.

Several blocks may share a name; a row takes the one that reads exactly its filled cells. An empty cell
that is read, a filled cell that is not read and two blocks that fit are errors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from archcalc.errors import DocumentError, listed, nearest, quoted, shortened
from archcalc.notation.arguments import lacking
from archcalc.notation.arithmetic import terms
from archcalc.notation.block import FIRST, FROM, RESERVED, Block, Chain, Step
from archcalc.notation.document import Line
from archcalc.ops import operations, otherwise

Cells = tuple[str, ...]
"""A row's cells in the columns that choose steps."""


class Readers:
    """Which columns the blocks of one network read, and so which block a row takes.

    `columns` are the table's, `readable` those that blocks may read, `choices` the steps that the cells of
    some columns choose; `unmarked` are what fences without the word `blocks` define, with the line of each.
    """

    def __init__(
        self,
        blocks: Mapping[str, list[Block]],
        columns: Collection[str],
        readable: Collection[str],
        choices: Mapping[str, Mapping[str, Chain]],
        unmarked: Mapping[str, int],
    ) -> None:
        self._blocks, self._columns, self._readable = blocks, columns, readable
        self._choices = choices
        self._optional = {column for column, known in choices.items() if "" in known}
        self._unmarked = unmarked
        self._known: dict[tuple[int, Cells | None], frozenset[str]] = {}
        self._factors: dict[str, frozenset[str]] = {}

    def choose(self, kind: str, line: Line, given: Collection[str]) -> tuple[Block | Step, Block | Step]:
        """The blocks that the first copy of a row of this type takes, and every other copy.

        They are one where no block is called `KIND (first)`. A row that names a bare operation takes a step
        of it. `given` are the columns that a size stands in for. Raises DocumentError where there is none or
        more than one.
        """
        place = line.cells["type"].place
        filled = {
            column
            for column in self._readable
            if column in given or (column in line.cells and line.cells[column].text)
        }
        if kind not in self._blocks:
            step = self._operation(kind, line, filled)
            return step, step
        firsts = self._blocks.get(kind + FIRST, [])
        pairs = [(first, block) for block in self._blocks[kind] for first in firsts or [block]]
        for block in (block for pair in pairs for block in pair):
            self.columns_of(block)  # what no cell chooses must make sense too
        cells = tuple(line.cells[each].text if each in line.cells else "" for each in self._choices)
        reads = [(pair, self.columns_of(pair[0], cells) | self.columns_of(pair[1], cells)) for pair in pairs]
        fitting = [pair for pair, read in reads if read - self._optional <= filled <= read]
        if len(fitting) > 1:
            lines = listed((str(pair[1].place.line) for pair in fitting), " and ")
            fact = f"two blocks {quoted(kind)} (lines {lines}) read exactly the filled cells"
            raise DocumentError(place, fact)
        if not fitting:
            raise _misfit(kind, line, filled, reads, self._columns)
        for block in fitting[0]:
            if block.parameters:
                parameter = shortened(f"{{{block.parameters[0]}}}")
                fact = f"block {quoted(block.name)} takes an argument, {parameter}, and a row gives none"
                raise DocumentError(place, fact)
        return fitting[0]

    def _operation(self, kind: str, line: Line, filled: set[str]) -> Step:
        """The step of a row that names an operation and nothing more."""
        place = line.cells["type"].place
        if kind not in operations():
            fact = f"no block is called {quoted(kind)}"
            if kind in self._unmarked:
                fact += (
                    f"; the fence in line {self._unmarked[kind]} defines it: begin that line with '```blocks'"
                )
            elif kind + FIRST in self._blocks:
                fact += f"; {quoted(kind + FIRST)} is for the first copy of a row, and stands beside it"
            else:
                fact += otherwise(kind) or nearest(kind, [*self._blocks, *operations()])
            raise DocumentError(place, fact)
        op = operations()[kind]
        if op.joins:
            fact = f"{quoted(kind)} joins branches: it stands in a block, and a row names the block"
            raise DocumentError(place, fact)
        if filled:
            raise _unread(kind, line, filled, "operation")
        if missing := lacking(op, ()):
            block = quoted(f"{kind} = {kind} ...")
            raise DocumentError(place, f"{quoted(kind)} needs {missing}: write a block {block} that says it")
        return Step(kind, (), kind, line.place)

    def columns_of(self, block: Block, cells: Cells | None = None) -> frozenset[str]:
        """The columns, of those that blocks may read, that a block reads, itself or through others.

        `cells` are those of a row that choose steps; without them every choice is looked at. Raises
        DocumentError where it reads what is no such column, or names a block that has several definitions.
        Each block is looked at once: many may use the same.
        """
        key = id(block), cells
        if key not in self._known:
            self._known[key] = frozenset().union(*self._read_by_steps(block, cells))
        return self._known[key]

    def factors(self, kind: str) -> frozenset[str]:
        """The names that blocks of this name multiply others with: `t` in `{t*in}`, `{t*width}`, `{in*t}`.

        What is passed to a block that uses it so is one too.
        """
        if kind not in self._factors:
            blocks = self._blocks.get(kind, ())
            found = (self._factors_of(step) for block in blocks for step in block.steps)
            self._factors[kind] = frozenset().union(*found)
        return self._factors[kind]

    def _factors_of(self, step: Step) -> set[str]:
        names: set[str] = set()
        used = self._blocks.get(step.name, ()) if step.is_call else ()
        passed = any(not self.factors(step.name).isdisjoint(block.parameters) for block in used)
        for inside in map(str.strip, step.braces):
            for term in [] if inside in self._readable else terms(inside):
                if passed or term.factor in RESERVED:
                    names.add(term.name)
                if term.factor:
                    names.add(term.factor)
            if passed and inside in self._readable:
                names.add(inside)
        return names

    @cached_property
    def counts(self) -> frozenset[str]:
        """The columns that say how often a step stands there: no sizes, but how a network is built."""
        return frozenset(step.times[1:-1].strip() for step in self._steps if step.times.startswith("{"))

    @cached_property
    def unsized(self) -> frozenset[str]:
        """The columns that hold no sizes, though a number may stand there: counts, and names of rows."""
        names = (
            inside
            for step in self._steps
            if step.name == FROM or "of" in step.arguments
            for inside in (step.braces if step.name == FROM else step.braces[-1:])
        )
        return self.counts | {name.strip() for name in names}

    @property
    def _steps(self) -> Iterator[Step]:
        return (step for blocks in self._blocks.values() for block in blocks for step in block.steps)

    def _read_by_steps(self, block: Block, cells: Cells | None) -> Iterator[Collection[str]]:
        for step in block.steps:
            for name in step.braces:
                yield _names(name.strip(), step, block, self._readable)
            if step.chosen:
                yield from self._read_by_choice(step, block, cells)
            elif step.is_call:
                definitions = self._blocks[step.name]
                if len(definitions) > 1:
                    fact = f"{quoted(step.name)} is defined {len(definitions)} times"
                    fact += ": only a row can choose among them"
                    raise DocumentError(step.place, fact)
                yield self.columns_of(definitions[0], cells)

    def _read_by_choice(self, step: Step, block: Block, cells: Cells | None) -> Iterator[Collection[str]]:
        """The columns that the steps read which the row's cell chooses, or any cell can choose."""
        if step.chosen not in self._choices:
            fact = (
                f"{quoted(step.name)} is no step: the setting 'choices' says what the cells of a column mean"
            )
            raise DocumentError(step.place, fact + nearest(step.chosen, self._choices))
        known = self._choices[step.chosen]
        cell = "" if cells is None else cells[list(self._choices).index(step.chosen)]
        every = cells is None or cell not in known
        for chain in known.values() if every else [known[cell]]:
            yield from self._read_by_steps(
                replace(block, before=list(chain), join=None, branches=[], after=[]), cells
            )


def _misfit(
    kind: str,
    line: Line,
    filled: set[str],
    reads: list[tuple[tuple[Block, Block], frozenset[str]]],
    columns: Collection[str],
) -> DocumentError:
    """Why no block of this name reads exactly the filled cells."""
    unread = filled - set().union(*(read for _, read in reads))
    if unread:
        return _unread(kind, line, unread, "block")
    if len(reads) == 1:
        column = next(column for column in columns if column in reads[0][1] - filled)
        place = line.cells[column].place if column in line.cells else line.place._replace(column=column)
        return DocumentError(place, f"block {quoted(kind)} reads this cell, and it is empty")
    said = listed((f"line {pair[1].place.line} reads {_listed(read, columns)}" for pair, read in reads), "; ")
    fact = f"no block {quoted(kind)} reads exactly the filled cells, {_listed(filled, columns)}: {said}"
    return DocumentError(line.cells["type"].place, fact)


def _listed(some: Collection[str], columns: Collection[str]) -> str:
    return listed(quoted(column) for column in columns if column in some) or "none"


def _unread(kind: str, line: Line, unread: set[str], what: str) -> DocumentError:
    column = next(column for column in line.cells if column in unread)
    cell = line.cells[column]
    return DocumentError(
        cell.place, f"{quoted(cell.text)} is given, but no {what} {quoted(kind)} reads this column"
    )


def _names(inside: str, step: Step, block: Block, columns: Collection[str]) -> set[str]:
    """The columns in one pair of braces: the whole of it, or the parts of its arithmetic."""
    known = (*columns, *RESERVED, *block.parameters)
    if inside in known:
        names = [inside]
    else:
        found = terms(inside)
        names = [name for term in found for name in term.names] if found else [inside]
    for name in names:
        if name not in known:
            fact = f"{quoted(f'{{{name}}}')} is no column that blocks read{nearest(name, known)}"
            if re.search(r"[^ ][+-]|[+-][^ ]", inside):
                fact += "; a sum has spaces around its signs"
            if name != inside:
                fact = f"in {quoted(f'{{{inside}}}')}, {quoted(name)} is no whole number"
                fact += f" and no column that blocks read{nearest(name, known)}"
            raise DocumentError(step.place, fact)
    return {name for name in names if name in columns and name not in block.parameters}
