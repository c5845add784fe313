"""`archcalc audit`: which printed numbers are true?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc.cli.console import answers, deliver
from archcalc.cli.networks import ask, conclude
from archcalc.cli.options import FormatName, NetworkNames, Output, Shown, Sort
from archcalc.errors import UsageError


@answers
def command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network that prints a number.")] = False,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Judge each printed number, and find where it came from.

    A verdict on what the paper printed, the reading that gives it, and its possible origin; the exit code
    is 1 where a number is not true.

    \b
    For example:
      archcalc audit googlenet
      archcalc audit --all -o audit.csv
    """
    if not networks and not all_networks:
        raise UsageError("name a network, or audit --all")
    from archcalc.audit.findings import findings
    from archcalc.audit.report import report
    from archcalc.sources import torch_model
    from archcalc.sources.paper import load

    for name in networks or []:
        if torch_model.takes(name):
            raise UsageError(f"{name} is no paper's table: it prints nothing that could be judged")
    found, failed = ask(networks or [], all_networks, lambda name: findings(load(name)))
    deliver(report(found), format_name, output, shown=shown, sort=sort)
    conclude(failed, any(each.unexpected for each in found))
