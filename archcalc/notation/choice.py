"""Choice by filled cells: which block a row takes.

Several blocks may share a name; a row takes the one that reads exactly its filled cells. An empty cell
that is read, a filled cell that is not read and two blocks that fit are errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from archcalc.errors import DocumentError, listed, nearest, quoted, shortened
from archcalc.notation.arguments import ARITHMETIC, WHOLE, lacking
from archcalc.notation.block import RESERVED, Block, Step
from archcalc.notation.document import Line
from archcalc.ops import operations, otherwise


class Readers:
    """Which columns the blocks of one network read, and so which block a row takes.

    `columns` are the table's, `readable` those that blocks may read; `unmarked` are what fences without the
    word `blocks` define, with the line of each.
    """

    def __init__(
        self,
        blocks: Mapping[str, list[Block]],
        columns: Collection[str],
        readable: Collection[str],
        unmarked: Mapping[str, int],
    ) -> None:
        self._blocks, self._columns, self._readable = blocks, columns, readable
        self._unmarked = unmarked
        self._known: dict[int, frozenset[str]] = {}

    def choose(self, kind: str, line: Line, given: Collection[str]) -> Block | Step:
        """The block, or the step of one bare operation, that a row of this type takes.

        `given` are the columns that a size stands in for. Raises DocumentError where there is none or more
        than one.
        """
        place = line.cells["type"].place
        filled = {
            column
            for column in self._readable
            if column in given or (column in line.cells and line.cells[column].text)
        }
        if kind not in self._blocks:
            return self._operation(kind, line, filled)
        reads = [(block, self.columns_of(block)) for block in self._blocks[kind]]
        fitting = [block for block, read in reads if read == filled]
        if len(fitting) > 1:
            lines = listed((str(block.place.line) for block in fitting), " and ")
            fact = f"two blocks {quoted(kind)} (lines {lines}) read exactly the filled cells"
            raise DocumentError(place, fact)
        if not fitting:
            raise _misfit(kind, line, filled, reads, self._columns)
        if fitting[0].parameter:
            parameter = shortened(f"{{{fitting[0].parameter}}}")
            fact = f"block {quoted(kind)} takes an argument, {parameter}, and a row gives none"
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

    def columns_of(self, block: Block) -> frozenset[str]:
        """The columns, of those that blocks may read, that a block reads, itself or through others.

        Raises DocumentError where it reads what is no such column, or names a block that has several
        definitions. Each block is looked at once: many may use the same.
        """
        if id(block) not in self._known:
            self._known[id(block)] = frozenset().union(*self._read_by_steps(block))
        return self._known[id(block)]

    def _read_by_steps(self, block: Block) -> Iterator[Collection[str]]:
        for step in block.steps:
            for name in step.braces:
                yield _names(name.strip(), step, block, self._readable)
            if step.name not in operations():
                definitions = self._blocks[step.name]
                if len(definitions) > 1:
                    fact = f"{quoted(step.name)} is defined {len(definitions)} times"
                    fact += ": only a row can choose among them"
                    raise DocumentError(step.place, fact)
                yield self.columns_of(definitions[0])


def _misfit(
    kind: str,
    line: Line,
    filled: set[str],
    reads: list[tuple[Block, frozenset[str]]],
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
    said = listed((f"line {block.place.line} reads {_listed(read, columns)}" for block, read in reads), "; ")
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
    known = (*columns, *RESERVED, *((block.parameter,) if block.parameter else ()))
    if inside in known:
        names = [inside]
    else:
        match = ARITHMETIC.fullmatch(inside)
        parts = (match[1], match[2]) if match else (inside,)
        names = [name for name in parts if name and not WHOLE.fullmatch(name)]
    for name in names:
        if name not in known:
            fact = f"{quoted(f'{{{name}}}')} is no column that blocks read{nearest(name, known)}"
            if name != inside:
                fact = f"in {quoted(f'{{{inside}}}')}, {quoted(name)} is no whole number"
                fact += f" and no column that blocks read{nearest(name, known)}"
            raise DocumentError(step.place, fact)
    return {name for name in names if name in columns and name != block.parameter}
