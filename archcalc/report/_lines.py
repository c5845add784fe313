"""Texts in lines of a terminal: how wide they are, and where a long one may be broken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

# Signs that take two cells in a row have no spaces between them: a line may end after any of them.
_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
_BETWEEN_WIDE = re.compile(f"(?<=[{_WIDE}])(?=[^\\s\\W])|(?<=\\S)(?=[{_WIDE}])")
# `*` between factors, `_ . / - , ; :` in paths and lists, but never within a number such as 7,000.5.
_BETWEEN_PARTS = re.compile(r"(?<=[^*]\*)(?!\*)|(?<=[._/,:;)-])(?=[^\W\d])|(?<=[^\W\d][._/-])(?=\d)")
_NUMBER_OR_SIGN = re.compile(r"\d[\d.,]*|.", re.DOTALL)


def cells_wide(text: str) -> int:
    """How many cells of a fixed-width font a text takes: East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def folded(text: str, width: int) -> list[str]:
    """A cell in lines of at most a width: between its terms, else its words, else its parts.

    A number is never broken, even where it is wider than that.

    >>> folded("9*C*(n + 1) + 64*C + 2", 15)
    ['9*C*(n + 1)', '+ 64*C + 2']
    >>> folded("conv 1x1 96 -> conv 3x3 128 -> relu", 20)
    ['conv 1x1 96', '-> conv 3x3 128', '-> relu']
    """
    return _folded(text, width, _CELL)


def wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines of at most a width, between its words alone: an address stays whole."""
    return _folded(text, width, _SENTENCE)


def narrowest(text: str) -> int:
    """The width of the longest part of a text that `folded` breaks only where it must."""
    return max(
        (
            cells_wide(part)
            for term in _terms(text)
            for word in _words(term)
            for piece in _between_wide(word)
            for part in _parts(piece)
        ),
        default=0,
    )


def term_width(text: str) -> int:
    """The width of the longest term of a sum."""
    return max(map(cells_wide, _terms(text)))


def _terms(text: str) -> list[str]:
    """The terms of a sum or a formula, the steps of a chain, the clauses of a sentence.

    >>> _terms("1 + (2 + 3) - 4; or 5")
    ['1', '+ (2 + 3)', '- 4;', 'or 5']
    """
    terms, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign != " " or depth:
            continue
        if text.startswith((" + ", " - ", " -> "), place) or text[place - 1 : place] in (";", ","):
            terms.append(text[start:place])
            start = place + 1
    return [*terms, text[start:]]


def _words(text: str) -> list[str]:
    return text.split(" ")


def _between_wide(text: str) -> list[str]:
    return [text] if text.isascii() else [part for part in _BETWEEN_WIDE.split(text) if part]


def _parts(text: str) -> list[str]:
    return _BETWEEN_PARTS.split(text)


def _signs(text: str) -> list[str]:
    return _NUMBER_OR_SIGN.findall(text)


_Split = tuple[Callable[[str], list[str]], str]
"""A way to break a text, and what stands between its pieces where they are in one line."""
_SENTENCE: tuple[_Split, ...] = ((_words, " "), (_between_wide, ""))
_CELL: tuple[_Split, ...] = ((_terms, " "), *_SENTENCE, (_parts, ""), (_signs, ""))


def _folded(text: str, width: int, splits: tuple[_Split, ...]) -> list[str]:
    """A text in lines, broken by the first of the splits that suffices."""
    if cells_wide(text) <= width or not splits:
        return [text]
    (split, glue), *finer = splits
    return _filled(split(text), width, glue, tuple(finer))


def _filled(pieces: Iterable[str], width: int, glue: str, finer: tuple[_Split, ...]) -> list[str]:
    lines: list[str] = []
    room = 0
    for piece in pieces:
        wide = cells_wide(piece) + len(glue)
        if lines and wide <= room:
            lines[-1] += glue + piece
            room -= wide
            continue
        lines += _folded(piece, width, finer)
        room = width - cells_wide(lines[-1])
    return lines
