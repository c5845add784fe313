"""Weights that are used several times: `shared: BLOCK` and `weights of ROW`, as RetinaNet and GPT-2 do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import archcalc
from archcalc.sizes import as_int
from tests._cli import archcalc as command
from tests._cli import rows
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

HEADS = """---
input: 32x32x3
shared: tower
outputs: level (1), level (2), level (3)
---

```blocks
stage = conv 3x3/2 {width} -> relu
tower = conv 3x3 {in} -> relu -> conv 3x3 {in} -> relu -> conv 3x3 9
level = from {at} -> conv 1x1 {width} -> tower
```

| type      | at        | width |
|-----------|-----------|-------|
| stage (1) |           | 8     |
| stage (2) |           | 12    |
| stage (3) |           | 16    |
| level (1) | stage (1) | 10    |
| level (2) | stage (2) | 10    |
| level (3) | stage (3) | 10    |
"""
TIED = """---
input: 12
---

```blocks
embed = embedding 50 {width}
body  = layer norm -> linear {width} -> gelu
head  = linear 50 no bias weights of {tied}
```

| type  | width | tied  |
|-------|-------|-------|
| embed | 16    |       |
| body  | 16    |       |
| head  |       | embed |
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("heads.md").write_text(HEADS)
    Path("tied.md").write_text(TIED)


class Heads(nn.Module):
    """Three levels of a pyramid, and one tower on each (Lin et al., Focal loss, 2017, section 4)."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 8, 12, 16)
        self.stages = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in pairwise(widths))
        self.laterals = nn.ModuleList(nn.Conv2d(width, 10, 1) for width in widths[1:])
        self.tower = nn.Sequential(
            nn.Conv2d(10, 10, 3, padding=1), nn.ReLU(),
            nn.Conv2d(10, 10, 3, padding=1), nn.ReLU(), nn.Conv2d(10, 9, 3, padding=1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        found = []
        for stage, lateral in zip(self.stages, self.laterals, strict=True):
            x = torch.relu(stage(x))
            found.append(self.tower(lateral(x)))
        return tuple(found)


class Tied(nn.Module):
    """Token embedding and output layer with one table (Press and Wolf, 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(50, 16)
        self.norm, self.linear = nn.LayerNorm(16), nn.Linear(16, 16)

    def forward(self, tokens: Tensor) -> Tensor:
        x = nn.functional.gelu(self.linear(self.norm(self.table(tokens))))
        return x @ self.table.weight.T


def test_one_tower_on_three_levels() -> None:
    theirs = drawn(Heads)
    assert isinstance(theirs, Heads)
    assert_counts("heads.md", theirs, macs_of(theirs, image(32)))
    first = [*theirs.stages[0].parameters(), *theirs.stages[1].parameters(), *theirs.stages[2].parameters()]
    tower = list(theirs.tower.parameters())
    lateral = [list(each.parameters()) for each in theirs.laterals]
    given = [*first, *(tensor for own in lateral for tensor in (*own, *tower))]
    mine = loaded("heads.md", [tensor.detach() for tensor in given])
    with torch.no_grad():
        for one, other in zip(mine(image(32)), theirs(image(32)), strict=True):
            assert_same(one, other)


def test_a_table_that_is_an_output_layer_too() -> None:
    theirs = drawn(Tied)
    tokens = torch.randint(0, 50, (2, 12), generator=torch.Generator().manual_seed(3))
    assert_counts("tied.md", theirs, macs_of(theirs, tokens[:1]))
    state = theirs.state_dict()
    order = ("table.weight", "norm.weight", "norm.bias", "linear.weight", "linear.bias", "table.weight")
    mine = loaded("tied.md", [state[name] for name in order])
    with torch.no_grad():
        assert_same(mine(tokens), theirs(tokens))


@pytest.mark.parametrize(("name", "make"), [("heads.md", Heads), ("tied.md", Tied)])
def test_the_built_model_has_each_shared_tensor_once(name: str, make: Callable[[], nn.Module]) -> None:
    model = archcalc.load(name).torch_module()
    assert sum(each.numel() for each in model.parameters()) == sum(e.numel() for e in make().parameters())


@pytest.mark.parametrize("name", ["heads.md", "tied.md"])
def test_the_second_count_of_a_network_is_the_first(name: str) -> None:
    """What a network keeps from its first graph forgets no sharing."""
    net = archcalc.load(name)
    larger = {"heads.md": "64x64x3", "tied.md": "24"}[name]
    first, other, again = net.cost(), net.cost(larger), net.cost()
    assert first == again
    assert first.params == other.params
    assert as_int(first.macs) < as_int(other.macs)


@pytest.mark.parametrize("name", ["heads.md", "tied.md"])
def test_every_question_counts_shared_weights_once(name: str) -> None:
    params = str(archcalc.load(name).cost().params)
    for level in ("row", "branch", "layer"):
        for check in ((), ("--check",)):
            table = rows("table", name, "--level", level, *check)
            assert str(sum(int(row["params"]) for row in table)) == params
            assert {row.get("check", "ok") for row in table} == {"ok"}
    assert {row["params"] for row in rows("check", name)} == {params}
    entering = {"heads.md": ("--input", "HxWx3"), "tied.md": ()}[name]
    formulas = {row["quantity"]: row["formula"] for row in rows("formula", name, *entering)}
    assert formulas["params"] == params
    assert {row["params"] for row in rows("sweep", name, "--vary", "batch=1:3:1")} == {params}


def test_a_derivation_says_whose_weights_a_layer_has() -> None:
    said = [(row["what"], row["derivation"]) for row in rows("explain", "tied.md", "head")]
    assert ("weight", "16 x 50, those of embed.embedding") in said
    assert "weights" not in dict(said)


def test_a_block_within_a_shared_block_is_shared_with_it() -> None:
    nested = HEADS.replace("tower = conv 3x3 {in} -> relu", "tower = inner").replace(
        "level =", "inner = conv 3x3 {in} -> relu\nlevel ="
    )
    Path("nested.md").write_text(nested)
    assert archcalc.load("nested.md").cost() == archcalc.load("heads.md").cost()


def test_every_operation_is_shared_with_what_follows_it() -> None:
    normed = HEADS.replace("shared:", "every conv: no bias -> batch norm\nshared:")
    Path("normed.md").write_text(normed)
    assert command("check", "normed.md").code == 0
    assert len(set(archcalc.load("normed.md").torch_module().parameters())) == 3 * (3 + 3 + 3)
