"""What is in the catalogue? Answered with a Report."""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.costs import total
from archcalc.costs.counting import Counting
from archcalc.errors import ArchcalcError
from archcalc.notation.network import TableNetwork
from archcalc.report import Column, Report, Value
from archcalc.sources import paper


def listing(counting: Counting, names: Iterable[str] | None = None) -> Report:
    """Networks, by default all of the catalogue, at their own inputs.

    One that cannot be read is named below the table.
    """
    columns = (
        Column("network", "network"),
        Column("year", "year", priority=2),
        Column("input", "input", priority=1),
        Column("depth", "depth", "count", priority=2),
        Column("params", "params", "count"),
        counting.work_column(),
        Column("name", "what it is", priority=3),
    )
    rows, wrong = [], []
    for name in paper.names() if names is None else names:
        try:
            rows.append(_line(name, paper.load(name), counting))
        except ArchcalcError as error:
            wrong.append(f"{name} cannot be read: {error}")
    return Report(
        caption="The catalogue; archcalc table NETWORK shows a network, archcalc compare its differences",
        columns=columns,
        rows=tuple(rows),
        notes=(*wrong, *counting.contract()),
        head={"counting": counting.head()},
    )


def _line(name: str, network: TableNetwork, counting: Counting) -> dict[str, Value]:
    line: dict[str, Value] = {"network": name, "year": network.setting("year"), "name": network.name}
    graph = counting.graph(network)
    line["input"] = graph.inputs.alone or str(graph.inputs)
    if network.alternatives:  # designs beside each other have no sum
        return line
    counted = counting.layers(graph)
    cost = total(counted)
    line["depth"] = max(layer.depth for layer in counted)
    return line | {"params": cost.params, counting.count: counting.work(cost.macs)}
