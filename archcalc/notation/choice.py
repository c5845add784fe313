"""Choice by filled cells: which block a row takes.

Several blocks may share a name; a row takes the one that reads exactly its filled cells. An empty cell
that is read, a filled cell that is not read and two blocks that fit are errors.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from archcalc.errors import DocumentError, listed, nearest, quoted, shortened
from archcalc.notation.arguments import ARITHMETIC, WHOLE, lacking
from archcalc.notation.block import RESERVED, Block, Step
from archcalc.notation.document import Line
from archcalc.ops import operations


def choose(
    kind: str,
    line: Line,
    blocks: Mapping[str, list[Block]],
    columns: Collection[str],
    readable: Collection[str],
    given: Collection[str],
) -> Block | Step:
    """The block, or the step of one bare operation, that a row of this type takes.

    `columns` are the table's, `readable` those that blocks may read, `given` those that a size stands in
    for. Raises DocumentError where there is none or more than one.
    """
    place = line.cells["type"].place
    filled = {
        column for column in readable if column in given or (column in line.cells and line.cells[column].text)
    }
    if kind not in blocks:
        return _operation(kind, line, blocks, filled)
    reads = [(block, read_columns(block, blocks, readable)) for block in blocks[kind]]
    fitting = [block for block, read in reads if read == filled]
    if len(fitting) > 1:
        lines = listed((str(block.place.line) for block in fitting), " and ")
        raise DocumentError(place, f"two blocks {quoted(kind)} (lines {lines}) read exactly the filled cells")
    if not fitting:
        raise _misfit(kind, line, filled, reads, columns)
    if fitting[0].parameter:
        parameter = shortened(f"{{{fitting[0].parameter}}}")
        fact = f"block {quoted(kind)} takes an argument, {parameter}, and a row gives none"
        raise DocumentError(place, fact)
    return fitting[0]


def _operation(kind: str, line: Line, blocks: Collection[str], filled: set[str]) -> Step:
    """The step of a row that names an operation and nothing more."""
    place = line.cells["type"].place
    if kind not in operations():
        known = nearest(kind, [*blocks, *operations()])
        raise DocumentError(place, f"no block is called {quoted(kind)}{known}")
    op = operations()[kind]
    if op.joins:
        fact = f"{quoted(kind)} joins branches: it stands in a block, and a row names the block"
        raise DocumentError(place, fact)
    if filled:
        raise _unread(kind, line, filled, "operation")
    if missing := lacking(op, ()):
        raise DocumentError(
            place,
            f"{quoted(kind)} needs {missing}: write a block {quoted(f'{kind} = {kind} ...')} that says it",
        )
    return Step(kind, (), kind, line.place)


def _misfit(
    kind: str, line: Line, filled: set[str], reads: list[tuple[Block, set[str]]], columns: Collection[str]
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


def _listed(some: set[str], columns: Collection[str]) -> str:
    return listed(quoted(column) for column in columns if column in some) or "none"


def _unread(kind: str, line: Line, unread: set[str], what: str) -> DocumentError:
    column = next(column for column in line.cells if column in unread)
    cell = line.cells[column]
    return DocumentError(
        cell.place, f"{quoted(cell.text)} is given, but no {what} {quoted(kind)} reads this column"
    )


def read_columns(block: Block, blocks: Mapping[str, list[Block]], columns: Collection[str]) -> set[str]:
    """The columns, of those that blocks may read, that a block reads, itself or through others.

    Raises DocumentError where it reads what is no such column, or names a block that has several definitions.
    """
    found: set[str] = set()
    for step in block.steps:
        for name in step.braces:
            found |= _names(name.strip(), step, block, columns)
        if step.name not in operations():
            if len(blocks[step.name]) > 1:
                count = len(blocks[step.name])
                fact = f"'{step.name}' is defined {count} times: only a row can choose among them"
                raise DocumentError(step.place, fact)
            found |= read_columns(blocks[step.name][0], blocks, columns)
    return found


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
