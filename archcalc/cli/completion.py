"""What a shell offers for the word that is being written. Nothing is imported before a shell asks."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from archcalc.errors import ArchcalcError
from archcalc.graph import Network

SIDES = ("height", "width", "tokens", "frames", "channels")
VARIED = ("input=", *(f"input.{side}=" for side in SIDES), "batch=", "width=")
"""What a sweep can vary of every network."""


def networks(incomplete: str) -> list[str]:
    """The names of the catalogue."""
    from archcalc.sources.paper import names

    return _starting(incomplete, names())


def formats(incomplete: str) -> list[str]:
    """The formats of a report."""
    from archcalc.report import format_names

    return _starting(incomplete, format_names())


def units(incomplete: str) -> list[str]:
    """The units of work."""
    from archcalc.costs.counting import UNITS

    return _starting(incomplete, UNITS)


def levels(incomplete: str) -> list[str]:
    """The levels of a table."""
    from archcalc.table import LEVELS

    return _starting(incomplete, LEVELS)


def rows(ctx: typer.Context, incomplete: str) -> list[str]:
    """The rows of the network that stands earlier on the line."""
    network = _network(ctx)
    return _starting(incomplete, (row.name for row in network.rows) if network else ())


def columns(ctx: typer.Context, incomplete: str) -> list[str]:
    """The columns of that network that hold widths."""
    return _starting(incomplete, _columns(ctx))


def symbols(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same for a list: its last column is completed."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{each}" for each in _starting(last, (*_columns(ctx), *_cells(ctx), "all"))]


def axes(ctx: typer.Context, incomplete: str) -> list[str]:
    """What a sweep of that network can vary, up to the `=`."""
    network = _network(ctx)
    depths = [f"{row}.{column}" for row, column in network.depths()] if network else []
    names = (*_alike(ctx), *_cells(ctx), *depths)
    return _starting(incomplete, (*VARIED, *(f"{each}=" for each in names)))


def varied(ctx: typer.Context, incomplete: str) -> list[str]:
    """What the sweep varies."""
    return _starting(incomplete, _varied(ctx))


def amounts(ctx: typer.Context, incomplete: str) -> list[str]:
    """The numbers that a sweep knows of each point."""
    unit = ctx.params.get("count") or "macs"
    known = ("params", unit, "activations", "weights", "biases", "norms", "elementwise", *_varied(ctx))
    return _starting(incomplete, known)


def _starting(incomplete: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _network(ctx: typer.Context) -> Network | None:
    """The network that the line names; None where it names none that can be read."""
    from archcalc.sources.paper import load

    # An option that still lacks its value stops the parser, which then leaves the arguments unnamed.
    name = ctx.params.get("network") or next(iter(ctx.args), "")
    try:
        return load(name)
    except ArchcalcError:
        return None


def _columns(ctx: typer.Context) -> list[str]:
    network = _network(ctx)
    return list(dict.fromkeys(width.column for width in network.widths())) if network else []


def _alike(ctx: typer.Context) -> list[str]:
    """The columns that have one number in all rows."""
    network = _network(ctx)
    sizes: dict[str, set[int]] = {}
    for width in network.widths() if network else ():
        sizes.setdefault(width.column, set()).add(width.size)
    return [column for column, found in sizes.items() if len(found) == 1 and f"{column}=" not in VARIED]


def _cells(ctx: typer.Context) -> list[str]:
    network = _network(ctx)
    return [f"{width.row}.{width.column}" for width in network.widths()] if network else []


def _varied(ctx: typer.Context) -> list[str]:
    return [text.partition("=")[0] for text in ctx.params.get("vary") or ()]
