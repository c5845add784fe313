"""What a caller gives, checked: each function returns the value, or says in a UsageError what it takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral
from typing import TypeVar

from archcalc.errors import UsageError, nearest, quoted, shortened

T = TypeVar("T", bound=str)


def whole(name: str, value: int, least: int | None = None) -> int:
    """A whole number, `least` or more; numpy's are numbers too, and True is not one.

    >>> whole("batch", 2, least=1)
    2
    """
    takes = "a whole number" if least is None else f"a whole number, {least} or more"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise _refused(name, takes, value)
    number = int(value)
    if least is not None and number < least:
        raise _refused(name, takes, value)
    return number


def choice(name: str, value: str, known: Sequence[T]) -> T:
    """One of the known words, in capitals or not.

    >>> choice("count", "FLOPs", ("macs", "flops"))
    'flops'
    """
    takes = " or ".join(known) if len(known) == 2 else ", ".join(known)
    if not isinstance(value, str):
        raise _refused(name, takes, value)
    for word in known:
        if value.casefold() == word:
            return word
    raise UsageError(f"{name} is {takes}, not {shown(value)}{nearest(shortened(value), known)}")


def flag(name: str, value: bool) -> bool:
    """True or False, and nothing that Python would take for them: the text "no" counts as true."""
    if not isinstance(value, bool):
        raise _refused(name, "True or False", value)
    return value


def text(name: str, value: str, such_as: str, empty: bool = False) -> str:
    """A text, which may be `empty` where that says nothing."""
    if not isinstance(value, str) or not (value or empty):
        raise _refused(name, f"a text such as {such_as}", value)
    return value


def texts(name: str, value: str | Sequence[str], such_as: str) -> tuple[str, ...]:
    """Texts, or one text that separates them with commas."""
    if isinstance(value, str):
        return tuple(each.strip() for each in value.split(",")) if value.strip() else ()
    if not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise _refused(name, f"texts such as {such_as}", value)
    return tuple(value)


def path(name: str, value: str | os.PathLike[str]) -> str:
    """A path, or a name, as text."""
    found = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(found, str):
        raise _refused(name, "a text or a path", value)
    return found


def shown(value: object) -> str:
    """A value as a message quotes it: a text in quotation marks, and the start of what is long."""
    return quoted(value) if isinstance(value, str) else shortened(repr(value))


def _refused(name: str, takes: str, value: object) -> UsageError:
    return UsageError(f"{name} is {takes}, not {shown(value)}")
