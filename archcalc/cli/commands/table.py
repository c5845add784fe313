"""`archcalc table`: what does each row, branch or layer cost?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api, given
from archcalc.cli.console import answers, deliver, interruptible
from archcalc.cli.options import (
    Batch,
    Bias,
    Count,
    FormatName,
    Heads,
    Input,
    Level,
    NetworkName,
    Output,
    Plot,
    Shown,
    Sort,
    Total,
    counting_of,
)
from archcalc.environment import extras
from archcalc.table import LEVELS


@answers
def command(
    network: NetworkName,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    level: Level = "row",
    check: Annotated[bool, typer.Option("--check", help="Check every layer against a torch model.")] = False,
    plot: Plot = None,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
    total: Total = False,
) -> None:
    """Count a network row by row, and judge the printed numbers.

    Each row of the network's own table with what it costs, and a verdict on what the paper printed.

    \b
    For example:
      archcalc table googlenet
      archcalc table mine.csv --level layer --count flops
    """
    chosen = given.choice("--level", level, LEVELS)
    counting = counting_of(input, batch, count, bias, heads)
    if plot:
        with extras.needed("a picture"):
            from archcalc.pictures import bars
    agrees = True
    with interruptible():
        found = api.load(network)
        if check:
            report, checked = api.checked_table(found.network, counting, chosen)
            agrees = checked.agrees
        else:
            report = found.table(chosen, counting=counting)
    if plot:
        bars.draw(report, plot, counting.count)
    deliver(report, format_name, output, total, shown=shown, sort=sort)
    if not agrees:
        raise typer.Exit(1)
