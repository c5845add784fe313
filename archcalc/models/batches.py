"""What a model does once for a whole batch, and what once an image: seen from runs with one and with two.

Windows and regions share an axis with the batch, so that no size tells it; tables of positions are computed
once, however many images there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from archcalc.models.recorder import FunctionCall


class Batched:
    """The calls of a run with one image beside those of a run with two; without these all are an image's."""

    def __init__(self, calls: Sequence[FunctionCall], twice: Sequence[FunctionCall] | None) -> None:
        self._calls, self._twice = calls, twice
        self._same = twice is not None and [call.function for call in calls] == [
            call.function for call in twice
        ]

    def once(self, at: int) -> tuple[bool, str]:
        """Whether a call is made once for a batch; and what is wrong where that cannot be said."""
        if self._twice is None:
            return False, ""
        if not self._same:
            return False, "a batch of 2 does other things than an image"
        alone, both = _work(self._calls[at]), _work(self._twice[at])
        if alone == both:
            return True, ""
        if both == [2 * each for each in alone]:
            return False, ""
        return False, f"a batch of 2 takes {both[0]} MACs, an image {alone[0]}"


def _work(call: FunctionCall) -> list[int]:
    """What a call multiplies, and the elements of each tensor that it gives."""
    return [call.macs, *(prod(value.sizes) for value in call.outputs)]
