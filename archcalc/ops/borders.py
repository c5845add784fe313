"""Borders: places of zeros put around the input's own, and places cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Torch, Values, flag, operation, places, places_option
from archcalc.ops._places import channels_first, for_each, need_places
from archcalc.sizes import Requirement, Shape, Sizes, as_int


@operation
class Pad(Op):
    """`pad 1 [before | after]`: so many places of zeros on each side, or on one; `pad 0x1` in width alone.

    `pad 2 before` is what makes the next convolution of a sequence causal: it sees no later token. Copying
    is no arithmetic: no work is counted.

    >>> x = Shape((56, 56), 64)
    >>> str(Pad(size=(1,)).out(x)), str(Pad(size=(0, 1), after=True).out(x))
    ('58x58x64', '56x57x64')
    """

    name: ClassVar[str] = "pad"
    also: ClassVar[tuple[str, ...]] = ("zero padding", "zero pad")

    size: Sizes | None = places()
    before: bool = flag("before")
    after: bool = flag("after")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if self.before and self.after:
            raise Refused(
                "'before' and 'after' are given, and one excludes the other: both sides are the rule"
            )
        self._each(x)
        return ()

    def _each(self, x: Shape) -> Sizes:
        if self.size is None:
            raise Refused("'pad' needs a number of places, such as 'pad 1'")
        return for_each(self.name, self.size, x)

    def out(self, x: Shape) -> Shape:
        sides = 1 if self.before or self.after else 2
        padded = (n + sides * p for n, p in zip(x.places, self._each(x), strict=True))
        return Shape(tuple(padded), x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        values = channels_first(x)
        size = self.size or ()
        around: list[object] = []
        for p in reversed(size * (values.dim() - 2) if len(size) == 1 else size):  # torch begins at the last
            around += [0 if self.after else p, 0 if self.before else p]
        return channels_first(torch.nn.functional.pad(values, around))


@operation
class Crop(Op):
    """`crop 4`: so many places cut off each side; `crop to 56x56`: the middle of that size.

    U-Net crops what it concatenates (Ronneberger et al., 2015, section 2). Of an odd number of places the
    larger half goes behind. Copying is no arithmetic: no work is counted.

    >>> str(Crop(size=(4,)).out(Shape((64, 64), 512))), str(Crop(to=(56, 56)).out(Shape((64, 64), 512)))
    ('56x56x512', '56x56x512')
    """

    name: ClassVar[str] = "crop"
    also: ClassVar[tuple[str, ...]] = ("center crop", "centre crop", "cropping")

    size: Sizes | None = places()
    to: Sizes | None = places_option("to")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_places(self.name, x)
        if (self.size is None) == (self.to is None):
            raise Refused(
                "'crop' takes what goes on each side, such as 'crop 4', or what stays: 'crop to 56x56'"
            )
        if self.to is not None:
            stays = for_each(self.name, self.to, x)
            fact = "'crop' only cuts off: its input has {right} places there, not {left} or more"
            return (
                *(Requirement(1, "<=", k, "a crop leaves at least 1 place, not {right}") for k in stays),
                *(Requirement(k, "<=", n, fact) for k, n in zip(stays, x.places, strict=True)),
            )
        cut = zip(for_each(self.name, self.size or (), x), x.places, strict=True)
        return tuple(
            Requirement(2 * c + 1, "<=", n, "a crop leaves at least 1 of {right} places") for c, n in cut
        )

    def out(self, x: Shape) -> Shape:
        if self.to is not None:
            return Shape(for_each(self.name, self.to, x), x.channels)
        cut = for_each(self.name, self.size or (), x)
        return Shape(tuple(n - 2 * c for n, c in zip(x.places, cut, strict=True)), x.channels)

    def forward(self, torch: Torch, x: Values) -> Values:
        # The rule that says the output's size is not asked: the check compares it with what is done here.
        values = channels_first(x)
        count = values.dim() - 2
        written = [as_int(size) for size in self.to or self.size or ()]
        for axis, size in enumerate(written * count if len(written) == 1 else written, start=2):
            places = values.shape[axis]
            cut = (places - size) // 2 if self.to else size
            values = values.narrow(axis, cut, size if self.to else places - 2 * cut)
        return channels_first(values)
