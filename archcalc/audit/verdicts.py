"""Do the cells that the paper printed follow from its own columns? Claims against costs, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.claims import Verdict, judge, judge_shape
from archcalc.costs import Cost, Layer, Section, by_row, layers
from archcalc.graph import INPUT, Graph
from archcalc.notation.expansion import OUTPUT
from archcalc.notation.network import CLAIMS, TOTAL, TableNetwork, TableRow
from archcalc.report import Column, Value
from archcalc.sizes import Size

COSTS = ("params", "ops", "params share", "ops share")
"""The claims that are costs."""
WORDS = {
    "agrees": "agree",
    "truncated": "truncated",
    "off by one": "off by one",
    "differs": "differ",
    "unread": "could not be read",
}
"""How verdicts are told when they are counted."""


class Audit(NamedTuple):
    """A network's printed cells, judged: the verdict on each by row and claim.

    What depends on the input is judged at the network's own only (`own`), and only ints are; a cell that
    cannot be judged has no verdict. The rows are `sections`, counted as a paper counts: one image, biases
    where the network has them, whatever is shown. `whole` is the network without its side chains: what totals
    and shares are of.
    """

    network: TableNetwork
    own: bool
    sections: tuple[Section, ...]
    whole: Section
    verdicts: dict[tuple[str, str], Verdict]

    def cells(self, row: TableRow) -> dict[str, Value]:
        """The printed cells of one row and the verdicts on them, by the keys of `columns`."""
        found: dict[str, Value] = {}
        for claim, cell in row.claims.items():
            if not cell.text:
                continue
            found[f"printed_{_key(claim)}"] = cell.text
            known = cell.footnote in self.network.document.footnotes
            found[f"paper_{_key(claim)}"] = f"{cell.text} [{cell.footnote}]" if known else cell.text
            verdict = self.verdicts.get((row.name, claim))
            if verdict is not None:
                found[f"verdict_{_key(claim)}"] = verdict.word
                found[f"shown_{_key(claim)}"] = verdict.text
        return found

    def footnotes(self) -> tuple[tuple[str, str], ...]:
        """The document's footnotes on its claims; on a cell that is not so it is a known erratum."""
        errata: dict[str, bool] = {}
        for row in claiming(self.network):
            for claim, cell in row.claims.items():
                verdict = self.verdicts.get((row.name, claim))
                wrong = verdict is not None and verdict.word != "agrees"
                errata[cell.footnote] = errata.get(cell.footnote, False) or wrong
        return tuple(
            (f"[{name}]", f"known erratum: {text}" if errata[name] else text)
            for name, text in self.network.document.footnotes.items()
            if name in errata
        )

    def sentences(self) -> tuple[str, ...]:
        """How claims are read, how they fared, and the sizes and depths that are not so."""
        costs = Counter(verdict.word for (_, claim), verdict in self.verdicts.items() if claim in COSTS)
        found = []
        if costs:
            tally = ", ".join(f"{costs[word]} {told}" for word, told in WORDS.items() if costs[word])
            found.append(f"Paper: of {costs.total()} printed costs, read as {self._reading()}, {tally}.")
        titles = {row.name: row.title for row in claiming(self.network)}
        for (name, claim), verdict in self.verdicts.items():
            if claim not in COSTS and verdict.word != "agrees":
                computed = f", computed {verdict.computed}" if verdict.computed else ", which cannot be read"
                found.append(f"{titles[name]}: {claim} printed {verdict.printed}{computed}.")
        return tuple(found)

    def _reading(self) -> str:
        """How the paper's costs are read."""
        network = self.network
        claimed = {claim for row in claiming(network) for claim in row.claims if row.claims[claim].text}
        parts = []
        if "params" in claimed:
            thousand = f" with K = {network.setting('K')}" if "K" in network.settings else ""
            parts.append(f"{network.setting('params claim', 'params')}{thousand}")
        if "ops" in claimed:
            only = "" if self.own else f" (judged at {network.input} only)"
            parts.append(network.setting("ops claim", "MACs") + only)
        return " and ".join(parts)


def claiming(network: TableNetwork) -> tuple[TableRow, ...]:
    """The rows that can claim something, the total last."""
    return (*network.rows, *((network.total,) if network.total else ()))


def audit(network: TableNetwork, graph: Graph, counted: Sequence[Layer] | None = None) -> Audit:
    """Judge every claim of a network's rows and of its total.

    `counted` are the graph's layers where they were counted already as a paper counts.
    """
    counted = layers(graph) if counted is None else counted
    sections = tuple(by_row(counted))
    whole = Section(TOTAL, "", tuple(layer for layer in counted if not layer.node.head))
    own = graph.inputs[INPUT] == network.input
    parts = [(network.row(section.name), section) for section in sections]
    if network.total is not None:
        parts.append((network.total, whole))
    verdicts = {}
    for row, section in parts:
        for claim, cell in row.claims.items():
            verdict = _verdict(claim, cell.text, network, section, whole.cost, own) if cell.text else None
            if verdict is not None:
                verdicts[row.name, claim] = verdict
    return Audit(network, own, sections, whole, verdicts)


def _verdict(
    claim: str, printed: str, network: TableNetwork, section: Section, whole: Cost, own: bool
) -> Verdict | None:
    """The verdict on one printed cell, read as the network's settings say."""
    if claim == "depth":
        depth = str(section.depth)
        return Verdict(printed, "agrees") if printed == depth else Verdict(printed, "differs", depth)
    if claim.startswith("params"):
        computed, total = _params(section.cost, network), _params(whole, network)
    elif not own:
        return None
    elif claim == OUTPUT:
        return judge_shape(printed, section.output)
    elif claim == "input size":
        return judge_shape(printed, section.layers[0].inputs[0])
    else:
        computed, total = _ops(section.cost, network), _ops(whole, network)
    if not isinstance(computed, int):
        return None
    if claim.endswith("share"):
        return judge(printed, Fraction(computed, total)) if total else None
    return judge(printed, computed, int(network.setting("K", "1000")))


def _params(cost: Cost, network: TableNetwork) -> Size:
    return cost.weights if network.setting("params claim") == "weights" else cost.params


def _ops(cost: Cost, network: TableNetwork) -> Size:
    return 2 * cost.macs if network.setting("ops claim") == "FLOPs" else cost.macs


def columns(network: TableNetwork) -> list[Column]:
    """The columns of the claims that a network's table has."""
    claimed = {claim for row in claiming(network) for claim in row.claims}
    printed = [claim for claim in CLAIMS if claim in claimed]
    found = [Column(f"printed_{_key(claim)}", f"printed {claim}", audience="machines") for claim in printed]
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"paper_{_key(claim)}", claim, "text", "paper", "people", 1))
        found.append(Column(f"shown_{_key(claim)}", "verdict", "mark", "paper", "people", 2))
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"verdict_{_key(claim)}", f"verdict on {claim}", audience="machines"))
    return found


def _key(claim: str) -> str:
    """A claim in the keys of columns: `output size` is `output`, `params share` is `params_share`."""
    return claim.removesuffix(" size").replace(" ", "_")
