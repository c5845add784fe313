"""The command line, run in this process."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

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
