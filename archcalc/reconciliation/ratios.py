"""Which ratios do two networks give, and in which ways?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

from archcalc.departures.counted import MOST, CountedReading, comparable
from archcalc.departures.family import relatives
from archcalc.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.numerals import decimal
from archcalc.reconciliation.stated import quoted, totals
from archcalc.sizes.inputs import Entering


def ratios(networks: Sequence[Network], input: Entering | None, wrong: list[str]) -> Iterator[CountedReading]:
    """The ratios, either way round, of two readings of one quantity; what both depart by counts once.

    They are of two networks or, where one file of alternatives is given, of any two of these. What goes wrong
    with their relatives is put into `wrong`.
    """
    sides = [_side(network, input, wrong) for network in networks]
    pairs = [(sides[0], sides[1])] if len(sides) == 2 else _of_alternatives(sides[0])
    for left, right in pairs:
        for first, second in product(left, right):
            departures = first.departures + second.departures - first.common
            if first.quantity == second.quantity and departures <= MOST and first.value and second.value:
                yield _ratio(first, second, departures)
                yield _ratio(second, first, departures)


def _of_alternatives(
    readings: list[CountedReading],
) -> Iterator[tuple[list[CountedReading], list[CountedReading]]]:
    names = list(dict.fromkeys(reading.network for reading in readings))
    by_name = {name: [reading for reading in readings if reading.network == name] for name in names}
    for left, right in combinations(names, 2):
        yield by_name[left], by_name[right]


def _ratio(first: CountedReading, second: CountedReading, departures: int) -> CountedReading:
    how = [f"{side.network}: {each}" for side in (first, second) for each in side.how]
    inputs = dict.fromkeys(side.input for side in (first, second) if side.input)
    return CountedReading(
        network=f"{first.network} / {second.network}",
        input=" / ".join(inputs),
        kind=first.kind,
        quantity=first.quantity,
        how=tuple(how),
        common=first.common,
        departures=departures,
        value=Fraction(first.value) / Fraction(second.value),
        arithmetic=f"{decimal(first.value, 0)} / {decimal(second.value, 0)}",
    )


def _side(network: Network, input: Entering | None, wrong: list[str]) -> list[CountedReading]:
    """The readings of one side of a ratio."""
    found = [*comparable(network, input), *totals(network), *quoted(network)]
    for relative in relatives(network, wrong):
        try:
            found += [*comparable(relative, input, relative=True), *totals(relative, relative=True)]
        except ArchcalcError:  # it cannot exist at the input that was given for another
            continue
    return found
