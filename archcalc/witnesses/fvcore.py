"""fvcore's FlopCountAnalysis. It counts a multiply-add as one "flop" and adds normalisation and pooling to
its total, so only its products are compared.

Its tracer fails on meta and fake tensors where it asks them for their content or for a convolution's
arithmetic: `shapes_only` answers in their place.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from archcalc.graph import Graph
from archcalc.sizes import Shape
from archcalc.torch_module import sample
from archcalc.witnesses import Measured, attempt, with_heads
from archcalc.witnesses._shapes_only import shapes_only

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fvcore uses parts of torch that newer releases call deprecated
    from fvcore.nn import FlopCountAnalysis

COUNTS = "fvcore's FlopCountAnalysis: its counts of convolutions, linear layers and matrix products"
PRODUCTS = frozenset({"conv", "linear", "matmul", "addmm", "bmm", "einsum"})


def measure(graph: Graph, model: nn.Module) -> Measured:
    """Trace the model's layers once and read their products."""
    if _leads_nowhere(graph):  # a trace of the whole leaves out what no output needs, and is asked for that
        names = {node.name: node.name for node in graph if not node.weights_of}
        inputs = tuple(sample(shape, device="meta") for shape in graph.inputs.values())
        analysis = FlopCountAnalysis(model, inputs)
    else:
        layers = _Layers(graph, model)
        names, analysis = layers.layer_of, FlopCountAnalysis(layers, layers.samples())
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
    with (
        attempt() as run,
        torch.no_grad(),
        with_heads(graph, model),
        shapes_only(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        counts = analysis.by_module_and_operator()
        skipped = sorted(analysis.unsupported_ops())
    if run.stopped:
        return Measured(stopped=run.stopped)
    macs = {name: _products(counts[layer]) for name, layer in names.items()}
    others = sorted({kind for count in counts.values() for kind in count} - PRODUCTS)
    passed_over = ", ".join([*others, *(name.removeprefix("aten::").rstrip("_") for name in skipped)])
    return Measured(macs=macs, skipped=f"not compared: {passed_over}" if passed_over else "")


def _leads_nowhere(graph: Graph) -> bool:
    """Whether the graph has a node that no other takes and that gives no output."""
    used = {*graph.outputs, *graph.heads.values(), *(name for node in graph for name in node.inputs)}
    return any(node.name not in used for node in graph)


def _products(count: Mapping[str, float]) -> int:
    return int(sum(number for kind, number in count.items() if kind in PRODUCTS))


class _Layers(nn.Module):
    """The layers of a built model that differ, side by side, each at the shapes that enter it.

    A trace costs some milliseconds a layer, and more the deeper the layer is nested; a deep network repeats
    few layers many times. Layers are the same where the operation, the built module as torch prints it, the
    sizes of its tensors and the shapes that enter are.
    """

    def __init__(self, graph: Graph, model: nn.Module) -> None:
        super().__init__()
        self.layer_of: dict[str, str] = {}
        self._shapes: list[tuple[Shape, ...]] = []
        found: dict[Hashable, str] = {}
        for node in graph:
            module, shapes = model.get_submodule(node.name), graph.input_shapes(node)
            sizes = tuple((name, tensor.shape) for name, tensor in module.state_dict().items())
            key = node.op, repr(module), sizes, shapes
            if key not in found:
                found[key] = str(len(found))
                self.add_module(found[key], _Layer(module))
                self._shapes.append(shapes)
            self.layer_of[node.name] = found[key]

    def samples(self) -> tuple[Tensor, ...]:
        """A tensor without content for each shape that enters a layer."""
        return tuple(sample(shape, device="meta") for shapes in self._shapes for shape in shapes)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        waiting = iter(tensors)
        return tuple(
            layer(*islice(waiting, len(shapes)))
            for layer, shapes in zip(self.children(), self._shapes, strict=True)
        )


class _Layer(nn.Module):
    """A layer under a name of its own: one whose weights are shared stands at several places."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *tensors: Tensor) -> object:
        return self.module(*tensors)
