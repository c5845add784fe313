"""A graph's operations in an order that does not depend on how it was built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc.graph import Graph, Node
from archcalc.ops import Effect
from archcalc.sizes import Shape


class Traits(NamedTuple):
    """What makes two operations alike: their kind, the shape they give, the facts of what they do."""

    kind: str
    output: str
    facts: str


class Placed(NamedTuple):
    """One operation in its place: what it does there, the shape it gives, whether that is its input's."""

    node: Node
    effect: Effect
    output: str
    keeps: bool

    @property
    def kind(self) -> str:
        """Its kind, by which it has a partner in another graph."""
        return self.effect.kind

    @property
    def nouns(self) -> tuple[str, str]:
        """What one and several of it are called."""
        one, several = self.node.op.nouns
        name = one or self.node.op.name
        if several or name.endswith("s"):
            return name, several or name
        return name, name + ("es" if name.endswith(("x", "sh", "ch")) else "s")

    def replaceable(self, other: Placed) -> bool:
        """Whether one of another kind does not tear apart what stands around it."""
        if len(self.node.inputs) != len(other.node.inputs):
            return False
        return self.output == other.output or (self.keeps and other.keeps)

    @property
    def traits(self) -> Traits:
        """What is compared of it."""
        facts = sorted((name, repr(value)) for name, value in self.effect.facts.items())
        return Traits(self.effect.kind, self.output, repr(facts))


def steps(graph: Graph) -> list[Placed]:
    """The operations that do something, depth first from what leaves the graph, a join's inputs in order.

    What leads to no output comes last.
    """
    found = []
    for name in _order(graph):
        node = graph.nodes[name]
        shapes = graph.input_shapes(node)
        effect = node.op.effect(*shapes)
        if effect is not None:
            output = graph.shapes[name]
            found.append(Placed(node, effect, _written(output), all(shape == output for shape in shapes)))
    return found


def _written(shape: Shape) -> str:
    """A shape; a map of one place is a vector."""
    places = () if all(place == 1 for place in shape.places) else shape.places
    return str(Shape(places, shape.channels))


def _order(graph: Graph) -> Iterator[str]:
    seen = set(graph.inputs)
    for end in (*graph.outputs, *graph.heads.values(), *graph.nodes):
        waiting = [(end, False)]
        while waiting:
            name, done = waiting.pop()
            if done:
                yield name
            elif name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting += [(source, False) for source in reversed(graph.nodes[name].inputs)]
