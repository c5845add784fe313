"""fvcore's FlopCountAnalysis. It counts a multiply-add as one "flop" and adds normalisation and pooling to
its total, so only its products are compared.

Its tracer fails on meta and fake tensors where it asks them for their content or for a convolution's
arithmetic: `shapes_only` answers in their place.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import torch

from archcalc.graph import Graph
from archcalc.torch_module import sample
from archcalc.witnesses import Measured, attempt, with_heads
from archcalc.witnesses._shapes_only import shapes_only

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fvcore uses parts of torch that newer releases call deprecated
    from fvcore.nn import FlopCountAnalysis

COUNTS = "fvcore's FlopCountAnalysis: its counts of convolutions, linear layers and matrix products"
PRODUCTS = frozenset({"conv", "linear", "matmul", "addmm", "bmm", "einsum"})


def measure(graph: Graph, model: torch.nn.Module) -> Measured:
    """Trace the model once and read its products layer by layer."""
    inputs = tuple(sample(shape, device="meta") for shape in graph.inputs.values())
    analysis = FlopCountAnalysis(model, inputs)
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
    macs = {node.name: _products(counts[node.name]) for node in graph if not node.weights_of}
    others = sorted({kind for count in counts.values() for kind in count} - PRODUCTS)
    passed_over = ", ".join([*others, *(name.removeprefix("aten::").rstrip("_") for name in skipped)])
    return Measured(macs=macs, skipped=f"not compared: {passed_over}" if passed_over else "")


def _products(count: Mapping[str, float]) -> int:
    return int(sum(number for kind, number in count.items() if kind in PRODUCTS))
