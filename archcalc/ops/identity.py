"""Identity, and dropout of elements or whole inputs, which is one at inference: they pass their input on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Effect, Module, Op, Torch, operation, real_number
from archcalc.sizes import Requirement, Shape


class Identity(Op):
    """`identity`: a shortcut's empty branch. No work."""

    name: ClassVar[str] = "identity"
    also: ClassVar[tuple[str, ...]] = ("noop", "skip")

    def effect(self, x: Shape) -> Effect | None:
        return None

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

    def effect(self, x: Shape) -> Effect | None:
        return super().effect(x) if self.share else None

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.Dropout(self.share)


@operation
class StochasticDepth(Op):
    """`stochastic depth 0.1`: in training zeroes that share of a batch's images, each as a whole, and divides
    the others by what is left (Huang et al., Deep networks with stochastic depth, 2016). It stands at the end
    of a residual branch, which an image then passes by.

    No work is counted: costs are those of inference, where it does nothing.
    """

    name: ClassVar[str] = "stochastic depth"
    also: ClassVar[tuple[str, ...]] = ("drop path",)

    share: float = real_number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        return (Requirement(self.share, "<=", 1, "stochastic depth drops a share from 0 to 1, not {left}"),)

    def module(self, torch: Torch, x: Shape) -> Module:
        # torch's dropout of whole rows, on one row an image.
        sizes = (*x.places, x.channels) if len(x.places) == 1 else (x.channels, *x.places)
        nn = torch.nn
        return nn.Sequential(nn.Flatten(1), nn.Dropout1d(self.share), nn.Unflatten(1, sizes))
