"""Which numbers of a whole network are stated, by its paper or by the literature, and not counted?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from archcalc.claims import number, quotations
from archcalc.costs.quantities import Kind
from archcalc.departures.counted import KINDS, MOST, OF_A_PART, CountedReading, changed
from archcalc.graph import Network
from archcalc.notation.network import TableNetwork
from archcalc.notation.table_row import TableRow


def columns(network: Network, relative: bool = False) -> Iterator[CountedReading]:
    """What the columns that the paper printed add up to, each row of them left out or counted twice too."""
    if not isinstance(network, TableNetwork):
        return
    for kind in KINDS if not network.alternatives else ():
        yield from _added_up(network, kind, network.own_rows, "the printed column added up", relative)


def totals(network: Network, relative: bool = False) -> Iterator[CountedReading]:
    """What the paper printed of the whole network, and what its columns add up to."""
    if not isinstance(network, TableNetwork):
        return
    for kind in KINDS:
        if network.total is not None:
            yield from _added_up(network, kind, [network.total], "the printed total", relative)
    yield from (reading for reading in columns(network, relative) if reading.whole is None)


def quoted(network: Network) -> Iterator[CountedReading]:
    """The numbers by which the literature calls a network, as its settings `quoted ...` state them."""
    if not isinstance(network, TableNetwork):
        return
    for kind in KINDS:
        for quotation in quotations(network.setting(f"quoted {kind}")):
            yield CountedReading(
                network=network.key,
                input="",
                kind=kind,
                quantity=_claimed(network, kind),
                how=(f"quoted {quotation}",),
                common=0,
                departures=1,
                value=quotation.value,
            )


def _claimed(network: TableNetwork, kind: Kind) -> str:
    """What a printed number counts: of params the plainest, whatever the paper left out of them."""
    return "params" if kind == "params" else network.setting("ops claim", "MACs")


def _added_up(
    network: TableNetwork, kind: Kind, rows: Iterable[TableRow], how: str, relative: bool
) -> Iterator[CountedReading]:
    """Printed cells added up, their K taken for 1000 and, where the paper means 1024, for that too."""
    cells = [(row.name, row.claims[kind].text) for row in rows if kind in row.claims]
    for thousand in sorted({1000, int(network.setting("K", "1000"))}):
        read = [(name, text, number(text, thousand)) for name, text in cells]
        values = [(f"row {name}", claim.value) for name, _, claim in read if claim]
        if not values:
            return
        whole = CountedReading(
            network=network.key,
            input="",
            kind=kind,
            quantity=_claimed(network, kind),
            how=(how,) if thousand == 1000 else (how, f"K = {thousand}"),
            common=0,
            departures=1 + (thousand != 1000) + relative,
            value=sum((value for _, value in values), Fraction(0)),
            arithmetic=" + ".join(text for _, text, claim in read if claim) if len(values) > 1 else "",
        )
        yield whole
        if len(values) > 1 and whole.departures + OF_A_PART <= MOST:
            yield from changed(whole, values)
