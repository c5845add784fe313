"""A check that cannot fail proves nothing: faults are seeded, and each is found where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archcalc import applied
from archcalc.ops import Op
from archcalc.ops.conv import Conv
from archcalc.ops.joins import Add, Concat
from archcalc.ops.linear import Linear
from archcalc.ops.norms import BatchNorm
from archcalc.ops.pooling import AveragePool, GlobalAveragePool, MaxPool
from archcalc.sizes import Shape
from tests._cli import archcalc

TABLE = """\
---
input: 24x30x8
every conv: relu
---

```blocks
stem   = conv 3x3/2x1 16 groups 2
pool   = max pool 3x3/2 valid ceil
wide   = conv 3x5 12 dilation 2
mixed  = concat
  | conv 1x1 8
  | conv 1x1 4 -> conv 5x5 8
  | average pool 3x3/1
normed = conv 3x3/2 10 no bias bare -> batch norm -> prelu
deep   = conv 3x3 {2*in} depthwise
summed = add
  | identity
  | conv 1x1 20
top    = global average pool -> flatten -> linear 7
```

| type   |
|--------|
| stem   |
| pool   |
| wide   |
| mixed  |
| normed |
| deep   |
| summed |
| top    |
"""


class Fault(NamedTuple):
    """A rule done wrongly: the operation, its rule, the wrong one made of the right one, who is to blame."""

    op: type[Op]
    rule: str
    wrong: Callable[[Callable[..., Any]], Callable[..., Any]]
    layer: str
    what: str


def of(**changes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The rule, asked of an operation whose fields were changed."""
    return lambda right: lambda op, *x: right(replace(op, **changes), *x)


def undilated(right: Callable[..., Any]) -> Callable[..., Any]:
    """The rule, padded for a dilation that it forgets."""
    return lambda op, *x: right(replace(op, dilation=(1, 1), pad=op.padding), *x)


def square(right: Callable[..., Any]) -> Callable[..., Any]:
    """The rule, with the vertical stride for both."""
    return lambda op, *x: right(replace(op, stride=op.stride[:1] * 2), *x)


def without(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The weights but one."""
    return lambda right: lambda op, *x: tuple(tensor for tensor in right(op, *x) if tensor.name != name)


def transposed(right: Callable[..., Any]) -> Callable[..., Any]:
    """The weights with their last two sizes exchanged."""

    def wrong(op: Op, *x: Any) -> Any:
        weight, *others = right(op, *x)
        sizes = (*weight.sizes[:-2], *weight.sizes[:-3:-1])
        return (weight._replace(sizes=sizes), *others)

    return wrong


FAULTS = {
    "groups forgotten in weights": Fault(Conv, "weights", of(groups=1), "stem.conv3x3", "tensors"),
    "groups forgotten in MACs": Fault(Conv, "macs", of(groups=1), "stem.conv3x3", "MACs"),
    "depthwise forgotten in MACs": Fault(Conv, "macs", of(depthwise=False), "deep.conv3x3", "MACs"),
    "places forgotten in MACs": Fault(
        Conv, "macs", lambda right: lambda op, x: right(op, x._replace(places=(1, 1))), "stem.conv3x3", "MACs"
    ),
    "floor for ceil": Fault(MaxPool, "places", of(ceil=False), "pool.max_pool3x3", "output"),
    "a bias lost": Fault(Conv, "weights", without("bias"), "stem.conv3x3", "tensors"),
    "a linear layer's bias lost": Fault(Linear, "weights", without("bias"), "top.linear", "tensors"),
    "a kernel transposed": Fault(Conv, "weights", transposed, "wide.conv3x5", "tensors"),
    "a linear layer's weights transposed": Fault(Linear, "weights", transposed, "top.linear", "tensors"),
    "stride of one axis for both": Fault(Conv, "places", square, "stem.conv3x3", "output"),
    "dilation forgotten": Fault(Conv, "places", undilated, "wide.conv3x5", "output"),
    "a branch forgotten": Fault(
        Concat, "out", lambda right: lambda op, *x: right(op, *x[:-1]), "mixed.concat", "output"
    ),
    "batch norm's beta lost": Fault(BatchNorm, "weights", without("bias"), "normed.batch_norm", "tensors"),
    "a buffer lost": Fault(BatchNorm, "weights", without("running_var"), "normed.batch_norm", "tensors"),
    "a map that keeps its places": Fault(
        GlobalAveragePool, "out", lambda right: lambda op, x: x, "top.global_average_pool", "output"
    ),
    "torch's convolution padded by nothing": Fault(Conv, "module", of(valid=True), "stem.conv3x3", "output"),
    "torch's convolution of stride 1": Fault(Conv, "module", of(stride=(1, 1)), "stem.conv3x3", "output"),
    "torch's convolution of another dilation": Fault(Conv, "module", undilated, "wide.conv3x5", "output"),
    "torch's convolution without bias": Fault(Conv, "module", of(bias=False), "stem.conv3x3", "tensors"),
    "torch's pooling rounded down": Fault(MaxPool, "module", of(ceil=False), "pool.max_pool3x3", "output"),
    "torch's pooling of stride 2": Fault(
        AveragePool, "module", of(stride=(2, 2)), "mixed.branch3.average_pool3x3", "output"
    ),
    "torch's batch norm without scale": Fault(
        BatchNorm, "module", of(affine=False), "normed.batch_norm", "tensors"
    ),
    "torch's sum as a concatenation": Fault(
        Add, "forward", lambda right: lambda op, torch, *x: torch.cat(x, 1), "summed.add", "output"
    ),
}


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "table.md"
    path.write_text(TABLE)
    return str(path)


def test_without_a_fault_it_agrees(table: str) -> None:
    answer = archcalc("check", table)
    assert (answer.code, answer.err) == (0, "")
    assert "every layer agrees with every witness" in answer.out


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(table: str, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, and the first layer that is named is the first that differs, even where torch breaks off."""
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", table, "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    found = json.loads(answer.out)
    assert found["agrees"] is False
    assert found["mismatches"][0].startswith(f"table at 24x30x8: {fault.layer}: {fault.what} ")


def test_costs_that_forget_what_the_tensors_hold_are_found(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calculator's own sum, not an operation's rule: norms are counted as nothing."""
    right = applied.count

    def wrong(op: Op, inputs: tuple[Shape, ...], output: Shape) -> applied.Counts:
        found = right(op, inputs, output)
        return found._replace(cost=found.cost._replace(norms=0))

    monkeypatch.setattr(applied, "count", wrong)
    answer = archcalc("check", table, "--format", "json")
    assert answer.code == 1
    assert json.loads(answer.out)["mismatches"][0] == (
        "table at 24x30x8: normed.batch_norm: elements computed 21, measured 41 by tensors"
    )


def test_googlenet_with_a_fault_names_the_layer_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing after the first module can run on what its concat says: the concat is what is named first."""
    right = Concat.out
    monkeypatch.setattr(Concat, "out", lambda op, *x: right(op, *x[1:]))
    answer = archcalc("check", "googlenet", "--input", "224x224x3")
    assert (answer.code, answer.err) == (1, "")
    told = [line for line in answer.out.splitlines() if ": output computed" in line]
    first = "inception_3a.concat: output computed 28x28x192, measured 28x28x256 by tensors"
    assert told[0] == f"googlenet at 224x224x3: {first}"


def test_a_table_marks_the_layers_that_differ(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Conv.macs
    monkeypatch.setattr(Conv, "macs", lambda op, x: right(replace(op, groups=1), x))
    answer = archcalc("table", table, "--check", "--level", "layer")
    assert answer.code == 1
    wrong = [line.split()[0] for line in answer.out.splitlines() if "MISMATCH" in line]
    assert wrong == ["stem.conv3x3", "total"]
