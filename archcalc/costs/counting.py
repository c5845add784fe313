"""What is counted, at which input, and the sentences that say so under every report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral
from typing import Literal, TypeAlias, TypedDict, Unpack

from archcalc import given, numerals
from archcalc.costs import Cost, Layer, layers, total
from archcalc.costs.quantities import FLOPS_PER_MAC, flops
from archcalc.errors import Refused, UsageError
from archcalc.graph import Graph, Network
from archcalc.ops import operations
from archcalc.report import Column
from archcalc.sizes import Shape, Size, as_int, inputs
from archcalc.sizes.inputs import Inputs, read_inputs
from archcalc.sizes.written import read_shape

Unit = Literal["macs", "flops"]
UNITS: tuple[Unit, ...] = ("macs", "flops")
OneInput: TypeAlias = str | int | Sequence[int] | Shape
Input: TypeAlias = OneInput | Mapping[str, OneInput] | None
"""An input as a caller may give it: "224x224x3", (224, 224, 3), 224, a Shape; several of them by name, or
"source 128x512, target 64x512"; None is the network's own."""


def shape(given_input: Input) -> Shape | Inputs | None:
    """An input as a Shape, or several by name; None stays None.

    Raises UsageError where it is not an input.

    >>> shape((224, 224, 3)) == shape("224x224x3")
    True
    >>> str(shape({"source": "128x512", "target": (64, 512)}))
    'source 128x512, target 64x512'
    """
    if given_input is None:
        return None
    if isinstance(given_input, Mapping):
        return _by_name(given_input)
    if isinstance(given_input, str):
        try:
            found = read_inputs(given_input)
        except Refused as refused:
            raise UsageError(str(refused)) from None
        if found is not None:
            return found.alone or found
    return _one(given_input)


def _by_name(given_inputs: Mapping[str, OneInput]) -> Inputs:
    if not given_inputs or not all(isinstance(name, str) for name in given_inputs):
        raise UsageError(f"inputs are shapes by name, not {given.shown(given_inputs)}")
    shapes = {name: shape(each) for name, each in given_inputs.items()}
    found = {name: each for name, each in shapes.items() if isinstance(each, Shape)}
    if len(found) < len(shapes):
        raise UsageError(f"inputs are shapes by name, not {given.shown(given_inputs)}")
    return Inputs(found)


def _one(given_input: OneInput) -> Shape:
    if isinstance(given_input, str):
        found = None  # what can be read was read
    elif isinstance(given_input, Shape):
        sizes = (*given_input.places, given_input.channels)
        fine = not any(isinstance(size, _NO_SIZE) or (_is_whole(size) and size < 1) for size in sizes)
        found = given_input if fine else None
    else:
        written = given_input if isinstance(given_input, Sequence) else (given_input,)
        whole = all(map(_is_whole, written))
        found = read_shape("x".join(map(str, written))) if whole else None
    if found is None:
        raise UsageError(
            f"an input is HxWxC with sizes of 1 or more, such as 224x224x3, not {given.shown(given_input)}"
        )
    return found


_NO_SIZE = (bool, float, str, bytes, tuple, list, type(None))


def _is_whole(size: object) -> bool:
    return isinstance(size, Integral) and not isinstance(size, bool)


def entering(given_input: Input, network: Network) -> Inputs | None:
    """An input as this network takes it: what `224` and `224x224` leave out is the network's own.

    Of several, those that are not given are the network's own. Raises UsageError where it is not an input,
    has its channels first or leaves out what is not clear.
    """
    found = shape(given_input)
    try:
        return None if found is None else inputs.entering(Inputs.of(found), network.inputs)
    except Refused as refused:
        raise UsageError(str(refused)) from None


class Stated(TypedDict, total=False):
    """Conditions beside the input, each by its name."""

    batch: int
    count: Unit
    bias: bool
    heads: bool


class Conditions(Stated, total=False):
    """What a call states beside the input: conditions by their names, or a ready Counting that holds all."""

    counting: Counting


@dataclass(frozen=True)
class Counting:
    """The conditions under which a network is counted.

    `input` replaces the network's own; `count` is the unit of work (1 MAC = 2 FLOPs); `bias` whether biases
    are counted where the network has them; `heads` whether the side chains of training are. Raises
    UsageError where one of them is something else.
    """

    input: Input = None
    batch: int = 1
    count: Unit = "macs"
    bias: bool = True
    heads: bool = False

    def __post_init__(self) -> None:
        checked = {
            "input": shape(self.input),
            "batch": given.whole("batch", self.batch, least=1),
            "count": given.choice("count", self.count, UNITS),
            "bias": given.flag("bias", self.bias),
            "heads": given.flag("heads", self.heads),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # it is frozen for everybody else

    def entering(self, network: Network) -> Inputs | None:
        """What enters the network in the place of its own input; None where that is not replaced."""
        return entering(self.input, network)

    def graph(self, network: Network) -> Graph:
        """The network's graph under these conditions."""
        return network.graph(self.entering(network), heads=self.heads)

    def layers(self, graph: Graph) -> list[Layer]:
        """The costs of a graph's layers under these conditions."""
        return layers(graph, self.batch, self.bias)

    @property
    def as_printed(self) -> bool:
        """Whether layers are counted as papers count them: one image, biases where the network has them."""
        return self.batch == 1 and self.bias

    def work(self, macs: Size) -> Size:
        """MACs in the unit that is shown."""
        return flops(macs) if self.count == "flops" else macs

    @property
    def unit(self) -> str:
        """The name of that unit."""
        return "FLOPs" if self.count == "flops" else "MACs"

    def work_column(self, prefix: str = "", spanner: str = "") -> Column:
        """The column of work in that unit."""
        return Column(f"{prefix}{self.count}", self.unit, "count", spanner)

    def caption(self, name: str, graph: Graph) -> str:
        """The title of a report: the network, its input and the batch."""
        side = ", with the side chains of training" if self.heads and graph.heads else ""
        return f"{name} at {graph.inputs}, batch {self.batch}{side}"

    def head(self, counted: Iterable[Layer] = ()) -> dict[str, str | bool]:
        """The conditions as JSON states them, of some layers or of any."""
        return {
            "unit": self.count,
            "macs": f"{_products(counted)}; 1 MAC = 1 multiply + 1 add",
            "params": "weights + biases + norms" if self.bias else "weights + norms, biases left out",
            "heads": self.heads,
        }

    def rounded(self, cost: Cost) -> tuple[str, ...]:
        """The params and work of a whole network in three digits, as one says them; only ints are."""
        if not isinstance(cost.params, int) or not isinstance(cost.macs, int):
            return ()
        work = numerals.rounded(as_int(self.work(cost.macs)), self.unit)
        return (f"In all: {numerals.rounded(cost.params, ' params')} and {work}.",)

    def notes(self, counted: Iterable[Layer]) -> tuple[str, ...]:
        """The counting contract, with what is not in the MACs and its share."""
        counted = list(counted)
        macs, params = self.contract(counted)
        return macs + _beside(counted), params

    def contract(self, counted: Iterable[Layer] = ()) -> tuple[str, str]:
        """What MACs and params are, of some layers or of any."""
        unit = "1 MAC = 1 multiply + 1 add"
        if self.count == "flops":
            unit = f"1 MAC = {FLOPS_PER_MAC} FLOPs (one multiply and one add)"
        params = "weights + biases + the scale and shift of normalisations; buffers are not counted"
        if not self.bias:
            params = "weights + the scale and shift of normalisations; biases and buffers are not counted"
        return (
            f"{self.unit}: {_products(counted)}; {unit}.",
            f"Params: {params}. K, M and G are powers of 1000 unless a paper's K is named.",
        )


def counting_of(
    given_input: Input = None, counting: Counting | None = None, **stated: Unpack[Stated]
) -> Counting:
    """The conditions that a call states. Raises UsageError where it states them twice."""
    if counting is None:
        return Counting(given_input, **stated)
    if not isinstance(counting, Counting):
        raise UsageError(f"counting is a Counting(...), not {given.shown(counting)}")
    if given_input is not None or stated:
        raise UsageError("give counting, or input, batch, count, bias and heads one by one, not both")
    return counting


def _products(counted: Iterable[Layer]) -> str:
    """Whose products the MACs are: those of some layers, or where there are none of every operation."""
    known = {layer.node.op.products for layer in counted} or {op.products for op in operations().values()}
    others = sorted(known - {""})
    *first, last = "convolutions", "linear layers", *others
    return f"{', '.join(first)} and {last}"


def _beside(counted: list[Layer]) -> str:
    """What is not in the MACs, by operation, with its share of all arithmetic."""
    whole = total(counted)
    if not isinstance(whole.elementwise, int) or not isinstance(whole.macs, int) or not whole.elementwise:
        return ""
    by_name: dict[str, int] = {}
    for layer in counted:
        name = layer.node.op.name
        by_name[name] = by_name.get(name, 0) + as_int(layer.cost.elementwise)
    largest = sorted(by_name.items(), key=lambda item: -item[1])
    named = ", ".join(f"{name} {numerals.short(work)}" for name, work in largest if work)
    share = numerals.share(Fraction(whole.elementwise, as_int(flops(whole.macs)) + whole.elementwise))
    work = f"{numerals.short(whole.elementwise)} elementwise operations ({named})"
    return f" Not in them: {work}, {share} of all arithmetic."
