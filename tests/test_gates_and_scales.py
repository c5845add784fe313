"""Activations, gates, layer scale and stochastic depth do what torch's and torchvision's own do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.convnext import CNBlock
from torchvision.ops import StochasticDepth as TheirDepth

from archcalc.check.agreement import check_graph
from archcalc.costs import layers, total
from archcalc.errors import Refused
from archcalc.ops import Op
from archcalc.ops.activations import Gelu, Mish, QuickGelu, ReluSquared, Softplus
from archcalc.ops.gated import Geglu, Glu, Reglu, Swiglu
from archcalc.ops.identity import StochasticDepth
from archcalc.ops.scale import LayerScale
from archcalc.sizes import Shape
from archcalc.torch_module import build, sample, shape_of
from tests.test_operations import LAID_OUT, channels_last, graph_of

Function = Callable[[Tensor], Tensor]
ACTIVATIONS: list[tuple[Op, Function]] = [
    (Gelu(), nn.GELU()),
    (Gelu(tanh=True), nn.GELU(approximate="tanh")),
    (QuickGelu(), lambda x: x / (1 + torch.exp(-1.702 * x))),
    (Softplus(), lambda x: torch.log1p(torch.exp(x))),
    (Mish(), lambda x: x * torch.tanh(torch.log1p(torch.exp(x)))),
    (ReluSquared(), lambda x: torch.where(x > 0, x * x, 0.0)),
]
GATES: list[tuple[Op, Function]] = [
    (Glu(), nn.Sigmoid()),
    (Geglu(), nn.GELU()),
    (Swiglu(), nn.SiLU()),
    (Reglu(), nn.ReLU()),
]


@LAID_OUT
@pytest.mark.parametrize(("op", "theirs"), ACTIVATIONS, ids=[str(op) for op, _ in ACTIVATIONS])
def test_an_activation_is_its_formula(op: Op, theirs: Function, places: tuple[int, ...]) -> None:
    graph = graph_of(op, Shape(places, 6))
    x = sample(Shape(places, 6), batch=2).normal_()
    assert torch.allclose(build(graph)(x), theirs(x), atol=1e-6)
    assert layers(graph)[0].cost.elementwise == x[0].numel()


def test_quick_gelu_is_near_gelu_and_a_tanh_nearer() -> None:
    """Hendrycks & Gimpel, 2016: both forms approximate it, the tanh's to a thousandth."""
    x = torch.linspace(-6, 6, 601)[None]
    quick, tanh = (build(graph_of(op, Shape((), 601)))(x) for op in (QuickGelu(), Gelu(tanh=True)))
    assert 1e-3 < (quick - functional.gelu(x)).abs().max() < 0.03
    assert 1e-5 < (tanh - functional.gelu(x)).abs().max() < 1e-3


@LAID_OUT
@pytest.mark.parametrize(("op", "gate"), GATES, ids=[str(op) for op, _ in GATES])
def test_the_second_half_gates_the_first(op: Op, gate: Function, places: tuple[int, ...]) -> None:
    graph = graph_of(op, Shape(places, 6))
    x = sample(Shape(places, 6), batch=2).normal_()
    result, last = build(graph)(x), channels_last(x)
    assert shape_of(result) == graph.shapes["op"] == Shape(places, 3)
    assert torch.allclose(channels_last(result), last[..., :3] * gate(last[..., 3:]), atol=1e-6)
    assert layers(graph)[0].cost.elementwise == x[0].numel()


def test_glu_is_torch_s() -> None:
    x = torch.randn(2, 5, 6)
    assert torch.allclose(build(graph_of(Glu(), Shape((5,), 6)))(x), functional.glu(x, dim=2))


@pytest.mark.parametrize("op", [gate for gate, _ in GATES], ids=str)
def test_a_gate_takes_halves(op: Op) -> None:
    with pytest.raises(Refused, match=f"'{op.name}' parts its channels into halves, and 7 are not even"):
        graph_of(op, Shape((5,), 7))


@LAID_OUT
@pytest.mark.parametrize("op", [op for op, _ in (*ACTIVATIONS, *GATES)], ids=str)
def test_every_witness_agrees(op: Op, places: tuple[int, ...]) -> None:
    checked = check_graph("op", graph_of(op, Shape(places, 6)))
    assert checked.agrees, checked.mismatches


def test_layer_scale_is_convnext_s() -> None:
    theirs = CNBlock(12, layer_scale=0.5, stochastic_depth_prob=0.0).layer_scale
    graph = graph_of(LayerScale(start=0.5), Shape((4, 6), 12))
    model, x = build(graph), torch.randn(2, 12, 4, 6)
    (own,) = model.state_dict().values()
    assert torch.equal(own, theirs.detach().flatten())
    own.normal_()
    assert torch.equal(model(x), x * own.reshape(theirs.shape))


@LAID_OUT
def test_layer_scale_has_a_factor_a_channel(places: tuple[int, ...]) -> None:
    graph = graph_of(LayerScale(), Shape(places, 6))
    model, x = build(graph), sample(Shape(places, 6), batch=2).normal_()
    (own,) = model.state_dict().values()
    own.normal_()
    assert torch.equal(channels_last(model(x)), channels_last(x) * own)
    assert check_graph("op", graph).agrees


def test_a_table_is_learned_and_no_layer_of_depth() -> None:
    counted = layers(graph_of(LayerScale(), Shape((4, 6), 12)))
    cost = total(counted)
    assert (cost.weights, cost.biases, cost.norms, cost.buffers, cost.params) == (12, 0, 0, 0, 12)
    assert (counted[0].depth, counted[0].weighted) == (0, False)


@LAID_OUT
def test_an_image_is_dropped_as_a_whole(places: tuple[int, ...]) -> None:
    """Each image is nothing, or is divided by what is left, as in torchvision's row mode."""
    model = build(graph_of(StochasticDepth(share=0.25), Shape(places, 6)))
    x = torch.ones(4000, *sample(Shape(places, 6)).shape[1:])
    theirs = TheirDepth(0.25, "row")(x)
    result = model.train()(x)
    for each in (theirs, result):
        rows = each.flatten(1)
        assert torch.equal(rows, rows[:, :1].expand_as(rows))
        assert set(rows[:, 0].tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
        assert 0.2 < (rows[:, 0] == 0).float().mean() < 0.3
    assert torch.equal(model.eval()(x), x)
    assert not model.state_dict()


@LAID_OUT
def test_stochastic_depth_costs_nothing(places: tuple[int, ...]) -> None:
    graph = graph_of(StochasticDepth(share=0.25), Shape(places, 6))
    assert set(layers(graph)[0].cost) == {0}
    assert check_graph("op", graph).agrees


def test_no_more_than_all_is_dropped() -> None:
    with pytest.raises(Refused, match=r"stochastic depth drops a share from 0 to 1, not 1\.5"):
        graph_of(StochasticDepth(share=1.5), Shape((), 6))
