"""Scaled dot-product attention: of all tokens of a sequence, and within the windows of a map."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import (
    Op,
    Tensor,
    Torch,
    Values,
    flag,
    kernel,
    number,
    operation,
    option,
    pair_option,
)
from archcalc.sizes import Pair, Requirement, Shape, Size, as_int, ceil_quotient, exact_quotient, product

PER_PAIR = 4
"""The elementwise work for each query and key of a head: one product is scaled, and a softmax takes 3."""


class _Attention(Op):
    """What both have in common: queries, keys and values, which meet in heads."""

    joins: ClassVar[bool] = True
    products: ClassVar[str] = "attention"

    def _branches(self, rank: int, kind: str, *x: Shape) -> None:
        """Refuse what is not three inputs of one rank."""
        if len(x) != 3:
            three = f"'{self.name}' joins three branches: queries, keys and values"
            raise Refused(f"{three}, in this order; here are {len(x)}")
        for what, shape in zip(("queries", "keys", "values"), x, strict=True):
            if len(shape.places) != rank:
                raise Refused(f"'{self.name}' takes {kind}, but the {what} are {shape}")

    def _places_agree(self, what: str, one: Shape, other: Shape) -> tuple[Requirement, ...]:
        fact = f"the {what} differ in places: {one} and {other}"
        pairs = zip(one.places, other.places, strict=True)
        return tuple(Requirement(left, "==", right, fact) for left, right in pairs)

    def _heads_divide(self, what: str, heads: Size, x: Shape) -> Requirement:
        fact = f"{{left}} heads do not divide the {{right}} channels of the {what}"
        return Requirement(heads, "divides", x.channels, fact)


@operation
class Attention(_Attention):
    """`attention 12 [causal] [kv heads 4]`: softmax(Q K^T / sqrt(d)) V in each head (Vaswani et al.,
    Attention is all you need, 2017, section 3.2).

    A join of three sequences: queries, keys and values. The keys and values may have another length than
    the queries (cross attention), and with `kv heads` fewer heads, each of which several heads of the
    queries share (Ainslie et al., GQA, 2023). It has no weights; the linear layers before and after it do.

    MACs: queries x keys x (channels of the queries + channels of the output). `causal` counts the same:
    the whole product is computed and half of it masked, and torch's counter says so too. Elementwise work:
    4 for each query, key and head (a scaling; exponential, sum, division). A mask is no arithmetic.

    >>> x = Shape((197,), 768)
    >>> attention = Attention(heads=12)
    >>> str(attention.out(x, x, x)), attention.macs(x, x, x), attention.elementwise(x, x, x)
    ('197x768', 59610624, 1862832)
    """

    name: ClassVar[str] = "attention"
    also: ClassVar[tuple[str, ...]] = (
        "self attention",
        "multi head attention",
        "sdpa",
        "scaled dot product attention",
    )

    heads: Size = number()
    causal: bool = flag("causal")
    kv_heads: Size | None = option("kv heads", None)

    @property
    def _key_heads(self) -> Size:
        """The heads of the keys and values."""
        return self.heads if self.kv_heads is None else self.kv_heads

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        self._branches(1, "sequences (tokens x channels; of a map, 'window attention' does)", *x)
        (queries, keys, values), few = x, self._key_heads
        shared = "{left} heads of the keys and values cannot be shared evenly by {right} heads"
        wide = f"a head of the queries and one of the keys differ in channels: {queries} and {keys}"
        wide += "" if self.kv_heads is None else f", with {self.heads} and {few} heads"
        return (
            Requirement(1, "<=", self.heads, "attention has at least 1 head, not {right}"),
            Requirement(1, "<=", few, "keys and values have at least 1 head, not {right}"),
            self._heads_divide("queries", self.heads, queries),
            Requirement(few, "divides", self.heads, shared),
            Requirement(queries.channels * few, "==", keys.channels * self.heads, wide),
            self._heads_divide("values", few, values),
            *self._places_agree("keys and values", keys, values),
            *(self._places_agree("queries and keys of causal attention", queries, keys) * self.causal),
        )

    def out(self, *x: Shape) -> Shape:
        queries, _, values = x
        return Shape(queries.places, values.channels * exact_quotient(self.heads, self._key_heads))

    def macs(self, *x: Shape) -> Size:
        queries, keys, _ = x
        pairs = queries.places[0] * keys.places[0]
        return pairs * (queries.channels + self.out(*x).channels)

    def elementwise(self, *x: Shape) -> Size:
        queries, keys, _ = x
        return PER_PAIR * self.heads * queries.places[0] * keys.places[0]

    def forward(self, torch: Torch, *tensors: Values) -> Values:
        heads, few = as_int(self.heads), as_int(self._key_heads)
        q, k, v = (
            x.reshape(*x.shape[:2], each, -1).transpose(1, 2)
            for x, each in zip(tensors, (heads, few, few), strict=True)
        )
        if few != heads:
            k, v = (x.repeat_interleave(heads // few, dim=1) for x in (k, v))
        products = _products(q, k)
        if self.causal:
            later = torch.ones(products.shape[2:], dtype=torch.bool, device=products.device).triu(1)
            products = products.masked_fill(later, -inf)
        return products.softmax(dim=3).matmul(v).transpose(1, 2).flatten(2)


@operation
class WindowAttention(_Attention):
    """`window attention 7x7 3 [shift 3] [relative bias]`: attention within windows of a map (Liu et al., Swin
    transformer, 2021, section 3.2).

    A join of three maps of one size: queries, keys and values. A map that its windows do not fill is padded
    with zeros below and to the right, and what is done there is counted. Torchvision pads one step earlier:
    there the linear layers before and after it work on the padding too, and put their biases into it.
    `shift` moves the windows; those that then hold parts from opposite edges keep the parts apart with a
    mask. `relative bias` learns a number for each head and each distance of two places in a window.

    MACs: padded places x places of a window x (channels of the queries + channels of the values).
    Elementwise work: 4 for each query, key and head, and 1 more for a bias. A mask is no arithmetic.

    >>> x = Shape((56, 56), 96)
    >>> attention = WindowAttention(kernel=(7, 7), heads=3, relative_bias=True)
    >>> attention.weights(x, x, x)[0].sizes, attention.macs(x, x, x), attention.elementwise(x, x, x)
    ((169, 3), 29503488, 2304960)
    """

    name: ClassVar[str] = "window attention"
    also: ClassVar[tuple[str, ...]] = ("shifted window attention", "window self attention")

    kernel: Pair = kernel()
    heads: Size = number()
    shift: Pair = pair_option("shift", (0, 0))
    relative_bias: bool = flag("relative bias")

    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        self._branches(2, "maps (height x width x channels; of a sequence, 'attention' does)", *x)
        queries, keys, values = x
        wide = f"queries and keys differ in channels: {queries} and {keys}"
        return (
            Requirement(1, "<=", self.heads, "attention has at least 1 head, not {right}"),
            *(Requirement(1, "<=", size, "a window of {right} is none") for size in self.kernel),
            *(
                Requirement(moved + 1, "<=", size, f"a shift of {moved} is no part of a window of {size}")
                for moved, size in zip(self.shift, self.kernel, strict=True)
            ),
            self._heads_divide("queries", self.heads, queries),
            Requirement(queries.channels, "==", keys.channels, wide),
            self._heads_divide("values", self.heads, values),
            *self._places_agree("queries and keys", queries, keys),
            *self._places_agree("keys and values", keys, values),
        )

    def out(self, *x: Shape) -> Shape:
        queries, _, values = x
        return Shape(queries.places, values.channels)

    def weights(self, *x: Shape) -> Sequence[Tensor]:
        if not self.relative_bias:
            return ()
        distances = product(2 * size - 1 for size in self.kernel)
        return (Tensor("relative_position_bias_table", (distances, self.heads), "table"),)

    def _pairs(self, x: Shape) -> Size:
        """How often a place looks at one of its window."""
        sides = zip(x.places, self.kernel, strict=True)
        padded = product(ceil_quotient(size, window) * window for size, window in sides)
        return padded * product(self.kernel)

    def macs(self, *x: Shape) -> Size:
        queries, _, values = x
        return self._pairs(queries) * (queries.channels + values.channels)

    def elementwise(self, *x: Shape) -> Size:
        return (PER_PAIR + self.relative_bias) * self.heads * self._pairs(x[0])

    def forward(self, torch: Torch, *tensors: Values, **own: Values) -> Values:
        batch, _, height, width = tensors[0].shape
        tall, wide = (as_int(size) for size in self.kernel)
        below, right = -height % tall, -width % wide
        sizes = (height + below, width + right)
        # A map of one window has nothing to move, in the direction in which it is one.
        shifts = [
            as_int(shift) if window < size else 0
            for shift, window, size in zip(self.shift, (tall, wide), sizes, strict=True)
        ]
        back = [-shift for shift in shifts]
        padded = (torch.nn.functional.pad(x, (0, right, 0, below)) for x in tensors)
        q, k, v = (self._windows(x.roll(back, (2, 3)), as_int(self.heads)) for x in padded)
        products = _products(q, k)
        if self.relative_bias:
            products = products + self._bias(torch, own["relative_position_bias_table"])
        if any(shifts):
            apart = self._apart(torch, sizes, shifts).to(products.device)
            products = products.masked_fill(apart, -inf)
        result = products.softmax(dim=4).matmul(v)
        result = result.reshape(batch, sizes[0] // tall, sizes[1] // wide, *result.shape[2:3], tall, wide, -1)
        result = result.permute(0, 3, 6, 1, 4, 2, 5).flatten(5).flatten(3, 4).flatten(1, 2)
        return result.roll(shifts, (2, 3))[:, :, :height, :width]

    def _windows(self, x: Values, heads: int) -> Values:
        """A map, in sizes that windows fill, as batch x windows x heads x places x channels of a head."""
        (batch, _, height, width), (tall, wide) = x.shape, map(as_int, self.kernel)
        parts = x.reshape(batch, heads, -1, height // tall, tall, width // wide, wide)
        return parts.permute(0, 3, 5, 1, 4, 6, 2).flatten(4, 5).flatten(1, 2)

    def _bias(self, torch: Torch, table: Values) -> Values:
        """The number of each head for each two places of a window."""
        tall, wide = (as_int(size) for size in self.kernel)
        places = torch.arange(tall * wide, device=table.device)
        down, across = (each[:, None] - each for each in (places // wide, places % wide))
        distances = table.reshape(2 * tall - 1, 2 * wide - 1, -1)
        return distances[down + tall - 1, across + wide - 1].permute(2, 0, 1)

    def _apart(self, torch: Torch, sizes: Sequence[int], shifts: Sequence[int]) -> Values:
        """Which two places of a window are from opposite edges: windows x 1 x places x places."""
        down, across = (
            (torch.arange(size) >= size - shift).float() for size, shift in zip(sizes, shifts, strict=True)
        )
        edges = self._windows((down[:, None] + 2 * across)[None, None], 1)[0]
        return edges != edges.transpose(2, 3)


def _products(q: Values, k: Values) -> Values:
    """Each query times each key, scaled."""
    scale: float = q.shape[-1] ** -0.5
    return q.matmul(k.transpose(-2, -1)) * scale
