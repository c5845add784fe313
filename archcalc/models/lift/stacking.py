"""Tensors side by side, along any axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from archcalc.models._values import TracedValue
from archcalc.models.lift._axes import axes_of
from archcalc.models.lift._general import OfTensors, Operands
from archcalc.models.lift._lifted import whole
from archcalc.ops import operation
from archcalc.sizes import Requirement, Shape, Size


@operation
class Stacked(OfTensors):
    """The sizes along one axis are summed up; `new` says that the tensors stand along an axis of their own.

    >>> from archcalc.models.lift._axes import Axes
    >>> tokens = Axes(2, True)
    >>> cat = Stacked(function="cat", takes=(tokens, tokens), gives=tokens, along=1)
    >>> str(cat.out(Shape((1,), 768), Shape((196,), 768)))
    '197x768'
    """

    joins: ClassVar[bool] = True

    along: int
    new: bool = False

    def _sizes(self, *x: Shape) -> list[list[Size]]:
        return [axes.sizes(shape) for axes, shape in zip(self.takes, x, strict=True)]

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        return tuple(self._agreements(*self._sizes(*x)))

    def _agreements(self, first: list[Size], *others: list[Size]) -> Iterator[Requirement]:
        fact = f"'{self.function}' takes tensors that differ: {{left}} and {{right}}"
        for other in others:
            for axis, (left, right) in enumerate(zip(first, other, strict=True)):
                if self.new or axis != self.along:
                    yield Requirement(left, "==", right, fact)

    def out(self, *x: Shape) -> Shape:
        every = self._sizes(*x)
        sizes = list(every[0])
        if self.new:
            sizes.insert(self.along, len(every))
        else:
            sizes[self.along] = sum(each[self.along] for each in every)
        return self.gives.shape(sizes)


def stacked(operands: Operands, output: TracedValue) -> Stacked | None:
    """The rule of a call; None where it has none."""
    call = operands.call
    given, axis = call.argument(0, "tensors"), whole(call.argument(1, "dim", 0))
    if call.function not in ("cat", "stack") or not isinstance(given, tuple | list) or axis is None:
        return None
    values = [value for value in given if isinstance(value, TracedValue) and 0 not in value.sizes]
    if not values or not all(value in operands.axes for value in values):
        return None
    along, new = axis % len(output.sizes), call.function == "stack"
    channels = operands.axes[values[0]].channels
    gives = axes_of(output.sizes, channels + (new and along <= channels))
    takes = tuple(operands.axes[value] for value in values)
    return Stacked(function=call.function, takes=takes, gives=gives, along=along, new=new)
