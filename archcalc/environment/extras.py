"""Optional parts of archcalc: imported where they are used, named where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archcalc.errors import MissingExtra

EXTRAS = {
    "torch": "torch",
    "fvcore": "torch",
    "sympy": "formula",
    "pyarrow": "sweep",
    "dask": "cluster",
    "distributed": "cluster",
    "matplotlib": "plot",
    "torchvision": "models",
    "timm": "models",
    "transformers": "models",
}
"""The extra that installs each optional package."""


@contextmanager
def needed(what: str) -> Iterator[None]:
    """Import what needs an optional package inside this.

    Raises MissingExtra, which names the extra, where that package is not installed.

    >>> with needed("a plot of plots"):
    ...     from os import path
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingExtra(what, package, EXTRAS[package]) from error
