"""Recorded terms -> a program that computes them on chunks of numpy arrays.

The program holds one numpy call a term, in the order of recording, and as few arrays as are alive at once,
all of one chunk's length: they stay in the processor's cache, whatever the number of points.

>>> from archcalc.recorded.recording import Recorder
>>> n = Recorder().variable("n", 1, 512)
>>> program = Program([9 * n * (n + 64), n <= 64])
>>> [each.tolist() for each in program({"n": numpy.array([64, 65])})]
[[73728, 75465], [True, False]]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import numpy
from numpy.typing import NDArray

from archcalc.errors import UsageError
from archcalc.numerals import magnitude, whole
from archcalc.recorded.operations import Number
from archcalc.recorded.recording import Recorded, reached

Array: TypeAlias = NDArray[Any]
"""Integers, truths or floats: what a column holds is known where it is computed."""

LARGEST = 2**63 - 1
"""The largest integer that the arrays hold."""


FUNCTIONS: dict[str, numpy.ufunc] = {
    "+": numpy.add,
    "-": numpy.subtract,
    "*": numpy.multiply,
    "//": numpy.floor_divide,
    "/": numpy.true_divide,
    "min": numpy.minimum,
    "<=": numpy.less_equal,
    "<": numpy.less,
    "==": numpy.equal,
    "!=": numpy.not_equal,
    "and": numpy.logical_and,
    "or": numpy.logical_or,
    "not": numpy.logical_not,
}
"""The numpy call of each recorded operation."""


class NumpyCall(NamedTuple):
    """One numpy call: the slots that it reads and the slot that it writes."""

    function: numpy.ufunc
    reads: tuple[int, ...]
    writes: int


def require_64_bits(name: str, *terms: object) -> None:
    """Refuse terms of which a part can leave 64 bits. Raises UsageError, which says what is that large."""
    wide = [term for term in terms if isinstance(term, int) and abs(term) > LARGEST]
    largest: Number = max([abs(term) for term in wide], default=0)
    for term in reached(terms):
        if term.whole:
            constants = (abs(each) for each in term.operands if isinstance(each, int))
            largest = max(largest, -term.low, term.high, *constants)
    if largest > LARGEST:
        raise UsageError(
            f"{name} can reach {magnitude(largest)} in this sweep, which counts in integers of 64 bits, "
            f"at most {whole(LARGEST)}: vary less, or count one network with 'archcalc table'"
        )


class Program:
    """The terms of some outputs, computed chunk by chunk.

    Called with the variables' arrays, all of one length, it gives an array for each output; these arrays are
    overwritten by the next call. Outputs that vary with nothing are filled arrays.
    """

    def __init__(self, outputs: Sequence[object]) -> None:
        self.outputs = tuple(outputs)
        self.terms = reached(self.outputs)
        self.variables = [term.name for term in self.terms if term.name]
        self._slots: dict[object, int] = {}
        self._constants: dict[int, Array] = {}
        self._types: dict[int, type] = {}
        self._planned = list(self._plan())
        self._answers = [self._slot(output) for output in self.outputs]
        self.width = len(self._answers)
        """How many outputs there are."""
        self._length = -1
        self._arrays: dict[int, Array] = {}
        self._calls: list[tuple[numpy.ufunc, Array, Array | None, Array]] = []

    def __getstate__(self) -> dict[str, object]:
        """What it takes to run elsewhere: neither the terms, nor the arrays of a chunk."""
        slots = {name: self._slots[name] for name in self.variables}
        emptied = {"outputs": (), "terms": [], "_slots": slots, "_length": -1, "_arrays": {}, "_calls": []}
        return {**self.__dict__, **emptied}

    def __len__(self) -> int:
        """How many numpy calls a chunk takes."""
        return len(self._planned)

    def __call__(self, variables: Mapping[str, Array], length: int | None = None) -> list[Array]:
        """The outputs for one chunk of points."""
        if length is None:
            length = len(next(iter(variables.values())))
        if length != self._length:
            self._allocate(length)
        for name in self.variables:
            self._arrays[self._slots[name]][:] = variables[name]
        with numpy.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for function, left, right, out in self._calls:
                if right is None:
                    function(left, out=out)
                else:
                    function(left, right, out=out)
        return [self._answer(slot, length) for slot in self._answers]

    def release(self) -> None:
        """Let go of the arrays of a chunk; outputs that were given keep theirs."""
        self._length, self._arrays, self._calls = -1, {}, []

    def _answer(self, slot: int, length: int) -> Array:
        if slot in self._constants:
            return numpy.broadcast_to(self._constants[slot], (length,))
        return self._arrays[slot]

    def _allocate(self, length: int) -> None:
        """Make the arrays of a chunk, and the calls that work on them."""
        self._length = length
        self._arrays = {slot: numpy.empty(length, dtype) for slot, dtype in self._types.items()}
        places = {**self._constants, **self._arrays}
        self._calls = [
            (
                call.function,
                places[call.reads[0]],
                places[call.reads[1]] if len(call.reads) > 1 else None,
                places[call.writes],
            )
            for call in self._planned
        ]

    def _plan(self) -> Iterator[NumpyCall]:
        """The calls in order; a slot is free again after the last call that reads it."""
        last = self._last_readings()
        free: dict[type, list[int]] = {}
        for term in self.terms:
            if term.name:
                self._slots[term.name] = self._slots[term.number] = self._new_slot(_type(term))
                continue
            reads = tuple(self._slot(operand) for operand in term.operands)
            for operand in {id(each): each for each in term.operands}.values():
                if isinstance(operand, Recorded) and last[operand.number] == term.number:
                    free.setdefault(_type(operand), []).append(self._slots[operand.number])
            waiting = free.get(_type(term))
            slot = waiting.pop() if waiting else self._new_slot(_type(term))
            self._slots[term.number] = slot
            yield NumpyCall(FUNCTIONS[term.operation], reads, slot)

    def _last_readings(self) -> dict[int, int]:
        """For each term, by number, the last term that reads it; outputs and variables live on."""
        last: dict[int, int] = {}
        for term in self.terms:
            for operand in term.operands:
                if isinstance(operand, Recorded):
                    last[operand.number] = term.number
        lasting = [*self.outputs, *(term for term in self.terms if term.name)]
        last.update({term.number: -1 for term in lasting if isinstance(term, Recorded)})
        return last

    def _new_slot(self, dtype: type) -> int:
        slot = len(self._types) + len(self._constants)
        self._types[slot] = dtype
        return slot

    def _slot(self, term: object) -> int:
        """Where a term's value is found; constants have slots of their own."""
        if isinstance(term, Recorded):
            return self._slots[term.number]
        key = (type(term), term)
        if key not in self._slots:
            self._slots[key] = len(self._types) + len(self._constants)
            self._constants[self._slots[key]] = numpy.array(_held(term))
        return self._slots[key]


def _type(term: Recorded) -> type:
    if term.is_mask:
        return numpy.bool_
    return numpy.int64 if term.whole else numpy.float64


def _held(constant: object) -> object:
    """A constant as an array holds it: what 64 bits cannot hold stands beside floats, and is one."""
    if isinstance(constant, Fraction) or (isinstance(constant, int) and abs(constant) > LARGEST):
        return float(constant)
    return constant
