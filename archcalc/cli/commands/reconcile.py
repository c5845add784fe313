"""`archcalc reconcile`: which way of counting gives a claimed number?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import FormatName, Input, NetworkNames, Output, Shown, Sort


@answers
def command(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A number, 6.8M, or a ratio, 27x.")],
    networks: NetworkNames = None,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Find the way of counting that gives a claimed number.

    The number is of one network, or a ratio of two.

    \b
    For example:
      archcalc reconcile 6.8M googlenet
      archcalc reconcile 12x googlenet alexnet
    """
    deliver(api.reconcile(claim, *(networks or []), input=input), format_name, output, shown=shown, sort=sort)
