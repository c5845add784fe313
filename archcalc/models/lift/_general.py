"""What the operations share that work on tensors of any axes, as torch's functions do."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from archcalc.models._values import TracedValue
from archcalc.models.lift._axes import Axes
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Module, Op, Torch, operation
from archcalc.sizes import Shape


@operation
class OfTensors(Op):
    """A function of torch that no block can write, with a rule of its own for its sizes."""

    name: ClassVar[str] = "function"

    function: str
    takes: tuple[Axes, ...]
    gives: Axes

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.function)  # it is frozen for everybody else

    def module(self, torch: Torch, *x: Shape) -> Module | None:
        raise ValueError("it is a function of a torch model, and archcalc has no layer for it")

    def __str__(self) -> str:
        return self.function


class Operands(NamedTuple):
    """A call and the tensors that enter it from other nodes, with their axes; others are constants."""

    call: FunctionCall
    axes: dict[TracedValue, Axes]

    def axes_at(self, place: int, name: str = "input") -> Axes | None:
        """The axes of an argument; None where it comes from no node."""
        value = self.call.argument(place, name)
        return self.axes.get(value) if isinstance(value, TracedValue) else None
