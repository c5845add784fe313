"""What operations on sequences have in common."""

from __future__ import annotations

from archcalc.errors import Refused
from archcalc.sizes import Shape


def need_sequence(name: str, x: Shape) -> None:
    """Refuse an input that is no sequence (tokens x width)."""
    if len(x.places) != 1:
        hint = "; put 'to tokens ->' before it" if x.places else ""
        raise Refused(f"'{name}' takes a sequence (tokens x width), but its input is {x}{hint}")
