"""Faults seeded into embeddings, tokens and positions: each is found where it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archcalc.ops.embedding import Embedding
from archcalc.ops.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from archcalc.ops.tokens import ClassToken, MeanOfTokens, TakeToken, ToMap, ToTokens, Transpose
from tests._cli import archcalc
from tests.test_seeded_faults import Fault, of

TABLE = """\
---
input: 12
---

```blocks
read  = embedding 50 8 -> learned positions 20 -> sinusoidal positions -> rotary positions heads 2
drawn = to map 3x4 -> to tokens -> class token
last  = transpose -> take token 3
```

| type  |
|-------|
| read  |
| drawn |
| last  |
"""
FAULTS = {
    "an embedding turned": Fault(
        Embedding,
        "forward",
        lambda right: lambda op, torch, x, weight: right(op, torch, x, weight).transpose(1, 2),
        "read.embedding",
        "output",
    ),
    "an embedding of another width": Fault(Embedding, "out", of(channels=16), "read.embedding", "output"),
    "positions for one token": Fault(
        LearnedPositions,
        "forward",
        lambda right: lambda op, torch, x, weight: right(op, torch, x[:, :1], weight),
        "read.learned_positions",
        "output",
    ),
    "sinusoids that are summed": Fault(
        SinusoidalPositions,
        "forward",
        lambda right: lambda op, torch, x, **own: right(op, torch, x, **own).sum(1),
        "read.sinusoidal_positions",
        "output",
    ),
    "one of each pair forgotten": Fault(
        RotaryPositions,
        "forward",
        lambda right: lambda op, torch, x: right(op, torch, x)[..., ::2],
        "read.rotary_positions",
        "output",
    ),
    "a map turned": Fault(
        ToMap, "out", lambda right: lambda op, x: x._replace(places=op.size[::-1]), "drawn.to_map", "output"
    ),
    "tokens that are a map's channels": Fault(
        ToTokens,
        "forward",
        lambda right: lambda op, torch, x: right(op, torch, x).transpose(1, 2),
        "drawn.to_tokens",
        "output",
    ),
    "tokens that stay tokens": Fault(
        Transpose,
        "forward",
        lambda right: lambda op, torch, x: x,
        "last.transpose",
        "output",
    ),
    "a class token that replaces one": Fault(
        ClassToken, "out", lambda right: lambda op, x: x, "drawn.class_token", "output"
    ),
    "a token that stays a sequence": Fault(
        TakeToken, "out", lambda right: lambda op, x: x._replace(places=(1,)), "last.take_token", "output"
    ),
    "a mean over the channels": Fault(
        MeanOfTokens,
        "forward",
        lambda right: lambda op, torch, x: x.mean(dim=2),
        "last.mean_of_tokens",
        "output",
    ),
}


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    """One network that ends with a token, and one that ends with their mean."""
    paths = [tmp_path / "token.md", tmp_path / "mean.md"]
    paths[0].write_text(TABLE)
    paths[1].write_text(TABLE.replace("take token 3", "mean of tokens"))
    return [str(path) for path in paths]


def test_without_a_fault_they_agree(tables: list[str]) -> None:
    for table in tables:
        answer = archcalc("check", table)
        assert (answer.code, answer.err) == (0, "")
        assert "every layer agrees with every witness" in answer.out


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(
    tables: list[str], fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, and the first layer that is named is the one whose rule is wrong."""
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    table = tables[fault.op is MeanOfTokens]
    answer = archcalc("check", table, "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    found = json.loads(answer.out)
    assert found["agrees"] is False
    name = Path(table).stem
    assert found["mismatches"][0].startswith(f"{name} at 12: {fault.layer}: {fault.what} ")
