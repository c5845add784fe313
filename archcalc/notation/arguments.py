"""A step's arguments -> an operation's fields.

kernel   = ( sizes | number ) [ "/" ( sizes | number ) ]
sizes    = INT "x" INT [ "x" INT ] | "{" COLUMN "}"
number   = INT | DECIMAL | "{" sum "}"          (`arithmetic.py`)
flag     = a true-or-false field in words       option = a field's words and its value
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from typing import NamedTuple

from archcalc.errors import DocumentError, Place, Refused, nearest, quoted
from archcalc.notation.arithmetic import WHOLE, Lookup, real, whole
from archcalc.ops import Fields, Notation, Op, notation
from archcalc.sizes import Size, Sizes

KERNEL = re.compile(r"([0-9]{1,100}(?:x[0-9]{1,100}){1,2})(?:/(.+))?", re.ASCII)
SINGLE = re.compile(r"([0-9]{1,100})(?:/(.+))?", re.ASCII)
STRIDE = re.compile(r"[0-9]{1,100}(x[0-9]{1,100}){0,2}", re.ASCII)
"""What follows a kernel's slash in a cell, which names no other column."""


def bind(op: type[Op], arguments: tuple[str, ...], lookup: Lookup) -> Op:
    """Make an operation of its written arguments.

    Raises Refused where an argument is missing, unknown or of the wrong form, DocumentError where the
    fault is a cell's.
    """
    fields = notation(op)
    values: dict[str, object] = {}
    words = list(arguments)
    while words:
        if not (_take_words(op, fields, words, values, lookup) or _take_bare(fields, words, values, lookup)):
            written = [field.metadata["notation"].words for field in fields]
            phrases = [phrase for phrase in written if phrase]
            hint = nearest(words[0], phrases) if phrases else f"; '{op.name}' takes no such argument"
            raise Refused(f"{quoted(words[0])} is not understood by '{op.name}'{hint}")
    if missing := lacking(op, values):
        raise Refused(f"'{op.name}' needs {missing}")
    _spread(fields, values)
    return op(**values)


def _spread(fields: Fields, values: dict[str, object]) -> None:
    """Let the one number of a stride or an option stand for each place of the kernel; for two without one."""
    kernel = next((values[field.name] for field in fields if field.metadata["notation"].form == "kernel"), ())
    count = len(kernel) if isinstance(kernel, tuple) and kernel else 2
    for field in fields:
        value, written = values.get(field.name), field.metadata["notation"]
        if isinstance(value, tuple) and written.form in ("stride", "pair option"):
            if len(value) > 2 and len(_allowed(fields)) < 2:
                raise Refused(f"'{written.words}' takes a number or a pair, such as 1x2, not {value}")
            values[field.name] = value * count if len(value) == 1 else value


def lacking(op: type[Op], given: Collection[str]) -> str:
    """The first field that an operation cannot do without, in words; empty where all are given."""
    for field in notation(op):
        if field.default is dataclasses.MISSING and field.name not in given:
            is_kernel = field.metadata["notation"].form == "kernel"
            return "a kernel such as 3x3 or 3x3/2" if is_kernel else f"a number, its {field.name}"
    return ""


def takes(op: type[Op], arguments: tuple[str, ...]) -> bool:
    """Whether the arguments begin with words of one of the operation's flags or options."""
    text = " ".join(arguments) + " "
    words = (field.metadata["notation"].words for field in notation(op))
    return any(text.startswith(phrase + " ") for phrase in words if phrase)


def _take_words(
    op: type[Op], fields: Fields, words: list[str], values: dict[str, object], lookup: Lookup
) -> bool:
    """Take a flag or an option off the front of the words."""
    for field in sorted(fields, key=lambda field: -len(field.metadata["notation"].words)):
        written: Notation = field.metadata["notation"]
        phrase = written.words.split()
        if not phrase or words[: len(phrase)] != phrase:
            continue
        del words[: len(phrase)]
        if field.name in values:
            raise Refused(f"'{written.words}' is given twice")
        if written.form == "flag":
            values[field.name] = written.value
        elif not words:
            raise Refused(f"'{written.words}' needs a value")
        else:
            values[field.name] = _option(written, words.pop(0), lookup)
        return True
    return False


def _option(written: Notation, word: str, lookup: Lookup) -> Size | Sizes:
    if written.form == "real option":
        return real(word, lookup)
    return whole(word, lookup) if written.form == "option" else _sizes(word, lookup)


class _Bare(NamedTuple):
    """A word without a phrase before it, and what it reads: `{kernel}` and `{kernel}/{stride}` read a cell.

    `stride` is what the word itself gives after its braces.
    """

    word: str
    text: str | Size
    place: Place | None
    stride: str | None


def _take_bare(fields: Fields, words: list[str], values: dict[str, object], lookup: Lookup) -> bool:
    """Take a kernel or a number off the front of the words."""
    bare = _read(words[0], lookup)
    by_form = {field.metadata["notation"].form: field.name for field in fields}
    kernel, allowed = _kernel(bare), _allowed(fields)
    if kernel and allowed and len(kernel.sizes) not in allowed:
        if bare.place is not None:
            raise _no_kernel(bare.place, str(bare.text))
        return False
    if by_form.get("places", "") not in {"", *values} and _numeric(bare.word):
        values[by_form["places"]], taken = _sizes(bare.word, lookup), True
    elif kernel:
        taken = _take_kernel(bare, kernel, by_form, values, lookup)
    else:
        taken = _take_number(fields, bare.word, values, lookup)
        taken = taken or (1 in allowed and _take_first(by_form, bare, values, lookup))
        if not taken and bare.place is not None and by_form.get("kernel", "") not in {"", *values}:
            raise _no_kernel(bare.place, str(bare.text))
    if taken:
        del words[0]
    return taken


def _allowed(fields: Fields) -> tuple[int, ...]:
    """How many numbers the kernel of an operation may have; none where it has no kernel."""
    notations = (field.metadata["notation"] for field in fields)
    return next((each.places for each in notations if each.form == "kernel"), ())


class _Kernel(NamedTuple):
    """A kernel's sizes, and the stride that stands behind them."""

    sizes: Sizes
    stride: str | None


def _kernel(bare: _Bare) -> _Kernel | None:
    """The kernel that a word says: one of a single number only where a stride tells it from a number."""
    if not isinstance(bare.text, str):
        return _Kernel((bare.text,), None) if bare.stride is not None else None
    found = KERNEL.fullmatch(bare.text) or SINGLE.fullmatch(bare.text)
    if found is None or ("x" not in found[1] and found[2] is None and bare.stride is None):
        return None
    return _Kernel(_numbers(found[1]), found[2])


def _take_first(by_form: dict[str, str], bare: _Bare, values: dict[str, object], lookup: Lookup) -> bool:
    """Take a number where only a kernel is missing: the first one is then the kernel, of a sequence."""
    kernel, number = by_form.get("kernel", ""), by_form.get("number", "")
    if kernel in {"", *values} or bare.stride is not None or not _numeric(bare.word):
        return False
    if isinstance(bare.text, str) and bare.place is not None and not WHOLE.fullmatch(bare.text):
        return False
    value = whole(bare.word, lookup)
    values[kernel] = (values[number] if number else value,)
    if number:
        values[number] = value
    return True


def _read(word: str, lookup: Lookup) -> _Bare:
    """A word, and the cell that it reads if it names one."""
    column = re.fullmatch(r"\{([^{}]*)\}(/.+)?", word)
    if column is None:
        return _Bare(word, word, None, None)
    stride = column[2][1:] if column[2] else None
    try:
        return _Bare(word, *lookup(column[1]), stride)
    except Refused:  # arithmetic such as {in/4} is no name: it can only be a number
        return _Bare(word, word, None, stride)


def _take_kernel(
    bare: _Bare, kernel: _Kernel, by_form: dict[str, str], values: dict[str, object], lookup: Lookup
) -> bool:
    """Take a kernel, and a stride if one is given, if the operation has them."""
    if "kernel" not in by_form:
        return False
    if by_form["kernel"] in values:
        raise Refused(f"{quoted(bare.word)} is a second kernel")
    stride = _only_stride(bare, kernel)
    if stride is not None and "stride" not in by_form:
        return False
    values[by_form["kernel"]] = kernel.sizes
    if stride is not None:
        values[by_form["stride"]] = _sizes(stride, lookup)
    return True


def _only_stride(bare: _Bare, kernel: _Kernel) -> str | None:
    """The stride that a kernel's word gives or the cell that it reads, not both."""
    if kernel.stride is None:
        return bare.stride
    text = str(bare.text)
    if bare.stride is not None:
        raise Refused(f"{quoted(bare.word)} gives a stride, and so does the cell it reads, {quoted(text)}")
    if bare.place is not None and not STRIDE.fullmatch(kernel.stride):
        raise _no_kernel(bare.place, text)
    return kernel.stride


def _take_number(fields: Fields, word: str, values: dict[str, object], lookup: Lookup) -> bool:
    """Take a number for the first field that still needs one."""
    for field in fields:
        form = field.metadata["notation"].form
        if form in ("number", "real number") and field.name not in values and _numeric(word):
            values[field.name] = whole(word, lookup) if form == "number" else real(word, lookup)
            return True
    return False


def _no_kernel(place: Place, text: str) -> DocumentError:
    return DocumentError(place, f"expected a kernel such as 3x3 or 3x3/2, found {quoted(text)}")


def _numeric(word: str) -> bool:
    return word[0] in "{-+." or word[0].isdigit()


def _sizes(word: str, lookup: Lookup) -> Sizes:
    """A number for each place, `1x2`, or one for all of them, written out or in a cell."""
    bare = _read(word, lookup)
    several = KERNEL.fullmatch(bare.text) if isinstance(bare.text, str) else None
    if several and several[2] is None and bare.stride is None:
        return _numbers(several[1])
    return (whole(word, lookup),)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple([int(number) for number in text.split("x")])
