"""Asking one question of several networks, named or of the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import typer

from archcalc import api, sources
from archcalc.cli.console import complain
from archcalc.errors import InputError

T = TypeVar("T")


def ask(names: Sequence[str], all_networks: bool, question: Callable[[str], T]) -> tuple[list[T], bool]:
    """The answers to a question about each network, and whether one of the catalogue could not be asked.

    A network that was named and cannot answer ends the command. One of the catalogue is named on stderr, and
    the rest goes on.
    """
    answers = [question(each) for name in names for each in sources.names(name)]
    failed = False
    for name in api.networks() if all_networks else []:
        try:
            answers.append(question(name))
        except InputError as error:
            complain(f"{name} is left out: {error}")
            failed = True
    return answers, failed


def conclude(failed: bool, disagrees: bool) -> None:
    """Exit with 3 where a network could not be asked, with 1 where an answer disagrees."""
    if failed or disagrees:
        raise typer.Exit(InputError.exit_code if failed else 1)
