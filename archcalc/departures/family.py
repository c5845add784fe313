"""Which networks of the catalogue may be meant when this one is named?"""

from __future__ import annotations

from archcalc.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.notation.loading import ENDINGS
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
    parents = {name: _parent(other) for name, other in others.items()} | {network.key: _parent(network)}
    first = network.key.partition("-")[0]
    return [
        other
        for name, other in others.items()
        if name != network.key
        and (
            name.partition("-")[0] == first
            or network.key in _ancestors(name, parents)
            or name in _ancestors(network.key, parents)
        )
    ]


def _parent(network: Network) -> str:
    """The name of the network that it is a variant of; empty where it is of none."""
    name = network.parent if isinstance(network, TableNetwork) else ""
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name


def _ancestors(name: str, parents: dict[str, str]) -> list[str]:
    found: list[str] = []
    while (name := parents.get(name, "")) and name not in found:
        found.append(name)
    return found
