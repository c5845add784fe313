"""The branches of a row: the path of each, and its operations in words, forks as forks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from archcalc.costs import Layer, Section, by_branch

UNWRITTEN = "-"
"""Stands for a branch that hands its input on and has no operation."""


class Branch(NamedTuple):
    """A branch of a row, or what stands outside of its fork.

    `copy` counts the copies of a repeated row and is 0 where the row stands once. `name` is unique within a
    copy; it is empty where all that stands outside of a fork is one part.
    """

    copy: int
    name: str
    section: Section

    @property
    def path(self) -> str:
        """Its path within the row: `branch2`, in a repeated row `3.branch2`."""
        return ".".join(part for part in (str(self.copy) if self.copy else "", self.name) if part)


def branches(row: Section, scope: str, repeated: bool) -> list[Branch]:
    """The branches of a row in order; `scope` is the path that the names of all its nodes begin with."""

    def copy_of(layer: Layer) -> str:
        return layer.node.name.removeprefix(f"{scope}.").partition(".")[0] if repeated else ""

    found = []
    copies = (list(members) for _, members in groupby(row.layers, copy_of))
    for copy, members in enumerate(copies, start=repeated):
        sections = by_branch(members)
        alone = sum(not section.branch for section in sections) == 1
        names = ["" if alone and not section.branch else part_name(section) for section in sections]
        found += [Branch(copy, *pair) for pair in zip(numbered(names), sections, strict=True)]
    return found


def part_name(section: Section) -> str:
    """A branch by its name; what stands outside of a fork by its first operation."""
    return section.branch or section.layers[0].node.op.name


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Names made unique: a module of two forks has two first branches, `branch1` and `branch1_2`."""
    counts = Counter[str]()
    for name in names:
        counts[name] += 1
        yield name if counts[name] == 1 else f"{name}_{counts[name]}"


def written(members: Sequence[Layer], shown: Callable[[Layer], bool] | None = None) -> str:
    """Layers as a chain of operations; where paths run beside each other they stand so, in parentheses.

    `conv 1x1 384 -> (conv 1x3 256 | conv 3x1 256) -> concat`. With `shown` the others are left out.
    """
    return _Writing(members, shown).chain(members[-1].node.name, "")


class _Writing:
    """Writes layers from the last to the first; `before` names what all paths to a node lead through."""

    def __init__(self, members: Sequence[Layer], shown: Callable[[Layer], bool] | None) -> None:
        self.inside = {layer.node.name: layer for layer in members}
        self.shown = shown
        self.before: dict[str, str] = {}
        self.depth: dict[str, int] = {"": -1}
        self.done: set[str] = set()
        for name, layer in self.inside.items():
            first, *others = layer.node.inputs
            common = first
            for other in others:
                common = self._meeting(common, other)
            self.before[name] = common
            self.depth[name] = self.depth.get(common, 0) + 1

    def _meeting(self, one: str, other: str) -> str:
        """The last node that all paths to both lead through; empty if no node is."""
        while one != other:
            if self.depth.get(one, 0) >= self.depth.get(other, 0):
                one = self.before.get(one, "")
            else:
                other = self.before.get(other, "")
        return one

    def chain(self, end: str, start: str) -> str:
        """The operations from a node (without it) to another."""
        parts = []
        name = end
        while name != start and name in self.inside:
            if name in self.done:  # paths that cross: what is written once is not written again
                parts.append("...")
                break
            self.done.add(name)
            layer = self.inside[name]
            if self.shown is None or self.shown(layer):
                parts.append(str(layer.node.op))
            name = self.before[name]
            if len(layer.node.inputs) > 1:
                parts += self._fork([self.chain(source, name) for source in layer.node.inputs])
        return " -> ".join(reversed(parts))

    def _fork(self, beside: list[str]) -> list[str]:
        """Paths beside each other as one part of a chain; none where no operation stands in them."""
        if not any(beside):
            return []
        if self.shown is not None:
            beside = [path for path in beside if path]
        return [beside[0] if len(beside) == 1 else f"({' | '.join(path or UNWRITTEN for path in beside)})"]
