"""Do the cells that the paper printed follow from its own columns? Claims against costs, row by row."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from archcalc.calculator import Section, by_row, layers
from archcalc.claims import Verdict, judge, judge_shape
from archcalc.graph import Graph
from archcalc.notation.expansion import OUTPUT
from archcalc.notation.network import INPUT, Network, Row
from archcalc.report import Column, Value

COSTS = ("params", "ops")
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

    Output sizes and ops are judged at the network's own input only (`own`), and only ints are; a cell that
    cannot be judged has no verdict. The rows are `sections`, counted as a paper counts: one image, biases
    where the network has them, whatever is shown.
    """

    network: Network
    own: bool
    sections: tuple[Section, ...]
    verdicts: dict[tuple[str, str], Verdict]

    def cells(self, row: Row) -> dict[str, Value]:
        """The printed cells of one row and the verdicts on them, by the keys of `columns`."""
        found: dict[str, Value] = {}
        for claim, cell in row.claims.items():
            if not cell.text:
                continue
            found[f"printed_{_short(claim)}"] = cell.text
            known = cell.footnote in self.network.document.footnotes
            found[f"paper_{claim}"] = f"{cell.text} [{cell.footnote}]" if known else cell.text
            verdict = self.verdicts.get((row.name, claim))
            if verdict is not None:
                found[f"verdict_{claim}"] = verdict.word
                found[f"shown_{claim}"] = verdict.text
        return found

    def footnotes(self) -> tuple[tuple[str, str], ...]:
        """The document's footnotes on its claims; on a cell that is not so it is a known erratum."""
        errata: dict[str, bool] = {}
        for row in self.network.rows:
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
        for (name, claim), verdict in self.verdicts.items():
            if claim not in COSTS and verdict.word != "agrees":
                title = self.network.row(name).title
                computed = f", computed {verdict.computed}" if verdict.computed else " cannot be read"
                found.append(f"{title}: {claim} printed {verdict.printed}{computed}.")
        return tuple(found)

    def _reading(self) -> str:
        """How the paper's costs are read."""
        network = self.network
        thousand = f" with K = {network.setting('K')}" if "K" in network.settings else ""
        params = f"{network.setting('params claim', 'params')}{thousand}"
        ops = network.setting("ops claim", "MACs")
        return f"{params} and {ops}" if self.own else f"{params} (ops are judged at {network.input} only)"


def audit(network: Network, graph: Graph) -> Audit:
    """Judge every claim of a network's rows."""
    sections = tuple(by_row(layers(graph)))
    own = graph.inputs[INPUT] == network.input
    verdicts = {}
    for section in sections:
        row = network.row(section.name)
        for claim, cell in row.claims.items():
            verdict = _verdict(claim, cell.text, network, section, own) if cell.text else None
            if verdict is not None:
                verdicts[row.name, claim] = verdict
    return Audit(network, own, sections, verdicts)


def _verdict(claim: str, printed: str, network: Network, section: Section, own: bool) -> Verdict | None:
    """The verdict on one printed cell, read as the network's settings say."""
    cost = section.cost
    if claim == OUTPUT:
        return judge_shape(printed, section.output) if own else None
    if claim == "depth":
        return (
            Verdict(printed, "agrees")
            if printed == str(section.depth)
            else Verdict(printed, "differs", str(section.depth))
        )
    if claim == "params":
        computed = cost.weights if network.setting("params claim") == "weights" else cost.params
    elif not own:
        return None
    else:
        computed = 2 * cost.macs if network.setting("ops claim") == "FLOPs" else cost.macs
    return judge(printed, computed, int(network.setting("K", "1000"))) if isinstance(computed, int) else None


def columns(network: Network) -> list[Column]:
    """The columns of the claims that a network's table has."""
    claimed = {claim for row in network.rows for claim in row.claims}
    found = [
        Column(f"printed_{_short(claim)}", f"printed {_short(claim)}", audience="machines")
        for claim in (OUTPUT, "depth", *COSTS)
        if claim in claimed
    ]
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"paper_{claim}", claim, "text", "paper", "people", 1))
        found.append(Column(f"shown_{claim}", "verdict", "mark", "paper", "people", 2))
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"verdict_{claim}", f"verdict on {claim}", audience="machines"))
    return found


def _short(claim: str) -> str:
    return "output" if claim == OUTPUT else claim
