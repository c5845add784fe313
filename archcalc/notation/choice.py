"""Choice by filled cells: which block a row takes.

Several blocks may share a name; a row takes the one that reads exactly its filled cells. An empty cell
that is read, a filled cell that is not read and two blocks that fit are errors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from archcalc.errors import DocumentError, nearest
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
        if kind not in operations():
            raise DocumentError(
                place, f"no block is called '{kind}'{nearest(kind, [*blocks, *operations()])}"
            )
        if filled:
            raise _unread(kind, line, filled, "operation")
        return Step(kind, (), kind, line.place)
    reads = [(block, read_columns(block, blocks, columns)) for block in blocks[kind]]
    fitting = [block for block, read in reads if read == filled]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        lines = " and ".join(str(block.place.line) for block in fitting)
        raise DocumentError(place, f"two blocks '{kind}' (lines {lines}) read exactly the filled cells")
    unread = filled - set().union(*(read for _, read in reads))
    if unread:
        raise _unread(kind, line, unread, "block")
    block, read = min(reads, key=lambda pair: len(pair[1] ^ filled))
    which = f"block '{kind}'" + (f" (line {block.place.line})" if len(reads) > 1 else "")
    empty = [column for column in columns if column in read - filled]
    if empty:
        where = line.cells[empty[0]].place if empty[0] in line.cells else line.place._replace(column=empty[0])
        raise DocumentError(where, f"{which} reads this cell, and it is empty")
    extra = next(column for column in columns if column in filled - read)
    cell = line.cells[extra]
    raise DocumentError(
        cell.place, f"'{cell.text}' is given, but the {which} that fits best does not read it"
    )


def _unread(kind: str, line: Line, unread: set[str], what: str) -> DocumentError:
    column = next(column for column in line.cells if column in unread)
    cell = line.cells[column]
    return DocumentError(cell.place, f"'{cell.text}' is given, but no {what} '{kind}' reads this column")


def read_columns(block: Block, blocks: Mapping[str, list[Block]], columns: Collection[str]) -> set[str]:
    """The columns that a block reads, itself or through the blocks it names.

    Raises DocumentError where it reads what is no column, or names a block that has several definitions.
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
        match = re.fullmatch(r"(?:(.+?)\s*\*\s*)?(.+?)(?:\s*/\s*[0-9]+)?", inside)
        names = [name for name in (match.groups() if match else ()) if name and not name.isdigit()]
    for name in names:
        if name not in known:
            fact = f"'{{{inside}}}' is no column of the table{nearest(name, known)}"
            raise DocumentError(step.place, fact)
    return {name for name in names if name in columns and name != block.parameter}
