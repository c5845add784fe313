"""The command line: `main` runs it, `commands/` holds one file a command."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from archcalc.cli import console
from archcalc.version import VERSION

COMMANDS = (
    "list",
    "show",
    "new",
    "table",
    "compare",
    "check",
    "audit",
    "explain",
    "formula",
    "reconcile",
    "sweep",
    "report",
)
"""The commands in the order in which the help lists them."""


def command(name: str) -> Callable[..., None]:  # noqa: C901 -- one case a command, and nothing else
    """The function that is a command. It is imported when it is asked for, so that a start loads one."""
    match name:
        case "list":
            from archcalc.cli.commands import list

            return list.command
        case "show":
            from archcalc.cli.commands import show

            return show.command
        case "new":
            from archcalc.cli.commands import new

            return new.command
        case "table":
            from archcalc.cli.commands import table

            return table.command
        case "compare":
            from archcalc.cli.commands import compare

            return compare.command
        case "check":
            from archcalc.cli.commands import check

            return check.command
        case "audit":
            from archcalc.cli.commands import audit

            return audit.command
        case "explain":
            from archcalc.cli.commands import explain

            return explain.command
        case "formula":
            from archcalc.cli.commands import formula

            return formula.command
        case "reconcile":
            from archcalc.cli.commands import reconcile

            return reconcile.command
        case "sweep":
            from archcalc.cli.commands import sweep

            return sweep.command
        case "report":
            from archcalc.cli.commands import report

            return report.command
        case _:
            raise AssertionError(f"no command is called {name}")


class Command(TyperCommand):
    """A command whose help names its arguments and leaves out which Python types they have."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # classes of click, or of typer's own copy
        """Write what the command takes."""
        for kind in ("argument", "option"):
            written = [each for each in self.get_params(ctx) if each.param_type_name == kind]
            records = [record for each in written if (record := each.get_help_record(ctx))]
            if records:
                with formatter.section(f"{kind.capitalize()}s"):
                    formatter.write_dl([(name.partition(" <")[0], said) for name, said in records])


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with the commands of these names."""
    app = typer.Typer(
        name="archcalc",
        help="What does this architecture cost, and is that number true?",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in names:
        app.command(name, cls=Command)(command(name))
    return app


def _version(asked: bool) -> None:
    if asked:
        console.show(f"archcalc {VERSION}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. Where the first word names a command, no other is loaded."""
    # What a start loads stays: looking through it for garbage would take a twentieth of the time.
    gc.disable()  # `answers` ends this when a command begins
    asked = sys.argv[1:2]
    alone = asked and asked[0] in COMMANDS and "_ARCHCALC_COMPLETE" not in os.environ
    console.run(application(asked if alone else COMMANDS))
