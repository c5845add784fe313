"""The block grammar.

    block    = NAME { "{" PARAMETER "}" } "=" ( chain | fork )
    fork     = [ chain "->" ] join NEWLINE "|" chain { NEWLINE "|" chain } [ NEWLINE "->" chain ]
    chain    = [ "from" source "->" ] step { "->" step }       source: a row, an input, or "{" COLUMN "}"
    step     = what [ "*" times ] | "{" COLUMN "}"             times: INT or "{" COLUMN "}"
    what     = NAME { kernel | number | flag | option }        NAME: an operation or a block, longest match
    join     = step                                            NAME: an operation that joins branches

A step keeps its arguments as texts: what they mean depends on the operation (`arguments.py`) and on the
row that is read (`network.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, nearest, quoted
from archcalc.notation.document import Fence
from archcalc.notation.tables import clean
from archcalc.ops import notation, operations, otherwise

RESERVED = ("in", "out")
FROM = "from"
"""The first step of a chain that starts from an earlier row, or from an input, in the place of its own."""
FIRST = " (first)"
"""What ends the name of a block that the first copy of a repeated row takes."""


class Step(NamedTuple):
    """One step of a chain: an operation or a block, and its arguments as written.

    `times` is how often it stands there, one after the other. A step that a cell chooses (`{NL}`) is called
    as it is written, in its braces; one that starts from an earlier row is called `from`.
    """

    name: str
    arguments: tuple[str, ...]
    text: str
    place: Place
    times: str = ""

    @property
    def braces(self) -> list[str]:
        """What stands in braces in it."""
        written = (self.name, *self.arguments, self.times)
        return [name for argument in written for name in re.findall(r"\{([^{}]*)\}", argument)]

    @property
    def chosen(self) -> str:
        """The column whose cell says what the step is; empty where the step says it itself."""
        return self.name[1:-1].strip() if self.name[0] == "{" else ""

    @property
    def is_call(self) -> bool:
        """Whether it names a block."""
        return self.name[0] != "{" and self.name != FROM and self.name not in operations()


Chain = Sequence[Step]


class Every(NamedTuple):
    """What the setting `every conv: no bias -> relu` adds: arguments of the step, steps after it."""

    arguments: tuple[str, ...]
    after: Chain


@dataclass
class Block:
    """A named chain or fork: `before`, then `branches` that meet in `join`, then `after`."""

    name: str
    parameters: tuple[str, ...]
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
        times = ""
        if "*" in words:
            times = _times(words, text, place)
        if len(words) == 1 and re.fullmatch(r"\{[^{}]*\}", words[0]):
            return Step(words[0], (), text, place, times)
        for count in range(min(len(words), self._longest), 0, -1):
            name = " ".join(words[:count])
            if name in self.names:
                return Step(name, tuple(words[count:]), text, place, times)
        if words[0] == FROM:
            return _source(words[1:], text, place, times)
        meant = _meant(words) or nearest(_leading(words), self.names)
        raise DocumentError(place, f"{quoted(text)} begins with no operation or block{meant}")


def _times(words: list[str], text: str, place: Place) -> str:
    """Take `* 6` or `* {layers}` off the end of a step's words: how often it stands there."""
    star = words.index("*")
    written = words[star + 1 :]
    if star == 0 or len(written) != 1 or not re.fullmatch(r"[0-9]+|\{[^{}]*\}", written[0], re.ASCII):
        fact = f"{quoted(text)}: expected a step, then '*' and how often it stands there, such as '* 6'"
        raise DocumentError(place, fact)
    del words[star:]
    return written[0]


def _source(words: list[str], text: str, place: Place, times: str) -> Step:
    """A step `from ROW`."""
    if not words:
        fact = f"{quoted(text)} names no row: expected 'from ROW', or 'from {{column}}' whose cell names one"
        raise DocumentError(place, fact)
    if times:
        raise DocumentError(place, f"{quoted(text)}: where a chain starts from is no step to repeat")
    return Step(FROM, tuple(words), text, place)


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
    return re.fullmatch(r"(?P<name>[^={}|]+)(?P<parameters>(?:\{[^{}]*\} ?)*)= ?(?P<body>.*)", line)


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
        if [step.name for step in block.steps] == [FROM]:
            fact = f"block {quoted(block.name)} has no layer: what follows {quoted(block.steps[0].text)}?"
            raise DocumentError(block.place, fact)
        if block.join is not None and len(block.branches) < 2:
            fact = f"'{block.join.name}' joins two branches or more, each in a line that begins with '|'"
            raise DocumentError(block.join.place, fact)
    return blocks


def _begin(place: Place, line: str, vocabulary: Vocabulary) -> Block:
    """A block's first line."""
    match = _header(line)
    if match is None:
        raise DocumentError(place, f"expected 'name = ...', found {quoted(line)}")
    block = Block(match["name"].strip(), _parameters(match["parameters"], place), place)
    chain = vocabulary.chain(match["body"], place)
    if _joins(chain[-1]):
        block.join, chain = chain[-1], chain[:-1]
        if block.join.times:
            raise DocumentError(place, f"{quoted(block.join.text)}: a join stands once, behind its branches")
        if block.join.arguments and not notation(operations()[block.join.name]):
            raise DocumentError(place, f"{quoted(block.join.text)}: a join takes nothing but branches")
    block.before += _no_join(chain)
    return block


def _parameters(text: str, place: Place) -> tuple[str, ...]:
    """The names in the braces behind a block's own."""
    names = tuple(name.strip() for name in re.findall(r"\{([^{}]*)\}", text))
    for position, name in enumerate(names):
        if not name:
            raise DocumentError(place, "a block's parameter has a name, such as {n}, and this one has none")
        if name in RESERVED:
            raise DocumentError(place, f"{{{name}}} cannot be a block's parameter: it has a meaning already")
        if name in names[:position]:
            raise DocumentError(place, f"two parameters of the block are called {quoted(name)}")
    return names


def _go_on(block: Block, place: Place, line: str, vocabulary: Vocabulary) -> None:
    """A line after a block's first: a branch, or what follows the join."""
    chain = _no_join(vocabulary.chain(line[1:] if line[0] == "|" else line[2:], place))
    if line[0] != "|" and chain[0].name == FROM:
        raise _not_first(chain[0])
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
    for position, step in enumerate(chain):
        if _joins(step):
            fact = f"'{step.name}' is a join: it ends a block's first line, and its branches follow"
            raise DocumentError(step.place, fact + ", one a line after '|'")
        if step.name == FROM and position:
            raise _not_first(step)
    return chain


def _not_first(step: Step) -> DocumentError:
    fact = f"{quoted(step.text)} stands first in a chain: what comes before it would be lost"
    return DocumentError(step.place, fact)
