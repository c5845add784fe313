"""The block grammar.

    block    = NAME [ "{" PARAMETER "}" ] "=" ( chain | fork )
    fork     = [ chain "->" ] join NEWLINE "|" chain { NEWLINE "|" chain } [ NEWLINE "->" chain ]
    chain    = step { "->" step }
    step     = NAME { kernel | number | flag | option }        NAME: an operation or a block, longest match
    join     = step                                            NAME: an operation that joins branches

A step keeps its arguments as texts: what they mean depends on the operation (`arguments.py`) and on the
row that is read (`network.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, nearest, quoted, shortened
from archcalc.notation.document import Fence
from archcalc.notation.tables import clean
from archcalc.ops import notation, operations, otherwise

RESERVED = ("in", "out")
DEEPEST = 100
"""How deep blocks may stand in one another: far beyond any network, well below Python's own limit."""


class Step(NamedTuple):
    """One step of a chain: an operation or a block, and its arguments as written."""

    name: str
    arguments: tuple[str, ...]
    text: str
    place: Place

    @property
    def braces(self) -> list[str]:
        """What stands in braces in its arguments."""
        return [name for argument in self.arguments for name in re.findall(r"\{([^{}]*)\}", argument)]


Chain = Sequence[Step]


class Every(NamedTuple):
    """What the setting `every conv: no bias -> relu` adds: arguments of the step, steps after it."""

    arguments: tuple[str, ...]
    after: Chain


@dataclass
class Block:
    """A named chain or fork: `before`, then `branches` that meet in `join`, then `after`."""

    name: str
    parameter: str
    place: Place
    before: list[Step] = field(default_factory=list)
    join: Step | None = None
    branches: list[Chain] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)
    every: Mapping[str, Every] = field(default_factory=dict)
    """Its own file's `every` settings, where that file is one that others use."""

    @property
    def steps(self) -> Chain:
        """All steps, in order."""
        join = (self.join,) if self.join else ()
        return [*self.before, *(step for branch in self.branches for step in branch), *join, *self.after]


def parse_fences(fences: Iterable[Fence], known: Collection[str]) -> list[Block]:
    """The blocks of a document's fences; `known` are blocks that other files define.

    Raises DocumentError at the line that breaks the grammar.
    """
    # Names first: a block may use one that is defined further down.
    headers = [(fence, list(_lines(fence))) for fence in fences]
    names = {match["name"].strip() for _, lines in headers for _, line in lines if (match := _header(line))}
    vocabulary = Vocabulary(names | set(known))
    return [block for _, lines in headers for block in _parse(lines, vocabulary)]


class Vocabulary:
    """The names a step can begin with, and what reads a step."""

    def __init__(self, blocks: Collection[str]) -> None:
        self.names = {*operations(), *blocks}
        self._longest = max(len(name.split()) for name in self.names)

    def chain(self, text: str, place: Place) -> Chain:
        """Read `step -> step -> ...`."""
        return [self.step(part.strip(), place) for part in clean(text).split("->")]

    def step(self, text: str, place: Place) -> Step:
        """Read one step. Raises DocumentError where it is not a step."""
        words = re.findall(r"(?:\{[^{}]*\}|[^\s{}])+", text)
        if not words:
            raise DocumentError(place, "a step is empty: expected an operation or a block")
        if "".join(words).count("{") != text.count("{") or "".join(words).count("}") != text.count("}"):
            raise DocumentError(place, f"{quoted(text)} has a brace that is not closed or not opened")
        for count in range(min(len(words), self._longest), 0, -1):
            name = " ".join(words[:count])
            if name in self.names:
                return Step(name, tuple(words[count:]), text, place)
        meant = _meant(words) or nearest(_leading(words), self.names)
        raise DocumentError(place, f"{quoted(text)} begins with no operation or block{meant}")


def _meant(words: list[str]) -> str:
    """The answer to a step that begins with another tool's word for an operation; empty where it does not."""
    beginnings = (" ".join(words[:count]) for count in range(min(len(words), 4), 0, -1))
    return next(filter(None, map(otherwise, beginnings)), "")


def _leading(words: list[str]) -> str:
    """The words that look like a name: all before the first argument, but one at least."""
    leading = [words[0]]
    for word in words[1:]:
        if not word.isalpha():
            break
        leading.append(word)
    return " ".join(leading)


def _lines(fence: Fence) -> Iterable[tuple[Place, str]]:
    for number, line in enumerate(fence.text.split("\n"), start=fence.line):
        if line.strip():
            yield Place(fence.file, number), clean(line)


def _header(line: str) -> re.Match[str] | None:
    if line.startswith(("|", "->")):
        return None
    return re.fullmatch(r"(?P<name>[^={}|]+)(?:\{(?P<parameter>[^{}]*)\} ?)?= ?(?P<body>.*)", line)


def unmarked(fences: Iterable[Fence]) -> dict[str, int]:
    """The blocks that fences without the word `blocks` define, with the line in which each fence begins."""
    lines = ((fence.line - 1, _header(line)) for fence in fences for _, line in _lines(fence))
    return {match["name"].strip(): line for line, match in lines if match}


def _parse(lines: Iterable[tuple[Place, str]], vocabulary: Vocabulary) -> list[Block]:
    blocks: list[Block] = []
    for place, line in lines:
        if not line.startswith(("|", "->")):
            blocks.append(_begin(place, line, vocabulary))
            continue
        if not blocks:
            raise DocumentError(place, f"expected 'name = ...' first, found {quoted(line)}")
        _go_on(blocks[-1], place, line, vocabulary)
    for block in blocks:
        if block.join is not None and len(block.branches) < 2:
            fact = f"'{block.join.name}' joins two branches or more, each in a line that begins with '|'"
            raise DocumentError(block.join.place, fact)
    return blocks


def _begin(place: Place, line: str, vocabulary: Vocabulary) -> Block:
    """A block's first line."""
    match = _header(line)
    if match is None:
        raise DocumentError(place, f"expected 'name = ...', found {quoted(line)}")
    parameter = (match["parameter"] or "").strip()
    if match["parameter"] is not None and not parameter:
        raise DocumentError(place, "a block's parameter has a name, such as {n}, and this one has none")
    if parameter in RESERVED:
        raise DocumentError(place, f"{{{parameter}}} cannot be a block's parameter: it has a meaning already")
    block = Block(match["name"].strip(), parameter, place)
    chain = vocabulary.chain(match["body"], place)
    if _joins(chain[-1]):
        block.join, chain = chain[-1], chain[:-1]
        if block.join.arguments and not notation(operations()[block.join.name]):
            raise DocumentError(place, f"{quoted(block.join.text)}: a join takes nothing but branches")
    block.before += _no_join(chain)
    return block


def _go_on(block: Block, place: Place, line: str, vocabulary: Vocabulary) -> None:
    """A line after a block's first: a branch, or what follows the join."""
    chain = _no_join(vocabulary.chain(line[1:] if line[0] == "|" else line[2:], place))
    if line[0] == "|":
        if block.join is None:
            fact = f"a branch needs a join: end line {block.place.line} with 'concat', 'add' or another join"
            raise DocumentError(place, fact)
        if block.after:
            raise DocumentError(place, "a branch stands before what follows the join")
        block.branches.append(chain)
    elif block.join is None:
        block.before += chain
    else:
        block.after += chain


def _joins(step: Step) -> bool:
    return step.name in operations() and operations()[step.name].joins


def _no_join(chain: Chain) -> Chain:
    for step in chain:
        if _joins(step):
            fact = f"'{step.name}' is a join: it ends a block's first line, and its branches follow"
            raise DocumentError(step.place, fact + ", one a line after '|'")
    return chain


def check_reach(blocks: dict[str, list[Block]]) -> None:
    """Refuse a block that reaches itself, and blocks that stand in one another too deep to be meant."""
    depths: dict[str, int] = {}

    def depth(name: str, path: tuple[str, ...], place: Place) -> int:
        if name in path:
            way = " -> ".join(map(shortened, (*path[path.index(name) :], name)))
            raise DocumentError(place, f"block {quoted(name)} reaches itself: {way}")
        if name not in depths and len(path) < DEEPEST:
            inner = (
                depth(step.name, (*path, name), step.place)
                for block in blocks[name]
                for step in block.steps
                if step.name not in operations()
            )
            depths[name] = 1 + max(inner, default=0)
        if len(path) + depths.get(name, 1) > DEEPEST:
            raise DocumentError(place, f"blocks stand in one another deeper than {DEEPEST}")
        return depths[name]

    for name, definitions in blocks.items():
        depth(name, (), definitions[0].place)
