"""A figure and its file: colours, units, and what makes a picture the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from archcalc.environment import files
from archcalc.errors import UsageError, nearest

ENDINGS = (".svg", ".png", ".pdf")
"""The files that a picture can be."""
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#999999"
"""Colours that the colour-blind tell apart, and that differ in print (Okabe and Ito, 2008)."""
STYLE = {
    "svg.hashsalt": "archcalc",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def require_ending(path: Path) -> None:
    """Raise UsageError where a file's ending is that of no picture."""
    if path.suffix not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise UsageError(f"--plot '{path}' is no picture ({known}){nearest(path.suffix, ENDINGS)}")


def figure(height: float) -> Figure:
    """An empty figure, 8 inches wide."""
    return Figure(figsize=(8, height), layout="constrained")


def thousands(axis: Any) -> None:
    """Write an axis's numbers with K, M and G, powers of 1000."""
    axis.set_major_formatter(EngFormatter(sep=""))


def literal(text: str) -> str:
    """Text that stands as it is: a row may be called $x$, and is no mathematics."""
    return text.replace("$", r"\$")


def titled(picture: Figure, caption: str, sentence: str) -> None:
    """The caption, and under it what there is to see."""
    picture.suptitle(literal(f"{caption}\n{sentence}"), fontsize=9.5, wrap=True)


def save(picture: Figure, path: Path) -> None:
    """Write a figure whole or not at all. Raises OutputError."""
    form = path.suffix.removeprefix(".")
    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
    held = io.BytesIO()
    picture.savefig(held, format=form, metadata=dated, dpi=150)
    files.write_bytes(path, held.getvalue())


def styled() -> Any:
    """While this lasts, figures are drawn and saved in the house's style."""
    return matplotlib.rc_context(STYLE)  # type: ignore[arg-type]
