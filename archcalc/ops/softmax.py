"""Softmax: channels as probabilities."""

from __future__ import annotations

from typing import ClassVar

from archcalc.ops import Module, Op, Torch
from archcalc.sizes import Shape, Size


class Softmax(Op):
    """`softmax` over the channels. Elementwise work: 3 an element (exponential, sum, division)."""

    name: ClassVar[str] = "softmax"
    nouns: ClassVar[tuple[str, str]] = ("softmax", "softmax")
    also: ClassVar[tuple[str, ...]] = ("log softmax",)

    def elementwise(self, x: Shape) -> Size:
        return 3 * x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        # torch keeps a map's channels first and a sequence's last.
        return torch.nn.Softmax(dim=1 if len(x.places) != 1 else 2)
