"""The reports that people take away: every network and comparison, as CSV and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.comparison import compare
from archcalc.counting import Counting
from archcalc.notation.loading import load
from archcalc.notation.network import Network
from archcalc.report import Report, find_format, render
from archcalc.table import LEVELS, table

FORMATS = ("csv", "markdown")


def reports(names: Iterable[str]) -> dict[str, str]:
    """The texts of all reports on these networks, by file name.

    Each network is reported by row, branch and layer; a file of alternatives is compared with itself, a
    variant with the network it is a variant of.
    """
    found: dict[str, Report] = {}
    counting = Counting()
    for name in names:
        network = load(name)
        for level in LEVELS:
            found[network.key if level == "row" else f"{network.key}.{level}"] = table(
                network, counting, level
            )
        found |= _comparisons(network, counting)
    return {
        f"{title}{find_format(format_name).ENDING}": render(report, format_name)
        for title, report in found.items()
        for format_name in FORMATS
    }


def _comparisons(network: Network, counting: Counting) -> dict[str, Report]:
    if network.alternatives:
        return {
            f"compare.{network.key}": compare([network], counting),
            f"compare.{network.key}.stack4": compare([network], counting, stack=4),
        }
    if network.parent:
        parent = load(network.parent)
        return {f"compare.{network.key}.{parent.key}": compare([network, parent], counting)}
    return {}
