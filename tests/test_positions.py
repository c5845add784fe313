"""Learned, sinusoidal and rotary positions are what their papers write."""

from __future__ import annotations

import math

import pytest
import torch

from archcalc.costs import layers, total
from archcalc.errors import Refused
from archcalc.ops.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from archcalc.sizes import Shape
from archcalc.torch_module import build
from tests._arithmetic import arithmetic
from tests.test_operations import graph_of

TOKENS = Shape((6,), 8)


def test_a_table_of_positions_may_be_longer_than_the_input() -> None:
    graph = graph_of(LearnedPositions(positions=9), TOKENS)
    model, x = build(graph), torch.randn(2, 6, 8)
    weight = model.state_dict()["op.weight"]
    assert weight.shape == (9, 8)
    assert torch.equal(model(x), x + weight[:6])
    graph_of(LearnedPositions(positions=6), TOKENS)
    with pytest.raises(Refused, match="there are 5 learned positions for 6 tokens"):
        graph_of(LearnedPositions(positions=5), TOKENS)


@pytest.mark.parametrize("channels", [8, 7])
def test_sinusoids_are_those_of_the_paper(channels: int) -> None:
    """Vaswani et al., 2017, section 3.5, one element at a time; an odd width ends with a sine."""
    model = build(graph_of(SinusoidalPositions(), Shape((6,), channels)))
    result = model(torch.zeros(1, 6, channels))[0]
    for place in range(6):
        for channel in range(channels):
            angle = place / 10000 ** ((channel - channel % 2) / channels)
            expected = math.cos(angle) if channel % 2 else math.sin(angle)
            assert result[place, channel].item() == pytest.approx(expected, abs=1e-6)


def test_sinusoids_are_given_and_not_learned() -> None:
    graph = graph_of(SinusoidalPositions(), TOKENS)
    cost = total(layers(graph))
    assert (cost.params, cost.buffers, cost.elementwise) == (0, 48, 48)
    assert not list(build(graph).parameters())


@pytest.mark.parametrize(("heads", "base"), [(1, 10000.0), (2, 10000.0), (4, 500.0)])
def test_rotary_positions_are_products_of_complex_numbers(heads: int, base: float) -> None:
    """Su et al., 2021, equation 12: pair k of place m times exp(i m theta_k), theta_k = base^(-2k/d)."""
    x = torch.randn(2, 6, 8, dtype=torch.float64)
    result = build(graph_of(RotaryPositions(heads=heads, base=base), TOKENS))(x)
    width = 8 // heads
    theta = torch.tensor([base ** (-2 * k / width) for k in range(width // 2)], dtype=torch.float64)
    angle = torch.arange(6, dtype=torch.float64)[:, None] * theta
    turned = torch.view_as_complex(x.reshape(2, 6, heads, -1, 2)) * torch.polar(
        torch.ones_like(angle), angle
    ).reshape(1, 6, 1, -1)
    assert torch.allclose(result, torch.view_as_real(turned).reshape(2, 6, 8))


def test_a_rotated_product_depends_on_the_distance_alone() -> None:
    query, key = torch.randn(8, dtype=torch.float64), torch.randn(8, dtype=torch.float64)
    rotate = build(graph_of(RotaryPositions(), TOKENS))
    queries, keys = rotate(query.expand(1, 6, 8))[0], rotate(key.expand(1, 6, 8))[0]
    products = queries @ keys.T
    for distance in range(-5, 6):
        diagonal = products.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal))
    assert not torch.allclose(products[0, 0], products[0, 1])


def rotated(x: torch.Tensor, sine: torch.Tensor, cosine: torch.Tensor) -> torch.Tensor:
    """Su et al., 2021, equation 34, written out: x cos + x' sin, where x' has exchanged each pair."""
    first, second = x[:, 0], x[:, 1]
    return torch.stack((first * cosine - second * sine, first * sine + second * cosine), dim=1)


def test_the_work_of_rotary_positions_is_that_of_the_formula() -> None:
    x, angle = torch.randn(24, 2), torch.randn(24)
    (layer,) = layers(graph_of(RotaryPositions(), TOKENS))
    assert layer.cost.elementwise == arithmetic(rotated, x, angle.sin(), angle.cos(), least=24)
