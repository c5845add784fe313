"""Which way of counting gives a claimed number? One search over readings, answered with a Report.

Of the readings that give the number, or nearly, the one with the fewest departures from the plain reading
stands first. A number that is cut and not rounded makes one departure more, one that is a unit off two: a
plain count that was cut is likelier than a far-fetched one that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc import numerals
from archcalc.claims import Word, compared
from archcalc.departures.counted import KINDS, MOST, CountedReading, counted
from archcalc.departures.family import relatives
from archcalc.errors import ArchcalcError, UsageError, quoted
from archcalc.graph import Network
from archcalc.notation.network import TableNetwork
from archcalc.reconciliation.ratios import ratios
from archcalc.reconciliation.sought import FLOAT16, FLOAT32, Sought, dividend, sought, suited
from archcalc.reconciliation.stated import columns
from archcalc.report import Column, Kind, Report, Value
from archcalc.sizes.inputs import Entering

FITS = {Word.AGREES: 0, Word.TRUNCATED: 1, Word.OFF_BY_ONE: 2}
"""The verdicts that are a fit, and how many departures each makes."""
SHOWN = 15
NEAREST = 5
"""How many readings are shown where none fits."""


class Found(NamedTuple):
    """A number that the search gives: its plainest reading, how many others are as plain, and its unit.

    `scale` is how much larger than a power of 1000 the claim's K, M or G is taken to be.
    """

    reading: CountedReading
    alike: int
    scale: Fraction = Fraction(1)

    @property
    def value(self) -> Fraction:
        """The number as the claim would have it."""
        return self.reading.value / self.scale

    @property
    def whole(self) -> Fraction | None:
        """What the number was before its last change: a part left out or counted twice, another unit."""
        if self.scale != 1:
            return Fraction(self.reading.value)
        return None if self.reading.whole is None else Fraction(self.reading.whole)


class Fit(NamedTuple):
    """A number beside the claim: the verdict, the departures that it makes, how far it is."""

    found: Found
    word: Word
    departures: int
    distance: Fraction


def reconcile(claim: str, networks: Sequence[Network], input: Entering | None = None) -> Report:
    """Search the readings of one network, or the ratios of two, for those that give a claimed number.

    The claim is a number such as 6.8M, or a ratio such as 27x or 5%. Raises UsageError where it is neither or
    does not suit the networks, ArchcalcError where a network cannot exist at the input.
    """
    wanted = sought(claim)
    _check(wanted, networks)
    wrong: list[str] = []
    if wanted.ratio:
        readings = list(ratios(networks, input, wrong))
    else:
        readings = list(_search(networks[0], input, wrong))
    distinct = _distinct(wanted, (each for reading in readings for each in suited(wanted, reading)))
    fits = sorted((_fit(wanted, found) for found in distinct), key=_rank)
    fitting = [fit for fit in fits if fit.word in FITS and not _changed_for_nothing(wanted, fit)]
    nearest = sorted(fits, key=lambda fit: (fit.distance, fit.departures))[:NEAREST]
    names = " / ".join(network.name for network in networks)
    return Report(
        caption=_caption(claim, names, len(fitting), len(distinct)),
        columns=_columns(wanted),
        rows=tuple(_line(fit, wanted) for fit in fitting[:SHOWN] or nearest),
        notes=(*_notes(wanted, networks, readings, bool(fitting)), *dict.fromkeys(wrong)),
        head={
            "claim": claim,
            "networks": [network.key for network in networks],
            "input": str(input) if input is not None else None,
            "tried": len(distinct),
            "fitting": len(fitting),
        },
    )


def _check(sought: Sought, networks: Sequence[Network]) -> None:
    """Refuse a claim that does not suit the networks. Raises UsageError."""
    if not 1 <= len(networks) <= 2:
        raise UsageError("name one network for a number such as 6.8M, or two for a ratio such as 27x")
    if not sought.ratio and len(networks) == 2:
        raise UsageError(
            f"two networks are compared by a ratio such as 27x, and {quoted(sought.text)} is not a ratio"
        )
    if sought.ratio and len(networks) == 1 and not networks[0].alternatives:
        raise UsageError("a ratio is that of two networks, or of the alternatives of one file: name two")


def _search(network: Network, input: Entering | None, wrong: list[str]) -> Iterator[CountedReading]:
    """Every reading of a network and of its relatives; `wrong` gets what goes wrong with them."""
    yield from counted(network, input)
    yield from columns(network)
    for relative in relatives(network, wrong):
        try:
            yield from counted(relative, input, relative=True)
        except ArchcalcError:  # it cannot exist at the input that was given for another
            continue
        yield from columns(relative, relative=True)


def _distinct(sought: Sought, readings: Iterable[CountedReading]) -> list[Found]:
    """Each number that the readings give, by its plainest one; a claim in K, M or G as powers of 1024 too."""
    plainest: dict[Any, Found] = {}
    for reading in readings:
        if reading.value <= 0:
            continue
        key = (reading.kind, reading.value)
        known = plainest.get(key)
        if known is None or reading.departures < known.reading.departures:
            plainest[key] = Found(reading, 0)
        elif reading.departures == known.reading.departures:
            plainest[key] = known._replace(alike=known.alike + 1)
    found = list(plainest.values())
    if not sought.letter:
        return found
    power = "KMGT".index(sought.letter) + 1
    return found + [
        _in_powers_of_1024(each, f"{sought.letter} = {numerals.whole(1024**power)}", power)
        for each in found
        if each.reading.departures < MOST
    ]


def _in_powers_of_1024(found: Found, how: str, power: int) -> Found:
    reading = found.reading
    value = numerals.decimal(Fraction(reading.value) / 1024**power, 3)
    changed = reading._replace(
        how=(*reading.how, how),
        departures=reading.departures + 1,
        arithmetic=f"{dividend(reading)} / {numerals.whole(1024**power)} = {value}",
    )
    return Found(changed, found.alike, Fraction(1024, 1000) ** power)


def _fit(sought: Sought, found: Found) -> Fit:
    word = _verdict(sought, found.value)
    departures = found.reading.departures + FITS.get(word, 0)
    return Fit(found, word, departures, abs(found.value - sought.printed.value))


def _verdict(sought: Sought, value: Fraction) -> Word:
    if abs(value - sought.printed.value) > sought.printed.unit:  # no verdict but this one is given there
        return Word.DIFFERS
    return compared(sought.printed, value)


def _changed_for_nothing(sought: Sought, fit: Fit) -> bool:
    """Whether the number fitted as well before its last change, which then explains nothing."""
    return fit.found.whole is not None and FITS.get(_verdict(sought, fit.found.whole), MOST) <= FITS[fit.word]


def _rank(fit: Fit) -> tuple[int, int, Fraction]:
    return fit.departures, fit.found.reading.departures, fit.distance


def _caption(claim: str, names: str, fitting: int, tried: int) -> str:
    if not fitting:
        return f"{claim} of {names}: nothing fits of {numerals.whole(tried)} numbers tried; the nearest are"
    shown = f"; the {SHOWN} plainest are" if fitting > SHOWN else ""
    return (
        f"{claim} of {names}: {numerals.whole(fitting)} of {numerals.whole(tried)} numbers tried fit{shown}"
    )


def _columns(sought: Sought) -> tuple[Column, ...]:
    return (
        Column("fit", "fit", "mark"),
        Column("departures", "departures", "count", priority=5),
        Column("network", "network"),
        Column("input", "input", priority=3),
        Column("quantity", "quantity", wrap=True),
        Column("how", "how", wrap=True),
        Column("alike", "others alike", "count", priority=4),
        Column("value", "ratio" if sought.ratio else "bytes" if sought.bytes else "number", _kind(sought)),
        Column("arithmetic", "arithmetic", priority=2, wrap=True),
    )


def _kind(sought: Sought) -> Kind:
    if not sought.ratio:
        return "count"
    return "share" if sought.printed.suffix == "%" else "ratio"


def _line(fit: Fit, sought: Sought) -> dict[str, Value]:
    reading = fit.found.reading
    return {
        "fit": str(fit.word),
        "departures": fit.departures,
        "network": reading.network,
        "input": reading.input or None,
        "quantity": reading.quantity,
        "how": "; ".join(reading.how) or None,
        "alike": fit.found.alike or None,
        "value": reading.value if sought.ratio else numerals.nearest_whole(reading.value),
        "arithmetic": reading.arithmetic or None,
    }


def _notes(
    sought: Sought, networks: Sequence[Network], readings: Iterable[CountedReading], fits: bool
) -> Iterator[str]:
    """What the plain reading is, what is quoted, and how far to trust the rest."""
    plain: dict[str, list[str]] = {}
    for reading in readings:
        if not reading.departures and reading.value >= 1:
            of_two = isinstance(reading.value, Fraction)
            where = f"{reading.network} at {reading.input} {'is' if of_two else 'has'}"
            number = numerals.decimal(reading.value, 2 if of_two else 0)
            plain.setdefault(where, []).append(f"{number}{' by' if of_two else ''} {reading.quantity}")
    for where, numbers in plain.items():
        yield f"Plainly counted, {where} {' and '.join(numbers)}."
    for network in networks:
        for kind in KINDS:
            if isinstance(network, TableNetwork) and f"quoted {kind}" in network.settings:
                said = network.setting(f"quoted {kind}")
                yield f"In the literature {network.name} has {said} {kind}: quoted, not counted."
    if sought.bytes:
        yield f"A file of params holds {FLOAT32} bytes for each param in float32, {FLOAT16} in float16."
    if fits:
        yield (
            "Each line is one way to get the number, not proof that its author did. A coarse claim is met by "
            "chance, the more easily the more a reading departs from the plain one."
        )
