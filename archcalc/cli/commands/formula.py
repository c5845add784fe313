"""`archcalc formula`: what does it cost at every size?"""

from __future__ import annotations

from archcalc import api, given
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
    Shown,
    Sort,
    SymbolicInput,
    Symbols,
)
from archcalc.costs.counting import UNITS, Conditions
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
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Write the costs as formulas that hold for every size.

    With --solve the break-even point of alternatives, with --sensitivity the columns that cost most.

    \b
    For example:
      archcalc formula googlenet --input HxWx3
      archcalc formula naive-vs-v1 --input HxWxC --solve '#3x3 reduce'
    """
    if sum(map(bool, (row, solve))) > 1 or (sensitivity and (solve or columns)):
        raise UsageError("--solve stands without --row, and --sensitivity without --solve and --symbols")
    loaded, unit = api.load(network), given.choice("--count", count, UNITS)
    conditions: Conditions = {"batch": batch, "count": unit, "bias": bias, "heads": heads}
    if solve:
        report = loaded.break_even(solve, input=input, symbols=columns, **conditions)
    elif sensitivity:
        report = loaded.sensitivity(input, row=row, **conditions)
    else:
        report = loaded.formula(input, row=row, symbols=columns, **conditions)
    deliver(report, format_name, output, shown=shown, sort=sort)
