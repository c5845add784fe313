"""Sizes that record the arithmetic done with them, so that it can be done again on arrays.

The rules of archcalc run once on recorded sizes. What they computed is left behind as a graph of additions,
products and comparisons, in which equal terms are one and constants are folded. Each term knows between
which Python integers it lies, whatever its variables are: what could leave 64 bits is known before the
first array is made.

>>> recorder = Recorder()
>>> n = recorder.variable("n", 1, 512)
>>> macs = 9 * n * (n + 64) * 3
>>> macs, macs.low, macs.high
((27 * (n * (64 + n))), 1755, 7962624)
>>> 1 <= n
True
>>> n * 9 * 3 is 27 * n
True
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from archcalc.recorded.operations import OPERATIONS, Limits, Number, Operation
from archcalc.sizes.operators import Operators

Term: TypeAlias = "Recorded | Number"
VARIABLE = "variable"
"""What a term that is a variable has in place of an operation."""


class Recorder:
    """Makes recorded terms, and keeps one of each."""

    def __init__(self) -> None:
        self._terms: dict[tuple[object, ...], Recorded] = {}

    def variable(self, name: str, low: int | Fraction, high: int | Fraction) -> Recorded:
        """A variable that lies between two numbers, both included: a fraction where they are fractions."""
        return self._term(VARIABLE, (), (low, high), isinstance(low, int), name)

    def record(self, sign: str, *operands: Term) -> Term:
        """The term that an operation makes of others; a number where that is decided.

        A comparison that never holds stays a term: it is a mask without one True.
        """
        operation = OPERATIONS[sign]
        if not any(isinstance(operand, Recorded) for operand in operands):
            return operation.exact(*operands)
        if operation.symmetric:
            operands = tuple(sorted(operands, key=_order))
        simpler = _simplified(operation, *operands) if len(operands) == 2 else None
        if simpler is not None:
            return simpler
        low, high = operation.bounds(*map(_limits, operands))
        if operation.mask and low:
            return True
        whole = sign != "/" and all(map(_is_whole, operands))
        if whole and low == high and not operation.mask:
            return low
        return self._term(sign, operands, (low, high), whole)

    def _term(
        self, sign: str, operands: tuple[Term, ...], limits: Limits, whole: bool, name: str = ""
    ) -> Recorded:
        parts = (id(each) if isinstance(each, Recorded) else (type(each), each) for each in operands)
        key = (sign, name, *parts)
        if key not in self._terms:
            self._terms[key] = Recorded(self, len(self._terms), sign, operands, limits, whole, name)
        return self._terms[key]


class Recorded(Operators["Term", "Term", "Term"]):
    """One term: an operation and what it takes, between which numbers it lies, whether it is whole; a
    variable has a name, and takes nothing.

    It stands for a size in every rule. Its truth is unknown: a rule that branches on a size fails here.
    """

    __slots__ = ("high", "low", "name", "number", "operands", "operation", "recorder", "whole")

    def __init__(
        self,
        recorder: Recorder,
        number: int,
        operation: str,
        operands: tuple[Term, ...],
        limits: Limits,
        whole: bool,
        name: str,
    ) -> None:
        self.recorder = recorder
        self.number = number
        self.operation = operation
        self.operands = operands
        self.low, self.high = limits
        self.whole = whole
        self.name = name

    @property
    def is_mask(self) -> bool:
        """Whether it is true or false."""
        return not self.name and OPERATIONS[self.operation].mask

    def variables(self) -> set[str]:
        """The names of the variables that it is made of."""
        return variables((self,))

    def operated(self, sign: str, other: Term, swapped: bool = False) -> Term:
        if sign == "-" and not swapped and isinstance(other, int):
            return self + -other
        return self.recorder.record(sign, *((other, self) if swapped else (self, other)))

    compared = operated

    def __truediv__(self, other: Term) -> Term:
        return self.recorder.record("/", self, other)

    def __rtruediv__(self, other: Term) -> Term:
        return self.recorder.record("/", other, self)

    def __neg__(self) -> Term:
        return self * -1

    def __eq__(self, other: object) -> Term:  # type: ignore[override]  # masks, as arrays give
        return self.recorder.record("==", self, other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Term:  # type: ignore[override]
        return self.recorder.record("!=", self, other)  # type: ignore[arg-type]

    def __or__(self, other: Term) -> Term:
        return self.recorder.record("or", self, other)

    def __and__(self, other: Term) -> Term:
        return self.recorder.record("and", self, other)

    def __invert__(self) -> Term:
        return self.recorder.record("not", self)

    __ror__ = __or__
    __rand__ = __and__
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(f"the truth of the recorded term {self} is not known")

    def __repr__(self) -> str:
        if self.name:
            return self.name
        if len(self.operands) == 1:
            return f"(not {self.operands[0]})"
        return f"({self.operands[0]} {self.operation} {self.operands[1]})"


def reached(terms: Iterable[object]) -> list[Recorded]:
    """The recorded terms that these are made of and they themselves, each after what it is made of."""
    found: dict[int, Recorded] = {}
    waiting = [term for term in terms if isinstance(term, Recorded)]
    while waiting:
        term = waiting.pop()
        if term.number not in found:
            found[term.number] = term
            waiting += [operand for operand in term.operands if isinstance(operand, Recorded)]
    return [found[number] for number in sorted(found)]  # what a term is made of was recorded before it


def variables(terms: Iterable[object]) -> set[str]:
    """The names of the variables that terms are made of."""
    return {term.name for term in reached(terms) if term.name}


def _order(term: Term) -> tuple[bool, int]:
    """Numbers first, then terms as they were recorded."""
    return (True, term.number) if isinstance(term, Recorded) else (False, 0)


def _is_whole(term: Term) -> bool:
    return term.whole if isinstance(term, Recorded) else isinstance(term, int)


def _limits(term: Term) -> Limits:
    return (term.low, term.high) if isinstance(term, Recorded) else (term, term)


def _simplified(operation: Operation, left: Term, right: Term) -> Term | None:
    """What a term is equal to without being recorded; None where it must be."""
    constant, term = (left, right) if operation.symmetric else (right, left)
    if isinstance(constant, int) and isinstance(term, Recorded):
        return _with_constant(operation, constant, term)
    if left is right:
        return left if operation.idempotent else operation.of_equals
    return _constants_outside(left, right) if operation.sign == "*" else None


def _with_constant(operation: Operation, constant: int, term: Recorded) -> Term | None:
    """A term and a constant; the term may hold such a constant already."""
    if constant == operation.neutral:
        return term
    if constant == operation.absorbing and (term.whole or operation.mask):
        return constant
    if (
        operation.sign in ("+", "*")
        and term.operation == operation.sign
        and isinstance(term.operands[0], int)
    ):
        again = operation.exact(constant, term.operands[0])
        return term.recorder.record(operation.sign, again, term.operands[1])
    return None


def _constants_outside(left: Term, right: Term) -> Term | None:
    """(2 * n) * m as 2 * (n * m): what two layers have in common is computed once."""
    for first, second in ((left, right), (right, left)):
        if isinstance(first, Recorded) and first.operation == "*" and isinstance(first.operands[0], int):
            return first.operands[0] * (first.operands[1] * second)
    return None
