"""Which of a paper's printed numbers are true? One record a cell, with its verdict, reading and origin."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.audit.nearby import Nearby
from archcalc.audit.origins import origin
from archcalc.audit.readings import CLAIMED, base, fitting, stated, tally
from archcalc.audit.verdicts import Audit, Claimant, audit, claimants, claiming
from archcalc.claims import Verdict, Word
from archcalc.costs.counting import Counting
from archcalc.notation.document import COSTS, Cell
from archcalc.notation.network import TableNetwork


class Finding(NamedTuple):
    """What the audit found of one printed cell.

    `computed` is what the cell claims as archcalc has it, for costs; `reading` is the one under which the
    cell agrees, empty where no reading gives it; `origin` says where a cell that does not agree could have
    come from. `known_erratum` says that it does not agree and that a footnote of the document says so.
    """

    row: Claimant
    claim: str
    cell: Cell
    verdict: Verdict
    computed: int | Fraction | None
    reading: str
    origin: str
    known_erratum: bool

    @property
    def unexpected(self) -> bool:
        """Whether the cell differs and no footnote says so."""
        return self.verdict.word is Word.DIFFERS and not self.known_erratum


class Findings(NamedTuple):
    """What the audit found of one network: its cells in the order of the table, and how columns are read."""

    audit: Audit
    cells: tuple[Finding, ...]
    readings: tuple[str, ...]

    @property
    def network(self) -> TableNetwork:
        return self.audit.network

    @property
    def listed(self) -> list[Finding]:
        """Every cost, and every other cell that does not agree."""
        return [cell for cell in self.cells if cell.claim in COSTS or cell.verdict.word is not Word.AGREES]

    @property
    def unexpected(self) -> bool:
        """Whether a cell differs and is not a known erratum."""
        return any(cell.unexpected for cell in self.cells)


def findings(network: TableNetwork) -> Findings:
    """Audit a network at its own input, side chains included. Raises DocumentError where it cannot exist."""
    found = audit(network, Counting(heads=True).graph(network))
    return Findings(found, tuple(_cells(found)), tuple(_readings(found)))


def _cells(found: Audit) -> Iterator[Finding]:
    nearby = Nearby(found.network)
    for row in claimants(found.network):
        for claim, cell in row.claims.items():
            verdict = found.verdicts.get((row.name, claim))
            if verdict is None:
                continue
            basis = found.basis(row)
            computed, reading = None, ""
            if claim in COSTS:
                computed = stated(found.network, claim).value(basis)
                fit = fitting(found.network, cell.text, claim, basis)
                reading = _as_read(*fit) if fit is not None else ""
            wrong = verdict.word is not Word.AGREES
            came_from = origin(found, row, claim, basis, nearby) if wrong else ""
            known = wrong and found.known(cell)
            yield Finding(row, claim, cell, verdict, computed, reading, came_from, known)


def _as_read(reading: object, verdict: Verdict) -> str:
    return f"{reading}, cut" if verdict.word is Word.TRUNCATED else str(reading)


def _readings(found: Audit) -> Iterator[str]:
    """Which reading of each column fits most of its cells."""
    for claim in COSTS:
        cells = [
            (row.claims[claim].text, found.basis(row))
            for row in claiming(found.network)
            if claim in row.claims and row.claims[claim].text
        ]
        if len(cells) < 2 or len(CLAIMED[base(claim)]) < 2:  # the cells' own lines say as much
            continue
        (own, score), *others = tally(found.network, claim, cells)
        rivals = "; ".join(f"{count} as {reading}" for reading, count in others if count)
        sentence = f"{claim}: of {len(cells)} cells {score} agree as {own}, which is how they are read"
        yield f"{sentence}; {rivals}." if rivals else f"{sentence}."
