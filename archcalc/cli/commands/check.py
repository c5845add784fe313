"""`archcalc check`: does a real torch model agree?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc import api
from archcalc.cli.console import answers, deliver, interruptible
from archcalc.cli.networks import ask, conclude
from archcalc.cli.options import FormatName, Input, NetworkNames, Output, Shown, Sort
from archcalc.environment import extras
from archcalc.errors import UsageError


@answers
def command(
    networks: NetworkNames = None,
    all_networks: Annotated[bool, typer.Option("--all", help="Every network of the catalogue.")] = False,
    input: Input = None,
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Check the calculator against a real torch model.

    Layer by layer; the exit code is 1 where they differ.

    \b
    For example:
      archcalc check googlenet
      archcalc check mine.md --input 231
    """
    if not networks and not all_networks:
        raise UsageError("name a network, or check --all")
    with interruptible():
        with extras.needed("a check"):
            from archcalc.check.report import report
        answers, failed = ask(networks or [], all_networks, lambda name: api.load(name).check(input))
    found = [each for checks in answers for each in checks]
    deliver(report(found), format_name, output, shown=shown, sort=sort)
    conclude(failed, not all(each.agrees for each in found))
