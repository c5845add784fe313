"""Identity, and dropout, which is one at inference: they pass their input on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Module, Op, Torch, operation, real_number
from archcalc.sizes import Requirement, Shape


class Identity(Op):
    """`identity`: a shortcut's empty branch. No work."""

    name: ClassVar[str] = "identity"
    also: ClassVar[tuple[str, ...]] = ("noop", "skip")

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.Identity()


@operation
class Dropout(Op):
    """`dropout 0.4`: zeroes that share of the elements in training (Srivastava et al., 2014).

    No work is counted: costs are those of inference, where it does nothing.
    """

    name: ClassVar[str] = "dropout"

    share: float = real_number(0.5)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        return (Requirement(self.share, "<=", 1, "dropout takes a share from 0 to 1, not {left}"),)

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.Dropout(self.share)
