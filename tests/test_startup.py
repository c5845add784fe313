"""What a command imports: nothing heavy, and no package that is not known to be needed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache

import pytest

from archcalc.sources.paper import load, names

HEAVY = {"torch", "torchvision", "fvcore", "numpy", "pandas", "sympy", "dask", "distributed", "matplotlib"}
"""What takes longer to import than a table takes."""

TYPER = {
    "typer", "click", "shellingham", "annotated_doc",
    "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection",
}  # fmt: skip
"""typer, and what it reads a command's arguments with."""
KNOWN = {"archcalc", *TYPER}
"""All that a command on tables may import once the catalogue's documents have been read."""

COMMANDS = [
    ("table", "googlenet"),
    ("table", "googlenet", "--level", "layer"),
    ("table", "googlenet", "--format", "csv"),
    ("table", "googlenet", "--format", "json"),
    ("table", "googlenet", "--format", "latex"),
    ("table", "googlenet", "--format", "markdown"),
    ("list",),
    ("compare", "naive-vs-v1"),
    ("reconcile", "6.8M", "googlenet"),
]


@pytest.fixture(scope="module", autouse=True)
def documents_were_read() -> Iterator[None]:
    """Keep every document in a cache of this module's own, as a user's does after the first run."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARCHCALC_CACHE", folder)
        for name in names():
            load(name)
        yield


@cache
def imported(*arguments: str) -> frozenset[str]:
    """The top-level packages, Python's own left out, that Python imports for these arguments or tries to."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    lines = (line.split("|") for line in run.stderr.splitlines() if line.startswith("import time:"))
    packages = {fields[2].strip().partition(".")[0] for fields in lines}
    return frozenset(name for name in packages - sys.stdlib_module_names if "sysconfigdata" not in name)


def imported_by(command: tuple[str, ...]) -> frozenset[str]:
    """The packages that an archcalc command imports, beyond those of a Python that does nothing."""
    run = "from archcalc.cli import main; main()"
    return imported("-c", run, *command) - imported("-c", "pass")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_on_tables_imports_nothing_heavy(command: tuple[str, ...]) -> None:
    packages = imported_by(command)
    assert "archcalc" in packages
    assert not packages & HEAVY


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_on_tables_imports_no_package_that_is_not_known_to_be_needed(
    command: tuple[str, ...],
) -> None:
    # A package that is tried and is not installed costs nothing.
    installed = {name for name in imported_by(command) if importlib.util.find_spec(name)}
    assert not installed - KNOWN


def test_the_guard_sees_what_is_imported() -> None:
    assert "numpy" in imported("-c", "import numpy")
