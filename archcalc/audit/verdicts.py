"""Do the cells that the paper printed follow from its own columns? Claims against costs, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from archcalc.audit.readings import CLAIMED, Basis, PrintedReading, base, stated
from archcalc.audit.statements import bases, main
from archcalc.claims import Verdict, Word, judge_shape
from archcalc.costs import Layer, Section, by_row, layers
from archcalc.errors import ArchcalcError
from archcalc.graph import Graph
from archcalc.notation.document import CLAIMS, COSTS, OUTPUT, TOTAL, Cell
from archcalc.notation.network import TableNetwork
from archcalc.notation.statements import Statement
from archcalc.notation.table_row import TableRow
from archcalc.report import Column, Value

Claimant: TypeAlias = TableRow | Statement
COUNTED = {
    Word.AGREES: "agree",
    Word.TRUNCATED: "truncated",
    Word.OFF_BY_ONE: "off by one",
    Word.DIFFERS: "differ",
    Word.UNREAD: "could not be read",
}
"""How a sentence names several cells with one verdict."""


class Audit(NamedTuple):
    """A network's printed cells, judged: the verdict on each by row and claim.

    What depends on the input is judged at the network's own only; where the network is counted at another,
    `own` is false and such a cell has no verdict. `parts` are what the claims of each row are of, `beyond`
    what those of each statement are, counted as a paper counts: one image, biases where the network has
    them, whatever is shown. A statement is judged at its own input, whatever the network is counted at.
    """

    network: TableNetwork
    own: bool
    parts: dict[str, Section]
    beyond: dict[str, Basis]
    verdicts: dict[tuple[str, str], Verdict]

    def known(self, cell: Cell) -> bool:
        """Whether a footnote of the document says something of a printed cell."""
        return cell.footnote in self.network.document.footnotes

    @property
    def whole(self) -> Section:
        """The network without its side chains: what totals and shares are of."""
        return self.parts[TOTAL]

    def basis(self, row: Claimant) -> Basis:
        """What the claims of a row are of."""
        return self.beyond.get(row.name) or Basis(self.parts[row.name], self.whole)

    def cells(self, row: Claimant) -> dict[str, Value]:
        """The printed cells of one row and the verdicts on them, by the keys of `columns`."""
        found: dict[str, Value] = {}
        for claim, cell in row.claims.items():
            if not cell.text:
                continue
            found[f"printed_{_key(claim)}"] = cell.text
            known = f" [{cell.footnote}]" if self.known(cell) else ""
            found[f"paper_{_key(claim)}"] = cell.text + known
            verdict = self.verdicts.get((row.name, claim))
            if verdict is not None:
                found[f"verdict_{_key(claim)}"] = str(verdict.word)
                found[f"shown_{_key(claim)}"] = verdict.text
        return found

    def footnotes(self) -> tuple[tuple[str, str], ...]:
        """The document's footnotes on its claims; where a cell does not agree, it is a known erratum."""
        errata: dict[str, bool] = {}
        for row in claimants(self.network):
            for claim, cell in row.claims.items():
                verdict = self.verdicts.get((row.name, claim))
                wrong = verdict is not None and verdict.word is not Word.AGREES
                errata[cell.footnote] = errata.get(cell.footnote, False) or wrong
        return tuple(
            (f"[{name}]", f"known erratum: {text}" if errata[name] else text)
            for name, text in self.network.document.footnotes.items()
            if name in errata
        )

    def sentences(self) -> tuple[str, ...]:
        """How claims are read and how they fared, which sizes and depths differ, what is not judged here."""
        rows = {row.name: row for row in claiming(self.network)}
        verdicts = {at: verdict for at, verdict in self.verdicts.items() if at[0] in rows}
        costs = Counter(verdict.word for (_, claim), verdict in verdicts.items() if claim in COSTS)
        found = []
        if costs:
            tally = ", ".join(f"{costs[word]} {named}" for word, named in COUNTED.items() if costs[word])
            found.append(f"Paper: of {costs.total()} printed costs, read as {self._reading()}, {tally}.")
        for (name, claim), verdict in verdicts.items():
            if claim not in COSTS and verdict.word is not Word.AGREES:
                computed = f", computed {verdict.computed}" if verdict.computed else ", which cannot be read"
                found.append(f"{rows[name].title}: {claim} printed {verdict.printed}{computed}.")
        return (*found, *self._beyond(), *self._left())

    def _beyond(self) -> Iterator[str]:
        """What the paper prints beyond its rows, each with its verdict."""
        found = []
        for each in self.network.statements:
            cells = [
                (claim, cell) for claim, cell in each.claims.items() if (each.name, claim) in self.verdicts
            ]
            judged = [
                f"{claim} {cell.text}{f' [{cell.footnote}]' if self.known(cell) else ''} "
                f"{self.verdicts[each.name, claim].text}"
                for claim, cell in cells
            ]
            found += [f"{each.title}: {', '.join(judged)}"] if judged else []
        if found:
            yield f"Paper, beyond its rows: {'; '.join(found)}."

    def _left(self) -> Iterator[str]:
        """How many printed cells are not judged at this input."""
        left = [
            claim
            for row in claiming(self.network)
            for claim, cell in row.claims.items()
            if cell.text and row.name in self.parts and (row.name, claim) not in self.verdicts
        ]
        if left and not self.own:
            cells = (
                "printed cell that depends" if len(left) == 1 else f"{len(left)} printed cells that depend"
            )
            verb = "is" if len(left) == 1 else "are"
            yield f"The {cells} on the input {verb} judged at {self.network.inputs} only."

    def _reading(self) -> str:
        """How the paper's costs are read."""
        judged = {base(claim) for name, claim in self.verdicts if name in self.parts}
        parts = [str(stated(self.network, claim).quantity) for claim in CLAIMED if claim in judged]
        if "params" in judged and "K" in self.network.settings:
            parts[0] += f" with K = {self.network.setting('K')}"
        return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def claiming(network: TableNetwork) -> tuple[TableRow, ...]:
    """The rows that can claim something, the total last."""
    return (*network.rows, *((network.total,) if network.total else ()))


def claimants(network: TableNetwork) -> tuple[Claimant, ...]:
    """Whatever claims something: the rows, the total, and what is claimed beyond them."""
    return (*claiming(network), *network.statements)


def audit(network: TableNetwork, graph: Graph, counted: Sequence[Layer] | None = None) -> Audit:
    """Judge every claim of a network's rows, of its total and beyond them.

    `counted` are the graph's layers where they were counted already as a paper counts. Raises DocumentError
    where what is claimed beyond the rows cannot be.
    """
    parts = _parts(layers(graph) if counted is None else counted)
    own = network.inputs is None or graph.inputs == network.inputs
    at_own = parts if own else _parts_at_its_own_input(network, bool(graph.heads))
    verdicts = {}
    for row in claiming(network):
        for claim, cell in row.claims.items():
            if row.name not in parts or not cell.text:
                continue
            if claim in COSTS:
                verdict = _on_cost(stated(network, claim), cell.text, row.name, parts, at_own)
            else:
                verdict = _on_form(claim, cell.text, parts[row.name], own)
            if verdict is not None:
                verdicts[row.name, claim] = verdict
    beyond = bases(network, at_own.get(TOTAL))
    for statement in network.statements:
        for claim, cell in statement.claims.items():
            if cell.text and statement.name in beyond:
                verdict = _beyond(network, claim, cell.text, beyond[statement.name])
                if verdict is not None:
                    verdicts[statement.name, claim] = verdict
    return Audit(network, own, parts, beyond, verdicts)


def _beyond(network: TableNetwork, claim: str, printed: str, basis: Basis) -> Verdict | None:
    """The verdict on a claim beyond the rows, at the input of its basis."""
    if claim not in COSTS:
        return _on_form(claim, printed, basis.section, own=True)
    reading = stated(network, claim)
    return None if reading.of_nothing(basis) else reading.judge(printed, basis)


def _parts(counted: Sequence[Layer]) -> dict[str, Section]:
    """What each row's claims are of; those of the total are of the network without its side chains."""
    return {**{section.name: section for section in by_row(counted)}, TOTAL: main(counted)}


def _parts_at_its_own_input(network: TableNetwork, heads: bool) -> dict[str, Section]:
    """What the claims are of at the network's own input; nothing where it cannot exist there."""
    try:
        return _parts(layers(network.graph(heads=heads)))
    except ArchcalcError:
        return {}


def _on_cost(
    reading: PrintedReading,
    printed: str,
    name: str,
    here: Mapping[str, Section],
    at_own: Mapping[str, Section],
) -> Verdict | None:
    """The verdict on one printed cost of a row.

    Work and outputs depend on the input, and params do where a linear layer takes a whole map: at another
    input than the network's own they are judged only where they are the same at both.
    """
    basis = Basis(here[name], here[TOTAL])
    if reading.of_nothing(basis):
        return None
    if here is not at_own:
        if base(reading.claim) != "params" or name not in at_own:
            return None
        if reading.value(basis) != reading.value(Basis(at_own[name], at_own[TOTAL])):
            return None
    return reading.judge(printed, basis)


def _on_form(claim: str, printed: str, section: Section, own: bool) -> Verdict | None:
    """The verdict on a printed depth or size; sizes depend on the input."""
    if claim == "depth":
        depth = str(section.depth)
        if printed == depth:
            return Verdict(printed, Word.AGREES)
        return Verdict(printed, Word.DIFFERS, depth)
    if not own:
        return None
    if claim == OUTPUT:
        return judge_shape(printed, section.output)
    return judge_shape(printed, section.layers[0].inputs[0])


def columns(network: TableNetwork) -> list[Column]:
    """The columns of the claims that a network's table has."""
    claimed = {claim for row in claiming(network) for claim in row.claims}
    printed = [claim for claim in CLAIMS if claim in claimed]
    found = [Column(f"printed_{_key(claim)}", f"printed {claim}", audience="machines") for claim in printed]
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"paper_{_key(claim)}", claim, "text", "paper", "people", wrap=True))
        found.append(Column(f"shown_{_key(claim)}", "verdict", "mark", "paper", "people", wrap=True))
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"verdict_{_key(claim)}", f"verdict on {claim}", audience="machines"))
    return found


def _key(claim: str) -> str:
    """A claim in the keys of columns: `output size` is `output`, `params share` is `params_share`."""
    return claim.removesuffix(" size").replace(" ", "_")
