"""What a paper prints beyond the rows of its table -> statements of networks and kinds of operations.

They stand in tables with a column `claims of`: the shares of all 1x1 convolutions, the network's cost at
another input, how many times less it costs than another network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from archcalc.claims import MOST_DIGITS
from archcalc.errors import DocumentError, Refused, nearest, quoted
from archcalc.notation.document import AGAINST, AT, CLAIMS, COSTS, OF, OUTPUT, TOTAL, Cell, Document, Line
from archcalc.sizes.inputs import Inputs, entering, read_inputs

COLUMNS = (OF, AT, AGAINST, "note", *CLAIMS)
MOST = 100
"""Statements of one document: for each the whole network may be counted once more."""


class Statement(NamedTuple):
    """One row of a table of claims.

    `type` is `total` or a kind of operation such as `conv 1x1`; `input` is where it is judged, by default the
    network's own; `against` names the network of which its claims are a multiple, empty where they are not.
    """

    type: str
    line: Line
    claims: Mapping[str, Cell]
    input: Inputs | None = None
    against: str = ""

    @property
    def name(self) -> str:
        """What reports call it: `every conv 1x1`, `total at 192x192x3`, `total against vgg16`."""
        words = [self.type if self.type == TOTAL else f"every {self.type}"]
        words += [f"at {self.input}"] if self.input is not None else []
        words += [f"against {self.against}"] if self.against else []
        return " ".join(words)

    @property
    def title(self) -> str:
        """What people are shown."""
        return self.name


def statements_of(document: Document, own: Inputs | None, rows: Collection[str]) -> tuple[Statement, ...]:
    """The statements of a document whose network takes that input and has rows of those names.

    Raises DocumentError where one says nothing that can be judged, or two have one name.
    """
    found: dict[str, Statement] = {}
    for table in document.claims:
        for column in table.columns:
            if column not in COLUMNS:
                fact = f"a table of claims has no column {quoted(column)}{nearest(column, COLUMNS)}"
                raise DocumentError(table.place, fact)
        for line in table.lines:
            statement = _statement(line, own)
            name = statement.name
            if name in found or name in rows:
                raise DocumentError(line.place, f"a row is called {quoted(name)} already")
            if len(found) == MOST:
                raise DocumentError(line.place, f"a document has at most {MOST} rows of claims")
            found[name] = statement
    return tuple(found.values())


def claims_of(line: Line) -> dict[str, Cell]:
    """The cells that say what the paper found. Raises DocumentError for one that no paper can have."""
    claims = {column: line.cells[column] for column in CLAIMS if column in line.cells}
    for cell in claims.values():
        if len(cell.text) > MOST_DIGITS:
            fact = f"a printed cell has at most {MOST_DIGITS} characters, and {quoted(cell.text)} has more"
            raise DocumentError(cell.place, fact)
    return claims


def _statement(line: Line, own: Inputs | None) -> Statement:
    of = line.cells[OF]
    if not of.text:
        raise DocumentError(of.place, f"expected '{TOTAL}' or a kind of operation such as 'conv 1x1'")
    against = line.cells[AGAINST].text if AGAINST in line.cells else ""
    claims = claims_of(line)
    known = [claim for claim in COSTS if not claim.endswith("share") or (of.text != TOTAL and not against)]
    known += ["depth", OUTPUT] if of.text == TOTAL and not against else []
    for claim, cell in claims.items():
        if cell.text and claim not in known:
            fact = f"{quoted(cell.text)} is given, and such a row claims {', '.join(known)} alone"
            raise DocumentError(cell.place, fact)
    return Statement(of.text, line, claims, _input(line, own), against)


def _input(line: Line, own: Inputs | None) -> Inputs | None:
    """The input at which a row is judged, written as on the command line."""
    cell = line.cells.get(AT)
    if cell is None or not cell.text:
        return None
    try:
        given = read_inputs(cell.text)
        if given is None:
            fact = f"expected an input with sizes of 1 or more, such as 224x224x3, found {quoted(cell.text)}"
            raise DocumentError(cell.place, fact)
        return entering(given, own)
    except Refused as refused:
        raise DocumentError(cell.place, str(refused)) from None
