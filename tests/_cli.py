"""The command line, run in this process or, as it is installed, in one of its own."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from archcalc.cli import application


class Answer(NamedTuple):
    """What a command gave: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


def archcalc(*arguments: str) -> Answer:
    """Run `archcalc ARGUMENTS`."""
    result = CliRunner().invoke(application(), list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def rows(*arguments: str) -> list[dict[str, str]]:
    """The lines of a command's CSV."""
    answer = archcalc(*arguments, "--format", "csv")
    if answer.code:
        pytest.fail(f"exit {answer.code}: {answer.err}")
    return list(csv.DictReader(io.StringIO(answer.out)))


COMMAND = Path(sys.executable).with_name("archcalc")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}
    told: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run([COMMAND, *arguments], check=False, env=environment, **told)
