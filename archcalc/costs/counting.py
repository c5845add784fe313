"""What is counted, at which input, and the sentences that say so under every report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from archcalc.costs import Cost, Layer, layers
from archcalc.costs.quantities import FLOPS_PER_MAC, flops
from archcalc.graph import INPUT, Graph, Network
from archcalc.report import Column
from archcalc.sizes import Shape, Size


@dataclass(frozen=True)
class Counting:
    """The conditions under which a network is counted.

    `input` replaces the network's own; `count` is the unit of work (1 MAC = 2 FLOPs); `bias` whether biases
    are counted where the network has them; `heads` whether the side chains of training are.
    """

    input: Shape | None = None
    batch: int = 1
    count: Literal["macs", "flops"] = "macs"
    bias: bool = True
    heads: bool = False

    def graph(self, network: Network) -> Graph:
        """The network's graph under these conditions."""
        return network.graph(self.input, heads=self.heads)

    def layers(self, graph: Graph) -> list[Layer]:
        """The costs of a graph's layers under these conditions."""
        return layers(graph, self.batch, self.bias)

    @property
    def as_printed(self) -> bool:
        """Whether layers are counted as papers count them: one image, biases where the network has them."""
        return self.batch == 1 and self.bias

    def work(self, macs: Size) -> Size:
        """MACs in the unit that is shown."""
        return flops(macs) if self.count == "flops" else macs

    @property
    def unit(self) -> str:
        """The name of that unit."""
        return "FLOPs" if self.count == "flops" else "MACs"

    def work_column(self, prefix: str = "", spanner: str = "") -> Column:
        """The column of work in that unit."""
        return Column(f"{prefix}{self.count}", self.unit, "count", spanner)

    def caption(self, name: str, graph: Graph) -> str:
        """The title of a report: the network, its input and the batch."""
        side = ", with the side chains of training" if self.heads and graph.heads else ""
        return f"{name} at {graph.inputs[INPUT]}, batch {self.batch}{side}"

    def head(self) -> dict[str, Any]:
        """The conditions as JSON states them."""
        return {
            "unit": self.count,
            "macs": "convolutions, linear layers and attention products; 1 MAC = 1 multiply + 1 add",
            "params": "weights + biases + norms" if self.bias else "weights + norms, biases left out",
            "heads": self.heads,
        }

    def notes(self, counted: Iterable[Layer]) -> tuple[str, ...]:
        """The counting contract, with what is not in the MACs and its share."""
        unit = "1 MAC = 1 multiply + 1 add"
        if self.count == "flops":
            unit = f"1 MAC = {FLOPS_PER_MAC} FLOPs (one multiply and one add)"
        params = "weights + biases + the scale and shift of normalisations; buffers are not counted"
        if not self.bias:
            params = "weights + the scale and shift of normalisations; biases and buffers are not counted"
        return (
            f"{self.unit}: convolutions, linear layers and attention products; {unit}."
            + _beside(list(counted)),
            f"Params: {params}. K, M and G are powers of 1000 unless a paper's K is named.",
        )


def _beside(counted: list[Layer]) -> str:
    """What is not in the MACs, by operation, with its share of all arithmetic."""
    total = sum((layer.cost for layer in counted), Cost())
    if not isinstance(total.elementwise, int) or not isinstance(total.macs, int) or not total.elementwise:
        return ""
    by_name: dict[str, int] = {}
    for layer in counted:
        name = layer.node.op.name
        by_name[name] = by_name.get(name, 0) + layer.cost.elementwise
    largest = sorted(by_name.items(), key=lambda item: -item[1])
    named = ", ".join(f"{name} {_short(work)}" for name, work in largest if work)
    share = Fraction(100 * total.elementwise, flops(total.macs) + total.elementwise)
    work = f"{_short(total.elementwise)} elementwise operations ({named})"
    return f" Not in them: {work}, {_percent(share)} of all arithmetic."


def _short(count: int) -> str:
    """A count for a sentence: three digits at least, in powers of 1000."""
    for power, letter in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if count >= 10 * 1000**power:
            return f"{(count + 1000**power // 2) // 1000**power:,}{letter}"
        if count >= 1000**power:
            tenths = (count * 10 + 1000**power // 2) // 1000**power
            return f"{tenths // 10}.{tenths % 10}{letter}"
    return str(count)


def _percent(share: Fraction) -> str:
    tenths = (share * 10 + Fraction(1, 2)).__floor__()
    return f"{tenths // 10}.{tenths % 10}%" if tenths else "<0.1%"
