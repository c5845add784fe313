"""A recorded run as a graph: operations where they are proved, and what torch did where they are not.

A value's sizes are torch's, batch left out; which of them are the channels is carried along: a convolution's
are the second, a linear layer's the last, and what is permuted takes them with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from archcalc.graph import Graph, Node
from archcalc.models._torch_ops import CONTENTLESS
from archcalc.models._values import ACTIVATION, BUFFER, PARAMETER, TracedValue
from archcalc.models.batches import Batched
from archcalc.models.lift import doubted, general, lifted, objection
from archcalc.models.lift._axes import axes_of
from archcalc.models.lift._general import Operands
from archcalc.models.lift._lifted import Lifted
from archcalc.models.lift.arranging import FREE, read_as
from archcalc.models.naming import Names, Rows
from archcalc.models.recorder import FunctionCall, Record
from archcalc.models.unlifted import AsRecorded, LearnedTensor
from archcalc.ops import Op, Tensor, TensorKind
from archcalc.sizes import Shape
from archcalc.sizes.inputs import INPUT as ENTERS


class ModelGraph(NamedTuple):
    """A graph of a run; `unlifted` says of each node that archcalc has no rule for why that is so.

    `unused` are the parameters that no call reads, with their elements: they are counted nowhere. `unsure`
    says of each node that a batch does neither once nor once an image what a batch of 2 takes.
    """

    graph: Graph
    unlifted: Mapping[str, str]
    unused: Mapping[str, int]
    unsure: Mapping[str, str]


def graph_of(record: Record, twice: Record | None = None) -> ModelGraph:
    """The graph of a recorded run: every call that depends on what enters or reads a parameter.

    A run with `twice` as many images tells what a batch does once.
    """
    builder = _Builder(record)
    batched = Batched(builder.calls, None if twice is None else list(_needed(twice.calls)))
    unsure = {}
    for at, call in enumerate(builder.calls):
        builder.once, why = batched.once(at)
        name = builder.add(call)
        if why:
            unsure[name] = why
    leaving = (builder.names[value] for value in record.outputs if value in builder.names)
    builder.graph.outputs = tuple(dict.fromkeys(leaving))
    unused = {name: prod(record.parameters[name].sizes) for name in record.unused}
    return ModelGraph(builder.graph, builder.unlifted, unused, unsure)


def at(graph: Graph, inputs: Mapping[str, Shape]) -> Graph:
    """The same operations at other inputs: ints, arrays or symbols.

    One run does not prove that a model does the same at other sizes: its code may ask for them. Raises
    Refused where an operation cannot be there, or was recorded and has no rule.
    """
    other = Graph(inputs)
    for node in graph:
        other.append(node)
    other.outputs = graph.outputs
    return other


def shape_of(value: TracedValue, axis: int) -> Shape:
    """A value's sizes as places and channels: without the batch, which is 1.

    >>> import torch
    >>> str(shape_of(TracedValue(1, (1, 3, 224, 224), torch.float32, "input"), 1))
    '224x224x3'
    """
    return axes_of(value.sizes, axis).shape(value.sizes)


def _needed(calls: Iterable[FunctionCall]) -> Iterator[FunctionCall]:
    """The calls whose result depends on what enters or on what is learned, and all that multiply."""
    learned: set[TracedValue] = set()
    for call in calls:
        given = () if call.function in CONTENTLESS else (*call.inputs, *call.through)
        reads = any(value.kind == PARAMETER or value in learned for value in given)
        if reads:
            learned.update(call.outputs)
        if call.outputs and (reads or call.flops or any(each.kind == ACTIVATION for each in call.outputs)):
            yield call


class _Builder:
    """Appends calls to a graph, one after the other."""

    def __init__(self, record: Record) -> None:
        self.calls = list(_needed(record.calls))
        self.unlifted: dict[str, str] = {}
        self.names: dict[TracedValue, str] = {}
        self.axes: dict[TracedValue, int] = {}
        self._naming, self._rows, self._row = Names(self.calls), Rows(self.calls), ""
        self._owners: dict[TracedValue, str] = {}
        self.once = False
        entering: dict[str, Shape] = {}
        for value in record.inputs:
            name = value.name or ENTERS
            while name in entering:
                name += "_"
            self.names[value] = name
            self.axes[value] = 1 if len(value.sizes) > 3 else max(len(value.sizes) - 1, 0)
            entering[name] = shape_of(value, self.axes[value])
        self.graph = Graph(entering)

    def add(self, call: FunctionCall) -> str:
        """Append what a call is, or else the call as it was recorded; gives the node of its first output."""
        self._row = self._rows.of(call)
        why = self._add_lifted(call)
        if why and not self._add_general(call):
            self._add_recorded(call, why)
        return self.names[call.outputs[0]]

    def _append(self, name: str, op: Op, inputs: tuple[str, ...], weights_of: str = "") -> str:
        return self.graph.append(Node(name, op, inputs, self._row, weights_of=weights_of, once=self.once))

    def _add_general(self, call: FunctionCall) -> bool:
        """Append a call as a function of tensors of any axes, a node for each that it gives."""
        values = [value for value in dict.fromkeys(call.inputs) if self._enters(value)]
        operands = Operands(call, {value: axes_of(value.sizes, self.axes[value]) for value in values})
        used = tuple(value for value in call.inputs if value in operands.axes)
        shapes = tuple(axes_of(value.sizes, self.axes[value]).shape(value.sizes) for value in used)
        found = [general(operands, output) for output in call.outputs]
        macs = [call.macs, *[0] * len(found)]
        for op, output, each in zip(found, call.outputs, macs, strict=False):
            if op is None or len(op.takes) != len(used) or doubted(op, shapes, output, each):
                return False
        inputs = tuple(self._name(value) for value in used)
        for op, output in zip(found, call.outputs, strict=True):
            if op is not None:
                self.names[output] = self._append(self._naming.of(call), op, inputs)
                self.axes[output] = op.gives.channels
        return True

    def _enters(self, value: TracedValue, kinds: tuple[str, ...] = (PARAMETER,)) -> bool:
        """Whether a value is a node's, or of a kind that can be one."""
        if value not in self.names and value.kind in kinds and value not in self._owners:
            self.axes[value] = max(len(value.sizes) - 1, 0)
        return value in self.axes

    def _name(self, value: TracedValue) -> str:
        """The node that gives a value; a parameter becomes one where it is first used as a value."""
        if value not in self.names:
            gave = shape_of(value, self.axes[value])
            tensor = Tensor(value.name.rpartition(".")[2], value.sizes, _kind(value, None))
            op = LearnedTensor(tensor=tensor, gave=gave)
            name = self.graph.append(Node(self._naming.parameter(value.name), op, (), self._row, once=True))
            self.names[value] = self._owners[value] = name
        return self.names[value]

    def _add_lifted(self, call: FunctionCall) -> str:
        """Append the operations that a call is; gives why there are none, empty where there are."""
        found = lifted(call)
        if isinstance(found, str):
            return found
        if missing := [value for value in found.inputs if not self._enters(value, (PARAMETER, BUFFER))]:
            return f"{missing[0].kind}s enter it"
        axis = self._axis(found)
        if found.exact and any(self.axes[value] != axis for value in found.inputs):
            return "its channels are in another axis"
        gives = axis if found.gives is None else found.gives % len(call.outputs[0].sizes)
        gives = min(gives, len(call.outputs[0].sizes) - 1)
        inputs = tuple(shape_of(value, self._own_axis(value, axis)) for value in found.inputs)
        output = call.outputs[0]
        if said := objection(call, found, inputs, shape_of(output, gives)):
            return said
        owner, why = self._owner(found)
        if why:
            return why
        names = tuple(self._read_as(call, value, axis) for value in found.inputs)
        name = self._append(self._naming.of(call), found.ops[0], names, owner)
        for value in found.tensors.values():
            self._owners.setdefault(value, name)
        for op in found.ops[1:]:
            name = self._append(self._naming.beside(call, op.name.replace(" ", "_")), op, (name,))
        self.names[output], self.axes[output] = name, gives
        return ""

    def _axis(self, found: Lifted) -> int:
        first = found.inputs[0]
        return self.axes[first] if found.axis is None else found.axis % len(first.sizes)

    @staticmethod
    def _own_axis(value: TracedValue, axis: int) -> int:
        return min(axis, max(len(value.sizes) - 1, 0))

    def _owner(self, found: Lifted) -> tuple[str, str]:
        """The node whose parameters an operation uses again, and why it cannot."""
        learned = [value for value in found.tensors.values() if value.kind == PARAMETER]
        owners = {self._owners.get(value, "") for value in learned} or {""}
        if len(owners) > 1:
            return "", "it shares some of its parameters and not all"
        return owners.pop(), ""

    def _read_as(self, call: FunctionCall, value: TracedValue, axis: int) -> str:
        """The node of a value with its channels in that axis: a node of its own where they are in another."""
        axis = self._own_axis(value, axis)
        took, gave = shape_of(value, self.axes[value]), shape_of(value, axis)
        name = self._name(value)
        if self.axes[value] == axis or took == gave:
            return name
        op = read_as(axes_of(value.sizes, self.axes[value]), axis, value.sizes)
        return self._append(self._naming.beside(call, "read_as"), op, (name,))

    def _add_recorded(self, call: FunctionCall, why: str) -> None:
        """Append a call as it was: a node for each tensor it gives, its work at the first."""
        sources = [value for value in (*call.inputs, *call.through) if value in self.names]
        inputs = tuple(dict.fromkeys(self.names[value] for value in sources))
        took = tuple(self.graph.shapes[name] for name in inputs)
        free = call.function.strip("_") in FREE
        own, macs = self._own_tensors(call), call.macs
        for output in call.outputs:
            axis = self._axis_after(call, output)
            gave = shape_of(output, axis)
            other = 0 if free else prod(output.sizes)
            op = AsRecorded(
                function=call.function, took=took, gave=gave, own=own, products_done=macs, other=other
            )
            name = self._append(self._naming.of(call), op, inputs)
            for value in call.inputs:
                if value.kind == PARAMETER:
                    self._owners.setdefault(value, name)
            self.names[output], self.axes[output], self.unlifted[name] = name, axis, why
            own, macs = (), 0

    def _own_tensors(self, call: FunctionCall) -> tuple[Tensor, ...]:
        """The parameters and buffers that a call is the first to read."""
        found: dict[str, Tensor] = {}
        for value in dict.fromkeys(call.inputs):
            if value.kind not in (PARAMETER, BUFFER) or value in self._owners:
                continue
            name = value.name.rpartition(".")[2]
            while name in found:
                name += "_"
            found[name] = Tensor(name, value.sizes, _kind(value, call))
            if value.kind == BUFFER:
                self._owners[value] = name
        return tuple(found.values())

    def _axis_after(self, call: FunctionCall, output: TracedValue) -> int:
        """Where the channels of what a function gives are, as far as its sizes tell."""
        rank = len(output.sizes)
        x = next((value for value in call.inputs if value in self.axes), None)
        if x is None or rank == 0:
            return max(rank - 1, 0)
        axis, before, after = self.axes[x], x.sizes, output.sizes
        behind = len(before) - axis
        if len(before) == rank or before[: axis + 1] == after[: axis + 1]:
            return axis
        if behind <= rank and before[axis:] == after[rank - behind :]:
            return rank - behind
        return rank - 1


def _kind(value: TracedValue, call: FunctionCall | None) -> TensorKind:
    """As what a tensor is counted that a recorded call reads."""
    if value.kind == BUFFER:
        return "buffer"
    if len(value.sizes) == 1 and "bias" in value.name.rpartition(".")[2]:
        return "bias"
    return "weight" if call and call.flops and len(value.sizes) > 1 else "table"
