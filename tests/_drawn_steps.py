"""Random steps of a block for `tests._drawn`: each fits the shape it is drawn for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from hypothesis import strategies as st

from tests._textbook import Block, Dims, Impossible, Pair, Place, Step, kept, on, windowed

KERNELS = ("patch size/stride", "window", "k")
WIDTHS = ("#1x1", "#3x3 reduce", "#3x3", "#5x5 reduce", "#5x5", "pool proj", "t", "exp size")
KEEPS = (  # operations that keep their shape
    "relu", "relu6", "leaky relu slope 0.2", "prelu", "elu", "gelu", "silu", "hard swish", "sigmoid",
    "hard sigmoid", "tanh", "dropout 0.4", "dropout", "identity", "softmax", "scale 0.17", "batch norm",
    "batch norm eps 0.001 no affine",
)  # fmt: skip
GLOBAL = ("global average pool", "global max pool")


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
        size = places(x, place)
        weights = wide * (x[-1] // parts) * prod(place.window(text)[0])
        place.costs.append((weights, weights * prod(size)))
        return (*size, wide)

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

    def out(x: Dims, place: Place) -> Dims:
        weights = on(1, x)[0] * place.number(channels)
        place.costs.append((weights, weights))
        return (place.number(channels),)

    return Step(f"linear {channels}{sheet.no_bias('linear')}", out)
