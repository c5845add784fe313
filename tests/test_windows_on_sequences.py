"""Windows on a sequence: what torch gives for channels before tokens, and causal convolutions."""

from __future__ import annotations

import pytest
import torch

from archcalc.ops import Op, operations
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import AdaptiveAveragePool, AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from archcalc.ops.transposed import TransposedConv
from archcalc.sizes import Shape
from archcalc.torch_module import build, sample, shape_of
from tests.test_operations import graph_of

SEQUENCE = Shape((11,), 6)
LAYERS = [
    (Conv(kernel=(3,), channels=4, stride=(2,), groups=2), torch.nn.Conv1d(6, 4, 3, 2, 1, groups=2)),
    (
        TransposedConv(kernel=(4,), channels=4, stride=(2,), pad=(1,)),
        torch.nn.ConvTranspose1d(6, 4, 4, 2, 1),
    ),
    (MaxPool(kernel=(3,), stride=(2,)), torch.nn.MaxPool1d(3, 2, 1)),
    (AveragePool(kernel=(2,), stride=(2,), valid=True), torch.nn.AvgPool1d(2, 2)),
    (AdaptiveAveragePool(size=(4,)), torch.nn.AdaptiveAvgPool1d(4)),
    (GlobalAveragePool(), torch.nn.AdaptiveAvgPool1d(1)),
    (GlobalMaxPool(), torch.nn.AdaptiveMaxPool1d(1)),
    (operations()["batch norm"](), torch.nn.BatchNorm1d(6)),
]


@pytest.mark.parametrize(("op", "layer"), LAYERS, ids=str)
def test_a_layer_on_a_sequence_is_torch_s_on_the_transposed(op: Op, layer: torch.nn.Module) -> None:
    graph = graph_of(op, SEQUENCE)
    model = build(graph)
    model.load_state_dict({f"op.{name}": value for name, value in layer.state_dict().items()})
    x = sample(SEQUENCE, batch=3).normal_()
    result = model(x)
    assert torch.equal(result, layer(x.transpose(1, 2)).transpose(1, 2))
    assert shape_of(result) == graph.shapes["op"]
    assert type(layer).__name__ == type(model.get_submodule("op")).__name__


@pytest.mark.parametrize("shape", [Shape((7,), 6), Shape((5, 7), 6), Shape((3, 5, 7), 6)], ids=str)
@pytest.mark.parametrize("name", ["average", "max"])
def test_a_global_pooling_leaves_one_place(shape: Shape, name: str) -> None:
    graph = graph_of(GlobalAveragePool() if name == "average" else GlobalMaxPool(), shape)
    x = sample(shape, batch=2).normal_()
    axes = (1,) if x.dim() == 3 else tuple(range(2, x.dim()))
    result = build(graph)(x)
    expected = x.mean(axes, keepdim=True) if name == "average" else x.amax(axes, keepdim=True)
    torch.testing.assert_close(result, expected)
    assert graph.shapes["op"] == Shape((1,) * len(shape.places), 6) == shape_of(result)
    assert graph.applied(graph.nodes["op"]).counts.cost.elementwise == shape.elements


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(2, 1, 1), (2, 1, 4), (3, 2, 2), (1, 1, 1)])
def test_a_causal_convolution_sees_no_later_token(
    kernel: int, stride: int, dilation: int, bias: bool
) -> None:
    op = Conv(
        kernel=(kernel,), channels=4, stride=(stride,), dilation=(dilation,), causal=True, groups=2, bias=bias
    )
    graph = graph_of(op, SEQUENCE)
    model = build(graph)
    x = sample(SEQUENCE, batch=2).normal_()
    result = model(x)
    assert shape_of(result) == graph.shapes["op"] == Shape((-(-11 // stride),), 4)
    layer = torch.nn.Conv1d(6, 4, kernel, stride, 0, dilation, 2, bias)
    layer.load_state_dict({name.removeprefix("op."): value for name, value in model.state_dict().items()})
    behind = torch.cat([torch.zeros(2, dilation * (kernel - 1), 6), x], dim=1)
    torch.testing.assert_close(result, layer(behind.transpose(1, 2)).transpose(1, 2))
    later = x.clone()
    later[:, 5:] += 1
    assert torch.equal(model(later)[:, : -(-5 // stride)], result[:, : -(-5 // stride)])


@pytest.mark.parametrize("tokens", range(1, 40))
def test_the_windows_of_an_adaptive_pooling_of_tokens(tokens: int) -> None:
    """Counted one by one, as torch cuts them; 6 windows of a video's frames are no others."""
    starts = [(i * tokens) // 6 for i in range(6)]
    ends = [-(-((i + 1) * tokens) // 6) for i in range(6)]
    work = sum(end - start for start, end in zip(starts, ends, strict=True))
    assert AdaptiveAveragePool(size=(6,)).elementwise(Shape((tokens,), 5)) == 5 * work
    assert AdaptiveAveragePool(size=(6, 1, 1)).elementwise(Shape((tokens, 2, 3), 5)) == 5 * work * 6
