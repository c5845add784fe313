"""Channels picked from a map, and channels of zeros put behind its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import Op, Torch, Values, number, operation, option
from archcalc.sizes import Requirement, Shape, Size, as_int


@operation
class PadChannels(Op):
    """`pad channels 128`: channels of zeros behind the input's own, until there are so many.

    The parameter-free shortcut of He et al. (Deep residual learning, 2015, section 3.3, option A).
    Copying is no arithmetic: no work is counted.
    """

    name: ClassVar[str] = "pad channels"

    channels: Size = number()

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        fact = "'pad channels' only adds: its input has {left} channels already, not {right} or fewer"
        return (Requirement(x.channels, "<=", self.channels, fact),)

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, self.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        # Channels are a map's and a vector's second dimension, a sequence's last.
        behind = (0, 0) * (x.dim() - 2) if x.dim() != 3 else ()
        present = x.shape[1] if x.dim() != 3 else x.shape[2]
        return torch.nn.functional.pad(x, (*behind, 0, self.channels - present))


@operation
class Take(Op):
    """`take 3 from 4`: that many channels, counted from 0 on and round the end: of 6, these are 4, 5, 0.

    `take 2 from 0 and 3` takes two from 0 on and two more from 3 on. LeNet-5's third layer sees its input
    so (LeCun et al., 1998, Table I). Copying is no arithmetic: no work is counted.

    >>> Take(count=3, start=4).picked(6), Take(count=2, start=2, second=5).picked(6)
    ([4, 5, 0], [2, 3, 5, 0])
    """

    name: ClassVar[str] = "take"

    count: Size = number()
    start: Size = option("from", 0)
    second: Size | None = option("and", None)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        starts = [start for start in (self.start, self.second) if start is not None]
        return (
            Requirement(1, "<=", self.count, "it takes at least 1 channel, not {right}"),
            Requirement(len(starts) * self.count, "<=", x.channels, "it takes {left} of {right} channels"),
            *(
                Requirement(start + 1, "<=", x.channels, f"there is no channel {start} among {{right}}")
                for start in starts
            ),
        )

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, self.count if self.second is None else 2 * self.count)

    def picked(self, channels: int) -> list[int]:
        """The numbers of the channels that are taken, in their order."""
        starts = [as_int(start) for start in (self.start, self.second) if start is not None]
        return [(start + step) % channels for start in starts for step in range(as_int(self.count))]

    def forward(self, torch: Torch, x: Values) -> Values:
        axis = 2 if x.dim() == 3 else 1
        return x[:, :, self.picked(x.shape[2])] if axis == 2 else x[:, self.picked(x.shape[1])]
