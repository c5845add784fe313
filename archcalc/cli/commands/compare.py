"""`archcalc compare`: where do designs differ?"""

from __future__ import annotations

from archcalc import api, given
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import (
    Align,
    Batch,
    Bias,
    ComparedLevel,
    Count,
    FormatName,
    Heads,
    Input,
    NetworkNames,
    Output,
    Shown,
    Sort,
    Stack,
    Total,
    counting_of,
)
from archcalc.table import LEVELS


@answers
def command(
    networks: NetworkNames = None,
    input: Input = None,
    batch: Batch = 1,
    count: Count = "macs",
    bias: Bias = True,
    heads: Heads = False,
    stack: Stack = None,
    level: ComparedLevel = None,
    align: Align = False,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
    total: Total = False,
) -> None:
    """Set designs side by side: alternatives, or whole networks.

    The alternatives of one file, or two networks or more: where they differ, and by how much.

    \b
    For example:
      archcalc compare naive-vs-v1
      archcalc compare googlenet vgg16 resnet50
      archcalc compare googlenet googlenet-torchvision --align
    """
    counting = counting_of(input, batch, count, bias, heads)
    chosen = None if level is None else given.choice("--level", level, LEVELS)
    report = api.compare(*(networks or ()), stack=stack, level=chosen, align=align, counting=counting)
    deliver(report, format_name, output, total, shown=shown, sort=sort)
