"""Operations that steps write, bound once for each answer that their braces get.

Most steps of a network read the same at every input: `relu` nothing, `conv 3x3 {#3x3}` a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from archcalc.errors import DocumentError, Refused
from archcalc.notation.arguments import bind
from archcalc.notation.arithmetic import Given, Lookup, terms
from archcalc.notation.paths import identifier
from archcalc.ops import Op, operations
from archcalc.sizes import Size

MOST_BOUND = 2**12
"""How many bound operations are kept: far more than a network has, and some megabytes."""


Written: TypeAlias = tuple[str, tuple[str, ...]]
"""An operation as a step writes it: its name and its arguments."""
Find: TypeAlias = Callable[[str], Given | None]


class Bound(NamedTuple):
    """An operation and what a node of it is called within its scope."""

    op: Op
    label: str


class Bindings:
    """The operations that a network's steps were bound to.

    `fixed` are those whose arguments hold no braces, by name and arguments.
    """

    def __init__(self) -> None:
        self.fixed: dict[Written, Bound] = {}
        self._read: dict[tuple[object, ...], Bound] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __len__(self) -> int:
        """How many operations are kept of those that read something."""
        return len(self._read)

    def names(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """Every name that the arguments ask for."""
        if arguments not in self._names:
            self._names[arguments] = asked(arguments)
        return self._names[arguments]

    def bind(self, name: str, arguments: tuple[str, ...], lookup: Lookup, find: Find) -> Bound:
        """The operation of this name with these arguments. Raises what `arguments.bind` raises.

        `find` says what `lookup` would, and None where that would raise Refused.
        """
        names = self.names(arguments)
        if not names:
            return self.fixed.setdefault((name, arguments), _bind(name, arguments, lookup))
        answers = _answers(names, find)
        if answers is None:
            return _bind(name, arguments, lookup)
        key = name, arguments, answers
        bound = self._read.get(key)
        if bound is None:
            bound = _bind(name, arguments, lookup)
            if len(self._read) >= MOST_BOUND:
                self._read.clear()
            self._read[key] = bound
        return bound


def _answers(names: tuple[str, ...], find: Find) -> tuple[str | Size | None, ...] | None:
    """What the names stand for; None where one is more than a plain text or an int."""
    answers: list[str | Size | None] = []
    for name in names:
        try:
            found = find(name)
        except (Refused, DocumentError):  # binding says it, after what else it has to say
            return None
        value = found.value if found else None
        # A text with braces of its own asks further; an array or a symbol may equal another.
        if "{" in value if type(value) is str else type(value) not in (int, type(None)):
            return None
        answers.append(value)
    return tuple(answers)


def asked(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Every name that binding can ask for: what stands between braces, and the parts of its arithmetic.

    >>> asked(("{kernel}/{stride}", "{4*in}", "no", "bias"))
    ('kernel', 'kernel}/{stride', 'kernel}', '{stride', 'stride', '4*in', 'in')
    """
    names: dict[str, None] = {}
    for argument in arguments:
        ends = [match.start() for match in re.finditer("}", argument)]
        for start in (match.end() for match in re.finditer("{", argument)):
            for inside in (argument[start:end].strip() for end in ends if end >= start):
                names[inside] = None
                names |= dict.fromkeys(name for term in terms(inside) for name in term.names)
    return tuple(names)


def _bind(name: str, arguments: tuple[str, ...], lookup: Lookup) -> Bound:
    op = bind(operations()[name], arguments, lookup)
    kernel = getattr(op, "kernel", None)
    return Bound(op, identifier(op.name + ("x".join(map(str, kernel)) if kernel else "")))
