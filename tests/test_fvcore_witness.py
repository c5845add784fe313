"""Convolutions without their arithmetic: fvcore counts what it counts with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch

from archcalc.costs import layers
from archcalc.graph import Graph
from archcalc.ops.conv import Conv
from archcalc.sizes import Shape
from archcalc.torch_module import Stage, build
from archcalc.witnesses import fvcore
from archcalc.witnesses._shapes_only import shapes_only

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # as the witness does
    from fvcore.nn import FlopCountAnalysis

CASES: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "conv1d": (torch.conv1d, (1, 4, 15), (6, 4, 3), {"stride": 2}),
    "conv2d": (torch.conv2d, (1, 4, 15, 17), (6, 4, 3, 5), {"padding": (1, 2)}),
    "conv2d, by its defaults": (torch.conv2d, (1, 4, 15, 17), (6, 4, 3, 5), {}),
    "conv2d, grouped": (torch.conv2d, (1, 4, 15, 17), (6, 2, 3, 3), {"groups": 2, "dilation": 2}),
    "conv3d": (torch.conv3d, (1, 4, 7, 8, 9), (6, 4, 3, 3, 3), {"stride": (1, 2, 1)}),
    "conv_transpose1d": (torch.conv_transpose1d, (1, 4, 15), (4, 6, 3), {"stride": 2}),
    "conv_transpose2d": (
        torch.conv_transpose2d,
        (1, 4, 15, 17),
        (4, 3, 3, 3),
        {"stride": 2, "output_padding": 1, "groups": 2},
    ),
    "conv_transpose3d": (torch.conv_transpose3d, (1, 4, 7, 8, 9), (4, 6, 3, 3, 3), {"dilation": 2}),
}


class Convolution(torch.nn.Module):
    """One of torch's functions as a module, which notes the shape it gives."""

    def __init__(
        self, function: Callable[..., Any], weight: tuple[int, ...], options: dict[str, Any]
    ) -> None:
        super().__init__()
        self.function = function
        self.weight = torch.nn.Parameter(torch.zeros(weight))
        self.options = options
        self.given = ""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.function(x, self.weight, **self.options)
        self.given = "x".join(str(int(size)) for size in result.shape)
        return result


@pytest.mark.parametrize(("function", "input", "weight", "options"), CASES.values(), ids=CASES)
def test_fvcore_counts_the_same_without_the_arithmetic(
    function: Callable[..., Any], input: tuple[int, ...], weight: tuple[int, ...], options: dict[str, Any]
) -> None:
    counted = []
    for mode in (nullcontext(), shapes_only()):
        model = Convolution(function, weight, options)
        analysis = FlopCountAnalysis(model, torch.zeros(input)).tracer_warnings("none")
        with torch.no_grad(), mode, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fvcore uses what newer releases of torch call deprecated
            counted.append((analysis.total(), model.given))
    assert counted[0][0] > 0
    assert counted[0] == counted[1]


def test_no_product_is_computed() -> None:
    x, weight = torch.zeros(1, 2, 9, 9), torch.zeros(4, 2, 3, 3)
    # 7e12 multiply-adds; expanded, the weight of 360 GB takes no memory.
    wide, deep = x[:, :1].expand(1, 100_000, 9, 9), weight[:1, :1].expand(100_000, 100_000, 3, 3)
    with shapes_only():
        assert torch.conv2d(wide, deep, padding=1).shape == (1, 100_000, 9, 9)


def test_a_layer_that_was_wired_past_is_not_counted() -> None:
    """The built model calls it, but no output is made of what it gives: the shapes would not show it."""
    graph = Graph({"x": Shape((6, 6), 2)})
    graph.add("passed", Conv(kernel=(3, 3), channels=2), "x")
    graph.outputs = (graph.add("last", Conv(kernel=(3, 3), channels=2), "passed"),)
    model = build(graph, "meta").eval()
    assert isinstance(model, Stage)
    macs = {node.name: layer.cost.macs for node, layer in zip(graph, layers(graph), strict=True)}
    assert fvcore.measure(graph, model).macs == macs
    first, second = model._calls
    model._calls = [first._replace(done=()), second._replace(takes=("x",))]
    assert fvcore.measure(graph, model).macs == {**macs, "passed": 0}
