"""Where networks come from: one file a source, and the one place that knows which of them takes a name."""

from __future__ import annotations

from archcalc.graph import Network
from archcalc.sources import paper, torch_model


def load(name: str) -> Network:
    """The network of that name, of the source that takes it. Raises what that source raises."""
    return torch_model.load(name) if torch_model.takes(name) else paper.load(name)


def names(of: str) -> list[str]:
    """What stands behind a name: of a table of several networks each of them by itself."""
    return [of] if torch_model.takes(of) else paper.names(of)
