"""What can go wrong, and how it is said.

    ArchcalcError               everything archcalc refuses; `exit_code` is what the command line returns
      UsageError                2: the command was written wrongly
        MissingExtra            2: a part of archcalc that is not installed was asked for
      InputError                3: what was given cannot be used
        UnknownName             3: no network, block or row is called so
        DocumentError           3: a document breaks the notation; knows its place
        OutputError             3: an output cannot be written

Any other exception is a fault of archcalc's own: the command line answers with 70.

Inner code that knows a fact but not where it was written raises `Refused`; whoever knows the place
catches it and raises a `DocumentError`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """Where something was written.

    >>> str(Place("googlenet.md", 31, "inception (3a)", "#3x3 reduce"))
    "googlenet.md:31, row 'inception (3a)', column '#3x3 reduce'"
    """

    file: str
    line: int = 0
    row: str = ""
    column: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}" if self.line else self.file
        if self.row:
            text += f", row '{self.row}'"
        if self.column:
            text += f", column '{self.column}'"
        return text


class Refused(Exception):
    """A fact that stops the work, stated by code that does not know where it was written."""


class ArchcalcError(Exception):
    """The root of everything archcalc refuses; its text is meant for the user."""

    exit_code = 3


class UsageError(ArchcalcError):
    """The command or call was written wrongly."""

    exit_code = 2


class MissingExtra(UsageError):
    """An optional part of archcalc was asked for and is not installed."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {package}, which is not installed; "
            f"install it with: pip install 'archcalc[{extra}]'"
        )


class InputError(ArchcalcError):
    """What was given cannot be used."""


class UnknownName(InputError):
    """No network, block or row is called so."""


class DocumentError(InputError):
    """A document breaks the notation, or describes a network that cannot exist."""

    def __init__(self, place: Place, fact: str) -> None:
        self.place = place
        self.fact = fact
        super().__init__(f"{place}: {fact}")


class OutputError(InputError):
    """An output cannot be written."""


class ClusterError(InputError):
    """A cluster cannot be reached, or cannot finish what it was given."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The clause that ends an 'unknown name' message.

    >>> nearest("convo", ["conv", "linear"])
    "; did you mean 'conv'?"
    >>> nearest("xyz", ["conv", "linear"])
    '; known: conv, linear'
    """
    import difflib  # imported here: it is needed only when something is already wrong

    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if not close:  # names that differ in case or punctuation alone are close too
        folded = {candidate.casefold(): candidate for candidate in names}
        close = [folded[key] for key in difflib.get_close_matches(name.casefold(), folded, n=1)]
    if close:
        return f"; did you mean '{close[0]}'?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"; known: {shown}"
