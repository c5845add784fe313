"""What an operation does at its inputs, however it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Effect(NamedTuple):
    """What an operation does at its inputs: two that have one kind and the same facts do the same.

    `facts` are by name. A fact that makes no difference there is left out, as is the stride of a window that
    has one place alone; what one of two operations leaves out does not tell them apart.
    """

    kind: str
    facts: Mapping[str, Any]

    def without(self, *names: str) -> Effect:
        """The same without some facts."""
        return Effect(self.kind, {name: fact for name, fact in self.facts.items() if name not in names})

    def but(self, **facts: Any) -> Effect:
        """The same with some facts replaced or added."""
        return Effect(self.kind, {**self.facts, **facts})


WHOLE = "global"
"""The kernel of a window that has all of its input in it."""
