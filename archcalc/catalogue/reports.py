"""The reports that people take away: every network and comparison, as CSV and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archcalc.audit.findings import findings
from archcalc.audit.report import report as audit_report
from archcalc.catalogue.listing import listing
from archcalc.comparison import compare
from archcalc.costs.counting import Counting
from archcalc.errors import UsageError
from archcalc.notation.loading import named, network_of
from archcalc.notation.network import TableNetwork
from archcalc.report import Report, find_format, render
from archcalc.sources import paper
from archcalc.table import table


def reports(names: Iterable[str]) -> dict[str, str]:
    """The texts of all reports on these networks, by file name.

    Each network is reported row by row, and layer by layer for machines; a file of alternatives is compared
    with itself, a variant with the network it is a variant of. `catalogue` has a line for each network,
    `audit` one for each number that a paper printed. Raises UsageError where two reports have one name.
    """
    counting = Counting()
    names = list(dict.fromkeys(each for name in names for each in paper.names(name)))
    networks = [paper.load(name) for name in names]
    found = [
        _both("catalogue", listing(counting, names)),
        _both("audit", audit_report([findings(network) for network in networks])),
        *(_of(network, counting) for network in networks),
    ]
    texts: dict[str, str] = {}
    for each in found:
        for name in each:
            if name in texts:
                fact = f"two reports would be written to '{name}': give each network a file name of its own"
                raise UsageError(fact)
        texts |= each
    return texts


def _of(network: TableNetwork, counting: Counting) -> dict[str, str]:
    """The texts of one network's reports, by file name."""
    key = _file(network)
    texts = _both(key, table(network, counting))
    texts[f"{key}.layers.csv"] = render(table(network, counting, "layer"), "csv")
    for title, report in _comparisons(network, counting).items():
        texts |= _both(title, report)
    return texts


def _file(network: TableNetwork) -> str:
    """What a network is called among files, whose names cannot hold each character on every system."""
    return re.sub(r'[<>:"/\\|?*]', "-", network.key)


def _both(title: str, report: Report) -> dict[str, str]:
    """A report as CSV and as Markdown, by file name."""
    return {f"{title}{find_format(name).ENDING}": render(report, name) for name in ("csv", "markdown")}


def _comparisons(network: TableNetwork, counting: Counting) -> dict[str, Report]:
    if network.alternatives:
        return {
            f"compare.{_file(network)}": compare([network], counting),
            f"compare.{_file(network)}.stack4": compare([network], counting, stack=4),
        }
    if network.parent:
        parent = network_of(*named(network.document, *network.document.settings["variant of"]))
        return {f"compare.{_file(network)}.{_file(parent)}": compare([network, parent], counting)}
    return {}
