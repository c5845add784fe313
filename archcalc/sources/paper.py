"""Layer tables: the catalogue's, and those in `.md`, `.csv` and `.tsv` files."""

from __future__ import annotations

import os
from pathlib import Path

from archcalc.environment import inputs
from archcalc.errors import InputError, UnknownName, nearest, quoted, shortened
from archcalc.notation.loading import ENDINGS, catalogue, network_of
from archcalc.notation.network import TableNetwork


def load(name: str) -> TableNetwork:
    """The network of the catalogue that has this name, the one in the `.md`, `.csv` or `.tsv` file at this
    path, or that on stdin, which is called `-`.

    Raises UnknownName with the nearest name, InputError where a file cannot be read, DocumentError where
    it breaks the notation.

    >>> load("googlenet").key
    'googlenet'
    """
    return network_of(path_of(name))


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
