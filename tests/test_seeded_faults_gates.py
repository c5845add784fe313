"""Faults seeded into gates, layer scale and stochastic depth: each is found where it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archcalc import applied
from archcalc.ops import Op
from archcalc.ops.activations import Gelu
from archcalc.ops.gated import Gated, Swiglu
from archcalc.ops.identity import StochasticDepth
from archcalc.ops.scale import LayerScale
from archcalc.sizes import Shape
from tests._cli import archcalc
from tests.test_seeded_faults import Fault

TABLE = """\
---
input: 9x8
---

```blocks
mixer = add
  | identity
  | linear 32 -> gelu tanh -> swiglu -> linear 8 -> layer scale 1e-6 -> stochastic depth 0.1
```

| type  |
|-------|
| mixer |
"""
FAULTS = {
    "a gate that keeps its channels": Fault(
        Gated, "out", lambda right: lambda op, x: x, "mixer.branch2.swiglu", "output"
    ),
    "a gate over the tokens": Fault(
        Swiglu,
        "forward",
        lambda right: lambda op, torch, x: right(op, torch, x.transpose(1, 2)).transpose(1, 2),
        "mixer.branch2.swiglu",
        "output",
    ),
    "a layer scale that sums": Fault(
        LayerScale,
        "forward",
        lambda right: lambda op, torch, x, gamma: right(op, torch, x, gamma).sum(dim=2, keepdim=True),
        "mixer.branch2.layer_scale",
        "output",
    ),
    "torch's gelu as another layer": Fault(
        Gelu,
        "module",
        lambda right: lambda op, torch, x: torch.nn.LayerNorm(x.channels),
        "mixer.branch2.gelu",
        "tensors",
    ),
    "images that are laid out as maps": Fault(
        StochasticDepth,
        "module",
        lambda right: lambda op, torch, x: right(op, torch, Shape((x.places[0], 1), x.channels)),
        "mixer.branch2.stochastic_depth",
        "output",
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
    """Exit 1, and the first layer that is named is the one whose rule is wrong."""
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", table, "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    found = json.loads(answer.out)
    assert found["agrees"] is False
    assert found["mismatches"][0].startswith(f"table at 9x8: {fault.layer}: {fault.what} ")


def test_a_table_that_is_not_counted_is_found(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calculator's own sum: learned tables are counted as nothing."""
    right = applied.count

    def wrong(op: Op, inputs: tuple[Shape, ...], output: Shape) -> applied.Counts:
        found = right(op, inputs, output)
        tables = any(tensor.kind == "table" for tensor in found.tensors)
        return found._replace(cost=found.cost._replace(weights=0)) if tables else found

    monkeypatch.setattr(applied, "count", wrong)
    answer = archcalc("check", table, "--format", "json")
    assert answer.code == 1
    assert json.loads(answer.out)["mismatches"][0] == (
        "table at 9x8: mixer.branch2.layer_scale: elements computed 0, measured 8 by tensors"
    )
