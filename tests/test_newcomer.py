"""What a newcomer adds is one new file: each kind, in a folder of its own outside the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NETWORK = """\
---
input: 32x32x3
uses: squeezed
every conv: relu
---

```blocks
stem = conv {kernel} {width} -> shift 1.5
fire = squeezed {width}
top  = global average pool -> flatten -> linear {width}
```

| type     | kernel | width |
|----------|--------|-------|
| stem     | 3x3/2  | 16    |
| fire (1) |        | 32    |
| top      |        | 10    |
"""

BLOCKS = """\
---
notation: 1
---

A squeeze to a quarter of the input's channels, then two widths side by side.

```blocks
squeezed {n} = conv 1x1 {in/4} -> expand {n}
expand {n} = concat
  | conv 1x1 {n}
  | conv 3x3 {n}
```
"""

OPERATION = '''\
"""Shift: a constant is added to every element."""

from archcalc.ops import Op, operation, real_number


@operation
class Shift(Op):
    name = "shift"

    amount: float = real_number()

    def elementwise(self, x):
        return x.elements

    def forward(self, torch, *tensors):
        return tensors[0] + self.amount
'''

FORMAT = '''\
"""One line a row: its first cell and its params."""

ENDING = ".short"
AUDIENCE = "machines"


def render(report, target):
    first = report.columns_for(AUDIENCE)[0].key
    return "".join(f"{row[first]} {row['params']}\\n" for row in report.rows)
'''

WITNESS = '''\
"""Counts the elements of the tensors a layer holds, and nothing else."""

from archcalc.witnesses import Measured

COUNTS = "the tensors of every layer, again"


def measure(graph, model):
    tensors = {}
    for node in graph:
        state = model.get_submodule(node.name).state_dict()
        tensors[node.name] = {name: tuple(tensor.shape) for name, tensor in state.items()}
    return Measured(tensors=tensors)
'''

FILES = {
    "networks/mine.md": NETWORK,
    "blocks/squeezed.md": BLOCKS,
    "ops/shift.py": OPERATION,
    "report/short.py": FORMAT,
    "witnesses/again.py": WITNESS,
}

# stem 3x3x3x16 + 16; squeeze 16x4 + 4; expand 4x32 + 32 and 9x4x32 + 32; top 64x10 + 10
PARAMS = {"stem": 448, "1": 68 + 160 + 1184, "top": 650}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds one new file of each kind."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def archcalc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: operations are gathered once a process."""
    environment = {**os.environ, "ARCHCALC_PATH": str(folder)}
    command = [sys.executable, "-c", "from archcalc.cli import main; main()", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_network_is_in_the_catalogue(folder: Path) -> None:
    answer = archcalc(folder, "list")
    assert answer.returncode == 0
    assert "mine" in answer.stdout
    assert "googlenet" in answer.stdout


def test_network_block_operation_and_format_work_together(folder: Path) -> None:
    answer = archcalc(folder, "table", "mine", "--format", "short")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "".join(f"{row} {params}\n" for row, params in PARAMS.items())


def test_the_new_operation_is_counted_built_and_checked(folder: Path) -> None:
    answer = archcalc(folder, "check", "mine")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "the tensors of every layer, again" in answer.stdout
    assert f"{sum(PARAMS.values()):,}" in answer.stdout
    layers = archcalc(folder, "table", "mine", "--level", "layer", "--format", "csv").stdout
    assert "stem.shift,shift,16x16x16,16x16x16" in layers


@pytest.mark.parametrize("missing", FILES)
def test_each_file_is_what_brings_it(folder: Path, missing: str) -> None:
    """Without any one of the files something it brought is gone: nothing else knows of it."""
    (folder / missing).unlink()
    table = archcalc(folder, "table", "mine", "--format", "short")
    check = archcalc(folder, "check", "mine")
    assert table.returncode or check.returncode or "again" not in check.stdout
    assert "Traceback" not in table.stderr + check.stderr


def test_a_file_that_cannot_be_imported_is_named(folder: Path) -> None:
    (folder / "ops" / "shift.py").write_text("import nothing_of_that_name\n")
    answer = archcalc(folder, "table", "mine")
    assert answer.returncode == 3
    assert "shift.py:1: cannot be imported: ModuleNotFoundError" in answer.stderr
    assert "Traceback" not in answer.stderr
