"""Which operation of archcalc a call is, proved at the moment it is said.

One file a family of functions. What a family says is believed where archcalc's own rules then give the shape
that torch gave, the multiply-accumulates of torch's formula and the parameters that were passed.
"""

from __future__ import annotations

from math import prod

from archcalc.errors import Refused
from archcalc.models._values import ACTIVATION, INPUT, PARAMETER, TracedValue
from archcalc.models.lift import activations, conv, heads, joins, linear, norms, pools
from archcalc.models.lift._axes import axes_of
from archcalc.models.lift._general import OfTensors, Operands
from archcalc.models.lift._lifted import Lift, Lifted
from archcalc.models.lift.arranging import arranged
from archcalc.models.lift.pointwise import pointwise
from archcalc.models.lift.products import attention, tensor_product
from archcalc.models.lift.stacking import stacked
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Op
from archcalc.sizes import Shape, holds

LIFTS: dict[str, Lift] = {
    **activations.LIFTS,
    **conv.LIFTS,
    **heads.LIFTS,
    **joins.LIFTS,
    **linear.LIFTS,
    **norms.LIFTS,
    **pools.LIFTS,
}
"""What each function may be, by its name."""


def lifted(call: FunctionCall) -> Lifted | str:
    """What a call may be; or why it is no operation of archcalc, in words."""
    lift = LIFTS.get(call.function.removesuffix("_"))
    if lift is None:
        return "no operation of archcalc is this function"
    if call.through:
        return "it reads what was changed through another tensor"
    if len(call.outputs) != 1:
        return f"it gives {len(call.outputs)} tensors"
    found = lift(call)
    return "no operation of archcalc takes these arguments" if found is None else found


def general(operands: Operands, output: TracedValue) -> OfTensors | None:
    """The rule of a function for tensors of any axes, for one of its outputs; None where there is none."""
    if any(value.kind in (INPUT, ACTIVATION) for value in operands.call.through):
        return None
    ways = (arranged, pointwise, stacked, tensor_product, attention)
    return next((op for way in ways if (op := way(operands, output)) is not None), None)


def doubted(op: OfTensors, shapes: tuple[Shape, ...], output: TracedValue, macs: int) -> bool:
    """Whether torch says otherwise: of the shape, or of the work."""
    gives = axes_of(output.sizes, op.gives.channels)
    if gives != op.gives or _refused(op, shapes) or op.out(*shapes) != gives.shape(output.sizes):
        return True
    return op.macs(*shapes) != macs


def objection(call: FunctionCall, found: Lifted, inputs: tuple[Shape, ...], output: Shape) -> str:
    """What torch says against an operation, empty for nothing: its shape, its work, its parameters."""
    shapes, macs = inputs, 0
    for op in found.ops:
        if said := _refused(op, shapes):
            return said
        macs += _number(op.macs(*shapes))
        shapes = (op.out(*shapes),)
    if shapes != (output,):
        return f"torch gives {output}, and its rule {shapes[0]}"
    if macs != call.macs:
        return f"torch's formula gives {call.macs} MACs, and its rule {macs}"
    return _misfit(call, found, inputs)


def _number(size: object) -> int:
    assert isinstance(size, int)
    return size


def _refused(op: Op, shapes: tuple[Shape, ...]) -> str:
    try:
        failed = [each for each in op.requirements(*shapes) if holds(each) is not True]
    except Refused as refused:
        return str(refused)
    return str(failed[0]) if failed else ""


def _misfit(call: FunctionCall, found: Lifted, inputs: tuple[Shape, ...]) -> str:
    """What is wrong with the parameters that are said to be an operation's."""
    wanted = {each.name: each for each in found.ops[0].weights(*inputs) if each.kind != "buffer"}
    passed = {value for value in call.inputs if value.kind == PARAMETER and value not in found.inputs}
    own = {name: found.tensors.get(name) for name in wanted}
    for name, value in own.items():
        if value is None or value.kind != PARAMETER:
            return f"its {name} is computed, not a parameter"
        if prod(value.sizes) != prod(_number(size) for size in wanted[name].sizes):
            return f"its {name} has other sizes"
    if set(own.values()) != passed:
        return "it takes parameters beside its own"
    return ""
