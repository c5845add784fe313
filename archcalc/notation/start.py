"""The network that a newcomer begins with, as one file or as a table with its blocks beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from archcalc.environment.inputs import PACKAGE
from archcalc.notation.tables import split

START = PACKAGE / "networks" / "_start.md"


def started(path: Path) -> dict[Path, str]:
    """The texts of a `.md` network at this path, or of a `.csv` table and its `.blocks.md`."""
    text = START.read_text(encoding="utf-8")
    if path.suffix != ".csv":
        return {path: text}
    lines = text.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("| type"))
    heading, _rule, *rows = map(split, lines[first:])
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(
        [cell.strip() for cell in row] for row in (heading, *rows)
    )
    return {path: table.getvalue(), path.with_suffix(".blocks.md"): "".join(lines[:first]).rstrip() + "\n"}
