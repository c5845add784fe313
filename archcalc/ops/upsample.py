"""Upsampling: more places than the input has, copied or interpolated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Torch, Values, flag, operation, places, places_option
from archcalc.ops._places import channels_first, for_each, need_places
from archcalc.sizes import Requirement, Shape, Size, Sizes, as_int

MODES = ("", "linear", "bilinear", "trilinear")
"""What torch calls an interpolation between neighbours, by the number of places."""


@operation
class Upsample(Op):
    """`upsample 2 [bilinear]`: so many times the places; `upsample to 28x28`: so many.

    Each output place is a copy of the nearest input place, or `bilinear` an average of the 4 around it (of 2
    on a sequence, of 8 on a video). Elementwise work: none, or those products and their sum, 7 for each
    output element (3, 15).

    >>> upsample = Upsample(factor=(2,))
    >>> str(upsample.out(Shape((7, 7), 512))), upsample.elementwise(Shape((7, 7), 512))
    ('14x14x512', 0)
    """

    name: ClassVar[str] = "upsample"
    also: ClassVar[tuple[str, ...]] = ("upsampling", "interpolate", "unpooling")

    factor: Sizes | None = places()
    to: Sizes | None = places_option("to")
    bilinear: bool = flag("bilinear")

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_places(self.name, x)
        if (self.factor is None) == (self.to is None):
            raise Refused("'upsample' takes a factor, such as 'upsample 2', or a size: 'upsample to 28x28'")
        if self.to is None:
            factors = for_each(self.name, self.factor or (), x)
            return tuple(Requirement(1, "<=", f, "a factor is at least 1, not {right}") for f in factors)
        fact = "'upsample' only enlarges: its input has {left} places there, not {right} or fewer"
        sizes = for_each(self.name, self.to, x)
        return tuple(Requirement(n, "<=", k, fact) for n, k in zip(x.places, sizes, strict=True))

    def out(self, x: Shape) -> Shape:
        if self.to is not None:
            return Shape(for_each(self.name, self.to, x), x.channels)
        factors = for_each(self.name, self.factor or (), x)
        return Shape(tuple(f * n for f, n in zip(factors, x.places, strict=True)), x.channels)

    def elementwise(self, x: Shape) -> Size:
        return (2 * 2 ** len(x.places) - 1) * self.out(x).elements if self.bilinear else 0

    def forward(self, torch: Torch, x: Values) -> Values:
        values = channels_first(x)
        count = values.dim() - 2
        mode = MODES[count] if self.bilinear else "nearest"
        written = [as_int(size) for size in self.to or self.factor or ()]
        sizes = written * count if len(written) == 1 else written
        given = {"size": sizes} if self.to else {"scale_factor": sizes}
        return channels_first(torch.nn.functional.interpolate(values, mode=mode, **given))
