"""What convolution and pooling share: a window that slides over the places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial

from archcalc.errors import Refused
from archcalc.ops import Effect, Op, flag, operation, pair_option, stride, window
from archcalc.ops._needed import needed
from archcalc.ops._places import need_kernel, need_same, spread
from archcalc.sizes import (
    AXES,
    Requirement,
    Shape,
    Size,
    Sizes,
    ceil_quotient,
    exact_quotient,
    floor_quotient,
    minimum,
    product,
    undecided,
)


@operation
class Window(Op):
    """A kernel, its stride and its padding: a size of each for every place of the input.

    Without `valid` or `pad` the padding is d*(k-1)/2 on each side, so that stride 1 keeps the size.
    `causal` is all of it before the first token of a sequence, so that no later one is seen.
    """

    kernel: Sizes = window()
    stride: Sizes = stride()
    valid: bool = flag("valid")
    pad: Sizes | None = pair_option("pad", None)
    dilation: Sizes = (1, 1)
    ceil: bool = False
    causal: bool = False

    def __post_init__(self) -> None:
        spread(self, self.kernel, "stride", "dilation")

    @cached_property
    def span(self) -> Sizes:
        """How far the window reaches: d*(k-1) + 1 in each direction."""
        return tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)])

    @cached_property
    def padding(self) -> Sizes:
        """The padding on each side of every place; of a causal window before the first token alone."""
        if self.valid:
            return (0,) * len(self.kernel)
        if self.pad is not None:
            return self.pad
        if self.causal:
            return tuple([span - 1 for span in self.span])
        return tuple([exact_quotient(span - 1, 2) for span in self.span])

    @cached_property
    def _added(self) -> Sizes:
        """The places that the padding adds: on both sides, or before the first token."""
        return self.padding if self.causal else tuple([2 * p for p in self.padding])

    def places(self, x: Shape) -> Sizes:
        """The places of the output: floor((n + 2p - span) / s) + 1, or rounded up with `ceil`.

        Rounded up, a last window that would start beyond the input and its left padding is dropped,
        as torch and Caffe do: the count is at most ceil((n + p) / s).
        """
        axes = zip(x.places, self._added, self.span, self.stride, strict=True)
        if not self.ceil:
            return tuple([floor_quotient(n - span + added, s) + 1 for n, added, span, s in axes])
        most = [ceil_quotient(n + p, s) for n, p, s in zip(x.places, self.padding, self.stride, strict=True)]
        rounded = [ceil_quotient(n - span + added, s) + 1 for n, added, span, s in axes]
        return tuple([minimum(size, least) for size, least in zip(rounded, most, strict=True)])

    @cached_property
    def _own_requirements(self) -> tuple[Requirement, ...]:
        """What must hold whatever enters, and may not. Raises Refused where one word excludes another."""
        self._check()
        stated = []
        axes = zip(AXES[len(self.kernel)], self.kernel, self.stride, self.dilation, strict=True)
        for axis, k, s, d in axes:
            stated.append(Requirement(1, "<=", k, f"a kernel of {axis} {{right}} is no window"))
            stated.append(Requirement(1, "<=", s, "a stride must be at least 1, not {right}"))
            stated.append(Requirement(1, "<=", d, "a dilation must be at least 1, not {right}"))
        if self.pad is None and not self.valid and not self.causal:
            fact = "an even window cannot keep the size: write 'valid' or 'pad N'"
            stated += [Requirement(2, "divides", span - 1, fact) for span in self.span]
        return undecided(stated)

    def _check(self) -> None:
        need_same(self.name, self.kernel, stride=self.stride, pad=self.pad, dilation=self.dilation)
        if self.valid and self.pad is not None:
            raise Refused("'valid' and 'pad' are given, and one excludes the other")
        if self.causal and (self.valid or self.pad is not None):
            raise Refused("'causal' says what the padding is, and excludes 'valid' and 'pad'")
        if self.causal and len(self.kernel) > 1:
            raise Refused(
                "'causal' is for a sequence, whose kernel is one number; a map has no order in time"
            )

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if len(x.places) != len(self.kernel):
            need_kernel(self.name, self.kernel, x)
        own = self._own_requirements  # these first: they see that there is a size for each place
        misfit = partial(self._misfit, x)
        # Rounded up, even the only window may hang over, as in torch.
        over = [s - 1 for s in self.stride] if self.ceil else (0,) * len(self.kernel)
        axes = zip(self.span, x.places, self._added, over, strict=True)
        fits = [needed(span, "<=", n + added + more, misfit) for span, n, added, more in axes]
        return sum(fits, own)

    def effect(self, x: Shape) -> Effect | None:
        """Padding as numbers; no stride of one place alone; `ceil` only where it changes the output."""
        found, places = super().effect(x), self.places(x)
        if found is None:
            return None
        found = found.without("valid", "pad").but(padding=self.padding)
        idle = ["stride"] if set(places) <= {1} else []
        idle += ["dilation"] if set(self.kernel) <= {1} else []
        idle += ["ceil"] if replace(self, ceil=not self.ceil).places(x) == places else []
        return found.without(*idle)

    @property
    def area(self) -> Size:
        """How many places the kernel covers."""
        return product(self.kernel)

    def _misfit(self, x: Shape) -> str:
        span, padding = ("x".join(str(size) for size in sizes) for sizes in (self.span, self.padding))
        return f"a window of {span} does not fit into its input of {x} (padding {padding})"
