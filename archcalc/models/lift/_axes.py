"""A tensor's axes as a Shape leaves them: which holds the channels, and whether the first is a batch of 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.sizes import Shape, Size


class Axes(NamedTuple):
    """Where a Shape's sizes are in a tensor: `channels` is an axis, `batch` says that the first is left out.

    >>> Axes(1, True).sizes(Shape((56, 28), 96)), str(Axes(3, True).shape([1, 56, 28, 96]))
    ([1, 96, 56, 28], '56x28x96')
    """

    channels: int
    batch: bool

    def sizes(self, shape: Shape) -> list[Size]:
        """The sizes of a tensor of that shape, in order."""
        found: list[Size] = [1] if self.batch else []
        found += shape.places
        found.insert(self.channels, shape.channels)
        return found

    def shape(self, sizes: Sequence[Size]) -> Shape:
        """The shape of a tensor of these sizes."""
        if not sizes:
            return Shape((), 1)
        places = [
            size for at, size in enumerate(sizes) if at != self.channels and not (self.batch and at == 0)
        ]
        return Shape(tuple(places), sizes[self.channels])


def axes_of(sizes: Sequence[int], channels: int) -> Axes:
    """The axes of a value; a first size of 1 is the batch, others are windows or regions in its place."""
    return Axes(channels, len(sizes) > 1 and sizes[0] == 1 and channels != 0)


def only_channels_move(order: Sequence[int], takes: Axes, gives: Axes) -> bool:
    """Whether axes in another order are the same Shape: all but the channels stay as they were.

    >>> only_channels_move([0, 2, 3, 1], Axes(1, True), Axes(3, True))
    True
    >>> only_channels_move([0, 3, 2, 1], Axes(1, True), Axes(3, True))
    False
    """
    places = [axis for axis in order if axis != takes.channels]
    return places == sorted(set(places)) and list(order).index(takes.channels) == gives.channels
