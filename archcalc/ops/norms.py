"""Normalisation: batch norm and local response normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.ops import (
    Module,
    Op,
    Tensor,
    Torch,
    flag,
    need_map,
    need_no_sequence,
    number,
    operation,
    real_option,
)
from archcalc.sizes import Requirement, Shape, Size


@operation
class BatchNorm(Op):
    """`batch norm [eps 0.001] [no affine]` (Ioffe & Szegedy, 2015).

    A scale and a shift a channel are learned; the running mean and variance are buffers. Elementwise
    work: 2 an element, since at inference it is one multiplication and one addition.
    """

    name: ClassVar[str] = "batch norm"
    also: ClassVar[tuple[str, ...]] = ("bn", "batch normalization", "batch normalisation")

    eps: float = real_option("eps", 1e-5)
    affine: bool = flag("no affine", value=False)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_no_sequence(self.name, x)
        return ()

    def weights(self, x: Shape) -> Sequence[Tensor]:
        sizes = (x.channels,)
        learned = (Tensor("weight", sizes, "norm"), Tensor("bias", sizes, "norm"))
        kept = (
            Tensor("running_mean", sizes, "buffer"),
            Tensor("running_var", sizes, "buffer"),
            Tensor("num_batches_tracked", (), "buffer"),
        )
        return (*learned, *kept) if self.affine else kept

    def elementwise(self, x: Shape) -> Size:
        return 2 * x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        norm = torch.nn.BatchNorm2d if len(x.places) == 2 else torch.nn.BatchNorm1d
        return norm(x.channels, eps=self.eps, affine=self.affine)


@operation
class Lrn(Op):
    """`lrn 5 [alpha 0.0001] [beta 0.75] [k 1.0]`: local response normalisation across channels
    (Krizhevsky et al., 2012, section 3.3).

    Elementwise work: its size + 2 an element (the squares of the neighbouring channels are summed, the
    sum is raised to beta, the element divided by it).
    """

    name: ClassVar[str] = "lrn"
    also: ClassVar[tuple[str, ...]] = ("local response norm", "local response normalization")

    size: Size = number()
    alpha: float = real_option("alpha", 1e-4)
    beta: float = real_option("beta", 0.75)
    k: float = real_option("k", 1.0)

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        need_map(self.name, x)
        return (Requirement(1, "<=", self.size, "lrn looks at 1 channel or more, not {right}"),)

    def elementwise(self, x: Shape) -> Size:
        return (self.size + 2) * x.elements

    def module(self, torch: Torch, x: Shape) -> Module:
        return torch.nn.LocalResponseNorm(self.size, alpha=self.alpha, beta=self.beta, k=self.k)
