"""Which numbers does one network give? Every way of counting it, and how far each is from the plain.

A reading is a choice on each question on which counters differ: which network of a family, at which input,
with its side chains or without, which quantity, of which operations, with something left out or counted
twice. The plain reading is the network as its table states it, at its
own input or the one given, in params or in MACs. Every other choice is a departure; a part that is left out
or counted twice makes two, since it is one of many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.costs import Cost, Layer, by_branch, by_row, layers, total
from archcalc.costs.quantities import QUANTITIES, Kind, Quantity
from archcalc.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.numerals import decimal, whole
from archcalc.sizes import Shape, as_int
from archcalc.sizes.inputs import Entering, Inputs

KINDS: tuple[Kind, ...] = ("params", "ops")

MOST = 3
"""Departures of one reading at most: enough of them give any number."""
OF_A_PART = 2
SIDES = (28, 32, 192, 224, 227, 231, 256, 299)
"""Heights of the inputs that image networks are usually run at."""


DEPARTURES = {
    "params": 0,
    "weights": 1,
    "weights + biases": 1,
    "weights + norms": 1,
    "params + buffers": 1,
    "MACs": 0,
    "FLOPs": 1,
    "MACs + elementwise": 1,
    "FLOPs + elementwise": 2,
}
"""How far each quantity is from the plain one of its kind; of two that are equal the first is named."""


class CountedReading(NamedTuple):
    """One way of counting, and the number it gives.

    `how` says in words what the other fields do not; `common` are those of its `departures` that two readings
    of one quantity share; `whole` is what it gives before a part was left out or counted twice.
    """

    network: str
    input: str
    kind: Kind
    quantity: str
    how: tuple[str, ...]
    common: int
    departures: int
    value: int | Fraction
    arithmetic: str = ""
    whole: int | Fraction | None = None


class CountedNetwork(NamedTuple):
    """One network that is counted at one input: main layers, those of each side chain, departures so far."""

    name: str
    input: str
    main: tuple[Layer, ...]
    chains: dict[str, tuple[Layer, ...]]
    departures: int


class Extent(NamedTuple):
    """Which layers are counted: the main ones and those of side chains, and of which operations."""

    main: tuple[Layer, ...]
    beside: tuple[Layer, ...] = ()
    how: tuple[str, ...] = ()
    operations: str = ""

    @property
    def departures(self) -> int:
        return len(self.how) + bool(self.operations)


class Piece(NamedTuple):
    """A part that can be left out or counted twice."""

    name: str
    cost: Cost


def counted(network: Network, input: Entering | None, relative: bool = False) -> Iterator[CountedReading]:
    """Every reading of a network, or of each alternative of a file of them, at its input and at usual ones.

    Raises ArchcalcError where the network itself cannot exist at the input that was given, or has none.
    """
    for name, design in _designs(network):
        for each in subjects(name, design, input, int(relative)):
            yield from _of_subject(each, pieces=True)


def comparable(network: Network, input: Entering | None, relative: bool = False) -> Iterator[CountedReading]:
    """The readings that a ratio is taken of: at one input, nothing left out or counted twice."""
    for name, design in _designs(network):
        yield from _of_subject(subject(name, design, input, int(relative)), pieces=False)


def subjects(
    name: str, network: Network, input: Entering | None, departures: int
) -> Iterator[CountedNetwork]:
    """A network counted at an input, then at its own and at usual ones, which depart by one more.

    Raises ArchcalcError where it cannot exist at the first.
    """
    yield subject(name, network, input, departures)
    for other in _other_inputs(network, input):
        try:
            yield subject(name, network, other, departures + 1)
        except ArchcalcError:  # it was not asked for, and the network cannot exist there
            continue


def _designs(network: Network) -> list[tuple[str, Network]]:
    """The network by its name, or each alternative of a file of them."""
    if not network.alternatives:
        return [(network.key, network)]
    return [(f"{network.key}: {row.name}", network.alternative(row.name)) for row in network.rows]


def subject(name: str, network: Network, input: Entering | None, departures: int) -> CountedNetwork:
    """A network counted at an input; where its side chains cannot exist there, without them."""
    try:
        graph = network.graph(input, heads=True)
    except ArchcalcError:
        graph = network.graph(input)
    found = layers(graph)
    main = tuple(layer for layer in found if not layer.node.head)
    chains = {head: tuple(layer for layer in found if layer.node.head == head) for head in graph.heads}
    return CountedNetwork(name, str(graph.inputs), main, chains, departures)


def _other_inputs(network: Network, given: Entering | None) -> list[Inputs]:
    """The inputs a network may also have been counted at: its own and those of about its size."""
    plain, own = Inputs.of(given) if given else network.inputs, network.inputs
    found = [own] if own is not None else []
    alone = plain.alone if plain else None
    if alone is not None and len(alone.places) == 2:
        own_side = as_int(alone.places[0])
        near = (side for side in SIDES if side <= 2 * own_side and own_side <= 2 * side)
        found += [Inputs.of(Shape((side, side), alone.channels)) for side in near]
    return [inputs for inputs in dict.fromkeys(found) if inputs != plain]


def _of_subject(subject: CountedNetwork, pieces: bool) -> Iterator[CountedReading]:
    for extent in extents(subject):
        departures = subject.departures + extent.departures
        if departures > MOST:
            continue
        parts = _pieces((*extent.main, *extent.beside)) if pieces and departures + OF_A_PART <= MOST else []
        for quantity, reading in _quantities(subject, extent):
            yield reading
            if reading.departures + OF_A_PART <= MOST:
                yield from changed(reading, [(part.name, as_int(quantity.of(part.cost))) for part in parts])


def _quantities(subject: CountedNetwork, extent: Extent) -> Iterator[tuple[Quantity, CountedReading]]:
    """Every quantity of some layers, but for one that is the same number as a plainer one."""
    main, beside = total(extent.main), total(extent.beside)
    seen = set()
    for name, own_departures in DEPARTURES.items():
        quantity = QUANTITIES[name]
        value = as_int(quantity.of(main + beside))
        departures = subject.departures + extent.departures + own_departures
        if not value or departures > MOST or (quantity.kind, value) in seen:
            continue
        seen.add((quantity.kind, value))
        summands = (whole(as_int(quantity.of(cost))) for cost in (main, beside))
        yield (
            quantity,
            CountedReading(
                network=subject.name,
                input=subject.input,
                kind=quantity.kind,
                quantity=f"{quantity.name} {extent.operations}".strip(),
                how=extent.how,
                common=own_departures + bool(extent.operations),
                departures=departures,
                value=value,
                arithmetic=" + ".join(summands) if extent.beside else "",
            ),
        )


def extents(subject: CountedNetwork) -> Iterator[Extent]:
    """The network without its side chains, with each and with all; and its operations one kind at a time."""
    chains = [(f"with side chain {name}", members) for name, members in subject.chains.items()]
    if len(chains) > 1:
        every = tuple(layer for members in subject.chains.values() for layer in members)
        chains.append(("with all side chains", every))
    yield from _by_operation(Extent(subject.main))
    for how, members in chains:
        yield from _by_operation(Extent(subject.main, members, (how,)))


def _by_operation(extent: Extent) -> Iterator[Extent]:
    """The layers, and those of one operation alone or without them, where several have weights or MACs."""
    yield extent
    every = (*extent.main, *extent.beside)
    names = list(dict.fromkeys(layer.node.op.name for layer in every if layer.cost.params or layer.cost.macs))
    for name in names if len(names) > 1 else []:
        for what, alone in ((f"of {name} alone", True), (f"without {name}", False))[: len(names) - 1]:
            kept = [
                tuple(layer for layer in members if (layer.node.op.name == name) is alone)
                for members in (extent.main, extent.beside)
            ]
            yield Extent(kept[0], kept[1], extent.how, what)


def _pieces(members: Sequence[Layer]) -> list[Piece]:
    """The rows, the branches and the layers, the larger first."""
    rows = [Piece(f"row {section.name}", section.cost) for section in by_row(members)]
    branches = [
        Piece(f"{section.branch} of {section.name}", section.cost)
        for section in by_branch(members)
        if section.branch
    ]
    return rows + branches + [Piece(layer.node.name, layer.cost) for layer in members]


def changed(whole: CountedReading, parts: Iterable[tuple[str, int | Fraction]]) -> Iterator[CountedReading]:
    """A reading with each of its parts left out, or counted twice."""
    for name, part in parts:
        if not part:
            continue
        for word, sign, value in (
            ("counted twice", "+", whole.value + part),
            ("left out", "-", whole.value - part),
        ):
            yield whole._replace(
                how=(*whole.how, f"{name} {word}"),
                departures=whole.departures + OF_A_PART,
                value=value,
                arithmetic=f"{decimal(whole.value, 0)} {sign} {decimal(part, 0)}",
                whole=whole.value,
            )
