"""What can go wrong, and how it is said.

    ArchcalcError               everything archcalc refuses; `exit_code` is what the command line returns
      UsageError                2: the command was written wrongly
        MissingExtra            2: a part of archcalc that is not installed was asked for
      InputError                3: what was given cannot be used
        UnknownName             3: no network, block or row has that name
        DocumentError           3: a document breaks the notation; knows its place
        OutputError             3: an output cannot be written
        PluginError             3: a Python file of ARCHCALC_PATH fails

Any other exception is a fault of archcalc's own: the command line answers with 70.

Inner code that knows a fact but not where it was written raises `Refused`; whoever knows the place
catches it and raises a `DocumentError`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archcalc.numerals import whole

LONGEST_QUOTE = 200
"""How many characters of a user's text a message repeats; the text may be megabytes."""
LONGEST_MESSAGE = 4000
"""How many characters a message has at most, whatever it repeats."""


def shortened(text: str, most: int = LONGEST_QUOTE) -> str:
    """A text cut to about `most` characters; where it is cut, it says how long it was.

    >>> shortened("a" * 5000, most=3)
    'aaa... (5,000 characters)'
    """
    return text if len(text) <= most else f"{text[:most]}... ({whole(len(text))} characters)"


def quoted(text: str) -> str:
    """A user's text in quotation marks, as every message repeats it: cut where it is long.

    >>> quoted("conv 3x3")
    "'conv 3x3'"
    """
    return f"'{shortened(text)}'"


def listed(texts: Iterable[str], between: str = ", ") -> str:
    """Texts one after the other, the first twelve of them where there are more.

    >>> listed(str(number) for number in range(100))
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 88 more'
    """
    every = list(texts)
    return between.join(every[:12]) + (f" and {len(every) - 12} more" if len(every) > 12 else "")


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
        file = shortened(self.file)
        text = f"{file}:{self.line}" if self.line else file
        if self.row:
            text += f", row {quoted(self.row)}"
        if self.column:
            text += f", column {quoted(self.column)}"
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
    """No network, block or row has that name."""


class DocumentError(InputError):
    """A document breaks the notation, or describes a network that cannot exist."""

    def __init__(self, place: Place, fact: str) -> None:
        self.place = place
        self.fact = fact
        super().__init__(f"{place}: {fact}")


class OutputError(InputError):
    """An output cannot be written."""


class PluginError(InputError):
    """A Python file of ARCHCALC_PATH fails, or lacks what its kind needs; the message names it."""


class ClusterError(InputError):
    """A cluster cannot be reached, or cannot finish what it was given."""


SHORTEST_BEGINNING = 3
"""Letters that a name must have to be taken for the beginning of another."""
ALIKE, ALIKE_ANYWHERE = 0.6, 0.72
"""How alike two names must be, as difflib measures it, if they begin alike (dilated, dilation) and if they do
not (densenet121 and resnet152, which are no misspelling of each other, have 0.7)."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The clause that ends an 'unknown name' message.

    >>> nearest("convo", ["conv", "linear"])
    "; did you mean 'conv'?"
    >>> nearest("xyz", ["conv", "linear"])
    '; known: conv, linear'
    """
    names = sorted(set(known))
    close = _closest(name, names)
    if close:
        return f"; did you mean {quoted(close)}?"
    if not names:
        return ""
    return f"; known: {listed(map(shortened, names))}"


def _closest(name: str, names: list[str]) -> str:
    """The name that was probably meant; empty where none is near enough to be said.

    Names that differ in case alone are one; then the shortest that begins so; then the most alike.

    >>> _closest("goog", ["googlenet", "googlenet-naive"]), _closest("densenet121", ["resnet152"])
    ('googlenet', '')
    """
    import difflib  # imported here: it is needed only when something is already wrong

    folded = {candidate.casefold(): candidate for candidate in names}
    asked = name.casefold()
    if asked in folded:
        return folded[asked]
    begun = [each for each in folded if len(asked) >= SHORTEST_BEGINNING and each.startswith(asked)]
    alike = difflib.get_close_matches(asked, folded, n=3, cutoff=ALIKE)
    close = [each for each in alike if _is_near(asked, each)]
    found = min(begun, key=len) if begun else close[0] if close else ""
    return folded.get(found, "")


def _is_near(asked: str, other: str) -> bool:
    """Whether one of two names that are alike may be a misspelling of the other."""
    import difflib

    if sorted(asked) == sorted(other):  # letters that changed places
        return True
    same = next((place for place, (one, its) in enumerate(zip(asked, other, strict=False)) if one != its), 0)
    alike = difflib.SequenceMatcher(None, other, asked).ratio()
    return 2 * same >= max(len(asked), len(other)) or alike >= ALIKE_ANYWHERE
