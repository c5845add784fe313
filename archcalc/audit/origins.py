"""Where could a printed number that does not follow have come from? A search, honestly marked.

established   the document explains it in a footnote, unless that itself begins with one of the other words
hypothesis    another reading gives it, or one changed cell of its row does, or the row's printed cells
              follow from each other and so from another version of the row, or it is counted in another way
unexplained   none of these
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from archcalc.audit.nearby import Nearby
from archcalc.audit.readings import Basis, fitting, stated
from archcalc.audit.verdicts import Audit, Claimant
from archcalc.claims import Word, judge_shape, number
from archcalc.costs import Layer, Section, by_row, layers
from archcalc.errors import ArchcalcError
from archcalc.notation.document import COSTS, OUTPUT, TOTAL
from archcalc.notation.network import TableNetwork
from archcalc.notation.statements import Statement
from archcalc.notation.table_row import TableRow
from archcalc.numerals import whole
from archcalc.sizes import Shape, as_int, product

STEP = 8
"""Widths are searched in steps of this: nearly every printed width is a multiple of it."""
NEARBY = 5
"""Widths are searched within a fifth of the printed one: any number can be had by a change that is large."""
INTO = "input channels"
EDITS = 2
"""How many changed widths are named: no further one would be likelier than another."""
DOUBTS = ("hypothesis", "unexplained")
"""Words with which a footnote says that it does not know."""


class Edit(NamedTuple):
    """One changed cell of a row, and which of the row's printed cells it gives."""

    column: str
    before: int
    after: int
    gives: tuple[str, ...]

    def __str__(self) -> str:
        costs = [claim for claim in self.gives if claim != OUTPUT] or [OUTPUT]
        return f"{self.column} {whole(self.after)} for {whole(self.before)} would give {' and '.join(costs)}"


def origin(audit: Audit, row: Claimant, claim: str, basis: Basis, nearby: Nearby) -> str:
    """Where the printed cell of a row could have come from; empty where it agrees.

    `nearby` is the audited network in other ways of counting.
    """
    verdict = audit.verdicts.get((row.name, claim))
    if verdict is None or verdict.word is Word.AGREES:
        return ""
    footnote = row.claims[claim].footnote
    if footnote in audit.network.document.footnotes:
        word = audit.network.document.footnotes[footnote].partition(":")[0]
        return f"{word if word in DOUBTS else 'established'}: [{footnote}]"
    found = [
        *_reading(audit, row, claim, basis),
        *(islice(_edits(audit, row, claim, basis.section), EDITS) if isinstance(row, TableRow) else ()),
        *_together(audit, row, basis.section),
    ] or list(islice(_counted_otherwise(audit, row, claim, basis, nearby), EDITS))
    return f"hypothesis: {'; or '.join(found)}" if found else "unexplained"


def _reading(audit: Audit, row: Claimant, claim: str, basis: Basis) -> Iterator[str]:
    """Another reading that gives the cell."""
    if claim not in COSTS:
        return
    fit = fitting(audit.network, row.claims[claim].text, claim, basis)
    if fit is not None:
        reading, verdict = fit
        how = "cut" if verdict.word is Word.TRUNCATED else "rounded"
        same = reading == stated(audit.network, claim)
        yield how if same else f"{reading}, {how}"


def _edits(audit: Audit, row: TableRow, claim: str, section: Section) -> Iterator[str]:
    """Single changed widths that give the cell, those first that give all of the row's cells."""
    if row is audit.network.total or row.repeat > 1:
        return
    edits = [edit for edit in _tried(audit, row, section) if claim in edit.gives]
    edits.sort(key=lambda edit: (-len(edit.gives), abs(Fraction(edit.after, edit.before) - 1)))
    for edit in edits:
        yield str(edit)


def _tried(audit: Audit, row: TableRow, section: Section) -> Iterator[Edit]:
    """Every change of one width of a row, with the printed cells it gives."""
    network = audit.network
    claims = {claim: cell.text for claim, cell in row.claims.items() if cell.text}
    widths = {
        each.column: each.size for each in network.widths() if each.row == row.name and each.column != OUTPUT
    }
    if network.rows_stand_alone:
        widths[INTO] = as_int(section.layers[0].inputs[0].channels)
    for name, before in widths.items():
        reach = before // NEARBY
        for after in range((before - reach + STEP - 1) // STEP * STEP, before + reach + 1, STEP):
            if after in (0, before):
                continue
            try:
                changed = _changed(network, row, section.layers[0].inputs[0], name, after)
            except ArchcalcError:
                continue  # with this width the row cannot exist
            gives = tuple(claim for claim, text in claims.items() if _gives(audit, claim, text, changed))
            yield Edit(name, before, after, gives)


def _changed(network: TableNetwork, row: TableRow, entering: Shape, name: str, size: int) -> Section:
    """A row with another width: by itself, or in the whole network where that makes it what it is."""
    cells = {} if name == INTO else {(row.name, name): size}
    if network.rows_stand_alone:
        shape = Shape(entering.places, size) if name == INTO else entering
        graph = network.alternative(row.name).graph(shape, cells=cells)
    else:
        graph = network.graph(heads=bool(row.head), cells=cells)
    return next(section for section in by_row(layers(graph)) if section.name == row.name)


def _gives(audit: Audit, claim: str, text: str, changed: Section) -> bool:
    if claim == OUTPUT:
        return judge_shape(text, changed.output).word is Word.AGREES
    if claim not in COSTS or claim.endswith("share"):
        return False
    return stated(audit.network, claim).judge(text, Basis(changed, changed)).word is Word.AGREES


def _counted_otherwise(
    audit: Audit, row: Claimant, claim: str, basis: Basis, nearby: Nearby
) -> Iterator[str]:
    """Another way of counting that gives a cell of params or work at the network's own input."""
    elsewhere = basis.other is not None or (isinstance(row, Statement) and row.input is not None)
    if claim not in ("params", "ops") or elsewhere:
        return

    def kept(layer: Layer) -> bool:
        return layer.node.row == row.name if isinstance(row, TableRow) else row.type in layer.node.op.kinds

    reading = stated(audit.network, claim)
    yield from nearby.fits(row.claims[claim].text, reading, None if row.type == TOTAL else kept)


def _together(audit: Audit, row: Claimant, section: Section) -> Iterator[str]:
    """Whether the row's printed params and ops, none of which agrees, follow from each other."""
    verdicts = [audit.verdicts.get((row.name, claim)) for claim in ("params", "ops")]
    if any(verdict is None or verdict.word is Word.AGREES for verdict in verdicts):
        return
    places = {product(layer.output.places) for layer in section.layers if layer.cost.macs}
    if len(places) != 1:
        return
    count = as_int(*places)
    printed = [row.claims[claim].text for claim in ("params", "ops")]
    for thousand in (1024, 1000):
        params, ops = number(printed[0], thousand), number(printed[1])
        if params and ops and abs(params.value * count - ops.value) * 2 <= params.unit * count + ops.unit:
            yield f"{printed[0]} x {count} places = {printed[1]}: both from another version of the row"
            return
