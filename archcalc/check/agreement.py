"""Do the calculator and the built torch model agree, layer by layer? Every witness is asked."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from archcalc import witnesses
from archcalc.costs import Layer, layers
from archcalc.environment import extras
from archcalc.errors import DocumentError, InputError
from archcalc.graph import Graph, Network
from archcalc.numerals import whole
from archcalc.sizes import Shape, as_int, product
from archcalc.sizes.inputs import Entering, Inputs

if TYPE_CHECKING:
    from torch import nn

LARGER = (1, 7)
"""By how much the further inputs of a check are larger: at 1 more the first layer often rounds back to the
same size, at 7 more (231 for 224) it does not."""
NEAR = 64
"""Where a network cannot exist there, others are tried: larger by up to so much, then smaller."""


@dataclass(frozen=True)
class Mismatch:
    """Where a witness contradicts the calculator: the layer, what differs, both values."""

    layer: str
    witness: str
    what: str
    computed: str
    measured: str

    def __str__(self) -> str:
        return (
            f"{self.layer}: {self.what} computed {self.computed}, measured {self.measured} by {self.witness}"
        )


@dataclass(frozen=True)
class Testimony:
    """What one witness said of one network at one input: how much was compared, what it passed over.

    `shapes` and `tensors` are numbers of them, `macs` what it counts in all; None where it does not look.
    `unseen` is the number of layers whose MACs it has no means to see.
    `stopped` says why torch broke its run off, where it did.
    """

    witness: str
    shapes: int | None
    tensors: int | None
    macs: int | None
    unseen: int
    skipped: str
    stopped: str
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True)
class Check:
    """A network at an input, its layers, and what each witness said.

    A network that cannot exist at an input has neither; `impossible` says why.
    """

    network: str
    input: Inputs
    layers: tuple[Layer, ...] = ()
    testimonies: tuple[Testimony, ...] = ()
    impossible: str = ""

    @property
    def mismatches(self) -> list[Mismatch]:
        """Every contradiction in the order of the layers; MACs, which follow from the rest, come last."""
        order = {layer.node.name: index for index, layer in enumerate(self.layers)}
        found = [mismatch for testimony in self.testimonies for mismatch in testimony.mismatches]
        return sorted(found, key=lambda mismatch: (order[mismatch.layer], mismatch.what == "MACs"))

    @property
    def agrees(self) -> bool:
        """Whether no witness contradicts."""
        return not self.mismatches

    @property
    def differing(self) -> dict[str, str]:
        """What differs first in each layer that does not agree, by its path."""
        return {mismatch.layer: mismatch.what for mismatch in reversed(self.mismatches)}


def check(network: Network, input: Entering | None = None) -> list[Check]:
    """Check a network, side chains included, at an input; without one, at its own and at two others.

    Those are larger, or as near as the network can exist; where there are not two, `impossible` says why.
    Rounding shows only at odd sizes where a network's own are even, and the other way round. Raises
    MissingExtra without torch or fvcore, InputError where the network cannot exist at the first input or
    torch refuses it.
    """
    own = network.inputs if input is None else Inputs.of(input)
    checks = [check_graph(network.key, network.graph(own, heads=True))]
    if input is not None or own is None:
        return checks
    impossible: list[Check] = []
    for more in _others(own):
        other = larger(own, more)
        try:
            graph = network.graph(other, heads=True)
        except DocumentError as error:
            if more in LARGER:
                impossible.append(Check(network.key, other, impossible=error.fact))
            continue
        checks.append(check_graph(network.key, graph))
        if len(checks) > len(LARGER):
            return checks
    return checks + impossible[: 1 + len(LARGER) - len(checks)]


def _others(own: Inputs) -> Iterator[int]:
    """By how much further inputs are larger: as they should be, and then the nearest that are left."""
    yield from LARGER
    yield from (more for more in range(1, NEAR + 1) if more not in LARGER)
    places = [size for shape in own.values() for size in shape.places]
    least = min(map(as_int, places or [shape.channels for shape in own.values()]))
    yield from range(-1, -min(NEAR + 1, least), -1)


def larger(own: Inputs, more: int) -> Inputs:
    """Inputs with so many more places; where none of them has places, vectors that are so much longer.

    >>> str(larger(Inputs.of(Shape((), 1024)), 7)), str(larger(Inputs.of(Shape((224, 224), 3)), 1))
    ('1031', '225x225x3')
    """
    if not any(shape.places for shape in own.values()):
        return own.each(lambda shape: Shape((), shape.channels + more))
    return own.each(lambda shape: Shape(tuple(size + more for size in shape.places), shape.channels))


def check_graph(name: str, graph: Graph) -> Check:
    """Check one graph against every witness. Raises what `check` raises.

    Where torch breaks off and what was measured until then contradicts, the contradictions are the answer;
    where nothing does, torch refuses the network.
    """
    with extras.needed("a check"):
        from archcalc.torch_module import build
    with _no_collection():
        counted = layers(graph)
        testimonies = _testimonies(graph, build(graph, "meta").eval(), counted)
    check = Check(name, graph.inputs, tuple(counted), tuple(testimonies))
    stopped = [testimony.stopped for testimony in testimonies if testimony.stopped]
    if stopped and check.agrees:
        raise InputError(f"{name}: torch cannot run it at {check.input}: {stopped[0]}")
    return check


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage meanwhile.

    A check makes many small objects and keeps few; each search for garbage goes through all that torch has
    loaded, which took a quarter of a check.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _testimonies(graph: Graph, model: nn.Module, counted: list[Layer]) -> list[Testimony]:
    """What each witness says of a model."""
    testimonies = []
    for title, witness in witnesses.witnesses().items():
        try:
            measured = witness.measure(graph, model)
        except witnesses.BREAKS as error:
            measured = witnesses.Measured(stopped=witnesses.why(error))
        testimonies.append(_testimony(title, measured, counted))
    return testimonies


def _testimony(title: str, measured: witnesses.Measured, counted: list[Layer]) -> Testimony:
    """What a witness measured against what was computed, exactly."""
    compared = (
        *_compared_shapes(measured, counted),
        *_compared_tensors(measured, counted),
        *_compared_macs(measured, counted),
    )
    return Testimony(
        witness=title,
        shapes=None if measured.shapes is None else len(measured.shapes),
        tensors=None if measured.tensors is None else sum(map(len, measured.tensors.values())),
        macs=None if measured.macs is None else sum(measured.macs.values()),
        unseen=len(measured.unseen),
        skipped=measured.skipped,
        stopped=measured.stopped,
        mismatches=tuple(
            Mismatch(each.layer, title, each.what, _said(each.computed), _said(each.measured))
            for each in compared
            if each.computed != each.measured
        ),
    )


class _Compared(NamedTuple):
    """A computed value of a layer and the one that was measured."""

    layer: str
    what: str
    computed: object
    measured: object


def _compared_shapes(measured: witnesses.Measured, counted: list[Layer]) -> Iterator[_Compared]:
    """The output of every layer that the witness reached."""
    if measured.shapes is None:
        return
    for layer in counted:
        name = layer.node.name
        if name in measured.shapes or not measured.stopped:
            yield _Compared(name, "output", layer.output, measured.shapes.get(name))


def _compared_tensors(measured: witnesses.Measured, counted: list[Layer]) -> Iterator[_Compared]:
    """The tensors of every layer; where they agree, the number of their elements as it is counted."""
    if measured.tensors is None:
        return
    for layer in counted:
        name = layer.node.name
        sizes, seen = {tensor.name: tensor.sizes for tensor in layer.tensors}, measured.tensors.get(name)
        yield _Compared(name, "tensors", sizes, seen)
        if seen == sizes and not layer.node.weights_of:
            yield _Compared(name, "elements", layer.cost.params + layer.cost.buffers, _elements(seen))


def _compared_macs(measured: witnesses.Measured, counted: list[Layer]) -> Iterator[_Compared]:
    """The MACs of the nodes of each weight together, unless the witness could not see one of them or torch
    broke off before the last.
    """
    if measured.macs is None:
        return
    for name, (users, macs) in _grouped_macs(counted).items():
        if not measured.unseen.isdisjoint(users):
            continue
        known = [measured.macs[user] for user in users if user in measured.macs]
        if not measured.stopped or len(known) == len(users):
            yield _Compared(name, "MACs", macs, sum(known) if known else None)


def _grouped_macs(counted: list[Layer]) -> dict[str, tuple[list[str], int]]:
    """MACs by the node that holds the weights, with the nodes that use them: a witness may not part them."""
    work: dict[str, tuple[list[str], int]] = {}
    for layer in counted:
        holder = layer.node.weights_of or layer.node.name
        names, macs = work.get(holder, ([], 0))
        work[holder] = ([*names, layer.node.name], macs + as_int(layer.cost.macs))
    return work


def _elements(tensors: Mapping[str, tuple[int, ...]]) -> int:
    """How many numbers the tensors hold."""
    return sum(product(sizes) for sizes in tensors.values())


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return (
            ", ".join(f"{name} {'x'.join(map(str, sizes)) or 'scalar'}" for name, sizes in value.items())
            or "none"
        )
    return whole(value) if isinstance(value, int) else str(value)
