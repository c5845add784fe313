"""Which sizes stay symbols? An input such as HxWx3, and columns such as '#3x3 reduce', become symbols."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword

import sympy

from archcalc.errors import InputError, Refused, UnknownName, UsageError, nearest
from archcalc.graph import Network
from archcalc.sizes import Shape, Size
from archcalc.sizes.inputs import Inputs, parts
from archcalc.sizes.written import MOST_SIZES, separated

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}", re.ASCII)
EVERY = "all"
"""What --symbols calls every column that holds a width."""
DEFAULTS = (("C",), ("T", "C"), ("H", "W", "C"), ("F", "H", "W", "C"))
"""The names of an input's sizes, by how many places it has: a vector's, a sequence's, a map's, a video's."""

OF_INPUT = "a size of the input"
COLUMN = "the column"

Cells = dict[tuple[str, str], Size]


@dataclass
class Symbols:
    """The names that are taken, and what each of them stands for."""

    meanings: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, meaning: str) -> sympy.Symbol:
        """A symbol of that name. Raises UsageError where it stands for something else already."""
        if not NAME.fullmatch(name) or iskeyword(name):
            raise UsageError(
                f"'{name}' is no name for a size; write letters, digits and _, such as n or C_in"
            )
        if self.meanings.setdefault(name, meaning) != meaning:
            raise UsageError(f"'{name}' stands for {self.meanings[name]}, and cannot for {meaning} too")
        return symbol(name)

    def free(self, name: str) -> str:
        """The name, or the name with a _ where it stands for something already or is Python's."""
        while name in self.meanings or iskeyword(name):
            name += "_"
        return name

    def called(self, meaning: str) -> str:
        """The name that stands for this; empty where none does."""
        return next((name for name, known in self.meanings.items() if known == meaning), "")

    def multiple(self, size: sympy.Symbol, stride: int) -> sympy.Expr:
        """A size as a multiple of a stride: 32*h for H, where h is free."""
        meaning, small = f"{size.name}/{stride}", size.name.lower()
        name = self.called(meaning) or self.free(small if small != size.name else f"{small}_")
        return stride * self.take(name, meaning)

    def legend(self, used: Collection[str]) -> dict[str, str]:
        """What each of the used names stands for."""
        return {name: what for name, what in self.meanings.items() if name in used}


def symbol(name: str) -> sympy.Symbol:
    """A size that has no number yet: a whole number, 1 or more."""
    return sympy.Symbol(name, integer=True, positive=True)


def symbolic_inputs(text: str | None, like: Inputs, symbols: Symbols) -> Inputs:
    """The inputs in numbers and names, such as `HxWx3`, or `source Tx512, target Ux512`.

    Without a text they are names, of the kind of `like`; of several, those that the text leaves out are as
    `like` has them. Raises UsageError where the text is no input.
    """
    if like.alone is not None:
        return Inputs.of(input_shape(text, like.alone, symbols))
    if not text:
        return Inputs({name: _all_symbols(name, shape, symbols) for name, shape in like.items()})
    try:
        named = parts(text)
    except Refused as refused:
        raise UsageError(str(refused)) from None
    if not named or not named.keys() <= like.keys():
        raise UsageError(f"the network's inputs are '{like}', and '{text}' names none of them, or others")
    return Inputs(
        {
            name: input_shape(named[name], shape, symbols) if name in named else shape
            for name, shape in like.items()
        }
    )


def _all_symbols(name: str, like: Shape, symbols: Symbols) -> Shape:
    """One of several inputs in names: `T_source` and `C_source`."""
    sizes = [symbols.take(f"{word}_{name}", OF_INPUT) for word in DEFAULTS[len(like.places)]]
    return Shape(tuple(sizes[:-1]), sizes[-1])


def input_shape(text: str | None, like: Shape, symbols: Symbols) -> Shape:
    """An input of numbers and names, such as `HxWx3`; without a text one of names, of the kind of `like`.

    Raises UsageError where the text is no input.
    """
    words = DEFAULTS[len(like.places)] if text is None else separated(text).split("x")
    if len(words) > MOST_SIZES or not all(NAME.fullmatch(word) or _number(word) for word in words):
        raise UsageError(
            "an input is HxWxC with numbers of 1 or more, or names without an x, in any place, "
            f"such as 32x32xC, not '{text}'"
        )
    sizes = [int(word) if _number(word) else symbols.take(word, OF_INPUT) for word in words]
    return Shape(tuple(sizes[:-1]), sizes[-1])


def _number(word: str) -> bool:
    return re.fullmatch(r"0*[1-9][0-9]{0,99}", word, re.ASCII) is not None


def column_symbols(network: Network, texts: Sequence[str], shared: bool, symbols: Symbols) -> Cells:
    """The cells that stay symbols: `#3x3 reduce` in every row, `3a.#3x3` in one, `r=#3x3 reduce` by a name.

    One column is one symbol where the rows are alternatives (`shared`), hold the same number or a name is
    given, and else a symbol a row. Raises UnknownName where there is no such column or row, UsageError where
    a text is no name.
    """
    cells: Cells = {}
    held = {(width.row, width.column): width.size for width in network.widths()}
    for text in texts:
        name, column_text = _named(text)
        for column, rows in _meant(network, column_text).items():
            sizes = [held[row, column] for row in rows]
            if shared or sum(other == column for _, other in held) == 1:
                meant = [(rows, "", "")]
            elif len(rows) > 1 and (name or len(set(sizes)) == 1):
                meant = [(rows, "", _of_rows(sizes))]
            else:
                meant = [([row], f"_{_identifier(row)}", f" of row {row}") for row in rows]
            for members, suffix, whose in meant:
                meaning = f"{COLUMN} {column}{whose}"
                plain = symbols.called(meaning) or symbols.free(_identifier(column) + suffix)
                size = symbols.take(name or plain, meaning)
                cells |= {(row, column): size for row in members}
    return cells


def _of_rows(sizes: Sequence[int]) -> str:
    """Whose number a symbol of several rows is, and what the table has there where that is not one number.

    >>> _of_rows([12, 12]), _of_rows([24, 12, 12])
    (' of 2 rows', ' of 3 rows, 12 to 24 in the table')
    """
    differs = f", {min(sizes)} to {max(sizes)} in the table" if len(set(sizes)) > 1 else ""
    return f" of {len(sizes)} rows{differs}"


def _named(text: str) -> tuple[str, str]:
    """`r=#3x3 reduce` as a name and a column; the name is empty where none is given."""
    name, equals, column = text.partition("=")
    return (name.strip(), column.strip()) if equals else ("", text.strip())


def _meant(network: Network, text: str) -> dict[str, list[str]]:
    """The columns that a text means, each with the rows that hold a number there."""
    there: dict[str, list[str]] = {}
    for width in network.widths():
        there.setdefault(width.column, []).append(width.row)
    if text in there:
        return {text: there[text]}
    if text == EVERY:
        return there
    if text in network.columns:
        raise InputError(f"{network.name}: the column '{text}' holds no number that could be a symbol")
    name, column = _split(network, text)
    if not column:
        raise UnknownName(
            f"{network.name}: no column that blocks read is called '{text}'{nearest(text, there)}"
        )
    row = network.row(name).name
    own = [column for column, rows in there.items() if row in rows]
    if column not in own:
        raise UnknownName(
            f"{network.name}: row '{name}' has no number in a column '{column}'{nearest(column, own)}"
        )
    return {column: [row]}


def _split(network: Network, text: str) -> tuple[str, str]:
    """`3a.#3x3` as a row and a column: the row's name may hold a dot itself."""
    names = [row.name for row in network.rows if text.startswith(f"{row.name}.")]
    name = max(names, key=len, default=text.partition(".")[0])
    return name, text[len(name) + 1 :]


def _identifier(text: str) -> str:
    """A column's or a row's name as a symbol's.

    >>> _identifier("#3x3 reduce"), _identifier("pool proj")
    ('n3x3_reduce', 'pool_proj')
    """
    name = re.sub(r"\W+", "_", text.replace("#", "n"), flags=re.ASCII).strip("_") or "n"
    return name[:30] if name[0].isalpha() else f"n{name[:30]}"
