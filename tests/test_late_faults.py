"""A fault of a Python file of ARCHCALC_PATH names the file and its line, also where it surfaces later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcalc.ops import operations
from tests._plugins import NETWORK, operation, plugin, said


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHCALC_PATH", str(tmp_path))
    (tmp_path / "net.md").write_text(NETWORK)
    operations.cache_clear()
    yield
    operations.cache_clear()


def module(body: str) -> str:
    """The text of a method whose module's forward pass does this, in line 10 of the file."""
    lines = ("def module(self, torch, x):", "    class M(torch.nn.Module):", "        def forward(self, x):")
    return "\n".join((*lines, f"            {body}", "    return M()"))


LATE = {
    "a module's forward": (module("return {}['x']"), "check", "10: 'forward' fails: KeyError: 'x'"),
    "an exit": (module("raise SystemExit(0)"), "check", "10: 'forward' fails: SystemExit: 0"),
    "a refusal": (module("raise RuntimeError('so')"), "check", "10: 'forward' fails: RuntimeError: so"),
    "a module's answer": (
        module("return 'x'"),
        "check",
        ": operation 'odd': its module gives a str, not an activation",
    ),
    "a tensor's name": (
        "def weights(self, x):\n    return [Tensor('forward', (3,), 'weight')]",
        "check",
        "attribute 'forward' already exists",
    ),
    "a fact": (
        "def requirements(self, x):\n    return [Requirement(9, '<=', x.channels, lambda: 1 / 0)]",
        "table",
        "8: operation 'odd': the fact of a Requirement fails: ZeroDivisionError: division by zero",
    ),
    "a fact of no size": (
        "def requirements(self, x):\n    return [Requirement(9, '<=', x.channels, '{width}')]",
        "table",
        ": operation 'odd': the fact of a Requirement fails: KeyError: 'width'",
    ),
    "a fact of arrays": (
        "def requirements(self, x):\n    return [Requirement(9, '<=', x.elements, lambda: 1 / 0)]",
        "sweep --vary input=1:16",
        "8: operation 'odd': the fact of a Requirement fails: ZeroDivisionError: division by zero",
    ),
    "a branch on symbols": (
        "def macs(self, x):\n    return 5 if x.channels > 2 * x.places[0] else 6",
        "formula --input HxWxC",
        "8: operation 'odd': 'macs' fails: TypeError: cannot determine truth value of Relational",
    ),
    "an attribute": (
        "plain = property(lambda self: 1 / 0)",
        "table",
        "7: '<lambda>' fails: ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("case", LATE)
def test_what_surfaces_later(case: str, tmp_path: Path) -> None:
    """A fault names the file, and the line where one of its lines was running."""
    text, command, fact = LATE[case]
    path = plugin(tmp_path, "ops", operation(text))
    name, *options = command.split()
    told = said(name, "net.md", *options)
    assert str(path) in told
    assert fact in told, told
    assert "archcalc itself" not in told


def test_lines_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plugin(tmp_path, "ops", operation("def macs(self, x):\n    y = 5\n    return y / 0"))
    assert said("table", "net.md").startswith(f"{path}:9: operation 'odd': 'macs' fails: ZeroDivisionError")
    operations.cache_clear()
    folder = tmp_path / "again"
    (folder / "ops").mkdir(parents=True)
    other = folder / "ops" / "odd.py"
    other.write_text(operation("def macs(self, x):\n    return 0.5"))
    monkeypatch.setenv("ARCHCALC_PATH", str(folder))
    assert said("table", "net.md").startswith(f"{other}:7: operation 'odd': 'macs' gives a float")


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("ops", "x = 1\n\n1 / 0\n", 3),
        ("report", "def f(:\n", 1),
        ("witnesses", "import os\nimport nowhere_\n", 2),
    ],
)
def test_lines_of_an_import(kind: str, text: str, line: int, tmp_path: Path) -> None:
    path = plugin(tmp_path, kind, text)
    asked = {"report": ("table", "lenet-5", "-f", "odd"), "witnesses": ("check", "lenet-5")}
    assert said(*asked.get(kind, ("table", "lenet-5"))).startswith(f"{path}:{line}: cannot be imported: ")


def test_a_fault_of_unknown_origin_names_the_files_that_were_loaded(tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", operation("def __new__(cls, **fields):\n    return 5"))
    command = Path(sys.executable).with_name("archcalc")
    environment = {**os.environ, "ARCHCALC_PATH": str(tmp_path)}
    done = subprocess.run([command, "table", "net.md"], env=environment, capture_output=True, text=True)
    assert done.returncode == 70
    assert done.stderr.startswith(f"archcalc: a fault in archcalc itself, or in what {path} gave it: Attr")
