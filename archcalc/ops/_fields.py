"""How the fields of an operation are written in a block."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, NamedTuple, TypeVar

from archcalc.sizes import Size

_Given = TypeVar("_Given")
Form = Literal[
    "kernel",
    "stride",
    "number",
    "real number",
    "places",
    "flag",
    "option",
    "pair option",
    "places option",
    "real option",
]


class Notation(NamedTuple):
    """How a field is written in a block: as which form, after which words, giving which value.

    A kernel says for how many places it may have a number each.
    """

    form: Form
    words: str = ""
    value: bool = True
    places: tuple[int, ...] = (2,)


def kernel() -> tuple[int, int]:
    """A field written `3x3`; what follows a slash is the field made with `stride()`."""
    field: tuple[int, int] = dataclasses.field(metadata={"notation": Notation("kernel")})
    return field


def window() -> tuple[Size, ...]:
    """A kernel of a sequence, a map or a video: a number for each place, `3`, `3x3` or `3x3x3`."""
    field: tuple[Size, ...] = dataclasses.field(metadata={"notation": Notation("kernel", places=(1, 2, 3))})
    return field


def stride() -> tuple[Size, ...]:
    """The field that takes a kernel's `/2`; 1 where there is none."""
    return dataclasses.field(default=(1, 1), metadata={"notation": Notation("stride")})


def number(default: Any = dataclasses.MISSING) -> int:
    """A field written as a bare number; several are read in order."""
    field: int = dataclasses.field(default=default, metadata={"notation": Notation("number")})
    return field


def real_number(default: Any = dataclasses.MISSING) -> float:
    """A field written as a bare decimal number: `dropout 0.4`."""
    field: float = dataclasses.field(default=default, metadata={"notation": Notation("real number")})
    return field


def flag(words: str, value: bool = True) -> bool:
    """A true-or-false field written in words; `value` is what the words make it."""
    return dataclasses.field(default=not value, metadata={"notation": Notation("flag", words, value)})


def option(words: str, default: _Given) -> _Given:
    """A field written as words and a whole number: `groups 2`."""
    return dataclasses.field(default=default, metadata={"notation": Notation("option", words)})


def pair_option(words: str, default: _Given) -> _Given:
    """A field written as words and a number, or one for each place of the kernel: `pad 1`, `pad 0x3`."""
    return dataclasses.field(default=default, metadata={"notation": Notation("pair option", words)})


def real_option(words: str, default: float) -> float:
    """A field written as words and a decimal number: `eps 0.001`."""
    return dataclasses.field(default=default, metadata={"notation": Notation("real option", words)})


def places() -> tuple[Size, ...] | None:
    """A field written as a bare number, the same for each place, or as one number a place: `2`, `1x2x2`."""
    field: tuple[Size, ...] | None = dataclasses.field(
        default=None, metadata={"notation": Notation("places")}
    )
    return field


def places_option(words: str) -> tuple[Size, ...] | None:
    """A field written as words and such numbers: `to 28x28`."""
    field: tuple[Size, ...] | None = dataclasses.field(
        default=None, metadata={"notation": Notation("places option", words)}
    )
    return field


def is_unwritten(field: dataclasses.Field[Any], value: Any) -> bool:
    """Whether a value is a field's default, which a block leaves out: for any number of places."""
    default = field.default
    if isinstance(value, tuple) and isinstance(default, tuple) and len(value) != len(default):
        default = default[:1] * len(value)
    return (value == default) is True


def written(field: dataclasses.Field[Any], value: Any) -> list[str]:
    """The words a block uses for a field that has this value."""
    notation: Notation = field.metadata["notation"]
    if notation.form == "kernel":
        return [each_place(value)]
    if value is None:
        return []
    if notation.form in ("number", "real number"):
        return [str(value)]
    if is_unwritten(field, value):
        return []
    if notation.form == "places":
        return [each_place(value)]
    if notation.form == "stride":
        return ["/" + (str(value[0]) if len(set(map(str, value))) == 1 else each_place(value))]
    if notation.form == "flag":
        return [notation.words]
    return [notation.words, each_place(value) if isinstance(value, tuple) else str(value)]


def each_place(sizes: tuple[Size, ...]) -> str:
    """A size for each place, as a block writes them.

    >>> each_place((1, 3, 3))
    '1x3x3'
    """
    return "x".join(map(str, sizes))
