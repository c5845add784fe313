"""Layer tables: the catalogue's, and those in `.md`, `.csv` and `.tsv` files."""

from __future__ import annotations

import os
from pathlib import Path

from archcalc.environment import inputs
from archcalc.errors import InputError, UnknownName, nearest, quoted, shortened
from archcalc.notation.loading import ENDINGS, catalogue, network_of
from archcalc.notation.members import members_of
from archcalc.notation.network import TableNetwork
from archcalc.notation.reader import read


def load(name: str) -> TableNetwork:
    """The network of the catalogue that has this name, the one in the `.md`, `.csv` or `.tsv` file at this
    path, or that on stdin, which is called `-`.

    Raises UnknownName with the nearest name, InputError where a file cannot be read, DocumentError where
    it breaks the notation.

    >>> load("googlenet").key
    'googlenet'
    """
    path, member = located(name)
    return network_of(path, member)


def names(of: str | None = None) -> list[str]:
    """What `load` takes: the networks of the catalogue, each of those that stand in one table by itself.

    With a name those of one document: `densenet:121-layer` and its like for `densenet`. Raises what `load`
    raises.
    """
    if of is None:
        return [name for key, path in catalogue().items() for name in _members(key, path)]
    path, member = located(of)
    return [of] if member else _members(of, path)


def _members(name: str, path: Path) -> list[str]:
    """The networks of a document by the names that `load` takes; the document's own where it holds one.

    One that cannot be read is called by its own name: `load` says what is wrong with it.
    """
    if path == inputs.STDIN:
        return [name]
    try:
        found = members_of(read(path))
    except InputError:
        return [name]
    return [f"{name}:{each}" for each in found.names] if found else [name]


def located(name: str) -> tuple[Path, str]:
    """The file of a network, and which of the file's networks it is, empty where that holds one."""
    if os.path.isfile(name):
        return path_of(name), ""
    parts = name.split(":")
    # A file's name may hold a colon, and so may a column's heading: the longest name of a file counts.
    stems = [":".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    stem = next(filter(_there, stems), stems[0] if stems else "")
    return (path_of(stem), name[len(stem) + 1 :]) if stem else (path_of(name), "")


def _there(name: str) -> bool:
    """Whether a network's file is called so."""
    return name == "-" or os.path.isfile(name) or name in catalogue()


def path_of(name: str) -> Path:
    """The file of the network that `load` gives, whatever is in it. Raises UnknownName, InputError."""
    if name == "-":
        return inputs.STDIN
    path = Path(name)
    if path.suffix not in ENDINGS and not os.path.isfile(name):
        return _catalogued(name)
    if os.path.isdir(name):
        raise InputError(f"{shortened(name)}: is a folder, not a table")
    if path.suffix not in ENDINGS:
        raise InputError(f"{shortened(name)}: a network is a '.md', '.csv' or '.tsv' file")
    return path


def _catalogued(name: str) -> Path:
    """The file of the catalogue's network of that name. Raises InputError."""
    found = catalogue()
    if name in found:
        return found[name]
    if name and os.path.isdir(name):
        raise InputError(f"{shortened(name)}: is a folder, not a table")
    raise UnknownName(f"no network is called {quoted(name)}{nearest(name, found)}")
