"""What convolution and pooling share: a window that slides over height and width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

from archcalc.errors import Refused
from archcalc.ops import Op, flag, kernel, need_map, operation, pair_option, stride
from archcalc.ops._needed import needed
from archcalc.sizes import (
    Pair,
    Requirement,
    Shape,
    Size,
    ceil_quotient,
    exact_quotient,
    floor_quotient,
    minimum,
    product,
    undecided,
)


@operation
class Window(Op):
    """A kernel, its stride and its padding.

    Without `valid` or `pad` the padding is d*(k-1)/2 on each side, so that stride 1 keeps the size.
    """

    kernel: Pair = kernel()
    stride: Pair = stride()
    valid: bool = flag("valid")
    pad: Pair | None = pair_option("pad", None)
    dilation: Pair = (1, 1)
    ceil: bool = False

    @cached_property
    def span(self) -> Pair:
        """How far the window reaches: d*(k-1) + 1 in each direction."""
        height, width = (d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return height, width

    @cached_property
    def padding(self) -> Pair:
        """The padding on each side, in height and in width."""
        if self.valid:
            return (0, 0)
        if self.pad is not None:
            return self.pad
        return exact_quotient(self.span[0] - 1, 2), exact_quotient(self.span[1] - 1, 2)

    def places(self, x: Shape) -> tuple[Size, Size]:
        """Height and width of the output: floor((n + 2p - span) / s) + 1, or rounded up with `ceil`.

        Rounded up, a last window that would start beyond the input and its left padding is dropped,
        as torch and Caffe do: the count is at most ceil((n + p) / s).
        """
        (height, width), (above, left), (down, across) = x.places, self._added, self.stride
        if not self.ceil:
            return floor_quotient(height + above, down) + 1, floor_quotient(width + left, across) + 1
        tall, wide = (size + padding for size, padding in zip(x.places, self.padding, strict=True))
        return (
            minimum(ceil_quotient(height + above, down) + 1, ceil_quotient(tall, down)),
            minimum(ceil_quotient(width + left, across) + 1, ceil_quotient(wide, across)),
        )

    @cached_property
    def _added(self) -> Pair:
        """2p - span in each direction: what the padding adds, without what the first window takes."""
        height, width = (2 * p - span for p, span in zip(self.padding, self.span, strict=True))
        return height, width

    @cached_property
    def _own_requirements(self) -> tuple[Requirement, ...]:
        """What must hold whatever enters, and may not."""
        needed = []
        for axis, k, s, d in zip(("height", "width"), self.kernel, self.stride, self.dilation, strict=True):
            needed.append(Requirement(1, "<=", k, f"a kernel of {axis} {{right}} is no window"))
            needed.append(Requirement(1, "<=", s, "a stride must be at least 1, not {right}"))
            needed.append(Requirement(1, "<=", d, "a dilation must be at least 1, not {right}"))
        if self.pad is None and not self.valid:
            fact = "an even window cannot keep the size: write 'valid' or 'pad N'"
            needed += [Requirement(2, "divides", span - 1, fact) for span in self.span]
        return undecided(needed)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        if self.valid and self.pad is not None:
            raise Refused("'valid' and 'pad' are given, and one excludes the other")
        (height, width), (above, left), (tall, wide) = x.places, self.padding, self.span
        height, width = height + 2 * above, width + 2 * left
        if self.ceil:  # rounded up, even the only window may hang over, as in torch
            height, width = height + self.stride[0] - 1, width + self.stride[1] - 1
        misfit = partial(self._misfit, x)
        fits = needed(tall, "<=", height, misfit) + needed(wide, "<=", width, misfit)
        return self._own_requirements + fits

    @property
    def area(self) -> Size:
        """How many places the kernel covers."""
        return product(self.kernel)

    def _misfit(self, x: Shape) -> str:
        window, padding = ("x".join(str(size) for size in pair) for pair in (self.span, self.padding))
        return f"a window of {window} does not fit into its input of {x} (padding {padding})"
