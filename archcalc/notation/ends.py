"""Where rows may begin and end otherwise than one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archcalc.errors import DocumentError, Place, quoted
from archcalc.graph import Graph
from archcalc.notation.block import FROM, Block


def starts_elsewhere(blocks: Mapping[str, Iterable[Block]]) -> bool:
    """Whether a chain of a block starts from an earlier row, or from an input."""
    return any(step.name == FROM for named in blocks.values() for block in named for step in block.steps)


def check_used(graph: Graph, ends: Mapping[str, Place], inputs: Place) -> None:
    """Refuse a row, or an input, that nothing takes up: a name that was forgotten, most likely.

    `ends` are the nodes in which the rows end, with their places; `inputs` is where the inputs are stated.
    """
    used = {name for node in graph for name in node.inputs} | {*graph.outputs, *graph.heads.values()}
    for end, place in ends.items():
        if end not in used:
            fact = "no row takes up what this one gives, and it is no output: name it in 'outputs: ...'"
            raise DocumentError(place, fact)
    for name in graph.inputs:
        if name not in used:
            fact = f"no row takes the input {quoted(name)}: a chain begins 'from {name}'"
            raise DocumentError(inputs, fact)
