"""Faults seeded into normalisations: each is found where it is.

torch has modules for most of them on a sequence, and archcalc writes some of them itself on a map.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archcalc.ops.norms import GroupNorm, L2Norm, LayerNorm, RmsNorm
from tests._cli import archcalc
from tests.test_seeded_faults import Fault, of, without

TABLE = """\
---
input: {input}
---

```blocks
norms = layer norm -> group norm 4 -> rms norm -> l2 norm scale
```

| type  |
|-------|
| norms |
"""

TOKENS, MAP = "9x8", "12x14x8"
FAULTS: dict[str, tuple[str, Fault]] = {
    "a layer norm's shift lost": (
        TOKENS,
        Fault(LayerNorm, "weights", without("bias"), "norms.layer_norm", "tensors"),
    ),
    "a group norm's scale lost": (
        MAP,
        Fault(GroupNorm, "weights", without("weight"), "norms.group_norm", "tensors"),
    ),
    "an rms norm's scale lost": (
        TOKENS,
        Fault(RmsNorm, "weights", without("weight"), "norms.rms_norm", "tensors"),
    ),
    "a scale for each group": (
        MAP,
        Fault(
            GroupNorm,
            "weights",
            lambda right: lambda op, x: right(op, x._replace(channels=op.groups)),
            "norms.group_norm",
            "tensors",
        ),
    ),
    "torch's group norm without a scale": (
        MAP,
        Fault(GroupNorm, "module", of(affine=False), "norms.group_norm", "tensors"),
    ),
    "torch's layer norm turned": (
        MAP,
        Fault(
            LayerNorm,
            "forward",
            lambda right: lambda op, torch, x, **own: right(op, torch, x, **own).transpose(2, 3),
            "norms.layer_norm",
            "output",
        ),
    ),
    "torch's rms norm turned": (
        MAP,
        Fault(
            RmsNorm,
            "forward",
            lambda right: lambda op, torch, x, weight: right(op, torch, x, weight).movedim(1, -1),
            "norms.rms_norm",
            "output",
        ),
    ),
    "a length that keeps its channels": (
        MAP,
        Fault(
            L2Norm,
            "forward",
            lambda right: lambda op, torch, x, **own: right(op, torch, x, **own).norm(dim=1, keepdim=True),
            "norms.l2_norm",
            "output",
        ),
    ),
}


def table(folder: Path, input: str) -> str:
    path = folder / "table.md"
    path.write_text(TABLE.format(input=input))
    return str(path)


@pytest.mark.parametrize("input", [TOKENS, MAP])
def test_without_a_fault_it_agrees(input: str, tmp_path: Path) -> None:
    answer = archcalc("check", table(tmp_path, input))
    assert (answer.code, answer.err) == (0, "")
    assert "every layer agrees with every witness" in answer.out


@pytest.mark.parametrize(("input", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(
    input: str, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, and the first layer that is named is the one whose rule is wrong."""
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", table(tmp_path, input), "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    found = json.loads(answer.out)
    assert found["agrees"] is False
    assert found["mismatches"][0].startswith(f"table at {input}: {fault.layer}: {fault.what} ")
