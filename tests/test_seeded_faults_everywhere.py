"""A fault seeded into the shape of every operation there is: each is found where it is.

The operations, and what enters them, are those of the table in docs/counting.md, where every one has a line.
"""

from __future__ import annotations

import pytest

from archcalc.check.agreement import check_graph
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.sizes import Shape
from archcalc.sizes.written import parse_shape
from tests.test_docs import DOCUMENTS, read_step

LINES = DOCUMENTS["counting.md"].table("step", "input", "MACs", "elementwise", "why")
STEPS = {line["step"]: line["input"] for line in LINES}


def graph_of(op: Op, text: str) -> Graph:
    """The operation alone, on what enters it; a join of which one shape is given takes it twice."""
    read = [shape for each in text.split(", ") if (shape := parse_shape(each)) is not None]
    shapes = read * 2 if op.joins and len(read) == 1 else read
    graph = Graph({f"x{place}": shape for place, shape in enumerate(shapes)})
    graph.outputs = (graph.add("it", op, *graph.inputs),)
    return graph


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_shape_is_found(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = read_step(step)
    assert check_graph("right", graph_of(op, STEPS[step])).agrees
    right = type(op).out

    def wrong(self: Op, *x: Shape) -> Shape:
        found = right(self, *x)
        return Shape(found.places, found.channels + 1)

    monkeypatch.setattr(type(op), "out", wrong)
    check = check_graph("wrong", graph_of(op, STEPS[step]))
    assert {"it"} == {mismatch.layer for mismatch in check.mismatches}
