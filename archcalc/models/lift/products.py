"""Products of two tensors, sums over what they have in common, and attention, which is two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archcalc.models._values import TracedValue
from archcalc.models.lift._axes import axes_of
from archcalc.models.lift._general import OfTensors, Operands
from archcalc.ops import operation
from archcalc.ops.attention import PER_PAIR
from archcalc.sizes import Requirement, Shape, Size, product


@operation
class TensorProduct(OfTensors):
    """A letter for each axis, as einsum writes it: MACs are the product of the sizes of all letters.

    >>> from archcalc.models.lift._axes import Axes
    >>> axes = (Axes(3, True), Axes(3, True))
    >>> letters = ("abmk", "abkn")
    >>> op = TensorProduct(function="matmul", takes=axes, gives=axes[0], letters=letters, made="abmn")
    >>> x, y = Shape((12, 197), 64), Shape((12, 64), 197)
    >>> str(op.out(x, y)), op.macs(x, y)
    ('12x197x197', 29805312)
    """

    joins: ClassVar[bool] = True
    products: ClassVar[str] = "matrix products"

    letters: tuple[str, ...]
    made: str

    def _sizes(self, *x: Shape) -> dict[str, Size]:
        found: dict[str, Size] = {}
        for letters, axes, shape in zip(self.letters, self.takes, x, strict=True):
            for letter, size in zip(letters, axes.sizes(shape), strict=True):
                found.setdefault(letter, size)
        return found

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        sizes = self._sizes(*x)
        fact = f"'{self.function}' takes tensors that differ: {{left}} and {{right}}"
        return tuple(
            Requirement(size, "==", sizes[letter], fact)
            for letters, axes, shape in zip(self.letters, self.takes, x, strict=True)
            for letter, size in zip(letters, axes.sizes(shape), strict=True)
        )

    def out(self, *x: Shape) -> Shape:
        sizes = self._sizes(*x)
        return self.gives.shape([sizes[letter] for letter in self.made])

    def macs(self, *x: Shape) -> Size:
        return product(self._sizes(*x).values())


@operation
class TensorAttention(OfTensors):
    """softmax(Q K^T / sqrt(d)) V of the last two axes of three tensors (Vaswani et al., 2017, section 3.2).

    MACs: queries x keys x (channels of the queries + channels of the values), for each head. Elementwise
    work: 4 for each query and key. A mask is no arithmetic.
    """

    joins: ClassVar[bool] = True
    products: ClassVar[str] = "attention"

    def _sizes(self, *x: Shape) -> list[list[Size]]:
        return [axes.sizes(shape) for axes, shape in zip(self.takes, x, strict=True)]

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        queries, keys, values, *_ = self._sizes(*x)
        fact = f"'{self.function}' takes tensors that differ: {{left}} and {{right}}"
        heads = zip(queries[:-2], keys[:-2], strict=True)
        return (
            *(Requirement(left, "==", right, fact) for left, right in heads),
            Requirement(queries[-1], "==", keys[-1], fact),
            Requirement(keys[-2], "==", values[-2], fact),
        )

    def out(self, *x: Shape) -> Shape:
        queries, _, values, *_ = self._sizes(*x)
        return self.gives.shape([*queries[:-1], values[-1]])

    def macs(self, *x: Shape) -> Size:
        queries, keys, values, *_ = self._sizes(*x)
        return product(queries[:-1]) * keys[-2] * (queries[-1] + values[-1])

    def elementwise(self, *x: Shape) -> Size:
        queries, keys, *_ = self._sizes(*x)
        return PER_PAIR * product(queries[:-1]) * keys[-2]


def tensor_product(operands: Operands, output: TracedValue) -> TensorProduct | None:
    """The rule of a product of two tensors; None where it has none."""
    call = operands.call
    values = [value for value in call.inputs if value in operands.axes]
    if call.function == "addmm" and len(values) == 3 and [len(one.sizes) for one in values] == [1, 2, 2]:
        return TensorProduct(
            function=call.function,
            takes=tuple(operands.axes[value] for value in values),
            gives=axes_of(output.sizes, 1),
            letters=("n", "mk", "kn"),
            made="mn",
        )
    if call.function == "linear":
        return _affine(operands, values, output)
    if len(values) != 2 or len(call.inputs) != 2:
        return None
    if call.function == "einsum":
        letters = _written(call.arguments[0], values)
    elif call.function in ("matmul", "bmm", "mm"):
        letters = _multiplied(*(value.sizes for value in values))
    else:
        return None
    if letters is None or len(letters[2]) != len(output.sizes):
        return None
    return TensorProduct(
        function=call.function,
        takes=tuple(operands.axes[value] for value in values),
        gives=axes_of(output.sizes, len(output.sizes) - 1),
        letters=letters[:2],
        made=letters[2],
    )


def _affine(operands: Operands, values: Sequence[TracedValue], output: TracedValue) -> TensorProduct | None:
    """A linear layer whose weight or bias is computed."""
    rank = len(output.sizes)
    if [len(value.sizes) for value in values] not in ([rank, 2], [rank, 2, 1]) or rank > len(_MANY):
        return None
    many = _MANY[: rank - 1]
    return TensorProduct(
        function=operands.call.function,
        takes=tuple(operands.axes[value] for value in values),
        gives=axes_of(output.sizes, rank - 1),
        letters=(f"{many}k", "nk", "n")[: len(values)],
        made=f"{many}n",
    )


_MANY = "abcdefgh"
"""Letters for the axes that a product leaves as they are."""


def _written(equation: object, values: Sequence[TracedValue]) -> tuple[str, str, str] | None:
    if not isinstance(equation, str) or "." in equation or "->" not in equation:
        return None
    before, after = equation.replace(" ", "").split("->")
    first, _, second = before.partition(",")
    fits = [len(letters) == len(value.sizes) for letters, value in zip((first, second), values, strict=True)]
    return (first, second, after) if all(fits) else None


def _multiplied(one: Sequence[int], other: Sequence[int]) -> tuple[str, str, str] | None:
    if min(len(one), len(other)) < 2:
        return None
    many = _MANY[: max(len(one), len(other)) - 2]
    largest = {letter: max(size for size in _at(many, letter, one, other)) for letter in many}
    first, second = (
        "".join(
            letter if size == largest[letter] else letter.upper()  # an axis of 1 is stretched
            for letter, size in zip(many[len(many) - len(sizes) + 2 :], sizes, strict=False)
        )
        for sizes in (one, other)
    )
    return f"{first}mk", f"{second}kn", f"{many}mn"


def _at(many: str, letter: str, *tensors: Sequence[int]) -> Iterator[int]:
    """The sizes of tensors at an axis, counted from behind."""
    behind = len(many) - many.index(letter) + 2
    return (sizes[-behind] for sizes in tensors if behind <= len(sizes))


def attention(operands: Operands, output: TracedValue) -> TensorAttention | None:
    """The rule of fused attention; None where heads are shared."""
    call = operands.call
    names = ("query", "key", "value")
    axes = [operands.axes_at(place, name) for place, name in enumerate(names)]
    ranks = {len(value.sizes) for value in call.inputs[:3]}
    found = [each for each in axes if each is not None]
    if call.function != "scaled_dot_product_attention" or len(found) != 3 or len(ranks) != 1:
        return None
    gives = axes_of(output.sizes, len(output.sizes) - 1)
    masks = (operands.axes[value] for value in call.inputs[3:] if value in operands.axes)
    return TensorAttention(function=call.function, takes=(*found, *masks), gives=gives)
