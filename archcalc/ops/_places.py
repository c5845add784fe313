"""What operations share that work alike on the places of a sequence, a feature map and a video."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.errors import Refused
from archcalc.ops import Module, Op, Torch, Values
from archcalc.ops._fields import each_place
from archcalc.sizes import AXES, Shape, Sizes

KINDS = (
    "a vector",
    "a sequence (tokens x channels)",
    "a feature map (height x width x channels)",
    "a video (frames x height x width x channels)",
)
"""What an input is, by how many places it has."""


def spread(op: Op, kernel: Sizes, *fields: str) -> None:
    """Let what an operation's fields are without a word be so for each place of its kernel."""
    count = len(kernel)
    if count != 2:
        for name in fields:
            if [*map(type, getattr(op, name))] == [int, int] and getattr(op, name) == (1, 1):
                object.__setattr__(op, name, (1,) * count)  # it is frozen for everybody else


def need_kernel(name: str, kernel: Sizes, x: Shape) -> None:
    """Refuse an input that has not as many places as the kernel has sizes."""
    if len(kernel) == len(x.places):
        return
    fact = f"'{name}' takes {KINDS[len(kernel)]}, but its input is {x}"
    if not x.places or len(x.places) >= len(KINDS):
        raise Refused(fact)
    right = ("3", "3x3", "3x3x3")[len(x.places) - 1]
    raise Refused(f"{fact}, which wants a kernel such as {right}, not {each_place(kernel)}")


def need_same(name: str, kernel: Sizes, **given: Sizes | None) -> None:
    """Refuse a stride or an option that has not as many sizes as the kernel."""
    for what, sizes in given.items():
        if sizes is not None and len(sizes) != len(kernel):
            fact = f"a {what} of {each_place(sizes)} does not go with a kernel of {each_place(kernel)}"
            raise Refused(f"'{name}': {fact}: write one number, or one for each place")


def layer(torch: Torch, name: str, x: Shape) -> Callable[..., Module]:
    """torch's class of layers for as many places as the input has: Conv1d, Conv2d or Conv3d."""
    found: Callable[..., Module] = getattr(torch.nn, f"{name}{len(x.places)}d")
    return found


def need_places(name: str, x: Shape) -> None:
    """Refuse a vector."""
    if not x.places:
        raise Refused(f"'{name}' takes a sequence, a feature map or a video, but its input is {x}")


def for_each(name: str, sizes: Sizes, x: Shape) -> Sizes:
    """A size for each place of the input: one is meant for all of them.

    Raises Refused where there are several and not as many as places.

    >>> for_each("pad", (1,), Shape((16, 56, 56), 64)), for_each("pad", (0, 1), Shape((56, 56), 64))
    ((1, 1, 1), (0, 1))
    """
    need_places(name, x)
    if len(sizes) == 1:
        return sizes * len(x.places)
    if len(sizes) != len(x.places):
        needed = " x ".join(AXES[len(x.places)]) if len(x.places) < len(AXES) else f"{len(x.places)} places"
        raise Refused(
            f"'{name}' has a size for each place, {needed}, of its input {x}, not {each_place(sizes)}"
        )
    return sizes


def channels_first(x: Values) -> Values:
    """Values with the channels before the places; what was a sequence is laid out as one again.

    torch's layers want the channels there, and a sequence of batch x tokens x channels has them last.
    """
    return x.transpose(1, 2) if x.dim() == 3 else x
