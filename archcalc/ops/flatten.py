"""Flatten: a feature map read as one vector."""

from __future__ import annotations

from typing import ClassVar

from archcalc.ops import Effect, Module, Op, Torch
from archcalc.sizes import Shape


class Flatten(Op):
    """`flatten`: height x width x channels becomes one vector, channels outermost as in torch. No work.

    >>> str(Flatten().out(Shape((6, 6), 256)))
    '9216'
    """

    name: ClassVar[str] = "flatten"

    def out(self, x: Shape) -> Shape:
        return Shape((), x.elements)

    def effect(self, x: Shape) -> Effect | None:
        """Nothing: it only reads its input otherwise."""
        return None

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.Flatten()
