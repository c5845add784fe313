"""Random networks in archcalc's notation, for hypothesis: `documents()` draws the text of one that exists.

To know that it exists, the strategy follows the shapes by their textbook definitions while it draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from hypothesis import strategies as st

from tests._textbook import Dims, Impossible, Pair, Place, Step, joined, kept, on, through, windowed

KERNELS = ("patch size/stride", "window", "k")
WIDTHS = ("#1x1", "#3x3 reduce", "#3x3", "#5x5 reduce", "#5x5", "pool proj", "t", "exp size")
KEEPS = (  # operations that keep their shape
    "relu", "relu6", "leaky relu slope 0.2", "prelu", "elu", "gelu", "silu", "hard swish", "sigmoid",
    "hard sigmoid", "tanh", "dropout 0.4", "dropout", "identity", "softmax", "scale 0.17", "batch norm",
    "batch norm eps 0.001 no affine",
)  # fmt: skip
BARE = ("relu", "prelu", "batch norm", "dropout", "identity", "softmax")
EVERY = {
    "conv": ("", "relu", "no bias -> batch norm -> relu", "batch norm eps 0.001 -> relu6", "no bias"),
    "linear": ("", "relu", "no bias -> batch norm", "no bias"),
    "max pool": ("", "", "batch norm -> prelu"),
}
GLOBAL = ("global average pool", "global max pool")


@dataclass(frozen=True)
class Block:
    """A block: a chain, or a fork of branches that meet in a join."""

    before: Sequence[Step]
    join: str = ""
    branches: Sequence[Sequence[Step]] = ()
    after: Sequence[Step] = ()
    name: str = ""
    parameter: str = ""

    @property
    def text(self) -> str:
        """The block as a document writes it."""
        first = [*(step.text for step in self.before), *([self.join] if self.join else [])]
        lines = [f"{self.name}{self.parameter} = {' -> '.join(first)}"]
        lines += ["  | " + " -> ".join(step.text for step in branch) for branch in self.branches]
        return "\n".join(lines + ["  -> " + step.text for step in self.after])

    def out(self, x: Dims, cells: dict[str, str], given: int = 0) -> Dims:
        """The shape it gives. Raises Impossible."""
        place = Place(cells, x[-1], given)
        x = through(self.before, x, place)
        if self.join:
            x = joined(self.join, [through(branch, x, place) for branch in self.branches])
        return through(self.after, x, place)


@dataclass(frozen=True)
class Row:
    """A row: what stands in its cells, and the shape it gives."""

    cells: dict[str, str]
    out: Dims
    label: str = ""


@dataclass
class Sheet:
    """A document that is being drawn; `taken` are the blocks of its rows, with the cells they read."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    widest: int
    every: dict[str, str]
    blocks: list[Block] = field(default_factory=list)
    taken: list[tuple[Block, dict[str, str]]] = field(default_factory=list)
    rows: int = 0

    def whole(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def chance(self, percent: int) -> bool:
        return self.whole(0, 99) >= 100 - percent

    def one(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def pair(self, least: int, most: int) -> Pair:
        first = self.whole(least, most)
        return first, self.whole(least, most) if self.chance(30) else first

    def channels(self) -> int:
        """A small number; now and then a large one."""
        return self.whole(1, self.widest if self.chance(20) else min(self.widest, 12))

    def no_bias(self, operation: str, bare: bool = False) -> str:
        """A flag that `every` may have set already."""
        given = "no bias" in self.every[operation] and not bare
        return " no bias" if not given and self.chance(30) else ""

    def define(self, block: Block, name: str, parameter: str = "") -> Block:
        block = replace(block, name=name, parameter=parameter)
        self.blocks.append(block)
        return block


def cell(sheet: Sheet, place: Place, columns: Sequence[str], value: str) -> str:
    """A value as a step writes it: itself, or the column of the row that it is put into."""
    free = [column for column in columns if place.cells.get(column, value) == value]
    if place.given or not free or not sheet.chance(50):
        return value
    column = sheet.one(free)
    place.cells[column] = value
    return f"{{{column}}}"


def width(sheet: Sheet, place: Place, of: int = 1) -> str:
    """A number of channels as a step writes it, a multiple of `of`."""
    if sheet.chance(30):
        way = str(sheet.one(("{in}", "{2*in}", "{in/2}", "{n}", "{in}", "{3*in/2}")))
        if (way != "{n}" or place.given) and ("/2" not in way or place.entering % 2 == 0):
            number = place.number(way)
            if number % of == 0 and number <= 2 * sheet.widest:
                return way
    return cell(sheet, place, WIDTHS, str(of * -(-sheet.channels() // of)))


def window(
    sheet: Sheet, x: Dims, place: Place, pools: bool, stride: Pair | None
) -> tuple[str, str, Callable[[Dims, Place], Pair]]:
    """A window that fits: its kernel and its words as written, its rule.

    Where a stride is given the output's size must depend on it alone: the window is odd and keeps the size
    at stride 1.
    """
    kernel, dilation = sheet.pair(1, 5), (1, 1) if pools or sheet.chance(60) else sheet.pair(1, 3)
    padding = sheet.one((None, (0, 0), sheet.pair(0, min(kernel) // 2 if pools else 3)))
    steps, ceil = sheet.pair(1, 3) if sheet.chance(60) else (1, 1), pools and sheet.chance(50)
    if stride is not None:
        kernel, padding, steps, ceil = (kernel[0] | 1, kernel[1] | 1), None, stride, False
    try:
        windowed(x, kernel, steps, padding, dilation, ceil)
    except Impossible:
        kernel, padding, dilation = (1, 1), None, (1, 1)
    text = f"{kernel[0]}x{kernel[1]}" + ("" if steps == (1, 1) else f"/{_written(steps)}")
    text = cell(sheet, place, KERNELS, text)
    words = "" if padding is None else " valid" if padding == (0, 0) else f" pad {_written(padding)}"
    words += (" ceil" if ceil else "") + ("" if dilation == (1, 1) else f" dilation {_written(dilation)}")
    return text, words, lambda x, place: windowed(x, *place.window(text), padding, dilation, ceil)


def _written(pair: Pair) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}x{pair[1]}"


def conv(sheet: Sheet, x: Dims, place: Place, stride: Pair | None = None, to: str = "") -> Step:
    """A convolution; `to` is its width where that is settled."""
    text, words, places = window(sheet, x, place, False, stride)
    depthwise = not to and sheet.chance(20)
    groups = sheet.one([n for n in (1, 2, 3, 4) if x[-1] % n == 0]) if not to and sheet.chance(50) else 1
    channels = to or width(sheet, place, x[-1] if depthwise else groups)
    words += " depthwise" if depthwise else f" groups {groups}" if groups > 1 else ""
    bare = sheet.chance(15)

    def out(x: Dims, place: Place) -> Dims:
        wide, parts = place.number(channels), x[-1] if depthwise else groups
        if x[-1] % parts or wide % parts:
            raise Impossible
        return (*places(x, place), wide)

    return Step(f"conv {text} {channels}{words}{sheet.no_bias('conv', bare)}{' bare' * bare}", out)


def pool(sheet: Sheet, x: Dims, place: Place, stride: Pair | None = None) -> Step:
    """A pooling."""
    kind = sheet.one(("max pool", "average pool"))
    text, words, places = window(sheet, x, place, True, stride)
    words += " exclude padding" if kind == "average pool" and sheet.chance(40) else ""
    return Step(f"{kind} {text}{words}", lambda x, place: (*places(x, place), x[-1]))


def global_pool(sheet: Sheet) -> Step:
    """A pooling of the whole map."""
    return Step(sheet.one(GLOBAL), lambda x, place: (1, 1, on(3, x)[-1]))


def keeping(sheet: Sheet, x: Dims) -> Step:
    """An operation that keeps its shape."""
    if len(x) == 3 and sheet.chance(15):
        return Step(sheet.one(("lrn 5", "lrn 2")), lambda x, place: on(3, x))
    return Step(sheet.one(KEEPS), kept)


def linear(sheet: Sheet, place: Place, to: str = "") -> Step:
    """A linear layer on a vector."""
    channels = to or width(sheet, place)
    text = f"linear {channels}{sheet.no_bias('linear')}"
    return Step(text, lambda x, place: (*on(1, x)[:0], place.number(channels)))


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
        return Step(part.name, lambda x, place: part.out(x, place.cells))
    given = width(sheet, place)
    inner = Place({}, x[-1], place.number(given))
    helper = sheet.define(body(sheet, x, inner, same, nest), f"helper {len(sheet.blocks)}", " {n}")
    return Step(f"{helper.name} {given}", lambda x, place: helper.out(x, place.cells, place.number(given)))


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
    times = 1
    x = block.out(x, cells)
    try:
        while times < 3 and sheet.chance(10):
            x = block.out(x, cells)
            times += 1
    except Impossible:
        pass
    more = {"type": title, "output size": "x".join(map(str, x))}
    return Row({**cells, **more, **({"repeat": str(times)} if times > 1 else {})}, x, label)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    columns = ["type", *KERNELS, "output size", *WIDTHS, "repeat"]
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
