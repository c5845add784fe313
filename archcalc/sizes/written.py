"""Shapes as people write them: `224x224x3`, `16 x 112 x 112 x 3`, `197,768`."""

from __future__ import annotations

import re

from archcalc.errors import Refused
from archcalc.sizes import AXES, Shape, Size

MOST_SIZES = len(AXES)
"""The sizes of the longest shape: the places of a video, and channels."""


def parse_shape(text: str) -> Shape | None:
    """Read `16x112x112x3`, `224x224x3`, `197x768` or `1000`; None where the text is no shape.

    It has a size of 1 or more for each place and for the channels.

    >>> parse_shape("224x224x3")
    Shape(places=(224, 224), channels=3)
    >>> parse_shape("224x0x3") is None
    True
    """
    if not re.fullmatch(r"[0-9]{1,100}(x[0-9]{1,100})*", text, re.ASCII) or text.count("x") >= MOST_SIZES:
        return None
    sizes = [int(size) for size in text.split("x")]
    return Shape(tuple(sizes[:-1]), sizes[-1]) if all(sizes) else None


def read_shape(text: str) -> Shape | None:
    """Read a shape as people write it: `224 x 224 x 3`, `224,224,3` and `224\N{MULTIPLICATION SIGN}224` too.

    >>> read_shape("224, 224, 3")
    Shape(places=(224, 224), channels=3)
    """
    return parse_shape(separated(text.replace("X", "x")))


def separated(text: str) -> str:
    """A shape's sizes, or their names, with an `x` between them, whatever stands there."""
    return re.sub(r"\s*[x,\N{MULTIPLICATION SIGN}]\s*", "x", text.strip())


def fitted(given: Shape, own: Shape | None) -> Shape:
    """A shape that is given in the place of a network's own, which has what it leaves out.

    Those are the channels, and a video's frames; `224` alone is square, or a sequence's tokens. Raises
    Refused where the channels come first, where there are too many sizes, or where it is not clear what is
    left out.

    >>> fitted(Shape((), 256), Shape((224, 224), 3))
    Shape(places=(256, 256), channels=3)
    >>> str(fitted(Shape((128,), 171), Shape((16, 112, 112), 3)))
    '16x128x171x3'
    """
    if own is None or not own.places:
        return given
    sizes, several = (*given.places, given.channels), len(own.places) > 1
    known = all(type(size) is int for size in (*sizes, own.channels))
    if len(sizes) > len(own.places) + 1:
        raise Refused(
            f"'{given}' has {len(sizes)} sizes, and this network's input {len(own.places) + 1}: {own}"
        )
    if len(sizes) > len(own.places):
        if several and known:
            _require_channels_last(sizes, own)
        return given
    if len(sizes) == 3 and known and sizes[-1] == own.channels:
        framed = Shape((own.places[0], *given.places), own.channels)
        raise Refused(f"'{given}' states no frames; did you mean {framed}?")
    places = (*sizes, *sizes) if several and len(sizes) == 1 else sizes
    return Shape((*own.places[: len(own.places) - len(places)], *places), own.channels)


def _require_channels_last(sizes: tuple[Size, ...], own: Shape) -> None:
    first, *places = sizes
    if first == own.channels != sizes[-1] and (tuple(places) == own.places or min(places[-2:]) > first):
        given, last = "x".join(map(str, sizes)), Shape(tuple(places), first)
        raise Refused(f"channels come last: '{given}' has them first; did you mean {last}?")
