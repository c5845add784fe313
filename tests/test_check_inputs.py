"""At which inputs a network is checked, and what is said of their number."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc.check.agreement import check
from archcalc.sources.paper import load
from tests._cli import archcalc

STRICT = """---
input: {input}
every conv: relu
---

```blocks
down  = conv 3x3 8 valid -> halves
halves = add
  | max pool 2x2/2 valid
  | max pool 2x2/2 valid ceil
up    = flatten -> linear 10
exact = add
  | global average pool
  | average pool {kernel} valid
```

| type |
|------|
{rows}
"""


def network(folder: Path, input: str, rows: str, kernel: str = "3x3") -> str:
    path = folder / "strict.md"
    table = "\n".join(f"| {row} |" for row in rows.split())
    text = STRICT.replace("{input}", input).replace("{rows}", table).replace("{kernel}", kernel)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_larger_inputs_are_looked_for(tmp_path: Path) -> None:
    """Two halvings after 3x3 windows take 4n + 6 places alone: the sum of rounded up and down says so."""
    checks = check(load(network(tmp_path, "34x34x3", "down down up")))
    assert [str(each.input) for each in checks] == ["34x34x3", "38x38x3", "42x42x3"]
    assert all(each.agrees and each.layers for each in checks)


@pytest.mark.parametrize(
    ("input", "inputs"), [("2x2x3", ["2x2x3"]), ("4x4x3", ["4x4x3", "5x5x3"])], ids=["one", "two"]
)
def test_fewer_inputs_are_said(input: str, inputs: list[str], tmp_path: Path) -> None:
    """A window that leaves one place fits one size at a stride of 1, and two at a stride of 2."""
    kernel = "2x2" if len(inputs) == 1 else "4x4/2"
    path = network(tmp_path, input, "exact", kernel)
    checks = check(load(path))
    assert [str(each.input) for each in checks if not each.impossible] == inputs
    answer = archcalc("check", path)
    count = "1 input; 2" if len(inputs) == 1 else "2 inputs; 1"
    fact = f"Check: every layer agrees with every witness, at {count} could not be built"
    assert answer.out.startswith(fact), answer.out
    assert "strict cannot exist at" in answer.out


def test_inputs_of_several_networks_are_counted() -> None:
    answer = archcalc("check", "lenet-5", "lenet-caffe")
    fact = "Check: every layer agrees with every witness, at 6 inputs of 2 networks\n"
    assert answer.out.startswith(fact)


def test_smaller_inputs_are_looked_for_last(tmp_path: Path) -> None:
    """Beyond 5 places the window leaves two, which do not add to one."""
    checks = check(load(network(tmp_path, "5x5x3", "exact", "3x3/3")))
    assert [str(each.input) for each in checks] == ["5x5x3", "4x4x3", "3x3x3"]


def test_vectors_are_checked_at_other_lengths(tmp_path: Path) -> None:
    """Of a sequence of token numbers the input is a vector; more than 20 have no position."""
    text = """---
input: 20
---

```blocks
words = embedding 50 8 -> learned positions {most}
heads = linear {width}
```

| type  | most | width |
|-------|------|-------|
| words | 20   |       |
| heads |      | 4     |
"""
    path = tmp_path / "words.md"
    path.write_text(text, encoding="utf-8")
    assert [str(each.input) for each in check(load(str(path)))] == ["20", "19", "18"]
    path.write_text(text.replace("{most}", "").replace("| 20   |", "|      |"), encoding="utf-8")
    assert [str(each.input) for each in check(load(str(path)))] == ["20", "21", "27"]
