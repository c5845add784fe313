"""Faults seeded in attention, and found where they are: see test_seeded_faults.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from archcalc.ops.attention import Attention, WindowAttention
from tests._cli import archcalc
from tests.test_seeded_faults import Fault, of

TABLE = """\
---
input: 10x24x18
---

```blocks
windows = window attention 7x5 3 shift 3x2 relative bias
  | conv 1x1 12
  | conv 1x1 12
  | conv 1x1 {in}
cross = attention 6 kv heads 2
  | linear 24
  | linear 8
  | linear 10
masked = attention 2 causal
  | identity
  | identity
  | linear 6
```

| type   |
|--------|
| KIND   |
"""

Rule = Callable[..., Any]


def unpadded(right: Rule) -> Rule:
    """The work of the map as it is, and not as windows fill it."""
    return lambda op, *x: product_of(x[0].places) * 35 * (x[0].channels + x[2].channels)


def product_of(places: tuple[int, int]) -> int:
    return places[0] * places[1]


def square(right: Rule) -> Rule:
    """The queries' length for that of the keys."""
    return lambda op, *x: right(op, x[0], x[0]._replace(channels=x[1].channels), x[2])


def exchanged(right: Rule) -> Rule:
    """Queries and values exchanged."""
    return lambda op, *x: right(op, *reversed(x))


def half(right: Rule) -> Rule:
    """Half of the pairs, where a mask hides the others."""
    return lambda op, *x: right(op, *x) // 2


def uncropped(right: Rule) -> Rule:
    """What the windows give, padding included."""

    def wrong(op: Any, torch: Any, *tensors: torch.Tensor, **own: torch.Tensor) -> Any:
        pad = torch.nn.functional.pad
        padded = [pad(x, (0, -x.shape[3] % 5, 0, -x.shape[2] % 7)) for x in tensors]
        return right(op, torch, *padded, **own)

    return wrong


FAULTS = {
    "places of the padding forgotten": (
        "windows",
        Fault(WindowAttention, "macs", unpadded, "windows.window_attention7x5", "MACs"),
    ),
    "a window of another size": (
        "windows",
        Fault(WindowAttention, "macs", of(kernel=(7, 7)), "windows.window_attention7x5", "MACs"),
    ),
    "the channels of the queries for those of the values": (
        "windows",
        Fault(WindowAttention, "out", exchanged, "windows.window_attention7x5", "output"),
    ),
    "torch's map that stays padded": (
        "windows",
        Fault(WindowAttention, "forward", uncropped, "windows.window_attention7x5", "output"),
    ),
    "heads that share keys forgotten in the output": (
        "cross",
        Fault(Attention, "out", lambda right: lambda op, *x: x[2], "cross.attention", "output"),
    ),
    "heads that share keys forgotten in the MACs": (
        "cross",
        Fault(
            Attention,
            "macs",
            lambda right: lambda op, *x: x[0].places[0] ** 2 * (x[0].channels + x[2].channels),
            "cross.attention",
            "MACs",
        ),
    ),
    "half of the masked product": (
        "masked",
        Fault(Attention, "macs", half, "masked.attention", "MACs"),
    ),
    "the values' product forgotten": (
        "masked",
        Fault(
            Attention,
            "macs",
            lambda right: lambda op, *x: right(op, x[0], x[1], x[2]._replace(channels=0)),
            "masked.attention",
            "MACs",
        ),
    ),
    "torch's values for the queries": (
        "masked",
        Fault(
            Attention,
            "forward",
            lambda right: lambda op, torch, q, k, v: right(op, torch, q, k, k),
            "masked.attention",
            "output",
        ),
    ),
}


def document(folder: Path, kind: str) -> str:
    path = folder / "table.md"
    size = "10x24x18" if kind == "windows" else "11x18"
    path.write_text(TABLE.replace("KIND", kind).replace("10x24x18", size))
    return str(path)


@pytest.mark.parametrize("kind", ["windows", "cross", "masked"])
def test_without_a_fault_it_agrees(tmp_path: Path, kind: str) -> None:
    answer = archcalc("check", document(tmp_path, kind))
    assert (answer.code, answer.err) == (0, "")
    assert "every layer agrees with every witness" in answer.out


@pytest.mark.parametrize(("kind", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(
    tmp_path: Path, kind: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", document(tmp_path, kind), "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    size = "10x24x18" if kind == "windows" else "11x18"
    first = json.loads(answer.out)["mismatches"][0]
    assert first.startswith(f"table at {size}: {fault.layer}: {fault.what} ")


@pytest.mark.parametrize("sizes", [(13 * 9, 2), (7 * 5, 3), (13 * 9 - 1, 3)], ids=str)
def test_torch_refuses_a_table_of_another_size(
    tmp_path: Path, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch has no module for windows, and so no tensors to compare: it fails where it adds the table."""
    right = WindowAttention.weights

    def wrong(op: WindowAttention, *x: Any) -> Any:
        (table,) = right(op, *x)
        return (table._replace(sizes=sizes),)

    monkeypatch.setattr(WindowAttention, "weights", wrong)
    answer = archcalc("check", document(tmp_path, "windows"))
    assert answer.code == 3
    assert "torch cannot run it at 10x24x18" in answer.err
