"""Sizes, shapes and requirements: the arithmetic every rule of archcalc is written in.

A size is a Python int, a numpy integer array (many networks at once), a sympy expression (a formula),
a torch SymInt (a traced model) or a recorded term (a sweep). The same rules run on all of them, so no
rule calls `int()` on a size or branches on its value: what must hold is stated as a `Requirement`, and
`holds` is the only function that compares. `as_int` is for those who know that their sizes are numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from math import prod
from typing import (
    Any,
    Literal,
    NamedTuple,
    Protocol,
    SupportsIndex,
    TypeAlias,
    assert_never,
    get_args,
    overload,
)


class Size(Protocol):
    """The operators that rules use. Every kind of size has them; text, None and tuples do not.

    What stands on the other side of an operator is not checked: an array takes other things there than a
    recorded size does.
    """

    def __add__(self, other: Any, /) -> Size: ...
    def __radd__(self, other: Any, /) -> Size: ...
    def __sub__(self, other: Any, /) -> Size: ...
    def __rsub__(self, other: Any, /) -> Size: ...
    def __mul__(self, other: Any, /) -> Size: ...
    def __rmul__(self, other: Any, /) -> Size: ...
    def __floordiv__(self, other: Any, /) -> Size: ...
    def __rfloordiv__(self, other: Any, /) -> Size: ...
    def __neg__(self) -> Size: ...
    def __le__(self, other: Any, /) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...


Pair: TypeAlias = tuple[Size, Size]
Sizes: TypeAlias = tuple[Size, ...]


def _family(*sizes: Size) -> str:
    """The package that must compare or join these sizes: '' for plain ints, 'archcalc' for recorded ones."""
    for size in sizes:
        if type(size) is int:  # nearly every size, and three thousand in one table
            continue
        package = type(size).__module__.partition(".")[0]
        if package in ("numpy", "sympy", "torch", "archcalc"):
            return package
    return ""


def as_int(size: Size) -> int:
    """A size as an int: it is a number where the input and the widths are numbers.

    Raises TypeError where it is no number.

    >>> as_int(Shape((28, 28), 256).channels)
    256
    """
    if not isinstance(size, SupportsIndex):
        raise TypeError(f"{size} is no number")
    return operator.index(size)


@overload
def product(sizes: Iterable[int]) -> int: ...
@overload
def product(sizes: Iterable[Size]) -> Size: ...
def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none.

    >>> product((3, 3, 96, 128))
    110592
    """
    return prod(sizes)


def exact_quotient(dividend: Size, divisor: Size) -> Size:
    """A division that a requirement says is exact, so that a formula keeps C/2 and not floor(C/2)."""
    if type(dividend) is int and type(divisor) is int:  # nearly always
        return dividend // divisor
    if _family(dividend, divisor) == "sympy":
        from archcalc.sizes import _symbols

        return _symbols.quotient(dividend, divisor)
    return floor_quotient(dividend, divisor)


def floor_quotient(dividend: Size, divisor: Size) -> Size:
    """The division of sizes, rounded down.

    >>> floor_quotient(224 - 7 + 6, 2)
    111
    """
    if type(dividend) is int and type(divisor) is int:  # nearly always
        return dividend // divisor
    family = _family(dividend, divisor)
    if family == "numpy":
        import numpy

        with numpy.errstate(divide="ignore"):  # elements that a requirement rules out may divide by 0
            return dividend // divisor
    if family == "sympy":
        from archcalc.sizes import _symbols

        return _symbols.rounded_down(dividend, divisor)
    return dividend // divisor


def ceil_quotient(dividend: Size, divisor: Size) -> Size:
    """The division of sizes, rounded up.

    >>> ceil_quotient(112 - 3, 2)
    55
    """
    if _family(dividend, divisor) == "sympy":  # sizes are whole, and one kind of rounding is enough to read
        from archcalc.sizes import _symbols

        return _symbols.rounded_down(dividend + divisor - 1, divisor)
    return -floor_quotient(-dividend, divisor)


def minimum(first: Size, second: Size) -> Size:
    """The smaller of two sizes, element by element on arrays."""
    if type(first) is int and type(second) is int:
        return min(first, second)
    least: Size = _minimum(_family(first, second), first, second)
    return least


def _minimum(family: str, first: Any, second: Any) -> Any:
    """The smaller of two sizes as their own package finds it."""
    if family == "numpy":
        import numpy

        return numpy.minimum(first, second)
    if family == "sympy":
        from archcalc.sizes import _symbols

        return _symbols.smaller(first, second)
    if family == "torch":
        import torch

        return torch.sym_min(first, second)
    if family == "archcalc":
        recorded, other = (second, first) if type(first) is int else (first, second)
        return recorded.minimum(other)
    return min(first, second)


AXES = ((), ("tokens",), ("height", "width"), ("frames", "height", "width"))
"""What the places of a vector, a sequence, a feature map and a video are called."""


class Shape(NamedTuple):
    """The shape of one activation, without the batch: places x channels, as papers print it.

    A video has three places (frames, height, width), a feature map two, a sequence one (tokens), a vector
    none.

    >>> str(Shape((28, 28), 256)), str(Shape((197,), 768)), str(Shape((), 1000))
    ('28x28x256', '197x768', '1000')
    """

    places: tuple[Size, ...]
    channels: Size

    @property
    def elements(self) -> Size:
        """How many numbers the activation has."""
        return prod(self.places) * self.channels

    @property
    def axes(self) -> tuple[str, ...]:
        """What its places are called.

        >>> Shape((16, 112, 112), 3).axes
        ('frames', 'height', 'width')
        """
        count = len(self.places)
        return AXES[count] if count < len(AXES) else tuple(f"place {place}" for place in range(1, count + 1))

    def __str__(self) -> str:
        return "x".join(str(size) for size in (*self.places, self.channels))


Relation = Literal["<=", "==", "divides", "is 1 or"]
"""`divides`: the right size is a multiple of the left one. `is 1 or`: the left size is 1 or the right one."""
RELATIONS: tuple[Relation, ...] = get_args(Relation)


class Requirement(NamedTuple):
    """Something that must hold of sizes for an operation to exist: `left relation right`.

    `fact` says what is wrong where it does not hold: a text in which `{left}` and `{right}` stand for
    the sizes, or a function that writes it (writing out arrays that are fine would be slow).
    """

    left: Size
    relation: Relation
    right: Size
    fact: str | Callable[[], str]

    def __str__(self) -> str:
        try:
            return self.fact() if callable(self.fact) else self.fact.format(left=self.left, right=self.right)
        except ValueError:  # Python writes no more than 4,300 digits
            return "sizes of more than 4,300 digits do not fit"


def holds(requirement: Requirement) -> Any:
    """Whether a requirement holds: a bool on ints, a mask on arrays, a condition on symbols.

    >>> holds(Requirement(7, "<=", 5, "the window does not fit"))
    False
    """
    left, relation, right, _ = requirement
    if type(left) is int and type(right) is int:  # nearly always
        return verdict(left, relation, right)
    family = _family(left, right)
    if family == "sympy":
        from archcalc.sizes import _symbols

        return _symbols.condition(left, relation, right)
    found = verdict(left, relation, right)
    return bool(found) if family == "numpy" and not found.shape else found


def undecided(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Those of which it is not known that they hold.

    >>> undecided([Requirement(1, "<=", 5, "there is none"), Requirement(7, "<=", 5, "it does not fit")])
    (Requirement(left=7, relation='<=', right=5, fact='it does not fit'),)
    """
    return tuple([requirement for requirement in requirements if holds(requirement) is not True])


def verdict(left: Size, relation: Relation, right: Size) -> Any:
    """What plain ints, arrays and recorded sizes say of a requirement."""
    found: Any
    if relation == "<=":
        found = left <= right
    elif relation == "==":
        found = left == right
    elif relation == "divides":
        found = floor_quotient(right, left) * left == right
    elif relation == "is 1 or":
        found = (left == 1) | (left == right)
    else:
        assert_never(relation)
    return found
