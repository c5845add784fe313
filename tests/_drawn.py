"""Random networks in archcalc's notation, for hypothesis: `documents()` draws the text of one that exists.

To know that it exists, the strategy follows the shapes by their textbook definitions while it draws. Its
claims (output size, params, ops) are the textbook's too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

from hypothesis import strategies as st

from tests._drawn_steps import KERNELS, WIDTHS, Sheet, conv, global_pool, keeping, linear, pool, width
from tests._textbook import Block, Dims, Impossible, Pair, Place, Step, joined, kept, through

BARE = ("relu", "prelu", "batch norm", "dropout", "identity", "softmax")
EVERY = {
    "conv": ("", "relu", "no bias -> batch norm -> relu", "batch norm eps 0.001 -> relu6", "no bias"),
    "linear": ("", "relu", "no bias -> batch norm", "no bias"),
    "max pool": ("", "", "batch norm -> prelu"),
}


@dataclass(frozen=True)
class Row:
    """A row: what stands in its cells, and the shape it gives."""

    cells: dict[str, str]
    out: Dims
    label: str = ""


def chain(
    sheet: Sheet, x: Dims, place: Place, most: int, same: bool, nest: int = 0
) -> tuple[list[Step], Dims]:
    """Up to `most` steps on a map and the shape they give; with `same` they keep height and width."""
    steps: list[Step] = []
    for _ in range(sheet.whole(0, most)):
        way = sheet.one(("conv", "conv", "pool", "keeping", *["call"] * (2 * nest), *["global"] * (not same)))
        stride = (1, 1) if same else None
        if way == "conv":
            step = conv(sheet, x, place, stride)
        elif way == "pool":
            step = pool(sheet, x, place, stride)
        elif way == "call":
            step = call(sheet, x, place, same, nest - 1)
        else:
            step = keeping(sheet, x) if way == "keeping" else global_pool(sheet)
        steps.append(step)
        x = step.out(x, place)
    return steps, x


def call(sheet: Sheet, x: Dims, place: Place, same: bool, nest: int) -> Step:
    """A step that names another block: one that reads the same row, or one with a parameter."""
    if not place.given and sheet.chance(50):
        part = sheet.define(
            body(sheet, x, Place(place.cells, x[-1]), same, nest), f"part {len(sheet.blocks)}"
        )
        return Step(part.name, lambda x, place: part.out(x, place.cells, place.costs))
    given = width(sheet, place)
    inner = Place({}, x[-1], place.number(given))
    helper = sheet.define(body(sheet, x, inner, same, nest), f"helper {len(sheet.blocks)}", " {n}")
    return Step(
        f"{helper.name} {given}",
        lambda x, place: helper.out(x, place.cells, place.costs, place.number(given)),
    )


def body(sheet: Sheet, x: Dims, place: Place, same: bool, nest: int) -> Block:
    """What a block does to a map: a chain or, more often, a fork."""
    before, x = chain(sheet, x, place, 2, same)
    if sheet.chance(30):
        return Block(before or [conv(sheet, x, place, (1, 1) if same else None)])
    stride = (1, 1) if same or sheet.chance(60) else sheet.pair(1, 3)
    join = sheet.one(("concat", "add", "multiply"))
    branches = [branch(sheet, x, place, stride, nest)]
    first = through(branches[0], x, place)
    if join == "multiply":
        branches.append(gate(sheet, x, place, str(first[-1])))
    for _ in range(sheet.whole(1, 2) if join != "multiply" else 0):
        more = branch(sheet, x, place, stride, nest)
        if join == "add":
            more.append(conv(sheet, through(more, x, place), place, (1, 1), str(first[-1])))
        branches.append(more)
    x = joined(join, [through(steps, x, place) for steps in branches])
    return Block(before, join, branches, chain(sheet, x, place, 1, same)[0])


def branch(sheet: Sheet, x: Dims, place: Place, stride: Pair, nest: int) -> list[Step]:
    """A branch whose output's height and width depend on the stride alone."""
    steps, x = chain(sheet, x, place, 2, True, nest)
    if stride == (1, 1) and (steps or sheet.chance(30)):
        return steps or [Step("identity", kept)]
    return [*steps, sheet.one((conv, conv, pool))(sheet, x, place, stride)]


def gate(sheet: Sheet, x: Dims, place: Place, wide: str) -> list[Step]:
    """The second branch of a squeeze-and-excitation."""
    steps = [global_pool(sheet)]
    steps.append(conv(sheet, (1, 1, x[-1]), place, (1, 1)))
    last = conv(sheet, through(steps, x, place), place, (1, 1), wide)
    return [*steps, last, Step("sigmoid", kept)]


def vector_body(sheet: Sheet, x: Dims, place: Place) -> Block:
    """What a block does to a vector, or to a map that it flattens first."""
    before = [Step("flatten", lambda x, place: (prod(x),))] if len(x) == 3 else []
    x = through(before, x, place)
    if sheet.chance(60):
        return Block([*before, linear(sheet, place)], after=())
    join = sheet.one(("concat", "add", "multiply"))
    first = [linear(sheet, place)]
    wide = str(through(first, x, place)[-1])
    second = [keeping(sheet, x), linear(sheet, place, "" if join == "concat" else wide)]
    return Block(before, join, [first, second], [keeping(sheet, (1,))])


def out_body(sheet: Sheet, x: Dims, place: Place) -> Block:
    """A convolution whose width stands in the row's output size alone."""
    place.cells["out"] = str(sheet.channels())
    return Block([conv(sheet, x, place, to="{out}"), keeping(sheet, x)])


def row(sheet: Sheet, x: Dims, labelled: bool) -> Row:
    """One row: a block drawn for it, a block of an earlier row with other widths, or a bare operation."""
    sheet.rows += 1
    label = f"r{sheet.rows}" if labelled or sheet.chance(70) else ""
    if sheet.chance(12):
        return _row(sheet, Block([Step(sheet.one(BARE), kept)]), {}, x, label)
    if sheet.taken and sheet.chance(30):
        block, read = sheet.one(sheet.taken)
        cells = {name: text if "x" in text else str(sheet.channels()) for name, text in read.items()}
        try:
            return _row(sheet, block, cells, x, label)
        except Impossible:
            pass
    cells = {}
    place = Place(cells, x[-1])
    if len(x) == 1 or sheet.chance(10):
        block = vector_body(sheet, x, place)
    else:
        block = out_body(sheet, x, place) if sheet.chance(15) else body(sheet, x, place, False, 2)
    columns = cells.keys() - {"out"}
    used = [read.keys() - {"out"} for block, read in sheet.taken if block.name == "stage"]
    name = f"block {len(sheet.blocks)}" if columns in used or sheet.chance(50) else "stage"
    block = sheet.define(block, name)
    sheet.taken.append((block, cells))
    return _row(sheet, block, cells, x, label)


def _row(sheet: Sheet, block: Block, cells: dict[str, str], x: Dims, label: str) -> Row:
    """A row that takes this block, now and then several times. Raises Impossible."""
    kind = block.name or block.before[0].text
    title = f"{kind} ({label})" if label else kind
    costs: list[Pair] = []
    x, times = block.out(x, cells, costs), 1
    with suppress(Impossible):
        while times < 3 and sheet.chance(10):
            more: list[Pair] = []
            x, times = block.out(x, cells, more), times + 1
            costs += more
    weights, macs = (sum(each) for each in zip((0, 0), *costs, strict=True))
    claims = {"output size": "x".join(map(str, x)), "params": str(weights), "ops": str(macs)}
    repeat = {"repeat": str(times)} if times > 1 else {}
    return Row({**cells, **claims, **repeat, "type": title}, x, label)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    columns = ["type", *KERNELS, "output size", *WIDTHS, "repeat", "params", "ops"]
    columns = [name for name in columns if name == "type" or any(name in row.cells for row in rows)]
    lines = [columns, ["---"] * len(columns), *([row.cells.get(c, "") for c in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@st.composite
def documents(draw: Any, kind: str = "rows", widest: int = 24) -> str:
    """The text of a document: `rows` in a row, `alternatives`, or rows with `side chains`."""
    sheet = Sheet(draw, widest, {})
    sheet.every.update({operation: sheet.one(rules) for operation, rules in EVERY.items()})
    entering = (sheet.whole(1, 20), sheet.whole(1, 20), sheet.channels())
    rows: list[Row] = []
    for _ in range(sheet.whole(2, 5)):
        x = rows[-1].out if rows and kind != "alternatives" else entering
        rows.append(row(sheet, x, kind == "side chains"))
    tables = [table(rows)]
    for source in [sheet.one(rows) for _ in range(sheet.whole(1, 2) if kind == "side chains" else 0)]:
        head = [row(sheet, source.out, False)]
        head += [row(sheet, head[0].out, False)] if sheet.chance(50) else []
        tables.append(f"## heads: from {source.label}\n\n{table(head)}")
    every = "".join(f"every {operation}: {rule}\n" for operation, rule in sheet.every.items() if rule)
    rule = "rows: alternatives\n" if kind == "alternatives" else ""
    settings = f"notation: 1\nname: drawn\ninput: {'x'.join(map(str, entering))}\n{every}{rule}"
    blocks = "\n\n".join(block.text for block in sheet.blocks)
    return f"---\n{settings}---\n\n```blocks\n{blocks}\n```\n\n" + "\n\n".join(tables) + "\n"
