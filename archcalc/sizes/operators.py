"""The operators of a size that remembers what is done with it: each operator asks one method.

There are two such kinds: sizes that a derivation is written from, and sizes whose arithmetic is done again
on arrays. They have the same operators, and differ in what an operation gives.

>>> class Told(Operators[object, str, str]):
...     def operated(self, sign, other, swapped=False):
...         return f"{other} {sign} n" if swapped else f"n {sign} {other}"
...     compared = operated
>>> n = Told()
>>> n // 2, 2 - n, n >= 3, 3 < n
('n // 2', '2 - n', '3 <= n', '3 < n')
"""

from __future__ import annotations

from typing import Generic, TypeVar

Operand = TypeVar("Operand")
Result = TypeVar("Result")
Truth = TypeVar("Truth")


class Operators(Generic[Operand, Result, Truth]):
    """The operators that rules use, for a subclass that says what an operation gives.

    The size itself is the left operand, or the right one where the two are swapped. Equality is not among
    them: each kind has its own, and a hash that fits it.
    """

    __slots__ = ()

    def operated(self, sign: str, other: Operand, swapped: bool = False) -> Result:
        """What `+`, `-`, `*`, `//` or `min` gives."""
        raise NotImplementedError

    def compared(self, sign: str, other: Operand, swapped: bool = False) -> Truth:
        """What `<=` or `<` gives."""
        raise NotImplementedError

    def __add__(self, other: Operand) -> Result:
        return self.operated("+", other)

    def __radd__(self, other: Operand) -> Result:
        return self.operated("+", other, swapped=True)

    def __sub__(self, other: Operand) -> Result:
        return self.operated("-", other)

    def __rsub__(self, other: Operand) -> Result:
        return self.operated("-", other, swapped=True)

    def __mul__(self, other: Operand) -> Result:
        return self.operated("*", other)

    def __rmul__(self, other: Operand) -> Result:
        return self.operated("*", other, swapped=True)

    def __floordiv__(self, other: Operand) -> Result:
        return self.operated("//", other)

    def __rfloordiv__(self, other: Operand) -> Result:
        return self.operated("//", other, swapped=True)

    def minimum(self, other: Operand) -> Result:
        """The smaller of the two, as `sizes.minimum` asks for it."""
        return self.operated("min", other)

    def __le__(self, other: Operand) -> Truth:
        return self.compared("<=", other)

    def __ge__(self, other: Operand) -> Truth:
        return self.compared("<=", other, swapped=True)

    def __lt__(self, other: Operand) -> Truth:
        return self.compared("<", other)

    def __gt__(self, other: Operand) -> Truth:
        return self.compared("<", other, swapped=True)
