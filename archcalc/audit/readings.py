"""How can a column of printed costs be read? Every reading is tried on every cell.

A reading says which quantity a paper counted and what its K stands for; whether it rounded or cut shows in
the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from archcalc.claims import Verdict, judge, number
from archcalc.costs import Cost
from archcalc.notation.network import TableNetwork

QUANTITIES: dict[str, dict[str, Callable[[Cost], int]]] = {
    "params": {"weights": lambda cost: cost.weights, "params": lambda cost: cost.params},
    "ops": {"MACs": lambda cost: cost.macs, "FLOPs": lambda cost: 2 * cost.macs},
}
"""What may have been counted under a claim, the plainest first."""


class Reading(NamedTuple):
    """One way to read a claim: the quantity, and what K stands for."""

    claim: str
    quantity: str
    thousand: int

    def __str__(self) -> str:
        return self.quantity if self.thousand == 1000 else f"{self.quantity}, K = {self.thousand}"

    def value(self, cost: Cost, whole: Cost) -> int | Fraction:
        """What a cell claims of a part that costs so much of the whole: an amount, or a share of it."""
        measure = QUANTITIES[base(self.claim)][self.quantity]
        if not self.claim.endswith("share"):
            return measure(cost)
        return Fraction(measure(cost), measure(whole)) if measure(whole) else 0

    def judge(self, printed: str, cost: Cost, whole: Cost) -> Verdict:
        """The verdict on a cell that is read so."""
        return judge(printed, self.value(cost, whole), self.thousand)


def base(claim: str) -> str:
    """The cost that a claim is of: `params` for `params share`."""
    return claim.partition(" ")[0]


def stated(network: TableNetwork, claim: str) -> Reading:
    """The reading that the network's settings state."""
    default = "params" if base(claim) == "params" else "MACs"
    thousand = 1000 if claim.endswith("share") else int(network.setting("K", "1000"))
    return Reading(claim, network.setting(f"{base(claim)} claim", default), thousand)


def readings(claim: str) -> list[Reading]:
    """Every reading of a claim."""
    units = (1000,) if claim.endswith("share") else (1000, 1024)
    return [Reading(claim, quantity, unit) for quantity in QUANTITIES[base(claim)] for unit in units]


def fitting(
    network: TableNetwork, printed: str, claim: str, cost: Cost, whole: Cost
) -> tuple[Reading, Verdict] | None:
    """The reading that gives a cell: one under which it agrees or else, where there is none, is cut.

    Of several the stated one comes first, then the plainest.
    """
    own = stated(network, claim)
    if number(printed, own.thousand) == number(printed):  # no K in it, so it does not matter what K is
        own = own._replace(thousand=1000)
    order = dict.fromkeys((own, *readings(claim)))
    tried = [(reading, reading.judge(printed, cost, whole)) for reading in order]
    for word in ("agrees", "truncated"):
        for reading, verdict in tried:
            if verdict.word == word:
                return reading, verdict
    return None


def tally(
    network: TableNetwork, claim: str, cells: Iterable[tuple[str, Cost, Cost]]
) -> list[tuple[Reading, int]]:
    """How many of a column's cells (printed, cost, whole) agree under each reading, the stated one first.

    Of readings that judge every cell alike (K where there is no K) the plainest stands for all.
    """
    counted = list(cells)
    own = stated(network, claim)
    scores: dict[tuple[Verdict, ...], tuple[Reading, int]] = {}
    for reading in readings(claim):
        verdicts = tuple(reading.judge(*cell) for cell in counted)
        scores.setdefault(verdicts, (reading, sum(verdict.word == "agrees" for verdict in verdicts)))
    mine = scores.pop(tuple(own.judge(*cell) for cell in counted))
    return [mine, *sorted(scores.values(), key=lambda pair: -pair[1])]
