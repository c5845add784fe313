"""Back end 2: a graph -> an ordinary torch module. It walks the graph and knows no operation by name.

The module's submodules are the graph's paths (`inception_3a.branch2.conv3x3`), nested as the table and its
blocks are, and every one can be called, hooked, replaced and exported by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from archcalc.errors import InputError
from archcalc.graph import Graph, Node
from archcalc.ops import Op, Torch, file_of
from archcalc.sizes import Shape, as_int

TORCH = cast(Torch, torch)
"""The package as operations know it."""


class TokensFirst(nn.Module):
    """What a layer of torch becomes on a sequence: the layer takes batch x channels x tokens."""

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = super().forward(x.transpose(1, 2))
        return result.transpose(1, 2)


class Conv1d(TokensFirst, nn.Conv1d):
    """torch's layer on a sequence of batch x tokens x channels."""


class ConvTranspose1d(TokensFirst, nn.ConvTranspose1d):  # type: ignore[misc]  # no output size is given
    """torch's layer on a sequence of batch x tokens x channels."""


class MaxPool1d(TokensFirst, nn.MaxPool1d):
    """torch's layer on a sequence of batch x tokens x channels."""


class AvgPool1d(TokensFirst, nn.AvgPool1d):
    """torch's layer on a sequence of batch x tokens x channels."""


class AdaptiveAvgPool1d(TokensFirst, nn.AdaptiveAvgPool1d):
    """torch's layer on a sequence of batch x tokens x channels."""


class AdaptiveMaxPool1d(TokensFirst, nn.AdaptiveMaxPool1d):
    """torch's layer on a sequence of batch x tokens x channels."""


class BatchNorm1d(TokensFirst, nn.BatchNorm1d):
    """torch's layer on a sequence of batch x tokens x channels."""


ON_SEQUENCES: dict[type[nn.Module], type[nn.Module]] = {
    each.__mro__[2]: each
    for each in (
        Conv1d,
        ConvTranspose1d,
        MaxPool1d,
        AvgPool1d,
        AdaptiveAvgPool1d,
        AdaptiveMaxPool1d,
        BatchNorm1d,
    )
}
"""The layers of torch that look for the channels before the tokens, with those that look behind them."""


class Call(NamedTuple):
    """One call a stage makes: the child's path, the values it takes and gives, those not needed afterwards.

    A call in a side chain is made in training mode only.
    """

    path: tuple[str, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    done: tuple[str, ...]
    head: bool


class Written(nn.Module):
    """An operation that torch has no module for, as a module: it does what the operation's `forward` writes.

    The tensors that the operation names are its parameters, and its buffers where they are not learned.
    """

    def __init__(self, op: Op, inputs: Sequence[Shape]) -> None:
        super().__init__()
        self._op = op
        self._own: list[str] = []
        for tensor in op.weights(*inputs):
            self._own.append(tensor.name)
            values = op.initial(TORCH, tensor)
            if tensor.kind == "buffer":
                self.register_buffer(tensor.name, values)
            else:
                self.register_parameter(tensor.name, nn.Parameter(values))

    def forward(self, *tensors: Tensor) -> Tensor:
        own = {name: getattr(self, name) for name in self._own}
        return self._op.forward(TORCH, *tensors, **own)

    def extra_repr(self) -> str:
        return str(self._op)


class Stage(nn.Module):
    """A network, a row, a branch or a block: modules and the order in which values pass through them."""

    def __init__(self, takes: Sequence[str], gives: Sequence[str], heads: Sequence[str]) -> None:
        super().__init__()
        self._takes = tuple(takes)
        self._gives = tuple(gives)
        self._heads = tuple(heads)
        self._calls: list[Call] = []

    def forward(self, *tensors: Tensor) -> Tensor | tuple[Tensor, ...]:
        values = dict(zip(self._takes, tensors, strict=True))
        for call in self._calls:
            if call.head and not self.training:
                continue
            result = self._inside(call.path)(*(values[name] for name in call.takes))
            values.update(zip(call.gives, (result,) if len(call.gives) == 1 else result, strict=True))
            for name in call.done:
                del values[name]
        gives = (*self._gives, *(self._heads if self.training else ()))
        leaving = tuple(values[name] for name in gives)
        return leaving[0] if len(leaving) == 1 else leaving

    def _inside(self, path: tuple[str, ...]) -> nn.Module:
        # torch's get_submodule, without its search for what is no module: most of a call's time.
        module: nn.Module = self
        for part in path:
            module = cast(nn.Module, module._modules[part])
        return module


def build(graph: Graph, device: str = "cpu") -> nn.Module:
    """The graph as a torch module on a device, initialised as torch initialises its layers.

    It takes a tensor for each input of the graph, in their order (batch x channels x height x width for a
    feature map), and gives the graph's output, or a tuple where there are several; in training mode the side
    chains' outputs follow. Nodes that share weights are one module. Raises InputError where torch refuses a
    layer.
    """
    modules: dict[str, nn.Module] = {}
    with torch.device(device):
        for node in graph:
            modules[node.name] = _sharing(graph, node, modules) if node.weights_of else _module(graph, node)
    builder = _Builder(graph, modules)
    return builder.stage(list(graph), 0, tuple(graph.inputs), graph.outputs, tuple(graph.heads.values()))


def sample(shape: Shape, batch: int = 1, device: str = "cpu") -> Tensor:
    """An uninitialised tensor of that shape, as torch lays it out: batch, channels, places.

    A sequence is laid out as batch, tokens, channels.
    """
    sizes = (*shape.places, shape.channels) if len(shape.places) == 1 else (shape.channels, *shape.places)
    try:
        return torch.empty((batch, *map(as_int, sizes)), device=device)
    except (RuntimeError, OverflowError, TypeError) as error:
        raise InputError(f"torch cannot make an input of {shape}: {_reason(error)}") from error


def shape_of(tensor: Tensor) -> Shape:
    """The shape of a tensor that torch lays out as `sample` does."""
    _, *sizes = tensor.shape
    return Shape((sizes[0],), sizes[1]) if len(sizes) == 2 else Shape(tuple(sizes[1:]), sizes[0])


def _module(graph: Graph, node: Node) -> nn.Module:
    inputs = graph.input_shapes(node)
    try:
        module = node.op.module(TORCH, *inputs)
        if module is None:
            return Written(node.op, inputs)
        if len(inputs[0].places) == 1 and type(module) in ON_SEQUENCES:
            module.__class__ = ON_SEQUENCES[type(module)]
        return module
    except (RuntimeError, ValueError, OverflowError, TypeError, MemoryError, KeyError) as error:
        file = file_of(type(node.op))
        written = f"{node.op} of {file}" if file else str(node.op)
        raise InputError(f"torch cannot build '{node.name}' ({written}): {_reason(error)}") from error


def _sharing(graph: Graph, node: Node, modules: dict[str, nn.Module]) -> nn.Module:
    """The module of the node whose weights this one uses, or one of its own with that module's tensors."""
    lender = graph.nodes[node.weights_of]
    shared = modules[lender.name]
    if node.op == lender.op:
        return shared
    module = _module(graph, node)
    for name, _ in list(module.named_parameters()):
        module.register_parameter(name, shared.get_parameter(name))
    return module


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


class _Builder:
    """Nests the nodes' modules into stages by the parts of their paths."""

    def __init__(self, graph: Graph, modules: dict[str, nn.Module]) -> None:
        self.modules = modules
        self.users: dict[str, set[str]] = {name: set() for name in graph.shapes}
        for node in graph:
            for source in node.inputs:
                self.users[source].add(node.name)
        self.leaving = {*graph.outputs, *graph.heads.values()}

    def stage(
        self,
        nodes: list[Node],
        level: int,
        takes: Sequence[str],
        gives: Sequence[str],
        heads: Sequence[str] = (),
    ) -> Stage:
        """The stage of nodes whose paths agree in their first `level` parts."""
        stage = Stage(takes, gives, heads)
        needed = {*gives, *heads}
        runs = [list(run) for _, run in groupby(nodes, lambda node: (_part(node, level), bool(node.head)))]
        parts = [_part(run[0], level) for run in runs]
        counts = Counter(parts)
        calls: list[Call] = []
        for part, run in zip(parts, runs, strict=True):
            if counts[part] > 1:  # its nodes are not consecutive: they are called one by one
                calls += [self._place(stage, [node], level, _depth(node)) for node in run]
            else:
                calls.append(self._place(stage, run, level, level + 1))
        for call in reversed(calls):  # a value is done after the last call that takes it
            done = tuple(name for name in (*dict.fromkeys((*call.takes, *call.gives)),) if name not in needed)
            needed |= set(call.takes)
            stage._calls.append(call._replace(done=done))
        stage._calls.reverse()
        return stage

    def _place(self, stage: Stage, run: list[Node], level: int, end: int) -> Call:
        """Put the nodes' module into the stage, under the parts `level` to `end` of their path."""
        path = run[0].name.split(".")[level:end]
        parent: nn.Module = stage
        for part in path[:-1]:
            if part not in parent._modules:
                parent.add_module(part, nn.Module())
            parent = parent.get_submodule(part)
        leaf = len(run) == 1 and _depth(run[0]) == end
        inside = dict.fromkeys(node.name for node in run)
        gives = [name for name in inside if leaf or name in self.leaving or self.users[name] - inside.keys()]
        takes = run[0].inputs if leaf else _entering(run)
        child = self.modules[run[0].name] if leaf else self.stage(run, end, takes, gives)
        try:
            parent.add_module(path[-1], child)
        except KeyError as error:
            raise InputError(
                f"torch has no room for a layer called '{run[0].name}': {error.args[0]}"
            ) from error
        # Inside a side chain nothing asks again: whether it is run is the outermost stage's affair.
        head = bool(run[0].head) and level == 0
        return Call(tuple(path), tuple(takes), tuple(gives), (), head)


def _part(node: Node, level: int) -> str:
    return node.name.split(".")[level]


def _depth(node: Node) -> int:
    return node.name.count(".") + 1


def _entering(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The values that nodes take from outside, in order."""
    inside: set[str] = set()
    entering: dict[str, None] = {}
    for node in nodes:
        entering |= dict.fromkeys(source for source in node.inputs if source not in inside)
        inside.add(node.name)
    return tuple(entering)
