"""`archcalc explain`: how does a row's cost come about?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import Batch, Count, FormatName, Input, NetworkName, Output, counting_of


@answers
def command(
    network: NetworkName,
    row: Annotated[
        str, typer.Argument(metavar="ROW", help="A row, a branch or a layer, as 'archcalc table' shows it.")
    ],
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """How a row's cost comes about: the derivation as one would write it on a board."""
    report = api.load(network).explain(row, counting=counting_of(input, batch, count, True))
    deliver(report, format_name, output)
