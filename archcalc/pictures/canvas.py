"""A figure and its file: colours, units, fonts, and what makes a picture the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font
from matplotlib.ticker import EngFormatter

from archcalc.environment import files
from archcalc.errors import InputError, UsageError, nearest

ENDINGS = (".svg", ".png", ".pdf")
"""The files that a picture can be."""
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#999999"
"""Colours that the colour-blind tell apart, and that differ in print (Okabe and Ito, 2008)."""
FONT = "DejaVu Sans"
"""The font that matplotlib brings along."""
LAST_RESORT = "Last Resort"
"""A font that draws a box for every sign."""
STYLE = {
    "svg.hashsalt": "archcalc",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
LONGEST = 300
"""Characters of a caption."""
NAMED_DIGITS = 30
"""Numbers of more digits have no prefix: the axis's name says which power of 10 they are in."""


class _Prefixed(EngFormatter):
    """Numbers with K, M and G, powers of 1000, as the tables write them."""

    ENG_PREFIXES = {**EngFormatter.ENG_PREFIXES, 3: "K"}  # noqa: RUF012 -- as matplotlib declares it


def require_ending(path: Path) -> None:
    """Raise UsageError where a file's ending is that of no picture."""
    if path.suffix not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise UsageError(f"--plot '{path}' is no picture ({known}){nearest(path.suffix, ENDINGS)}")


def figure(height: float) -> Figure:
    """An empty figure, 8 inches wide."""
    return Figure(figsize=(8, height), layout="constrained")


def thousands(axis: Axis) -> None:
    """Write an axis's numbers with K, M and G, powers of 1000."""
    axis.set_major_formatter(_Prefixed(sep=""))


def drawable(numbers: Sequence[int], unit: str) -> tuple[list[float], str]:
    """Numbers as an axis can hold them, and what it is called: huge ones stand in a power of 10.

    >>> drawable([1500, 2], "MACs"), drawable([3 * 10**400, 10**400], "params")
    (([1500.0, 2.0], 'MACs'), ([300.0, 100.0], 'params (in units of 1e398)'))
    """
    digits = len(str(max(numbers, default=0)))
    if digits <= NAMED_DIGITS:
        return [float(number) for number in numbers], unit
    power = digits - 3
    return [float(Fraction(number, 10**power)) for number in numbers], f"{unit} (in units of 1e{power})"


def literal(text: str) -> str:
    """Text that stands as it is: a row may be called $x$, and is no mathematics."""
    return text.replace("$", r"\$")


def titled(picture: Figure, caption: str, sentence: str) -> None:
    """The caption, and under it what there is to see."""
    caption = caption if len(caption) <= LONGEST else f"{caption[: LONGEST - 3]}..."
    picture.suptitle(literal(f"{caption}\n{sentence}"), fontsize=9.5, wrap=True)


def save(picture: Figure, path: Path) -> None:
    """Write a figure whole or not at all. Raises OutputError."""
    form = path.suffix.removeprefix(".")
    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
    held = io.BytesIO()
    picture.savefig(held, format=form, metadata=dated, dpi=150)
    files.write_bytes(path, held.getvalue())


def styled(texts: Iterable[str]) -> AbstractContextManager[None]:
    """While this lasts, figures are drawn in the house's style, in fonts that have the signs of some texts.

    Raises InputError where no installed font has them.
    """
    signs = {sign for text in texts for sign in text if not sign.isspace()}
    style: dict[Any, Any] = {**STYLE, "font.family": _families(signs)}  # matplotlib types keys as literals
    return matplotlib.rc_context(style)


def _families(signs: set[str]) -> list[str]:
    """The fonts that have these signs: the usual ones, and after them those that have what FONT lacks."""
    families, missing = ["sans-serif"], signs - _signs(findfont(FontProperties(family=FONT)))
    for path, name in _installed() if missing else ():
        found = missing & _signs(path)
        if found:
            families.append(name)
            missing -= found
        if not missing:
            break
    if missing:
        shown = "".join(sorted(missing)[:10])
        raise InputError(
            f"--plot: no installed font can draw '{shown}': install one that can, such as Noto Sans CJK"
        )
    return families


def _installed() -> list[tuple[str, str]]:
    """The upright fonts by path and name, in an order that is the same each time."""
    known = {each.fname for each in fontManager.ttflist}
    for path in set(findSystemFonts()) - known:  # installed after matplotlib made its list
        with suppress(OSError, RuntimeError, ValueError):  # a file that is no font after all
            fontManager.addfont(path)
    fonts = [each for each in fontManager.ttflist if each.style == "normal" and LAST_RESORT not in each.name]
    return [
        (each.fname, each.name) for each in sorted(fonts, key=lambda each: (each.weight != 400, each.name))
    ]


@cache
def _signs(path: str) -> frozenset[str]:
    """The signs that a font has."""
    return frozenset(map(chr, get_font(path).get_charmap()))
