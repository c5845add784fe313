"""`archcalc compare`: where do designs differ?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import (
    Batch,
    Bias,
    Count,
    FormatName,
    Input,
    NetworkNames,
    Output,
    Total,
    counting_of,
)


@answers
def command(
    networks: NetworkNames = None,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    stack: Annotated[
        int | None,
        typer.Option("--stack", min=1, metavar="N", help="N modules of each alternative in a row."),
    ] = None,
    format_name: FormatName = None,
    output: Output = None,
    total: Total = False,
) -> None:
    """The alternatives of one file (naive-vs-v1), or two networks or more, side by side."""
    report = api.compare(*(networks or ()), stack=stack, counting=counting_of(input, batch, count, bias))
    deliver(report, format_name, output, total)
