"""What a paper printed, against what its own table implies: a verdict on one cell.

agrees       within half a unit of the last printed digit, ties included
truncated    equals the value cut at that digit
off by one   within one unit of it
differs      anything else
unread       what is printed is not a number

>>> print(judge("159K", 163_328, thousand=1024).word)       # 159.5K
agrees
>>> print(judge("73M", 73_608_192, thousand=1024).word)     # 73.6M
truncated
>>> judge("380K", 388_096, thousand=1024)
Verdict(printed='380K', word=<Word.OFF_BY_ONE: 'off by one'>, computed='379K')
"""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from archcalc.errors import Refused, quoted
from archcalc.numerals import decimal
from archcalc.sizes import Shape, Size
from archcalc.sizes.written import parse_shape

MOST_DIGITS = 300
"""More than any count has; Python itself reads no more than 4,300."""
UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "B": 3, "T": 4}
"""Powers of a thousand."""


class Word(StrEnum):
    """What can be said of a printed cell."""

    AGREES = "agrees"
    TRUNCATED = "truncated"
    OFF_BY_ONE = "off by one"
    DIFFERS = "differs"
    UNREAD = "unread"


class Verdict(NamedTuple):
    """A printed cell, what archcalc says of it, and the computed value in the cell's own unit."""

    printed: str
    word: Word
    computed: str = ""

    @property
    def text(self) -> str:
        """The verdict for people: with the computed value beside it where the two differ."""
        return f"{self.word}: {self.computed}" if self.computed else self.word


class Printed(NamedTuple):
    """A printed number: its value, one unit of its last digit, and how its unit is written and scaled."""

    value: Fraction
    unit: Fraction
    decimals: int
    suffix: str
    scale: Fraction


def number(text: str, thousand: int = 1000) -> Printed | None:
    """A printed number such as `2.7K`, `6,998,552`, `1.5 billion`, `3.8 x 10^9` or `94.86%`; None for others.

    `thousand` is what K stands for; M and G are always powers of 1000. A percentage is a share of 1. A comma
    before three digits groups them, any other is the decimal comma of `2,7K`. Raises Refused where it has
    more digits than any count.

    >>> number("2.7K", thousand=1024).value
    Fraction(13824, 5)
    """
    match = re.fullmatch(
        r"(?:about |~)?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:[.,]([0-9]+))?"
        r"\s*(K|M|G|B|T|million|billion|thousand|%|x\s*10\^?[0-9]{1,2}|e[0-9]{1,2})?",
        text,
        re.IGNORECASE | re.ASCII,
    )
    if match is None:
        return None
    whole, decimals, suffix = match[1].replace(",", ""), match[2] or "", match[3] or ""
    if len(whole + decimals) > MOST_DIGITS:
        raise Refused(f"a number has at most {MOST_DIGITS} digits, and {quoted(text)} has more")
    scale = _scale(suffix.lower(), thousand)
    unit = scale / 10 ** len(decimals)
    return Printed(int(whole + decimals) * unit, unit, len(decimals), suffix, scale)


def _scale(suffix: str, thousand: int) -> Fraction:
    if suffix == "%":
        return Fraction(1, 100)
    power = re.fullmatch(r"(?:x\s*10\^?|e)([0-9]+)", suffix)
    if power:
        return Fraction(10 ** int(power[1]))
    thousands = 1 if suffix == "thousand" else UNITS[suffix[:1].upper()]
    return Fraction(thousand if thousands == 1 else 1000**thousands)


class Quotation(NamedTuple):
    """A number by which the literature calls a network, and who does where that is stated."""

    text: str
    source: str
    value: Fraction

    def __str__(self) -> str:
        return f"{self.text} ({self.source})" if self.source else self.text


def quotations(text: str) -> tuple[Quotation, ...]:
    """The numbers of a setting such as `5M (Szegedy et al. 2015), 6.8M`.

    Raises Refused where one of them is not a number.

    >>> [str(each.value) for each in quotations("5M (Szegedy et al. 2015), 6,998,552")]
    ['5000000', '6998552']
    """
    found = []
    for part in _parts(text) if text else []:
        match = re.fullmatch(r"([^()]*?)\s*(?:\((.*)\))?", part)
        claimed = number(match[1]) if match else None
        if match is None or claimed is None:
            raise Refused(f"expected a number such as 5M or 6.8M (ITS SOURCE), found {quoted(part)}")
        found.append(Quotation(match[1], match[2] or "", claimed.value))
    return tuple(found)


def _parts(text: str) -> list[str]:
    """A text cut at its commas, but for those within brackets."""
    parts: list[list[str]] = []
    depth = 0
    for piece in " ".join(text.split()).split(", "):
        if depth > 0:
            parts[-1].append(piece)
        else:
            parts.append([piece])
        depth += piece.count("(") - piece.count(")")
    return [", ".join(pieces) for pieces in parts]


def judge(printed: str, computed: int | Fraction, thousand: int = 1000) -> Verdict:
    """A printed number, as `number` reads it, against the computed one."""
    claimed = number(printed, thousand)
    if claimed is None:
        return Verdict(printed, Word.UNREAD)
    word = compared(claimed, computed)
    if word is Word.AGREES:
        return Verdict(printed, word)
    in_unit = decimal(Fraction(computed) / claimed.scale, claimed.decimals + 1, trim=True)
    return Verdict(printed, word, in_unit + (" " if len(claimed.suffix) > 1 else "") + claimed.suffix)


LESS = ("fewer", "less", "smaller", "lower")
MORE = ("more", "larger", "higher", "")


def judge_ratio(printed: str, ratio: Fraction) -> Verdict:
    """A printed ratio against the computed one, which is above 0.

    `12x more`, `12x` and `25% more` are what the network has of the other's, `12x fewer` and `25% fewer` what
    the other has of its. A percentage without a word is a share of the other's.

    >>> print(judge_ratio("50x fewer", Fraction(1_248_424, 60_965_224)).text)
    differs: 48.8x fewer
    >>> print(judge_ratio("25% more", Fraction(5, 4)).text)
    agrees
    """
    match = re.fullmatch(
        rf"(.*[0-9])\s*(%|x|times)\s*({'|'.join(filter(None, (*LESS, *MORE)))}|)", printed, re.IGNORECASE
    )
    claimed = number(match[1]) if match else None
    if match is None or claimed is None or claimed.suffix:
        return Verdict(printed, Word.UNREAD)
    less = match[3].lower() in LESS
    if match[2] != "%":
        value = 1 / ratio if less else ratio
    else:
        value = 100 * (1 - ratio if less else ratio - 1 if match[3] else ratio)
    word = compared(claimed, value)
    if word is Word.AGREES:
        return Verdict(printed, word)
    after = printed[len(match[1]) :]
    return Verdict(printed, word, decimal(value, claimed.decimals + 1, trim=True) + after)


def compared(claimed: Printed, computed: int | Fraction) -> Word:
    """What can be said of a number that was read, against the computed one."""
    distance = abs(claimed.value - computed)
    if distance * 2 <= claimed.unit:
        return Word.AGREES
    if (computed // claimed.unit) * claimed.unit == claimed.value:
        return Word.TRUNCATED
    return Word.OFF_BY_ONE if distance <= claimed.unit else Word.DIFFERS


def judge_shape(printed: str, computed: Shape) -> Verdict:
    """A printed size; `28x28` says nothing of channels, and leading places of 1 may be left out."""
    claimed = parse_shape(printed)
    if claimed is None:
        return Verdict(printed, Word.UNREAD)
    sizes, own = (*claimed.places, claimed.channels), (*computed.places, computed.channels)
    if len(sizes) == len(computed.places):
        same = sizes == computed.places or (len(sizes) == 3 and _without_ones(sizes) == _without_ones(own))
    elif not computed.places and len(sizes) == 2:
        same = sizes == (1, 1)
    else:
        same = _without_ones(sizes) == _without_ones(own)
    return Verdict(printed, Word.AGREES) if same else Verdict(printed, Word.DIFFERS, str(computed))


def _without_ones(sizes: tuple[Size, ...]) -> tuple[Size, ...]:
    """Sizes without the leading places of 1: 1x1x1000 is the vector 1000."""
    while len(sizes) > 1 and sizes[0] == 1:
        sizes = sizes[1:]
    return sizes
