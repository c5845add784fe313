"""`archcalc list`: what is in the catalogue?"""

from __future__ import annotations

from archcalc.cli.console import answers, deliver
from archcalc.cli.options import Count, FormatName, Output, Shown, Sort, counting_of


@answers
def command(
    count: Count = "macs",
    format_name: FormatName = None,
    output: Output = None,
    shown: Shown = "",
    sort: Sort = "",
) -> None:
    """Show the networks of the catalogue with their costs.

    \b
    For example:
      archcalc list
      archcalc list -f csv -o networks.csv
    """
    from archcalc.catalogue.listing import listing

    deliver(listing(counting_of(None, 1, count, True)), format_name, output, shown=shown, sort=sort)
