"""A recorded run as a graph: what archcalc's own rules say of it, and what they leave as it was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archcalc.costs import by_row, layers, total
from archcalc.errors import Refused
from archcalc.graph import Graph
from archcalc.models.graph import ModelGraph, at, graph_of
from archcalc.models.inputs import given_inputs
from archcalc.models.lift import LIFTS, lifted
from archcalc.models.lift._lifted import Lifted
from archcalc.models.recorder import FunctionCall
from archcalc.models.trace import traced
from archcalc.ops.conv import Conv
from archcalc.sizes import Shape


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.relu(self.conv(self.relu(x)) + x)
        return result


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 7, stride=2, padding=3, bias=False)
        self.block = Block()
        self.head = nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(self.stem(x), 3, 2, ceil_mode=True)
        x = self.block(x).mean((2, 3))
        result: Tensor = self.head(x) * 2
        return result


def of(model: nn.Module, text: str) -> ModelGraph:
    return graph_of(traced(model, given_inputs(text, model)).record)


def test_nodes_are_called_as_their_modules_and_stand_in_their_rows() -> None:
    found = of(Small(), "32x32x3")
    assert {node.name: (node.row, str(node.op)) for node in found.graph} == {
        "stem": ("stem", "conv 7x7/2 4 no bias"),
        "max_pool2d": ("stem", "max pool 3x3/2 valid ceil"),
        "block.relu": ("block", "relu"),
        "block.conv": ("block", "conv 3x3 4"),
        "block.add": ("block", "add"),
        "block.relu_2": ("block", "relu"),
        "mean": ("block", "global average pool"),
        "flatten": ("block", "flatten"),
        "head": ("head", "linear 10"),
        "mul": ("head", "scale 2.0"),
    }
    assert [section.name for section in by_row(layers(found.graph))] == ["stem", "block", "head"]
    assert found.graph.outputs == ("mul",)
    assert found.graph.nodes["block.add"].inputs == ("block.conv", "block.relu")


class Shares(nn.Module):
    """One layer twice, an embedding that is its own classifier, and a layer that is never called."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.layer = nn.Linear(8, 8)
        self.spare = nn.Linear(8, 3)
        self.out = nn.Linear(8, 50, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.out(self.layer(self.layer(self.embed(x))))
        return result


def test_shared_parameters_count_once_and_unused_ones_are_named() -> None:
    found = of(Shares(), "12")
    assert {node.name: node.weights_of for node in found.graph} == {
        "embed": "",
        "layer": "",
        "layer_2": "layer",
        "out": "embed",
    }
    cost = total(layers(found.graph))
    assert (cost.params, cost.macs) == (50 * 8 + 8 * 8 + 8, 12 * (8 * 8 * 2 + 8 * 50))
    assert found.unused == {"spare.weight": 24, "spare.bias": 3}


class Does(nn.Module):
    def __init__(self, run: Callable[..., Tensor], **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def test_what_has_no_rule_says_why_and_holds_at_its_own_sizes_alone() -> None:
    found = of(Does(lambda m, x: torch.fft.rfft(x).real), "10x16")
    assert found.unlifted["fft_rfft"] == "no operation of archcalc is this function"
    node = found.graph.nodes["fft_rfft"]
    other = Graph({"input": Shape((11,), 16)})
    with pytest.raises(
        Refused, match="'fft_rfft' was recorded for 10x16: what it does at other sizes is not known"
    ):
        other.append(node)


GENERAL: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "permute": (lambda x: x.permute(0, 2, 1), "10x14"),
    "transpose": (lambda x: x.transpose(-1, -2), "10x14"),
    "view": (lambda x: x.view(1, -1, 7, 2), "10x7x2"),
    "flatten": (lambda x: x[:, None].flatten(1, 2), "10x14"),
    "getitem": (lambda x: x[:, 0], "14"),
    "chunk": (lambda x: x.chunk(2, 2)[1], "10x7"),
    "unbind": (lambda x: x.reshape(1, -1, 2, 7).unbind(2)[0], "10x7"),
    "roll": (lambda x: x.roll(1, 1), "10x14"),
    "pad": (lambda x: functional.pad(x, (0, 0, 1, 2)), "13x14"),
    "repeat": (lambda x: x.repeat(1, 3, 1), "30x14"),
    "mean": (lambda x: x.mean(-1, keepdim=True), "10x1"),
    "matmul": (lambda x: x @ x.mT, "10x10"),
    "einsum": (lambda x: torch.einsum("bic,bjc->bij", x, x), "10x10"),
    "stretched": (lambda x: x - x.mean(1, keepdim=True), "10x14"),
    "stack": (lambda x: torch.stack([x, x], 1), "2x10x14"),
    "cat": (lambda x: torch.cat([x, x, x[:, :1]], 1), "21x14"),
    "attention": (lambda x: functional.scaled_dot_product_attention(x, x, x), "10x14"),
    "exp": (lambda x: x.exp(), "10x14"),
}


@pytest.mark.parametrize("name", GENERAL)
def test_a_function_of_tensors_has_a_rule_that_holds_at_other_sizes(name: str) -> None:
    run, output = GENERAL[name]
    model = Does(lambda m, x: run(x))
    found, other = of(model, "10x14"), of(model, "16x14")
    assert found.unlifted == {}
    assert str(found.graph.shapes[found.graph.outputs[-1]]) == output
    mine = at(found.graph, {"input": Shape((16,), 14)})
    assert mine.shapes == other.graph.shapes
    assert [layer.cost for layer in layers(mine)] == [layer.cost for layer in layers(other.graph)]


def test_windows_remain_windows_and_heads_remain_heads() -> None:
    def run(model: Any, x: Tensor) -> Tensor:
        high, wide = x.shape[2] // 4, x.shape[3] // 4
        windows = x.permute(0, 2, 3, 1).reshape(1, high, 4, wide, 4, 6).permute(0, 1, 3, 2, 4, 5)
        return windows.reshape(high * wide, 16, 2, 3)

    found = of(Does(run), "8x12x6")
    assert found.unlifted == {}
    assert str(found.graph.shapes["reshape_2"]) == "6x16x2x3"
    assert str(at(found.graph, {"input": Shape((20, 8), 6)}).shapes["reshape_2"]) == "10x16x2x3"


def test_a_parameter_that_is_a_value_among_others_is_a_node() -> None:
    parts: dict[str, Any] = {"token": nn.Parameter(torch.zeros(1, 1, 8))}
    found = of(Does(lambda m, x: torch.cat([m.token, x], 1), **parts), "9x8")
    assert found.unlifted == {}
    assert found.graph.nodes["token"].inputs == ()
    assert str(found.graph.shapes["cat"]) == "10x8"
    assert total(layers(found.graph)).params == 8


def test_torch_s_attention_is_one_operation() -> None:
    model = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    found = of(model, "10x16")
    assert found.unlifted == {}
    assert total(layers(found.graph)).params == sum(each.numel() for each in model.parameters())


def test_a_computed_weight_is_no_parameter_of_the_layer() -> None:
    model = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
    found = of(model, "8x8x3")
    assert "its weight is computed, not a parameter" in found.unlifted.values()
    assert total(layers(found.graph)).params == sum(each.numel() for each in model.parameters())


def test_parameters_that_are_added_or_multiplied_are_counted() -> None:
    parts: dict[str, Any] = {
        "where": nn.Parameter(torch.zeros(1, 9, 8)),
        "scale": nn.Parameter(torch.ones(8)),
    }
    found = of(Does(lambda m, x: (x + m.where) * m.scale, **parts), "9x8")
    assert [str(node.op) for node in found.graph] == ["learned positions", "layer scale 1e-06"]
    assert total(layers(found.graph)).params == 9 * 8 + 8


def test_channels_are_carried_through_a_permutation() -> None:
    def run(model: Any, x: Tensor) -> Tensor:
        last = model.conv(x).permute(0, 2, 3, 1)
        result: Tensor = model.norm(last).permute(0, 3, 1, 2)
        return result

    found = of(Does(run, conv=nn.Conv2d(3, 8, 3), norm=nn.LayerNorm(8)), "8x10x3")
    assert found.unlifted == {}
    assert [str(shape) for shape in found.graph.shapes.values()] == ["8x10x3"] + ["6x8x8"] * 4


def call(run: Callable[[Tensor], Tensor], x: Tensor) -> FunctionCall:
    model = Does(lambda m, x: run(x))
    text = "x".join(map(str, (*x.shape[2:], x.shape[1]) if x.dim() > 3 else x.shape[1:]))
    return traced(model, given_inputs(text, model)).record.calls[0]


IMAGE = torch.ones(1, 4, 9, 9)
WEIGHT, NARROW = torch.ones(8, 2, 3, 3), torch.ones(8, 1, 3, 3)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({"stride": 2, "padding": 1}, "conv 3x3/2 8 groups 2 no bias"),
        ({"padding": "same"}, "conv 3x3 8 groups 2 no bias"),
        ({"padding": 2, "dilation": 2}, "conv 3x3 dilation 2x2 8 groups 2 no bias"),
        ({"padding": (0, 1)}, "conv 3x3 pad 0x1 8 groups 2 no bias"),
        ({}, "conv 3x3 valid 8 groups 2 no bias"),
    ],
)
def test_a_convolution_s_arguments_become_its_words(named: dict[str, Any], text: str) -> None:
    found = lifted(call(lambda x: functional.conv2d(x, WEIGHT, groups=2, **named), IMAGE))
    assert isinstance(found, Lifted)
    assert str(found.ops[0]) == text


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (lambda x: functional.conv2d(x, NARROW, groups=4), "conv 3x3 valid 8 depthwise no bias"),
        (lambda x: functional.max_pool2d(x, 2), "max pool 2x2/2 valid"),
        (lambda x: functional.max_pool2d(x, (3, 3), 1, 1), "max pool 3x3"),
        (lambda x: functional.avg_pool2d(x, 3, 2, 1, False, False), "average pool 3x3/2 exclude padding"),
        (lambda x: functional.adaptive_avg_pool2d(x, (None, 3)), "adaptive average pool 9x3"),
        (lambda x: functional.adaptive_max_pool2d(x, 1), "global max pool"),
        (lambda x: x.mean([-1, -2], keepdim=True), "global average pool"),
        (lambda x: functional.hardtanh(x, 0, 6), "relu6"),
        (lambda x: functional.gelu(x, approximate="tanh"), "gelu tanh"),
        (lambda x: 0.5 * x, "scale 0.5"),
        (lambda x: torch.cat([x, x], 1), "concat"),
    ],
)
def test_a_function_becomes_an_operation(run: Callable[[Tensor], Tensor], text: str) -> None:
    found = lifted(call(run, IMAGE))
    assert isinstance(found, Lifted)
    assert str(found.ops[0]) == text


@pytest.mark.parametrize(
    "run",
    [
        lambda x: functional.conv2d(x, WEIGHT[:, :1, :2, :2], groups=4, padding="same"),
        lambda x: functional.max_pool2d(x, 2, dilation=2),
        lambda x: functional.avg_pool2d(x, 2, divisor_override=3),
        lambda x: functional.hardtanh(x, -1, 6),
        lambda x: functional.elu(x, 2.0),
        lambda x: torch.add(x, x, alpha=2),
    ],
)
def test_what_an_operation_cannot_say_is_none(run: Callable[[Tensor], Tensor]) -> None:
    model = Does(lambda m, x: run(x))
    calls = traced(model, given_inputs("9x9x4", model)).record.calls
    assert isinstance(lifted(calls[-1]), str)


def test_what_a_rule_gets_wrong_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LIFTS["conv2d"]

    def wrong(call: FunctionCall) -> Lifted | None:
        found = right(call)
        assert found is not None
        return found._replace(ops=(Conv(kernel=(3, 3), channels=4, valid=True),))

    conv = nn.Conv2d(4, 4, 3, groups=2)
    assert of(conv, "9x9x4").unlifted == {}
    monkeypatch.setitem(LIFTS, "conv2d", wrong)
    found = of(conv, "9x9x4")
    assert list(found.unlifted.values()) == ["torch's formula gives 3528 MACs, and its rule 7056"]
    assert total(layers(found.graph)).macs == 3528
