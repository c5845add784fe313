"""Whatever a graph's paths and weights are, the torch module has them: shared, interleaved, oddly called."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from archcalc.check.agreement import check_graph
from archcalc.costs import layers
from archcalc.errors import InputError, Refused
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.ops.activations import Relu
from archcalc.ops.conv import Conv
from archcalc.ops.flatten import Flatten
from archcalc.ops.joins import Add, Concat
from archcalc.ops.linear import Linear
from archcalc.ops.norms import BatchNorm
from archcalc.sizes import Shape
from archcalc.sources.paper import load
from archcalc.torch_module import build
from tests._cli import archcalc


def shared() -> Graph:
    """One convolution used at two places, and a batch norm that is not shared."""
    graph = Graph({"x": Shape((8, 8), 4)})
    first = graph.add("one.conv", Conv(kernel=(3, 3), channels=4), "x")
    norm = graph.add("one.norm", BatchNorm(), first)
    again = graph.add("two.conv", Conv(kernel=(3, 3), channels=4), norm, weights_of=first)
    graph.outputs = (graph.add("sum", Add(), again, first),)
    return graph


def test_shared_weights_are_one_module_counted_once() -> None:
    graph = shared()
    model = build(graph)
    assert model.get_submodule("two.conv") is model.get_submodule("one.conv")
    costs = [layer.cost for layer in layers(graph)]
    assert sum(cost.params for cost in costs) == sum(each.numel() for each in model.parameters()) == 148 + 8
    assert sum(cost.macs for cost in costs) == 2 * (9 * 4 * 4 * 64)
    assert check_graph("shared", graph).agrees
    model(torch.randn(2, 4, 8, 8)).sum().backward()


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (Conv(kernel=(3, 3), channels=5), "whose sizes differ: 5 and 4"),
        (Linear(channels=4), "which has others"),
    ],
    ids=["sizes", "tensors"],
)
def test_weights_that_differ_are_not_shared(op: Op, message: str) -> None:
    graph = shared()
    source = graph.add("flat", Flatten(), "x") if isinstance(op, Linear) else "x"
    with pytest.raises(Refused, match=f"cannot share the weights of 'one.conv', {message}"):
        graph.add("three", op, source, weights_of="one.conv")


def test_a_layer_that_needs_fewer_tensors_uses_those() -> None:
    """A convolution without a bias uses the weights of one that has one: the tensor is the same."""
    graph = shared()
    bare = Conv(kernel=(3, 3), channels=4, bias=False)
    graph.outputs = ("sum", graph.add("three", bare, "x", weights_of="one.conv"))
    model = build(graph)
    assert model.get_submodule("three").weight is model.get_submodule("one.conv").weight
    assert sum(layer.cost.params for layer in layers(graph)) == 148 + 8
    assert check_graph("partly shared", graph).agrees


def test_paths_that_interleave() -> None:
    """Nodes of one stage need not be consecutive."""
    graph = Graph({"x": Shape((6, 6), 2)})
    conv = Conv(kernel=(3, 3), channels=2)
    graph.add("a.x", conv, "x")
    graph.add("b.y", conv, "a.x")
    graph.add("a.deep.z", conv, "b.y")
    graph.add("b.w", conv, "a.deep.z")
    graph.outputs = (graph.add("a.deep.sum", Concat(), "a.x", "b.w"), "b.y")
    model = build(graph)
    x = torch.randn(1, 2, 6, 6)
    ax, by, z, w = (model.get_submodule(name) for name in ("a.x", "b.y", "a.deep.z", "b.w"))
    expected = (torch.cat([ax(x), w(z(by(ax(x))))], 1), by(ax(x)))
    torch.testing.assert_close(model(x), expected, rtol=0, atol=0)
    assert check_graph("interleaved", graph).agrees


def test_a_layer_that_nobody_uses_is_run_and_checked() -> None:
    graph = Graph({"x": Shape((6, 6), 2)})
    graph.add("unused", Relu(), "x")
    graph.add("stage.unused", Conv(kernel=(1, 1), channels=3), "x")
    graph.outputs = (graph.add("used", Relu(), "x"),)
    assert build(graph)(torch.ones(1, 2, 6, 6)).shape == (1, 2, 6, 6)
    # fvcore's tracer leaves out what no output needs; the others see it run.
    assert {mismatch.witness for mismatch in check_graph("unused", graph).mismatches} == {"fvcore"}


def test_no_path_leads_through_a_layer(tmp_path: Path) -> None:
    """A block called as a layer would be (`conv3x3`) leaves that layer another name."""
    path = tmp_path / "net.md"
    path.write_text(
        "---\ninput: 8x8x3\n---\n\n```blocks\nconv3x3 = conv 3x3 4\nrow = conv3x3 -> conv 3x3 5 -> conv3x3\n"
        "```\n\n| type |\n|---|\n| row |\n"
    )
    graph = load(str(path)).graph()
    assert list(graph.nodes) == ["row.conv3x3.conv3x3", "row.conv3x3_2", "row.conv3x3_3.conv3x3"]
    assert check_graph("net", graph).agrees
    with pytest.raises(Refused, match=r"'row\.conv3x3_2' is a layer"):
        graph.add("row.conv3x3_2.relu", Relu(), "input")


def test_rows_may_be_called_as_torch_s_modules_call_themselves(tmp_path: Path) -> None:
    names = [name for name in dir(nn.Module()) if not name.startswith("_")] + ["class", "lambda"]
    assert {"half", "type", "forward", "train", "T_destination"} <= set(names)
    blocks = "\n".join(f"{name} = inner {name}\ninner {name} = conv 1x1 2" for name in names)
    rows = "\n".join(f"| {name} |" for name in names)
    path = tmp_path / "names.md"
    path.write_text(f"---\ninput: 4x4x2\n---\n\n```blocks\n{blocks}\n```\n\n| type |\n|---|\n{rows}\n")
    graph = load(str(path)).graph()
    model = build(graph)
    assert model(torch.ones(1, 2, 4, 4)).shape == (1, 2, 4, 4)
    assert isinstance(model.get_submodule("half_.inner_half.conv1x1"), nn.Conv2d)


def test_a_graph_that_calls_a_layer_so_is_refused_by_name() -> None:
    graph = Graph({"x": Shape((4, 4), 2)})
    graph.outputs = (graph.add("half", Relu(), "x"),)
    with pytest.raises(InputError, match="torch has no room for a layer called 'half'"):
        build(graph)


HUGE = 10**30


@pytest.mark.parametrize(
    ("input", "step", "message"),
    [
        ("4x4x2", f"conv 1x1 {HUGE}", "torch cannot build 'row.conv1x1' (conv 1x1 1000000000"),
        (f"4x4x{HUGE}", "relu", "torch cannot make an input of 4x4x1000000000"),
        ("4x4x2", f"max pool 1x1/{HUGE}", "torch cannot run it at 4x4x2"),
    ],
    ids=["width", "input", "stride"],
)
def test_sizes_beyond_torch_are_refused_by_name(tmp_path: Path, input: str, step: str, message: str) -> None:
    """The calculator counts them exactly; a check says what torch cannot do."""
    path = tmp_path / "huge.md"
    path.write_text(f"---\ninput: {input}\n---\n\n```blocks\nrow = {step}\n```\n\n| type |\n|---|\n| row |\n")
    assert archcalc("table", str(path)).code == 0
    answer = archcalc("check", str(path), "--input", input)
    assert (answer.code, answer.out) == (3, "")
    assert message in answer.err


def test_one_value_enters_a_join_twice() -> None:
    graph = Graph({"x": Shape((4, 4), 2)})
    graph.outputs = (graph.add("both", Concat(), "x", "x"), graph.add("twice", Add(), "x", "x"))
    x = torch.randn(1, 2, 4, 4)
    both, twice = build(graph)(x)
    assert torch.equal(both, torch.cat((x, x), dim=1))
    assert torch.equal(twice, 2 * x)


def test_a_value_enters_a_stage_after_its_first_layer() -> None:
    graph = Graph({"x": Shape((4, 4), 2), "y": Shape((4, 4), 2)})
    graph.add("stage.relu", Relu(), "x")
    graph.outputs = (graph.add("stage.sum", Add(), "stage.relu", "y"),)
    x, y = torch.randn(1, 2, 4, 4), torch.randn(1, 2, 4, 4)
    assert torch.equal(build(graph)(x, y), x.relu() + y)
