"""How can a column of printed costs be read? Every reading is tried on every cell.

A reading says which quantity a paper counted and what its K stands for; the verdict says whether the paper
rounded or cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from archcalc.claims import Verdict, Word, judge, judge_ratio, number
from archcalc.costs import Layer, Section
from archcalc.costs.quantities import QUANTITIES
from archcalc.notation.network import TableNetwork
from archcalc.sizes import Size, as_int

CLAIMED = {
    "params": ("weights", "params"),
    "ops": ("MACs", "FLOPs"),
    "neurons": ("neurons",),
    "connections": ("connections",),
}
"""The quantities that a paper may have counted under a claim, the plainest first."""
STATED = {"params": "params", "ops": "MACs"}
"""The quantity that each claim is of where no setting says another; a claim of one quantity needs none."""
OF_LAYERS: dict[str, Callable[[Layer], Size]] = {
    "neurons": lambda layer: layer.output_elements if layer.weighted else 0,
    "connections": lambda layer: layer.node.op.connections(*layer.inputs),
}
"""The quantities that are no cost: those of each layer are added."""


class Basis(NamedTuple):
    """What a claim is of: some layers, and the whole that they may be claimed to be a share of.

    `other` is the network of which they are claimed to be a multiple.
    """

    section: Section
    whole: Section
    other: Section | None = None


class PrintedReading(NamedTuple):
    """One way to read a claim: the quantity, and what K stands for."""

    claim: str
    quantity: str
    thousand: int

    def __str__(self) -> str:
        return self.quantity if self.thousand == 1000 else f"{self.quantity}, K = {self.thousand}"

    def amount(self, section: Section) -> int:
        """How much of the quantity some layers have."""
        if self.quantity in OF_LAYERS:
            return as_int(sum(map(OF_LAYERS[self.quantity], section.layers)))
        return as_int(QUANTITIES[self.quantity].of(section.cost))

    def value(self, basis: Basis) -> int | Fraction:
        """What a cell claims of its basis: an amount, a share of the whole, a multiple of the other."""
        amount, whole = self.amount(basis.section), self._whole(basis)
        if whole is None:
            return amount
        total = self.amount(whole)
        return Fraction(amount, total) if total else 0

    def of_nothing(self, basis: Basis) -> bool:
        """Whether it is a part of what has none of the quantity, of which nothing can be said."""
        whole = self._whole(basis)
        return whole is not None and not self.amount(whole)

    def judge(self, printed: str, basis: Basis) -> Verdict:
        """The verdict on a cell under this reading."""
        value = self.value(basis)
        if basis.other is not None and value:
            return judge_ratio(printed, Fraction(value))
        return judge(printed, value, self.thousand)

    def _whole(self, basis: Basis) -> Section | None:
        return basis.whole if self.claim.endswith("share") else basis.other


def base(claim: str) -> str:
    """The cost that a claim is of: `params` for `params share`."""
    return claim.partition(" ")[0]


def stated(network: TableNetwork, claim: str) -> PrintedReading:
    """The reading that the network's settings state."""
    of = base(claim)
    thousand = 1000 if claim.endswith("share") else int(network.setting("K", "1000"))
    return PrintedReading(claim, network.setting(f"{of} claim", STATED.get(of, of)), thousand)


def readings(claim: str) -> list[PrintedReading]:
    """Every reading of a claim."""
    units = (1000,) if claim.endswith("share") else (1000, 1024)
    return [PrintedReading(claim, quantity, unit) for quantity in CLAIMED[base(claim)] for unit in units]


def fitting(
    network: TableNetwork, printed: str, claim: str, basis: Basis
) -> tuple[PrintedReading, Verdict] | None:
    """The reading that gives a cell: one under which it agrees or, if there is none, under which it is cut.

    Of several the stated one comes first, then the plainest.
    """
    own = stated(network, claim)
    if number(printed, own.thousand) == number(printed):  # no K in it, so it does not matter what K is
        own = own._replace(thousand=1000)
    order = dict.fromkeys((own, *readings(claim)))
    tried = [(reading, reading.judge(printed, basis)) for reading in order]
    for word in (Word.AGREES, Word.TRUNCATED):
        for reading, verdict in tried:
            if verdict.word is word:
                return reading, verdict
    return None


def tally(
    network: TableNetwork, claim: str, cells: Iterable[tuple[str, Basis]]
) -> list[tuple[PrintedReading, int]]:
    """How many of a column's cells (printed, basis) agree under each reading, the stated one first.

    Of readings that judge every cell alike the plainest stands for all. The stated one stands for itself, but
    with a K of 1000 where no cell has a K.
    """
    counted = list(cells)
    own = stated(network, claim)
    scores: dict[tuple[Verdict, ...], tuple[PrintedReading, int]] = {}
    for reading in readings(claim):
        verdicts = tuple(reading.judge(*cell) for cell in counted)
        scores.setdefault(verdicts, (reading, sum(verdict.word is Word.AGREES for verdict in verdicts)))
    judged = tuple(own.judge(*cell) for cell in counted)
    plain = own._replace(thousand=1000)
    same = judged == tuple(plain.judge(*cell) for cell in counted)
    mine = (plain if same else own, scores.pop(judged)[1])
    return [mine, *sorted(scores.values(), key=lambda pair: -pair[1])]
