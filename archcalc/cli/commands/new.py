"""`archcalc new`: how does one begin a network of one's own?"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from archcalc.cli.console import answers, remark
from archcalc.cli.options import path
from archcalc.environment import files
from archcalc.errors import OutputError, UsageError


@answers
def command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            parser=path,
            help="mine.md, or mine.csv with its mine.blocks.md.",
            show_default=False,
        ),
    ],
) -> None:
    """Write a small network with notes that explain, to change.

    It has a stem, two inception modules and a top.

    \b
    For example:
      archcalc new mine.md
      archcalc new mine.csv
    """
    from archcalc.notation.start import started

    if file.suffix not in (".md", ".csv"):
        raise UsageError(f"'{file}': a network is a .md or .csv file, such as mine.md")
    texts = started(file)
    for each in texts:
        if os.path.lexists(each):
            raise OutputError(f"{each}: is there already, and nothing was written")
    files.write_all(texts)
    named = shlex.quote(str(file))
    written = " and ".join(map(str, texts))
    remark([f"{written} written. Next:"])
    remark(f"  archcalc {asked} {named}" for asked in ("table", "audit"))
