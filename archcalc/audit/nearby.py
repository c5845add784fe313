"""Which other ways of counting give a printed cost? Those that depart in one thing from how it is read.

The search knows what `archcalc reconcile` knows: another quantity, one kind of operation alone or left out,
side chains, another input, another network of the family. Of several things at once it tries none, since
enough of them give any number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from archcalc.audit.readings import PrintedReading
from archcalc.claims import Word, judge
from archcalc.costs import Layer, total
from archcalc.costs.quantities import QUANTITIES
from archcalc.departures.counted import DEPARTURES, CountedNetwork, Extent, extents, subject, subjects
from archcalc.departures.family import relatives
from archcalc.errors import ArchcalcError
from archcalc.notation.network import TableNetwork
from archcalc.sizes import as_int

Kept = Callable[[Layer], bool]


class Nearby:
    """A network in all the ways of counting that depart in one thing; each is counted once, when needed."""

    def __init__(self, network: TableNetwork) -> None:
        self.network = network

    @cached_property
    def _subjects(self) -> list[CountedNetwork]:
        """The network at its own input and at others, and its family at their own."""
        key = self.network.key
        found = list(subjects(key, self.network, None, 0))
        for relative in relatives(self.network, []):
            try:
                found.append(subject(relative.key, relative, None, 1))
            except ArchcalcError:  # a document of the family that cannot be counted explains nothing
                continue
        return found

    def fits(self, printed: str, reading: PrintedReading, kept: Kept | None) -> Iterator[str]:
        """In words, the ways that give a printed cost; `kept` are its layers, by default all."""
        plain = self._subjects[0]
        for each in self._subjects:
            if kept is not None:
                each = each._replace(main=_of(each, kept), chains={})
            for extent in extents(each):
                for quantity, departures in _quantities(reading):
                    if each.departures + extent.departures + departures != 1 or not extent.main:
                        continue
                    value = as_int(QUANTITIES[quantity].of(total((*extent.main, *extent.beside))))
                    if value and judge(printed, value, reading.thousand).word is Word.AGREES:
                        yield _words(quantity, extent, each, plain)


def _of(counted: CountedNetwork, kept: Kept) -> tuple[Layer, ...]:
    every = (*counted.main, *(layer for chain in counted.chains.values() for layer in chain))
    return tuple(filter(kept, every))


def _quantities(reading: PrintedReading) -> Iterator[tuple[str, int]]:
    """The quantities that may be meant, and how far each is from the one that the document states."""
    kind = QUANTITIES[reading.quantity].kind
    for name, plainly in DEPARTURES.items():
        if QUANTITIES[name].kind == kind:
            yield name, 0 if name == reading.quantity else max(1, plainly)


def _words(quantity: str, extent: Extent, counted: CountedNetwork, plain: CountedNetwork) -> str:
    words = [quantity, extent.operations, *extent.how]
    words += [f"of {counted.name}"] if counted.name != plain.name else []
    words += [f"at {counted.input}"] if counted.input != plain.input else []
    return " ".join(filter(None, words))
