"""What operations may ask of the form of their input."""

from __future__ import annotations

from archcalc.errors import Refused
from archcalc.sizes import Shape


def need_map(name: str, x: Shape) -> None:
    """Refuse an input that is no feature map (height x width x channels)."""
    if len(x.places) != 2:
        raise Refused(f"'{name}' takes a feature map (height x width x channels), but its input is {x}")


def need_no_sequence(name: str, x: Shape) -> None:
    """Refuse a sequence (tokens x width), whose channels torch would look for among its tokens."""
    if len(x.places) == 1:
        raise Refused(f"'{name}' takes a feature map or a vector, but its input is {x}")


def need_sequence(name: str, x: Shape) -> None:
    """Refuse an input that is no sequence (tokens x width)."""
    if len(x.places) != 1:
        hint = "; put 'to tokens ->' before it" if x.places else ""
        raise Refused(f"'{name}' takes a sequence (tokens x width), but its input is {x}{hint}")
