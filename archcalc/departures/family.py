"""Which networks of the catalogue may be meant when this one is named?"""

from __future__ import annotations

import re

from archcalc.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.notation.network import TableNetwork
from archcalc.sources.paper import load, names


def relatives(network: Network, wrong: list[str]) -> list[TableNetwork]:
    """The catalogue's networks that are variants of it, of which it is one, or whose name begins alike.

    `wrong` gets a sentence for each that cannot be read.
    """
    others = {}
    for name in names():
        try:
            others[name] = load(name)
        except ArchcalcError as error:
            wrong.append(f"Left out, since it cannot be read: {name}: {error}")
    parents = {name: other.parent for name, other in others.items()}
    parents[network.key] = network.parent if isinstance(network, TableNetwork) else ""
    first = _first(network.key)
    return [
        other
        for name, other in others.items()
        if name != network.key
        and (
            _first(name) == first
            or network.key in _ancestors(name, parents)
            or name in _ancestors(network.key, parents)
        )
    ]


def _first(name: str) -> str:
    """What a family's names begin with: `resnet18-a` and `resnet18`, `densenet:121` and `densenet:169`."""
    return re.split("[-:]", name, maxsplit=1)[0]


def _ancestors(name: str, parents: dict[str, str]) -> list[str]:
    found: list[str] = []
    while (name := parents.get(name, "")) and name not in found:
        found.append(name)
    return found
