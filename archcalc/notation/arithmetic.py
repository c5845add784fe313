"""What braces hold -> a number.

sum      = term { ( " + " | " - " ) term }
term     = INT | [ FACTOR "*" ] COLUMN [ "/" DIVISOR ]    FACTOR, DIVISOR: INT or COLUMN
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from archcalc.errors import DocumentError, Place, Refused, quoted
from archcalc.sizes import Requirement, Size, exact_quotient

WHOLE = re.compile(r"[0-9]{1,100}", re.ASCII)
"""A whole number; its length is bounded so that no product of sizes is too long for Python to write."""
ARITHMETIC = re.compile(r"(?:(.+?)\s*\*\s*)?(.+?)(?:\s*/\s*(.+))?", re.ASCII)
"""What a term in braces can be: [factor *] column [/ divisor]."""
SIGNS = re.compile(r"\s+([+-])\s+")
"""What stands between the terms. A column's name may hold a sign, but not one with spaces around it."""
LARGEST = 10**300
"""The largest product that braces can make, for the same reason."""


class Given(NamedTuple):
    """What a pair of braces stands for: a text or a size, and the cell it was read from, if any."""

    value: str | Size
    place: Place | None = None


class Lookup(Protocol):
    """What braces ask: called with a name it gives what that stands for, or raises Refused.

    `require` takes what their arithmetic needs, and raises Refused where that does not hold.
    """

    def __call__(self, name: str, /) -> Given: ...

    def require(self, requirement: Requirement, /) -> None: ...


class Term(NamedTuple):
    """One part of a sum in braces: [factor *] name [/ divisor], and its sign."""

    sign: str
    factor: str
    name: str
    divisor: str

    @property
    def names(self) -> tuple[str, ...]:
        """What of it must be looked up."""
        words = self.factor, self.name, self.divisor
        return tuple(word for word in words if word and not WHOLE.fullmatch(word))


def terms(inside: str) -> list[Term]:
    """The terms that stand in braces; none where it is no arithmetic.

    >>> [(term.sign, term.factor, term.name, term.divisor) for term in terms("2*width/3 - in")]
    [('+', '2', 'width', '3'), ('-', '', 'in', '')]
    """
    first, *rest = SIGNS.split(inside.strip())
    found = []
    for sign, text in zip(("+", *rest[::2]), (first, *rest[1::2]), strict=True):
        match = ARITHMETIC.fullmatch(text)
        if match is None:
            return []
        found.append(Term(sign, match[1] or "", match[2], match[3] or ""))
    return found


def whole(word: str, lookup: Lookup) -> Size:
    """A whole number: written out, or in braces a column, or a sum of columns, their multiples and parts.

    Raises Refused, or DocumentError where a cell holds something else.
    """
    if not (word.startswith("{") and word.endswith("}")):
        return _whole(Given(word))
    inside = word[1:-1].strip()
    try:
        return _whole(lookup(inside))
    except Refused as refused:
        first = refused
    parts = terms(inside)
    if not parts or (len(parts) == 1 and not (parts[0].factor or parts[0].divisor)):
        raise first
    total, *others = (_term(part, inside, lookup, first) for part in parts)
    for part, value in zip(parts[1:], others, strict=True):
        total = total + value if part.sign == "+" else total - value
    if any(part.sign == "-" for part in parts):
        fact = f"{{{{{inside}}}}} is {{right}}, and a size is no less than 0"
        lookup.require(Requirement(0, "<=", total, fact))
    return total


def _term(term: Term, inside: str, lookup: Lookup, first: Refused) -> Size:
    """One term's size. Raises `first` where its name is unknown."""
    try:
        value = _either(term.name, lookup)
        divisor = _either(term.divisor, lookup) if term.divisor else 1
    except Refused:
        raise first from None
    if term.factor:
        value = _either(term.factor, lookup) * value
    if isinstance(value, int) and value > LARGEST:
        raise Refused(f"{{{inside}}} is a number of more than 300 digits")
    if not term.divisor:
        return value
    fact = f"{{{{{inside}}}}}: {value} cannot be divided by {divisor} without a rest"
    lookup.require(Requirement(1, "<=", divisor, fact))
    lookup.require(Requirement(divisor, "divides", value, fact))
    return exact_quotient(value, divisor)


def _either(word: str, lookup: Lookup) -> Size:
    """A number that is written out, or what a name stands for."""
    return int(word) if WHOLE.fullmatch(word) else _whole(lookup(word))


def _whole(given: Given) -> Size:
    value, place = given
    if not isinstance(value, str):
        return value
    if WHOLE.fullmatch(value):
        return int(value)
    long = " of at most 100 digits" if value.isdecimal() else ""
    fact = f"expected a whole number{long}, found {quoted(value)}"
    raise DocumentError(place, fact) if place else Refused(fact)


def real(word: str, lookup: Lookup) -> Size:
    """A decimal number, written out or in braces a column."""
    given = lookup(word[1:-1].strip()) if word.startswith("{") and word.endswith("}") else Given(word)
    value, place = given
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"[0-9]*\.?[0-9]+(e-?[0-9]+)?", value, re.ASCII):
        return float(value)
    fact = f"expected a number such as 0.4 or 1e-5, found {quoted(value)}"
    raise DocumentError(place, fact) if place else Refused(fact)
