"""What may be counted of a cost, by the names under which papers and tools state it: one table.

>>> cost = Cost(weights=9408, biases=64, macs=118_013_952)
>>> QUANTITIES["params"].of(cost), QUANTITIES["FLOPs"].of(cost)
(9472, 236027904)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from archcalc.costs import Cost
from archcalc.sizes import Size

Kind: TypeAlias = Literal["params", "ops"]
FLOPS_PER_MAC = 2
"""One multiply and one add. The factor is written here and nowhere else."""


class Quantity(NamedTuple):
    """A number that a cost has: its name, params or operations, and how it follows from the cost."""

    name: str
    kind: Kind
    of: Callable[[Cost], Size]


def flops(macs: Size) -> Size:
    """Multiply-accumulates as floating-point operations."""
    return FLOPS_PER_MAC * macs


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity("params", "params", lambda cost: cost.params),
        Quantity("weights", "params", lambda cost: cost.weights),
        Quantity("biases", "params", lambda cost: cost.biases),
        Quantity("norms", "params", lambda cost: cost.norms),
        Quantity("weights + biases", "params", lambda cost: cost.weights + cost.biases),
        Quantity("weights + norms", "params", lambda cost: cost.weights + cost.norms),
        Quantity("params + buffers", "params", lambda cost: cost.params + cost.buffers),
        Quantity("MACs", "ops", lambda cost: cost.macs),
        Quantity("FLOPs", "ops", lambda cost: flops(cost.macs)),
        Quantity("elementwise", "ops", lambda cost: cost.elementwise),
        Quantity("MACs + elementwise", "ops", lambda cost: cost.macs + cost.elementwise),
        Quantity("FLOPs + elementwise", "ops", lambda cost: flops(cost.macs) + cost.elementwise),
    )
}
