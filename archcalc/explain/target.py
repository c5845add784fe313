"""What is explained? A row, a branch or a layer, by any name that a table shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from archcalc.costs import Layer, Section, by_branch, by_row
from archcalc.costs.branches import branches
from archcalc.errors import UnknownName, nearest
from archcalc.graph import Network, Row
from archcalc.notation.table_row import label_of_several


class Wanted(NamedTuple):
    """A row, and what within it is meant: a path such as `branch2`, empty for the whole row."""

    row: Row
    path: str


class Derived(NamedTuple):
    """A layer that is derived once, for all layers that are like it.

    `branches` counts the equal branches of its fork, `alike` all layers that its derivation is of.
    """

    layer: Layer
    branches: int
    alike: int


def targets(network: Network, name: str) -> list[Wanted]:
    """What a name may mean, the likeliest first: a row's name, its title, its path, or one of these and more.

    Raises UnknownName where it begins like nothing in the network.
    """
    called = [(row, (row.name, row.title, row.path)) for row in network.rows]
    whole = [Wanted(row, "") for place in range(3) for row, names in called if names[place] == name]
    if whole:
        return whole[:1]
    inside = [
        Wanted(row, name.removeprefix(f"{each}."))
        for row, names in called
        for each in dict.fromkeys(names)
        if name.startswith(f"{each}.")
    ]
    if not inside:
        known = [each for _, names in called for each in names[:2]]
        meant = label_of_several(network.rows, name.partition(".")[0]) or nearest(name, known)
        raise UnknownName(f"{network.name}: no row is called '{name}'{meant}")
    return inside


def members(network: Network, wanted: Sequence[Wanted], layers: Sequence[Layer]) -> Section:
    """The layers that are meant. Raises UnknownName where no row has such a branch or layer."""
    rows = {section.name: section for section in by_row(layers)}
    for row, path in wanted:
        section = rows[row.name]
        if not path:
            return section
        for part in branches(section, row.path, row.repeat > 1):
            if part.path == path:
                return part.section._replace(branch=path)
        full = f"{row.path}.{path}"
        found = tuple(
            layer
            for layer in section.layers
            if layer.node.name == full or layer.node.name.startswith(f"{full}.")
        )
        if found:
            return Section(row.name, path, found)
    row, path = wanted[0]
    known = list(_paths(rows[row.name], row))
    raise UnknownName(
        f"{network.name}: row '{row.name}' has no branch and no layer '{path}'{nearest(path, known)}"
    )


def _paths(section: Section, row: Row) -> Iterator[str]:
    """What can follow a row's name, of a large row the first."""
    yield from (part.path for part in branches(section, row.path, row.repeat > 1) if part.path)
    yield from (path_in(row, layer) for layer in section.layers[:1000])


def path_in(row: Row, layer: Layer) -> str:
    """A layer's path within its row."""
    return layer.node.name.removeprefix(f"{row.path}.")


def distinct(section: Section, row: Row) -> list[Derived]:
    """The layers to derive: of equal copies of a row, and of equal branches of a fork, one each."""

    def copy_of(layer: Layer) -> str:
        return path_in(row, layer).partition(".")[0] if row.repeat > 1 else ""

    times: dict[object, int] = {}
    first: dict[object, list[Layer]] = {}
    for _, copy in groupby(section.layers, copy_of):
        layers = list(copy)
        first.setdefault(_kind(layers), layers)
        times[_kind(layers)] = times.get(_kind(layers), 0) + 1
    return [
        Derived(layer, equal, equal * times[kind])
        for kind, layers in first.items()
        for layer, equal in _folded(layers)
    ]


def _folded(layers: Sequence[Layer]) -> Iterator[tuple[Layer, int]]:
    """The layers of one copy; of equal branches of one fork the first, with how many are equal."""
    for forked, run in groupby(by_branch(layers), lambda section: bool(section.branch)):
        sections = list(run)
        kinds = [_kind(section.layers) for section in sections]
        for place, section in enumerate(sections):
            if not forked:
                yield from ((layer, 1) for layer in section.layers)
            elif kinds.index(kinds[place]) == place:
                yield from ((layer, kinds.count(kinds[place])) for layer in section.layers)


def _kind(layers: Sequence[Layer]) -> object:
    """What layers must have in common for one derivation to be that of both."""
    return tuple((layer.node.op, layer.inputs) for layer in layers)
