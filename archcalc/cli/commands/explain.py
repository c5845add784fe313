"""`archcalc explain`: how does a row's cost come about?"""

from __future__ import annotations

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import (
    Batch,
    Bias,
    Count,
    FormatName,
    Heads,
    Input,
    NetworkName,
    Output,
    Row,
    Shown,
    Sort,
    counting_of,
)


@answers
def command(
    network: NetworkName,
    row: Row,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Derive the cost of a row, as one would on a board.

    \b
    For example:
      archcalc explain googlenet 3a
      archcalc explain googlenet 3a --count flops
    """
    report = api.load(network).explain(row, counting=counting_of(input, batch, count, bias, heads))
    deliver(report, format_name, output, shown=shown, sort=sort)
