"""`archcalc report`: the reports that people take away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, show
from archcalc.cli.options import NetworkNames, path


@answers
def command(
    networks: NetworkNames = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", parser=path, help="Where to write.")
    ] = Path("reports"),
) -> None:
    """Write reports of networks and comparisons to a folder.

    As CSV and Markdown: of the whole catalogue, or of the networks that are named.

    \b
    For example:
      archcalc report googlenet -o reports
    """
    from archcalc.catalogue.reports import reports
    from archcalc.environment import files

    texts = {output / name: text for name, text in reports(networks or api.networks()).items()}
    files.make_folder(output)
    files.write_all(texts)
    show(f"{len(texts)} files in {output}\n")
