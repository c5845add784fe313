"""`archcalc formula`: what does it cost at every size?"""

from __future__ import annotations

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import (
    Batch,
    Bias,
    BreakEven,
    Count,
    FormatName,
    Heads,
    NetworkName,
    OneRow,
    Output,
    Sensitivity,
    SymbolicInput,
    Symbols,
    counting_of,
    split,
)
from archcalc.errors import UsageError


@answers
def command(
    network: NetworkName,
    row: OneRow = None,
    input: SymbolicInput = None,
    columns: Symbols = "",
    solve: BreakEven = "",
    sensitivity: Sensitivity = False,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Formulas that hold for every size; with --solve the break-even point of alternatives."""
    if sum(map(bool, (row, solve))) > 1 or (sensitivity and (solve or columns)):
        raise UsageError("--solve stands without --row, and --sensitivity without --solve and --symbols")
    loaded, counting = api.load(network), counting_of(None, batch, count, bias, heads)
    if solve:
        report = loaded.break_even(solve, input, split(columns), counting)
    elif sensitivity:
        report = loaded.sensitivity(input, row, counting)
    else:
        report = loaded.formula(input, row, split(columns), counting)
    deliver(report, format_name, output)
