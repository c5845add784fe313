"""What one document says: settings, fences of blocks, tables whose cells know their place, footnotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, quoted

SETTINGS = (
    "notation",
    "name",
    "paper",
    "year",
    "input",
    "K",
    "params claim",
    "ops claim",
    "quoted params",
    "quoted ops",
    "columns",
    "uses",
    "rows",
    "outputs",
    "choices",
    "shared",
    "networks",
    "width multiple",
    "variant of",
    "drop columns",
    "drop rows",
)
EVERY = "every "
OUTPUT = "output size"
COSTS = ("params", "ops", "params share", "ops share", "neurons", "connections")
"""The claims that are costs."""
CLAIMS = ("input size", OUTPUT, "depth", *COSTS)
"""The columns that say what the paper found; they are checked and, but for `{out}`, never used."""
TOTAL = "total"
"""The type of a last row that claims something of the whole network."""
OF, AT, AGAINST = "claims of", "input", "against"
"""The columns of a table of claims: of what they are, at which input, a multiple of which network."""
QUOTED = ("quoted params", "quoted ops")
"""What the literature says of one network, and not of its variants."""

MULTIPLE = "8"
"""What a factor on all widths keeps to multiples of, unless a setting says another number."""


class Cell(NamedTuple):
    """One cell: its text without its footnote mark, where it stands, its footnote's name."""

    text: str
    place: Place
    footnote: str = ""


class Setting(NamedTuple):
    """The value of a setting and where it is written."""

    value: str
    place: Place


def multiple_of(settings: Mapping[str, Setting]) -> int:
    """What a width times a factor is rounded to a multiple of: MobileNet's 8 (Sandler et al., 2018), or
    what the settings say. Raises DocumentError where that is no such number.
    """
    value, place = settings.get("width multiple", (MULTIPLE, None))
    if place and not re.fullmatch(r"[1-9][0-9]{0,5}", value, re.ASCII):
        fact = f"'width multiple' is a whole number from 1 to 999999, not {quoted(value)}"
        raise DocumentError(place, fact)
    return int(value)


class Fence(NamedTuple):
    """The text of a fence; `line` is the line its first line stands on."""

    text: str
    file: str
    line: int


class Line(NamedTuple):
    """One row of a table: its cells by column, and where it stands.

    `absent` is one that the network does not have, though another in the same table has it.
    """

    cells: dict[str, Cell]
    place: Place
    absent: bool = False


class Table(NamedTuple):
    """A table of rows; `source` is the row a side chain starts from, empty for the network itself."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    place: Place
    source: str = ""


@dataclass
class Document:
    """What one file says."""

    file: str
    path: Path
    settings: dict[str, Setting] = field(default_factory=dict)
    fences: list[Fence] = field(default_factory=list)
    bare_fences: list[Fence] = field(default_factory=list)
    """Fences that say nothing of what they hold; blocks in them are not read."""
    tables: list[Table] = field(default_factory=list)
    claims: list[Table] = field(default_factory=list)
    """Tables of what is claimed beyond the rows."""
    prose_tables: list[Table] = field(default_factory=list)
    """Tables without a column `type` or `claims of`; no row is read from them."""
    footnotes: dict[str, str] = field(default_factory=dict)
    prose: list[str] = field(default_factory=list)

    def setting(self, name: str, default: str = "") -> str:
        """The value of a setting."""
        return self.settings[name].value if name in self.settings else default
