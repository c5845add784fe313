"""What the graphs of a network at all inputs share, so that it is found out once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archcalc.applied import Known
from archcalc.notation.binding import Bindings, Bound, Written
from archcalc.notation.block import Block, Step
from archcalc.notation.block_sizes import BlockSizes
from archcalc.notation.choice import Readers
from archcalc.notation.document import Cell
from archcalc.notation.expansion import Rules
from archcalc.notation.recipe import Recipe


class Copy(NamedTuple):
    """What one copy of a row takes: a block or an operation, and the cells that it reads.

    `bound` are operations that read these cells alone.
    """

    what: Block | Step
    cells: Mapping[str, Cell]
    bound: dict[Written, Bound]


class PreparedRow(NamedTuple):
    """The path of a row's nodes, how often it stands there, its layers, its first copy and every other.

    `layers` is a lower bound of how many it has in all.
    """

    scope: str
    repeat: int
    layers: int
    first: Copy
    others: Copy


class Prepared:
    """What the graphs of a network at all inputs share: what its rows take, operations bound and applied."""

    def __init__(self, blocks: Mapping[str, list[Block]], readers: Readers, rules: Rules) -> None:
        self.readers = readers
        self.rules = rules
        self.block_sizes = BlockSizes(blocks)
        self.blocks = {name: definitions[0] for name, definitions in blocks.items()}
        self.rows: dict[tuple[str, frozenset[str]], PreparedRow] = {}
        self.bindings = Bindings()
        self.known = Known()
        self.recipes: dict[tuple[str, frozenset[str], str], tuple[Recipe, str]] = {}
        """How a row's nodes are made, and their end: by its path, what sizes replace, what it starts from."""
