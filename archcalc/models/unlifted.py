"""A call that is no operation of archcalc: counted as it was recorded, at the sizes at which it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archcalc.ops import Effect, Module, Op, Tensor, Torch, operation
from archcalc.sizes import Requirement, Shape, Size

READINGS = ("read as", "view", "reshape", "contiguous", "flatten", "unsqueeze", "squeeze")
"""Functions that leave the elements in their order."""


@operation
class AsRecorded(Op):
    """What torch gave and did: a shape, tensors of its own, MACs by torch's formula, and other work.

    It has no rules: at other sizes than those that entered nothing is known of it.

    >>> view = AsRecorded(function="view", took=(Shape((7, 7), 96),), gave=Shape((49,), 96))
    >>> str(view), str(view.out(Shape((7, 7), 96)))
    ('view', '49x96')
    """

    name: ClassVar[str] = "recorded"
    joins: ClassVar[bool] = True

    function: str
    took: tuple[Shape, ...]
    gave: Shape
    own: tuple[Tensor, ...] = ()
    products_done: int = 0
    other: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.function)  # it is frozen for everybody else

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        return tuple(self._agreements(*x))

    def _agreements(self, *x: Shape) -> Iterator[Requirement]:
        for was, now in zip(self.took, x, strict=True):
            fact = f"'{self.function}' was recorded for {was}: what it does at other sizes is not known"
            for left, right in zip((*was.places, was.channels), (*now.places, now.channels), strict=True):
                yield Requirement(left, "==", right, fact)

    def out(self, *x: Shape) -> Shape:
        return self.gave

    def weights(self, *x: Shape) -> Sequence[Tensor]:
        return self.own

    def macs(self, *x: Shape) -> Size:
        return self.products_done

    def elementwise(self, *x: Shape) -> Size:
        return self.other

    def effect(self, *x: Shape) -> Effect | None:
        """Nothing where it only reads its input otherwise."""
        return None if self.function in READINGS else super().effect(*x)

    def module(self, torch: Torch, *x: Shape) -> Module | None:
        raise ValueError("it was recorded from a model, and archcalc has no layer for it")

    def __str__(self) -> str:
        return self.function


@operation
class LearnedTensor(Op):
    """A parameter that is used as it is, as a value among others: a class token, a table of positions."""

    name: ClassVar[str] = "learned"
    joins: ClassVar[bool] = True

    tensor: Tensor
    gave: Shape

    def out(self, *x: Shape) -> Shape:
        return self.gave

    def weights(self, *x: Shape) -> Sequence[Tensor]:
        return (self.tensor,)

    def module(self, torch: Torch, *x: Shape) -> Module | None:
        raise ValueError("it is a parameter of a model, and archcalc has no layer for it")
