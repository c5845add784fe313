"""fvcore's FlopCountAnalysis. It counts a multiply-add as one "flop" and adds normalisation and pooling to
its total, so only its products are compared.

Its tracer fails on meta and fake tensors where it asks them for their content or for a convolution's
arithmetic: `shapes_only` answers in their place.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from archcalc.graph import Graph
from archcalc.torch_module import sample
from archcalc.witnesses import Measured, Passage, attempt, watched, with_heads
from archcalc.witnesses._remembered import Remembered
from archcalc.witnesses._shapes_only import shapes_only

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fvcore uses parts of torch that newer releases call deprecated
    from fvcore.nn import FlopCountAnalysis

COUNTS = "fvcore's FlopCountAnalysis: its counts of convolutions, linear layers and matrix products"
PRODUCTS = frozenset({"conv", "linear", "matmul", "addmm", "bmm", "einsum"})
HIDING = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu", "scaled_dot_product_attention"})
"""Operations of torch with products inside, of which fvcore counts none."""


def measure(graph: Graph, model: nn.Module) -> Measured:
    """Run the model to see what enters its layers, trace each that differs, and read their products."""
    seen = _Seen()
    inputs = [sample(shape, device="meta") for shape in graph.inputs.values()]
    passage = Passage(enters=seen.enters, after=seen.after)
    with (
        attempt() as run,
        torch.no_grad(),
        watched(graph, model, passage),
        with_heads(graph, model),
        Remembered(),
    ):
        seen.leaves(model(*inputs))
    if run.stopped:
        return Measured(stopped=run.stopped)
    layers = _Layers(graph, model, seen.sizes)
    analysis = FlopCountAnalysis(layers, layers.samples())
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
    with attempt() as run, torch.no_grad(), shapes_only(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts = analysis.by_module_and_operator()
        skipped = {name: _kinds(analysis.unsupported_ops(layer)) for name, layer in layers.layer_of.items()}
    if run.stopped:
        return Measured(stopped=run.stopped)
    needed = seen.needed()
    unseen = frozenset(name for name, kinds in skipped.items() if name in needed and kinds & HIDING)
    macs = {
        name: _products(counts[layer]) if name in needed else 0
        for name, layer in layers.layer_of.items()
        if name not in unseen
    }
    others = sorted({kind for count in counts.values() for kind in count} - PRODUCTS)
    unknown = sorted(set().union(*skipped.values()))
    said = {
        "not compared": [*others, *(kind for kind in unknown if kind not in HIDING)],
        "not seen": [kind for kind in unknown if kind in HIDING],
    }
    passed_over = "; ".join(f"{what}: {', '.join(kinds)}" for what, kinds in said.items() if kinds)
    return Measured(macs=macs, unseen=unseen, skipped=passed_over)


def _kinds(unsupported: Iterable[str]) -> set[str]:
    """torch's operations that fvcore does not know, by their plain names."""
    return {name.removeprefix("aten::").rstrip("_") for name in unsupported}


def _products(count: Mapping[str, float]) -> int:
    return int(sum(number for kind, number in count.items() if kind in PRODUCTS))


class _Seen:
    """What a run of the built model shows of its wiring: what enters each layer, and where its result goes.

    fvcore's tracer leaves out what no output needs, and so does `needed`.
    """

    def __init__(self) -> None:
        self.sizes: dict[str, tuple[tuple[int, ...], ...]] = {}
        self._made: dict[int, str] = {}
        self._held: list[Tensor] = []  # while a tensor is held, no other has its id
        self._sources: dict[str, set[str]] = {}
        self._ends: set[str] = set()

    def enters(self, name: str, tensors: tuple[Tensor, ...]) -> None:
        """Note the tensors that enter a layer."""
        self.sizes[name] = tuple(tuple(tensor.shape) for tensor in tensors)
        self._sources[name] = self._makers(tensors)

    def after(self, name: str, result: Tensor) -> None:
        """Note the tensor that a layer gives."""
        self._made[id(result)] = name
        self._held.append(result)

    def leaves(self, outputs: Tensor | tuple[Tensor, ...]) -> None:
        """Note what the model gives."""
        self._ends = self._makers((outputs,) if isinstance(outputs, Tensor) else outputs)

    def needed(self) -> set[str]:
        """The layers whose results the model's outputs are made of."""
        found: set[str] = set()
        waiting = [*self._ends]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._sources[name]
        return found

    def _makers(self, tensors: tuple[Tensor, ...]) -> set[str]:
        return {self._made[id(tensor)] for tensor in tensors if id(tensor) in self._made}


class _Layers(nn.Module):
    """The layers of a built model that differ, side by side, each at the sizes that enter it in a run.

    A trace costs some milliseconds a layer, and more the deeper the layer is nested; a deep network repeats
    few layers many times. Layers are the same where the operation, the built module as torch prints it, the
    sizes of its tensors and the sizes that enter are.
    """

    def __init__(
        self, graph: Graph, model: nn.Module, entering: Mapping[str, tuple[tuple[int, ...], ...]]
    ) -> None:
        super().__init__()
        self.layer_of: dict[str, str] = {}
        self._sizes: list[tuple[tuple[int, ...], ...]] = []
        found: dict[Hashable, str] = {}
        for node in graph:
            if node.name not in entering:
                continue  # the model never called it
            module, entered = model.get_submodule(node.name), entering[node.name]
            sizes = tuple((name, tensor.shape) for name, tensor in module.state_dict().items())
            key = node.op, repr(module), sizes, entered
            if key not in found:
                found[key] = str(len(found))
                self.add_module(found[key], _Layer(module))
                self._sizes.append(entered)
            self.layer_of[node.name] = found[key]

    def samples(self) -> tuple[Tensor, ...]:
        """A tensor without content for each that enters a layer."""
        return tuple(torch.empty(size, device="meta") for entered in self._sizes for size in entered)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        waiting = iter(tensors)
        return tuple(
            layer(*islice(waiting, len(entered)))
            for layer, entered in zip(self.children(), self._sizes, strict=True)
        )


class _Layer(nn.Module):
    """A layer under a name of its own: one whose weights are shared stands at several places."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *tensors: Tensor) -> object:
        return self.module(*tensors)
