"""Functions that move, copy, pick or sum up axes: each size of the output as made of the input's.

A run at one size cannot tell which part of an axis that is cut grows with the input. Of places the first is
taken (windows of 7 remain windows of 7), of channels the last (8 heads remain 8 heads).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from archcalc.models._values import TracedValue
from archcalc.models.lift._axes import Axes, only_channels_move
from archcalc.models.lift._general import OfTensors, Operands
from archcalc.models.lift._lifted import whole
from archcalc.models.recorder import FunctionCall
from archcalc.models.unlifted import READINGS
from archcalc.ops import Effect, operation
from archcalc.sizes import Requirement, Shape, Size, exact_quotient, product

# fmt: off
FREE = frozenset(
    {
        "view", "reshape", "permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis",
        "t", "T", "mT", "H", "mH", "getitem", "setitem", "chunk", "split", "tensor_split", "unbind",
        "roll", "pad", "contiguous", "expand", "expand_as", "stack", "hstack", "vstack", "cat",
        "unsqueeze", "squeeze", "flatten", "unflatten", "clone", "detach", "data", "to", "type",
        "type_as", "float", "half", "bfloat16", "double", "cpu", "cuda", "repeat",
        "repeat_interleave", "gather", "index_select", "select", "narrow", "slice",
        "take_along_dim", "masked_fill", "where", "flip", "rot90", "unfold", "fold", "zero", "fill",
        "copy", "view_as", "reshape_as", "as_strided", "tril", "triu", "diagonal", "diag_embed",
        "meshgrid", "broadcast_tensors", "broadcast_to", "pixel_shuffle", "pixel_unshuffle",
        "channel_shuffle", "dropout", "one_hot", "embedding", "scatter", "index_copy", "index_put",
        "index_fill", "zeros_like", "ones_like", "empty_like", "full_like", "new_zeros", "new_ones",
        "new_empty", "new_full", "real", "imag", "view_as_real", "view_as_complex", "long", "int",
        "bool", "eq", "ne", "lt", "le", "gt", "ge", "logical_not", "logical_and", "logical_or",
        "argmax", "argsort", "topk", "sort", "nonzero", "masked_select", "checkpoint",
        "resolve_conj", "alias", "lift_fresh",
    }
)
# fmt: on
"""What calculates nothing with the numbers: copies, views and choices."""


class Made(NamedTuple):
    """A size of an output: the product of some axes of the input, times and by constants, and some more."""

    of: tuple[int, ...] = ()
    times: int = 1
    by: int = 1
    plus: int = 0


Making = list[Made]


@operation
class Arranged(OfTensors):
    """Axes in another order, joined, cut, picked or, with `work`, summed up.

    >>> order = (Made((0,)), Made((2,)), Made((3,)), Made((1,)))
    >>> to_last = Arranged(function="permute", takes=(Axes(1, True),), gives=Axes(3, True), making=order)
    >>> str(to_last.out(Shape((56, 28), 96)))
    '56x28x96'
    """

    making: tuple[Made, ...]
    work: int = 0

    def out(self, x: Shape) -> Shape:
        sizes = self.takes[0].sizes(x)
        made = [exact_quotient(product(sizes[at] for at in of) * t, b) + p for of, t, b, p in self.making]
        return self.gives.shape(made)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        sizes = self.takes[0].sizes(x)
        fact = f"'{self.function}' cuts {{right}} into parts of {{left}}"
        cut = [
            Requirement(made.by, "divides", product(sizes[at] for at in made.of), fact)
            for made in self.making
            if made.by != 1
        ]
        if self.gives.batch and self.making[0].of:
            first = product(sizes[at] for at in self.making[0].of)
            cut.append(Requirement(first, "==", 1, f"'{self.function}' makes a batch of {{left}}"))
        return tuple(cut)

    def elementwise(self, x: Shape) -> Size:
        return self.work * x.elements

    def effect(self, x: Shape) -> Effect | None:
        """Nothing where its input is only read otherwise, or the channels alone move among the axes."""
        order = [made.of[0] for made in self.making if len(made.of) == 1 and made == Made(made.of)]
        every = not self.work and len(order) == len(self.making) == len(self.takes[0].sizes(x))
        moved = every and only_channels_move(order, self.takes[0], self.gives)
        return None if self.function in READINGS or moved else super().effect(x)


def _permute(call: FunctionCall, x: TracedValue) -> Making | None:
    given = call.argument(1, "dims")
    axes = given if isinstance(given, tuple | list) else call.arguments[1:]
    rank = len(x.sizes)
    found = [axis % rank for axis in axes if isinstance(axis, int)]
    return [Made((axis,)) for axis in found] if sorted(found) == [*range(rank)] else None


def _transpose(call: FunctionCall, x: TracedValue) -> Making | None:
    first, second = whole(call.argument(1, "dim0")), whole(call.argument(2, "dim1"))
    if first is None or second is None:
        return None
    order = [*range(len(x.sizes))]
    order[first], order[second] = order[second], order[first]
    return [Made((axis,)) for axis in order]


def _reversed(call: FunctionCall, x: TracedValue) -> Making | None:
    rank = len(x.sizes)
    swapped = [*range(rank - 2), rank - 1, rank - 2] if rank > 1 else [*range(rank)]
    return [Made((axis,)) for axis in swapped]


def _same(call: FunctionCall, x: TracedValue) -> Making | None:
    """Each size as it is, or as it became: an axis is repeated or lengthened by a constant."""
    after = call.outputs[0].sizes
    if len(after) < len(x.sizes):
        return None
    new = len(after) - len(x.sizes)
    pairs = zip(x.sizes, after[new:], strict=True)
    kept = [
        Made((at,)) if was == now else Made((), now) if was == 1 else Made((at,), plus=now - was)
        for at, (was, now) in enumerate(pairs)
    ]
    return [*(Made((), size) for size in after[:new]), *kept]


def _repeated(call: FunctionCall, x: TracedValue) -> Making | None:
    after = call.outputs[0].sizes
    new = len(after) - len(x.sizes)
    pairs = enumerate(zip(x.sizes, after[new:], strict=True))
    return [*(Made((), size) for size in after[:new]), *(Made((at,), now // was) for at, (was, now) in pairs)]


def _roll(call: FunctionCall, x: TracedValue) -> Making | None:
    return [Made((axis,)) for axis in range(len(x.sizes))]


def _reduced(call: FunctionCall, x: TracedValue) -> Making | None:
    over, rank = call.argument(1, "dim"), len(x.sizes)
    axes = (over,) if isinstance(over, int) else over
    if not isinstance(axes, tuple | list) or not all(isinstance(axis, int) for axis in axes):
        return None
    gone = {axis % rank for axis in axes}
    keeps = len(call.outputs[0].sizes) == rank
    return [Made() if axis in gone else Made((axis,)) for axis in range(rank) if keeps or axis not in gone]


def _reshaped(call: FunctionCall, x: TracedValue, channels: int) -> Making | None:
    """The output's sizes where some axes side by side became some others of the same product."""
    made: Making = []
    for ins, outs in _groups(x.sizes, call.outputs[0].sizes):
        wide = [at for at, size in enumerate(outs) if size != 1]
        if len(wide) > 1 and [size for size in (x.sizes[at] for at in ins) if size != 1] == [
            outs[at] for at in wide
        ]:
            return None
        rest = (wide[-1] if channels in ins else wide[0]) if wide else 0
        fixed = product(size for at, size in enumerate(outs) if at != rest)
        made += [Made(ins, by=fixed) if at == rest else Made((), size) for at, size in enumerate(outs)]
    return made


def _groups(before: Sequence[int], after: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The smallest runs of axes that have the same product before and after."""
    i = j = 0
    while i < len(before) or j < len(after):
        start, begin = i, j
        left = right = 1
        if i < len(before):
            left, i = before[i], i + 1
        if j < len(after):
            right, j = after[j], j + 1
        while left != right:
            if left < right and i < len(before):
                left, i = left * before[i], i + 1
            elif j < len(after):
                right, j = right * after[j], j + 1
            else:
                left, i = left * before[i], i + 1
        yield tuple(range(start, i)), tuple(after[begin:j])


def _picked(call: FunctionCall, x: TracedValue, channels: int) -> Making | None:
    """What an index of whole numbers and slices leaves; a part of places is no rule for others."""
    index = call.argument(1, "index")
    if isinstance(index, TracedValue):  # a lookup of rows
        rest = (Made((axis,)) for axis in range(1, len(x.sizes)))
        return [*(Made((), size) for size in index.sizes), *rest]
    each = list(index) if isinstance(index, tuple) else [index]
    used = sum(one is not None and one is not Ellipsis for one in each)
    if Ellipsis not in [one for one in each if not isinstance(one, TracedValue)]:
        each.append(Ellipsis)
    made: Making = []
    axis = 0
    for one in each:
        if one is None:
            made.append(Made())
        elif one is Ellipsis:
            left = len(x.sizes) - used
            made += [Made((at,)) for at in range(axis, axis + left)]
            axis += left
        elif isinstance(one, slice):
            made.append(_sliced(one, axis, x.sizes[axis], channels))
            axis += 1
        elif isinstance(one, int) and not isinstance(one, bool):
            axis += 1
        else:
            return None
    return made


def _sliced(one: slice, axis: int, size: int, channels: int) -> Made:
    start, stop, step = (each if isinstance(each, int) else None for each in (one.start, one.stop, one.step))
    left = len(range(size)[slice(start, stop, step)])
    if left == size:
        return Made((axis,))
    from_the_end = (start or 0) >= 0 and (stop is None or stop < 0) and step is None
    if from_the_end and axis != channels:
        return Made((axis,), plus=left - size)
    return Made((), left)


def _parts(call: FunctionCall, x: TracedValue, channels: int, output: TracedValue) -> Making | None:
    """Some of an axis, cut into several: of the channels so many, of places an even share."""
    if len(output.sizes) != len(x.sizes):
        return None
    changed = [at for at, (was, now) in enumerate(zip(x.sizes, output.sizes, strict=True)) if was != now]
    made = [Made((at,)) for at in range(len(x.sizes))]
    for at in changed:
        share = x.sizes[at] // output.sizes[at] if x.sizes[at] % output.sizes[at] == 0 else 0
        made[at] = Made((at,), by=share) if share else Made((), output.sizes[at])
    return made


def _unbound(call: FunctionCall, x: TracedValue, channels: int, output: TracedValue) -> Making | None:
    gone = (whole(call.argument(1, "dim", 0)) or 0) % len(x.sizes)
    return [Made((at,)) for at in range(len(x.sizes)) if at != gone]


REDUCED = ("mean", "sum", "amax", "amin", "var", "std", "all", "any", "argmax", "prod")
COPIED = ("contiguous", "clone", "detach", "to", "type_as", "float", "half", "bfloat16", "long", "data")
STRETCHED = ("expand", "expand_as", "pad", "masked_fill", "zero")
RESHAPED = ("view", "reshape", "view_as", "reshape_as", "flatten", "unflatten", "unsqueeze", "squeeze")
MOVES: dict[str, Callable[[FunctionCall, TracedValue], Making | None]] = {
    "permute": _permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("mT", "t"), _reversed),
    **dict.fromkeys(("roll", "flip"), _roll),
    **dict.fromkeys((*COPIED, *STRETCHED), _same),
    **dict.fromkeys(REDUCED, _reduced),
    "repeat": _repeated,
}
CUTS: dict[str, Callable[[FunctionCall, TracedValue, int], Making | None]] = {
    "getitem": _picked,
    **dict.fromkeys(RESHAPED, _reshaped),
}
SEVERAL: dict[str, Callable[[FunctionCall, TracedValue, int, TracedValue], Making | None]] = {
    **dict.fromkeys(("chunk", "split", "tensor_split", "narrow"), _parts),
    "unbind": _unbound,
}
"""Functions by their names: whose sizes move, are cut, or are shared out among several outputs."""


def arranged(operands: Operands, output: TracedValue) -> Arranged | None:
    """The rule of a call for one of its outputs; None where it has none."""
    call, x = operands.call, operands.call.argument(0, "input")
    axes = operands.axes_at(0)
    if axes is None or not isinstance(x, TracedValue) or not x.sizes or not output.sizes:
        return None
    name = call.function.removesuffix("_")
    if name in MOVES:
        made = MOVES[name](call, x)
    elif name in CUTS:
        made = CUTS[name](call, x, axes.channels)
    else:
        made = SEVERAL[name](call, x, axes.channels, output) if name in SEVERAL else None
    if made is None or len(made) != len(output.sizes):
        return None
    holds = [at for at, one in enumerate(made) if axes.channels in one.of]
    channels = holds[-1] if holds else len(made) - 1
    gives = Axes(channels, len(output.sizes) > 1 and output.sizes[0] == 1 and channels != 0)
    work = 0 if name in FREE else 1
    return Arranged(function=call.function, takes=(axes,), gives=gives, making=tuple(made), work=work)


def read_as(axes: Axes, channels: int, sizes: Sequence[int]) -> Arranged:
    """The same tensor with another axis read as its channels."""
    gives = Axes(channels, len(sizes) > 1 and sizes[0] == 1 and channels != 0)
    making = tuple(Made((axis,)) for axis in range(len(sizes)))
    return Arranged(function="read as", takes=(axes,), gives=gives, making=making)
