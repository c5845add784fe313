"""Sizes, shapes and requirements: the arithmetic every rule of archcalc is written in.

A size is a Python int, a numpy integer array (many networks at once), a sympy expression (a formula),
a torch SymInt (a traced model) or a recorded term (a sweep). The same rules run on all of them, so nothing
here or in `ops/` calls
`int()` on a size or branches on its value: what must hold is stated as a `Requirement`, and `holds`
is the only function that compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeAlias, assert_never, get_args

from archcalc.errors import Refused

# The kinds of size share arithmetic but no base class, and all but int live where this module must not
# import: there is no narrower type to write.
Size: TypeAlias = Any
Pair: TypeAlias = tuple[Size, Size]


def _family(*sizes: Size) -> str:
    """The package that must compare or join these sizes: '' for plain ints, 'archcalc' for recorded ones."""
    for size in sizes:
        if type(size) is int:  # nearly every size, and three thousand in one table
            continue
        package = type(size).__module__.partition(".")[0]
        if package in ("numpy", "sympy", "torch", "archcalc"):
            return package
    return ""


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none.

    >>> product((3, 3, 96, 128))
    110592
    """
    result: Size = 1
    for size in sizes:
        result = result * size
    return result


def exact_quotient(dividend: Size, divisor: Size) -> Size:
    """A division that a requirement says is exact, so that a formula keeps C/2 and not floor(C/2)."""
    if _family(dividend, divisor) == "sympy":
        return dividend / divisor
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
        return _floor(dividend, divisor)
    return dividend // divisor


def ceil_quotient(dividend: Size, divisor: Size) -> Size:
    """The division of sizes, rounded up.

    >>> ceil_quotient(112 - 3, 2)
    55
    """
    if _family(dividend, divisor) == "sympy":  # sizes are whole, and one kind of rounding is enough to read
        return _floor(dividend + divisor - 1, divisor)
    return -floor_quotient(-dividend, divisor)


def _floor(dividend: Size, divisor: Size) -> Size:
    """A rounded quotient of symbols as floor(x + r) + n: 0 <= r < 1, n whole, and no rounded x.

    For whole n and d, floor((floor(x) + n) / d) is floor((x + n) / d): layers one after the other round as
    one does, and what five of them leave of a height reads floor((H + 1)/32).
    """
    import sympy

    number, rest = sympy.sympify(dividend).as_coeff_Add()
    if isinstance(rest, sympy.floor) and number.is_integer and sympy.sympify(divisor).is_Integer:
        rest = rest.args[0]
    number, rest = ((rest + number) / divisor).as_coeff_Add()
    whole = sympy.floor(number)
    return sympy.floor(rest + number - whole) + whole


def minimum(first: Size, second: Size) -> Size:
    """The smaller of two sizes, element by element on arrays."""
    family = _family(first, second)
    if family == "numpy":
        import numpy

        return numpy.minimum(first, second)
    if family == "sympy":
        return _smaller(first, second)
    if family == "torch":
        import torch

        return torch.sym_min(first, second)
    if family == "archcalc":
        recorded, other = (second, first) if type(first) is int else (first, second)
        return recorded.minimum(other)
    return min(first, second)


def _smaller(first: Size, second: Size) -> Size:
    """The smaller of two expressions, which is known where they differ by a number before rounding."""
    import sympy

    difference = _unrounded(first) - _unrounded(second)
    if difference.is_number:
        return first if difference <= 0 else second
    return sympy.Min(first, second)


def _unrounded(size: Size) -> Size:
    """The x + n of floor(x) + n; any other size as it is."""
    import sympy

    number, rest = sympy.sympify(size).as_coeff_Add()
    return number + rest.args[0] if isinstance(rest, sympy.floor) else size


class Shape(NamedTuple):
    """The shape of one activation, without the batch: places x channels, as papers print it.

    A feature map has two places (height, width), a sequence one (tokens), a vector none.

    >>> str(Shape((28, 28), 256)), str(Shape((197,), 768)), str(Shape((), 1000))
    ('28x28x256', '197x768', '1000')
    """

    places: tuple[Size, ...]
    channels: Size

    @property
    def elements(self) -> Size:
        """How many numbers the activation has."""
        return product(self.places) * self.channels

    def __str__(self) -> str:
        return "x".join(str(size) for size in (*self.places, self.channels))


def parse_shape(text: str) -> Shape | None:
    """Read `224x224x3`, `197x768` or `1000`; None where the text is no shape of positive sizes.

    >>> parse_shape("224x224x3")
    Shape(places=(224, 224), channels=3)
    >>> parse_shape("224x0x3") is None
    True
    """
    if not re.fullmatch(r"[0-9]{1,100}(x[0-9]{1,100}){0,2}", text, re.ASCII):
        return None
    sizes = [int(size) for size in text.split("x")]
    return Shape(tuple(sizes[:-1]), sizes[-1]) if all(sizes) else None


def read_shape(text: str) -> Shape | None:
    """Read a shape as people write it: `224 x 224 x 3`, `224,224,3` and `224\N{MULTIPLICATION SIGN}224` too.

    >>> read_shape("224, 224, 3")
    Shape(places=(224, 224), channels=3)
    """
    return parse_shape(separated(text.replace("X", "x")))


def separated(text: str) -> str:
    """A shape's sizes, or their names, with an `x` between them, whatever stands there."""
    return re.sub(r"\s*[x,\N{MULTIPLICATION SIGN}]\s*", "x", text.strip())


def fitted(given: Shape, own: Shape | None) -> Shape:
    """A shape that is given in the place of a network's own.

    Where that is a map, `224x224` leaves its channels out and `224` is square too. Raises Refused where the
    channels come first.

    >>> fitted(Shape((), 256), Shape((224, 224), 3))
    Shape(places=(256, 256), channels=3)
    """
    if own is None or len(own.places) != 2:
        return given
    sizes = (*given.places, given.channels)
    if len(sizes) < 3:
        return Shape((sizes[0], sizes[-1]), own.channels)
    if all(type(size) is int for size in (*sizes, own.channels)) and sizes[0] == own.channels != sizes[2]:
        first, *places = sizes
        if tuple(places) == own.places or min(places) > first:
            last = Shape(tuple(places), first)
            raise Refused(f"channels come last: '{given}' has them first; did you mean {last}?")
    return given


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
    family = "" if type(left) is int and type(right) is int else _family(left, right)
    if family == "sympy":
        return _condition(left, relation, right)
    if relation == "<=":
        verdict = left <= right
    elif relation == "==":
        verdict = left == right
    elif relation == "divides":
        verdict = floor_quotient(right, left) * left == right
    elif relation == "is 1 or":
        verdict = (left == 1) | (left == right)
    else:
        assert_never(relation)
    return bool(verdict) if family == "numpy" and not verdict.shape else verdict


def _condition(left: Size, relation: Relation, right: Size) -> Any:
    """A requirement on symbols as a sympy condition, or a bool where it is decided."""
    import sympy

    if relation == "<=":
        condition = sympy.Le(left, right)
    elif relation == "==":
        condition = sympy.Eq(left, right)
    elif relation == "divides":
        condition = sympy.Eq(sympy.Mod(right, left), 0)
    elif relation == "is 1 or":
        condition = sympy.Or(sympy.Eq(left, 1), sympy.Eq(left, right))
    else:
        assert_never(relation)
    return bool(condition) if condition in (sympy.true, sympy.false) else condition
