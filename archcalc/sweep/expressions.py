"""The expressions of --where, --by and --pareto: a small language of its own.

    either     = both { "or" both }
    both       = denial { "and" denial }
    denial     = "not" denial | comparison
    comparison = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
    sum        = product { ( "+" | "-" ) product }
    product    = signed { ( "*" | "/" ) signed }
    signed     = "-" signed | NUMBER | COLUMN | "(" either ")"

A NUMBER is written 1500000, 0.25, 1e6, 1.5G, 7M or 64K (powers of 1000), a COLUMN as the sweep calls it,
spaces and signs included. Whole numbers stay whole; `/` gives a fraction.

>>> from archcalc.recorded.recording import Recorder
>>> columns = {name: Recorder().variable(name, 1, 10**10) for name in ("macs", "3a.#3x3 reduce")}
>>> parse("macs < 1.5G and not 3a.#3x3 reduce >= 96", columns)
((macs < 1500000000) and (not (96 <= 3a.#3x3 reduce)))
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeGuard

from archcalc.errors import UsageError, nearest, quoted
from archcalc.numerals import whole
from archcalc.recorded.operations import OPERATIONS
from archcalc.recorded.recording import Recorded, Term

NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3}))?([KMGT]?)(?![\w.#])", re.ASCII)
SIGN = re.compile(r"<=|>=|==|!=|[-+*/()<>=]")
WORD = re.compile(r"[^\s<>=!()+*/]+")
POWERS = {"": 0, "K": 3, "M": 6, "G": 9, "T": 12}
KEYWORDS = ("and", "or", "not")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
DEEPEST = 100
"""Brackets within brackets: a person needs three."""
LONGEST = 10_000
"""Characters of one expression."""
MOST_DIGITS = 300
"""Digits of a number that is written or computed; floats end a little beyond it."""


def parse(text: str, columns: Mapping[str, Term], what: str = "--where") -> Term:
    """A condition on columns. Raises UsageError with the position of what is wrong."""
    parser = _Parser(text, columns, what)
    value = parser.whole(parser.either)
    if not _is_condition(value):
        raise parser.error("is no condition: compare it with something, such as 'macs < 1.5G'", 0)
    return value


def parse_number(text: str, columns: Mapping[str, Term], what: str) -> Term:
    """A number that is made of columns. Raises UsageError with the position of what is wrong."""
    parser = _Parser(text, columns, what)
    value = parser.whole(parser.sum)
    if _is_condition(value):
        raise parser.error("is a condition, and a number is needed", 0)
    return value


def number(text: str) -> int | Fraction | None:
    """A number as people write it, `1.5G`; None where it is not one, or has more than MOST_DIGITS digits.

    >>> number("1.5G"), number("64"), number("0.25"), number("x")
    (1500000000, 64, Fraction(1, 4), None)
    """
    match = NUMBER.fullmatch(text)
    return _value(match) if match else None


def _value(match: re.Match[str]) -> int | Fraction | None:
    if len(match[1]) > MOST_DIGITS:
        return None
    digits, exponent, letter = match.groups()
    exact = Fraction(digits) * Fraction(10) ** (int(exponent or 0) + POWERS[letter])
    value = exact.numerator if exact.denominator == 1 else exact
    return None if _is_long(value) else value


def _is_long(value: Term) -> bool:
    """Whether a number has more than MOST_DIGITS digits, or a term can have."""
    limits = (value.low, value.high) if isinstance(value, Recorded) else (value,)
    exact = [Fraction(each) for each in limits]
    return any(max(abs(each.numerator), each.denominator) >= 10**MOST_DIGITS for each in exact)


def _is_condition(value: Term) -> TypeGuard[Recorded | bool]:
    return value.is_mask if isinstance(value, Recorded) else isinstance(value, bool)


class _Parser:
    """Reads one expression from left to right; `at` is the position of the next token."""

    def __init__(self, text: str, columns: Mapping[str, Term], what: str) -> None:
        self.text = text
        self.columns = columns
        self.what = what
        self.at = 0
        self.depth = 0
        self.names = sorted(columns, key=len, reverse=True)
        if len(text) > LONGEST:
            raise UsageError(f"{what}: the expression has more than {whole(LONGEST)} characters")

    def whole(self, rule: Callable[[], Term]) -> Term:
        """The whole text, read by a rule."""
        value = rule()
        if self.token() in COMPARISONS:
            raise self.error("compares, and a number is needed")
        if self.token():
            raise self.error(f"is not expected here{nearest(self.token(), KEYWORDS)}")
        return value

    def token(self) -> str:
        """The next token, unread; empty at the end. The longest name of a column wins."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        for name in self.names:
            end = self.at + len(name)
            if self.text.startswith(name, self.at) and not re.match(r"[\w.#]", self.text[end : end + 1]):
                return name
        for pattern in (NUMBER, SIGN, WORD):
            if match := pattern.match(self.text, self.at):
                return match[0]
        return self.text[self.at : self.at + 1]

    def take(self, *tokens: str) -> str:
        """The next token if it is one of these, else nothing."""
        token = self.token()
        if token not in tokens or token in self.columns:
            return ""
        self.at += len(token)
        return token

    def error(self, fact: str, at: int | None = None) -> UsageError:
        """What is wrong with the next token, or with the expression."""
        token = self.text if at is not None else self.token()
        position = (self.at if at is None else at) + 1
        found = quoted(token) if token else "the end"
        return UsageError(f"{self.what} {quoted(self.text)}, position {position}: {found} {fact}")

    def either(self) -> Term:
        value = self.both()
        while self.take("or"):
            value = self.joined(value, self.both(), "or")
        return value

    def both(self) -> Term:
        value = self.denial()
        while self.take("and"):
            value = self.joined(value, self.denial(), "and")
        return value

    def joined(self, left: Term, right: Term, word: str) -> Term:
        if not (_is_condition(left) and _is_condition(right)):
            raise UsageError(
                f"{self.what} {quoted(self.text)}: '{word}' joins two conditions, such as "
                f"'macs < 1G {word} params < 7M'"
            )
        return left | right if word == "or" else left & right

    def denial(self) -> Term:
        if not self.take("not"):
            return self.comparison()
        self.deeper()
        value = self.denial()
        self.depth -= 1
        if not _is_condition(value):
            raise self.error("follows a 'not' of what is no condition")
        return not value if isinstance(value, bool) else ~value

    def comparison(self) -> Term:
        left = self.sum()
        sign = self.take(*COMPARISONS)
        if not sign:
            if self.token() == "=":
                raise self.error("is no comparison; did you mean '=='?")
            return left
        right = self.sum()
        if _is_condition(left) or _is_condition(right):
            raise self.error(f"follows a '{sign}' between what are no numbers")
        if self.token() in COMPARISONS:
            raise self.error("is a second comparison; write 'a < b and b < c'")
        return _compared(left, sign, right)

    def sum(self) -> Term:
        value = self.product()
        while sign := self.take("+", "-"):
            value = self.computed(value, sign, self.product())
        return value

    def product(self) -> Term:
        value = self.signed()
        while sign := self.take("*", "/"):
            value = self.computed(value, sign, self.signed())
        return value

    def computed(self, left: Term, sign: str, right: Term) -> Term:
        if _is_condition(left) or _is_condition(right):
            raise self.error(f"follows a '{sign}' between what are no numbers")
        if sign == "/" and not isinstance(right, Recorded) and right == 0:
            raise self.error("follows a division by 0")
        value = OPERATORS[sign](left, right)
        if _is_long(value):
            raise self.error(f"follows a number of more than {MOST_DIGITS} digits")
        return value

    def signed(self) -> Term:
        if self.take("-"):
            self.deeper()
            value = self.signed()
            self.depth -= 1
            if _is_condition(value):
                raise self.error("follows a '-' before what is no number")
            return -value
        if self.take("("):
            self.deeper()
            value = self.either()
            self.depth -= 1
            if not self.take(")"):
                raise self.error("stands where a ')' is expected")
            return value
        token = self.token()
        if token in self.columns:
            self.at += len(token)
            return self.columns[token]
        if match := NUMBER.match(self.text, self.at):
            written = _value(match)
            if written is None:
                raise self.error(f"is a number of more than {MOST_DIGITS} digits")
            self.at = match.end()
            return written
        if not token or SIGN.fullmatch(token) or token in KEYWORDS:
            raise self.error("stands where a number or a column is expected")
        raise self.error(f"is no column{nearest(token, self.columns)}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"stands more than {DEEPEST} levels deep")


def _quotient(left: Term, right: Term) -> Term:
    if isinstance(left, Recorded) or isinstance(right, Recorded):
        return left / right
    return OPERATIONS["/"].exact(left, right)


OPERATORS: dict[str, Callable[[Term, Term], Term]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
}


def _compared(left: Term, sign: str, right: Term) -> Term:
    if sign == "==":
        return left == right
    if sign == "!=":
        return left != right
    if sign in (">", ">="):
        left, right, sign = right, left, sign.replace(">", "<")
    return left < right if sign == "<" else left <= right
