"""Shapes and costs by their textbook definitions, for tests: a second opinion that uses nothing of archcalc.

A shape is (height, width, channels), or (channels,) for a vector. Where something cannot be, Impossible is
raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Dims = tuple[int, ...]
Pair = tuple[int, int]


class Impossible(Exception):
    """A step cannot take this shape."""


@dataclass(frozen=True)
class Place:
    """What a step reads: the row's cells, the channels that enter its block, the block's parameter.

    In `costs` each convolution and linear layer enters its weights and its MACs.
    """

    cells: dict[str, str]
    entering: int
    given: int = 0
    costs: list[Pair] = field(default_factory=list)

    def number(self, text: str) -> int:
        """What `64`, `{#3x3}`, `{in}`, `{2*in}` or `{in/4}` stands for."""
        if not text.startswith("{"):
            return int(text)
        product, _, divisor = text[1:-1].partition("/") if "/" in text else (text[1:-1], "", "1")
        factor, _, name = product.rpartition("*")
        known: dict[str, str | int] = {**self.cells, "in": self.entering, "n": self.given}
        value = int(factor or 1) * int(known[name])
        if value % int(divisor):
            raise Impossible
        return value // int(divisor)

    def window(self, text: str) -> tuple[Pair, Pair]:
        """The kernel and the stride that `3x3/2`, `1x5/2x1` or `{patch size/stride}` stands for."""
        if text.startswith("{"):
            text = self.cells[text[1:-1]]
        kernel, _, stride = text.partition("/")
        (height, width), steps = (
            map(int, kernel.split("x")),
            [int(step) for step in (stride or "1").split("x")],
        )
        return (height, width), (steps[0], steps[-1])


Rule = Callable[[Dims, Place], Dims]


@dataclass(frozen=True)
class Step:
    """A step as a block writes it, and the shape it gives."""

    text: str
    out: Rule


def kept(x: Dims, place: Place) -> Dims:
    """The rule of a step that keeps its shape."""
    return x


def on(rank: int, x: Dims) -> Dims:
    """The shape, where it has that many sizes."""
    if len(x) != rank:
        raise Impossible
    return x


def through(steps: Sequence[Step], x: Dims, place: Place) -> Dims:
    """The shape that a chain of steps gives."""
    for step in steps:
        x = step.out(x, place)
    return x


def slides(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> int:
    """How many places a window has, found by sliding it from the padding's edge while it fits.

    With `ceil` it may hang over by less than a stride, but not start beyond the input and its left padding.
    """
    span, length, places = dilation * (kernel - 1) + 1, size + 2 * padding, 0
    for start in range(0, length, stride):
        over = start + span - length
        places += over <= 0 or (ceil and over < stride and start < size + padding)
    if not places:
        raise Impossible
    return places


def windowed(
    x: Dims, kernel: Pair, stride: Pair, padding: Pair | None, dilation: Pair, ceil: bool = False
) -> Pair:
    """Height and width after a window; without padding it is padded by as much as keeps the size."""
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if padding is None and any(span % 2 == 0 for span in spans):
        raise Impossible
    pads = padding or ((spans[0] - 1) // 2, (spans[1] - 1) // 2)
    height, width = (
        slides(*axis, ceil) for axis in zip(on(3, x)[:2], kernel, stride, pads, dilation, strict=True)
    )
    return height, width


def joined(join: str, shapes: Sequence[Dims]) -> Dims:
    """The shape that branches give together."""
    first = shapes[0]
    if join == "multiply":
        agree = all(shape in (first, (1, 1, first[-1])) for shape in shapes)
    elif join == "add":
        agree = set(shapes) == {first}
    else:
        agree = {shape[:-1] for shape in shapes} == {first[:-1]}
        first = (*first[:-1], sum(shape[-1] for shape in shapes))
    if not agree:
        raise Impossible
    return first


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

    def out(self, x: Dims, cells: dict[str, str], costs: list[Pair], given: int = 0) -> Dims:
        """The shape it gives; its costs are entered. Raises Impossible."""
        place = Place(cells, x[-1], given, costs)
        x = through(self.before, x, place)
        if self.join:
            x = joined(self.join, [through(branch, x, place) for branch in self.branches])
        return through(self.after, x, place)
