"""Which blocks does a block stand on? Not on itself, and not on too many."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.errors import DocumentError, Place, quoted, shortened
from archcalc.notation.block import Block, Chain

DEEPEST = 100
"""How deep blocks may stand in one another: far beyond any network, well below Python's own limit."""


def check_reach(
    blocks: Mapping[str, list[Block]], choices: Mapping[str, Mapping[str, Chain]] | None = None
) -> None:
    """Refuse a block that reaches itself, and blocks that stand in one another too deep to be meant.

    `choices` are the steps that cells choose, by column and text.
    """
    chosen = {
        column: [step for chain in known.values() for step in chain]
        for column, known in (choices or {}).items()
    }
    depths: dict[str, int] = {}

    def depth(name: str, path: tuple[str, ...], place: Place) -> int:
        if name in path:
            way = " -> ".join(map(shortened, (*path[path.index(name) :], name)))
            raise DocumentError(place, f"block {quoted(name)} reaches itself: {way}")
        if name not in depths and len(path) < DEEPEST:
            inner = (
                depth(step.name, (*path, name), step.place)
                for block in blocks[name]
                for written in block.steps
                for step in chosen.get(written.chosen, [written])
                if step.is_call
            )
            depths[name] = 1 + max(inner, default=0)
        if len(path) + depths.get(name, 1) > DEEPEST:
            raise DocumentError(place, f"blocks stand in one another deeper than {DEEPEST}")
        return depths[name]

    for name, definitions in blocks.items():
        depth(name, (), definitions[0].place)
