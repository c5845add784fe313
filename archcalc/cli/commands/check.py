"""`archcalc check`: does a real torch model agree?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver, interruptible
from archcalc.cli.options import FormatName, Input, NetworkNames, Output
from archcalc.environment import extras
from archcalc.errors import UsageError


@answers
def command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network of the catalogue.")] = False,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
) -> None:
    """The calculator against a real torch model, layer by layer; exit 1 where they differ."""
    names = [*(networks or []), *(api.networks() if all_networks else [])]
    if not names:
        raise UsageError("name a network, or check --all")
    with interruptible():
        with extras.needed("a check"):
            from archcalc.check.report import report
        found = [each for name in names for each in api.load(name).check(input)]
    deliver(report(found), format_name, output)
    if not all(each.agrees for each in found):
        raise typer.Exit(1)
