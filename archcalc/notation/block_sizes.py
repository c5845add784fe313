"""How much a row would add to a graph, counted before any of it is built.

Blocks that use each other twice double at every step: sixty lines of them make more layers than there are
grains of sand. The count is a lower bound (what `every` adds is not in it), and takes a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archcalc.notation.block import FROM, Block, Step

MOST_LAYERS = 100_000
"""Far beyond any network."""
MOST_CHARACTERS = 50_000_000
"""What the names of all layers take together: names repeat those of the blocks they stand in."""


class BlockSize(NamedTuple):
    """The number of layers, and the characters of their names within the block."""

    layers: int = 0
    characters: int = 0

    def __add__(self, other: BlockSize) -> BlockSize:  # type: ignore[override]  # sizes add
        return BlockSize(self.layers + other.layers, self.characters + other.characters)

    def inside(self, name: str) -> BlockSize:
        """The same layers within a part of a path."""
        return BlockSize(self.layers, self.characters + self.layers * (len(name) + 1))


class BlockSizes:
    """The sizes of the blocks of one network; each is counted once."""

    def __init__(self, blocks: Mapping[str, list[Block]]) -> None:
        self._blocks = blocks
        self._known: dict[int, BlockSize] = {}

    def of(self, what: Block | Step) -> BlockSize:
        """The size of a block, or of one step."""
        if isinstance(what, Step):
            times = int(what.times) if what.times.isdecimal() else 1
            if not what.is_call:
                return BlockSize(0 if what.name == FROM else times, times * len(what.name))
            each = self.of(self._blocks[what.name][0]).inside(what.name)
            return BlockSize(times * each.layers, times * each.characters)
        if id(what) not in self._known:
            total = BlockSize(1, len(what.join.name)) if what.join else BlockSize()
            for number, chain in enumerate((what.before, *what.branches, what.after)):
                own = BlockSize()
                for step in chain:
                    own += self.of(step)
                total += own.inside(f"branch{number}") if 1 <= number <= len(what.branches) else own
            self._known[id(what)] = total
        return self._known[id(what)]
