"""`archcalc audit`: which printed numbers are true?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver
from archcalc.cli.options import FormatName, NetworkNames, Output
from archcalc.errors import UsageError


@answers
def command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network that prints a number.")] = False,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """Which printed numbers are true, and where the others could have come from; exit 1 where one is not."""
    names = [*(networks or []), *(api.networks() if all_networks else [])]
    if not names:
        raise UsageError("name a network, or audit --all")
    from archcalc.audit.report import unexpected

    report = api.audit(*names)
    deliver(report, format_name, output)
    if unexpected(report):
        raise typer.Exit(1)
