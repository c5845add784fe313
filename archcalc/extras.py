"""Optional parts of archcalc: imported where they are used, named where they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from archcalc.errors import MissingExtra

EXTRAS = {
    "torch": "torch",
    "fvcore": "torch",
    "sympy": "formula",
    "pyarrow": "sweep",
    "dask": "cluster",
    "distributed": "cluster",
    "matplotlib": "plot",
}
"""The extra that installs each optional package."""


def need(module: str, what: str) -> ModuleType:
    """Import a module that needs an optional package.

    Raises MissingExtra, which names the extra, where that package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingExtra(what, package, EXTRAS[package]) from error
