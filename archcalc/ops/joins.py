"""Joins: where branches meet again."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import ClassVar

from archcalc.errors import Refused, listed
from archcalc.ops import Effect, Op, Torch, Values
from archcalc.ops._needed import needed
from archcalc.sizes import Requirement, Shape, Size


class Join(Op):
    """What every join needs: inputs of one rank."""

    joins: ClassVar[bool] = True

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        if len({len(shape.places) for shape in x}) > 1:
            raise Refused(_differ("the branches differ in kind", x))
        return tuple(self.agreements(*x))

    def effect(self, *x: Shape) -> Effect | None:
        """A join of one input passes it on."""
        return super().effect(*x) if len(x) > 1 else None

    def agreements(self, *x: Shape) -> Iterator[Requirement]:
        """What must agree between the first input and each other."""
        fact = partial(_differ, "the branches differ in height or width", x)
        for other in x[1:]:
            for left, right in zip(x[0].places, other.places, strict=True):
                yield from needed(left, "==", right, fact)


class Concat(Join):
    """`concat`: the branches' channels side by side. Copying is no arithmetic: no work is counted."""

    name: ClassVar[str] = "concat"
    nests: ClassVar[bool] = True
    also: ClassVar[tuple[str, ...]] = ("cat", "concatenate", "depth concat")

    def out(self, *x: Shape) -> Shape:
        return Shape(x[0].places, sum(shape.channels for shape in x))

    def forward(self, torch: Torch, *tensors: Values) -> Values:
        # Channels are a map's and a vector's second dimension, a sequence's last.
        return torch.cat(tensors, dim=2 if tensors[0].dim() == 3 else 1)


class Add(Join):
    """`add`: the sum of equal shapes. Elementwise work: inputs - 1 for each output element."""

    name: ClassVar[str] = "add"
    also: ClassVar[tuple[str, ...]] = ("sum", "residual", "eltwise sum")

    def agreements(self, *x: Shape) -> Iterator[Requirement]:
        yield from super().agreements(*x)
        for other in x[1:]:
            fact = partial(_differ, "the branches differ in channels", x)
            yield Requirement(x[0].channels, "==", other.channels, fact)

    def elementwise(self, *x: Shape) -> Size:
        return (len(x) - 1) * self.out(*x).elements

    def forward(self, torch: Torch, *tensors: Values) -> Values:
        return reduce(operator.add, tensors)


class Multiply(Join):
    """`multiply`: the product; a branch of 1 x 1 places scales every place of the first branch
    (Hu et al., Squeeze-and-excitation, 2017). Elementwise work: inputs - 1 for each output element.
    """

    name: ClassVar[str] = "multiply"
    also: ClassVar[tuple[str, ...]] = ("mul", "eltwise product")
    nouns: ClassVar[tuple[str, str]] = ("multiply", "multiplications")

    def agreements(self, *x: Shape) -> Iterator[Requirement]:
        for other in x[1:]:
            fact = partial(_differ, "the branches cannot be multiplied", x)
            for left, right in zip(other.places, x[0].places, strict=True):
                yield Requirement(left, "is 1 or", right, fact)
            yield Requirement(other.channels, "==", x[0].channels, fact)

    def elementwise(self, *x: Shape) -> Size:
        return (len(x) - 1) * self.out(*x).elements

    def forward(self, torch: Torch, *tensors: Values) -> Values:
        return reduce(operator.mul, tensors)


def _differ(fact: str, x: Sequence[Shape]) -> str:
    return f"{fact}: " + listed(str(shape) for shape in x)
