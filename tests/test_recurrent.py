"""LSTM and GRU against torch's own modules; what a witness cannot see; faults that are found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import sympy
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archcalc.errors import Refused
from archcalc.graph import Graph
from archcalc.ops import Op
from archcalc.ops.recurrent import Gru, Lstm
from archcalc.sizes import Shape, as_int, product
from archcalc.torch_module import build, sample, shape_of
from tests._cli import archcalc
from tests.test_seeded_faults import Fault, of, transposed, without

TORCH = {Lstm: nn.LSTM, Gru: nn.GRU}
KINDS = [
    kind(units=7, bidirectional=both, bias=bias)
    for kind in (Lstm, Gru)
    for both in (False, True)
    for bias in (True, False)
]


def alone(op: Op, x: Shape) -> Graph:
    graph = Graph({"x": x})
    graph.outputs = (graph.add("op", op, "x"),)
    return graph


@pytest.mark.parametrize("op", KINDS, ids=str)
def test_a_recurrent_layer_is_torch_s_own(op: Lstm | Gru) -> None:
    """The same tensors by the same names give the same, and torch's counter counts the same."""
    torch.manual_seed(0)
    x = Shape((9,), 5)
    theirs = TORCH[type(op)](5, 7, batch_first=True, bidirectional=op.bidirectional, bias=op.bias)
    graph = alone(op, x)
    ours = build(graph).get_submodule("op")
    assert {name: tuple(each.shape) for name, each in theirs.state_dict().items()} == {
        tensor.name: tensor.sizes for tensor in op.weights(x)
    }
    ours.load_state_dict(theirs.state_dict())
    tensor = sample(x, batch=3).normal_()
    result, right = ours(tensor), theirs(tensor)[0]
    assert torch.equal(result, right)
    assert shape_of(result) == graph.shapes["op"]
    with FlopCounterMode(display=False) as counter:
        theirs.to("meta")(sample(x, device="meta"))
    assert 2 * as_int(op.macs(x)) == counter.get_total_flops()


@pytest.mark.parametrize("op", KINDS, ids=str)
def test_it_begins_as_torch_s_own(op: Lstm | Gru) -> None:
    """Every tensor lies between +-1/sqrt(units)."""
    for tensor in build(alone(op, Shape((9,), 5))).get_submodule("op").parameters():
        assert 0 < tensor.abs().max() <= 7**-0.5


def test_the_layers_of_the_medium_language_model() -> None:
    """Zaremba et al. (Recurrent neural network regularization, 2014): two layers of 650, each with
    4n x 2n + 8n params as torch has them.
    """
    x = Shape((35,), 650)
    tensors = Lstm(units=650).weights(x)
    assert sum(as_int(product(tensor.sizes)) for tensor in tensors) == 8 * 650 * 650 + 8 * 650
    assert Lstm(units=650).macs(x) == 35 * 8 * 650 * 650


@pytest.mark.parametrize(
    ("x", "units"), [(Shape((8, 8), 4), 3), (Shape((), 4), 3), (Shape((5,), 4), 0)], ids=str
)
@pytest.mark.parametrize("kind", [Lstm, Gru])
def test_what_a_recurrent_layer_refuses(kind: type[Lstm | Gru], x: Shape, units: int) -> None:
    message = "at least 1 unit, not 0" if units == 0 else rf"takes a sequence \(tokens x channels\).* {x}$"
    with pytest.raises(Refused, match=message):
        alone(kind(units=units), x)


@pytest.mark.parametrize("op", KINDS, ids=str)
def test_the_rules_run_on_arrays_and_symbols(op: Lstm | Gru) -> None:
    sizes = range(1, 20)
    tokens = sympy.symbols("T", integer=True, positive=True)
    for rule in (op.macs, op.elementwise, lambda x: op.out(x).elements):
        numbers = [rule(Shape((size,), 5)) for size in sizes]
        counted: Any = rule(Shape((numpy.array(sizes),), 5))
        assert counted.tolist() == numbers
        formula: Any = rule(Shape((tokens,), 5))
        assert [formula.subs(tokens, size) for size in sizes] == numbers


TABLE = """\
---
input: 9x10
---

```blocks
one   = lstm 6 -> gru 5 no bias
both  = lstm 4 bidirectional no bias -> gru 3 bidirectional
top   = linear 7
```

| type |
|------|
| one  |
| both |
| top  |
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "table.md"
    path.write_text(TABLE)
    return str(path)


def test_a_witness_that_cannot_see_a_layer_says_so(table: str) -> None:
    """fvcore counts nothing of torch's LSTM: it neither contradicts nor agrees."""
    answer = archcalc("check", table)
    assert (answer.code, answer.err) == (0, "")
    assert "every layer agrees with every witness that can see it" in answer.out
    assert "ok: 378 MACs, 4 layers not seen" in answer.out
    assert "not seen: gru, lstm." in " ".join(answer.out.split())
    (row, *_) = json.loads(archcalc("check", table, "--format", "json").out)["rows"]
    assert (row["fvcore_unseen"], row["fvcore_macs"]) == (4, 378)
    assert row["flop_counter_macs"] == row["macs"]
    assert "fvcore: 4 layers not seen" in archcalc("table", table, "--check").out


FAULTS = {
    "a gate forgotten": Fault(
        Lstm, "macs", lambda right: lambda op, x: right(op, x) * 3 // 4, "one.lstm", "MACs"
    ),
    "the state's weights forgotten": Fault(
        Gru, "macs", lambda right: lambda op, x: x.places[0] * 3 * op.units * x.channels, "one.gru", "MACs"
    ),
    "a direction forgotten in MACs": Fault(Lstm, "macs", of(bidirectional=False), "both.lstm", "MACs"),
    "a direction forgotten in the output": Fault(Lstm, "out", of(bidirectional=False), "both.lstm", "output"),
    "the sequence's end for the sequence": Fault(
        Gru, "out", lambda right: lambda op, x: Shape((1,), right(op, x).channels), "one.gru", "output"
    ),
    "torch's layer that gives one direction": Fault(
        Lstm,
        "forward",
        lambda right: lambda op, torch, x, **own: right(op, torch, x, **own)[:, :, :6],
        "both.lstm",
        "output",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(table: str, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", table, "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    first = json.loads(answer.out)["mismatches"][0]
    assert first.startswith(f"table at 9x10: {fault.layer}: {fault.what} ")


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [(Lstm, without("bias_hh_l0")), (Gru, without("weight_hh_l0")), (Lstm, transposed), (Gru, transposed)],
)
def test_torch_refuses_other_tensors(
    table: str, kind: type[Op], wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layer's tensors are those that its rule names, and torch takes no others."""
    monkeypatch.setattr(kind, "weights", wrong(kind.weights))
    answer = archcalc("check", table)
    assert answer.code in (1, 3)
    assert "torch cannot run it" in answer.err or "one." in answer.out
