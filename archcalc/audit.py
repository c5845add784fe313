"""Do the cells that the paper printed follow from its own columns? Claims against costs, row by row."""

from __future__ import annotations

from collections import Counter

from archcalc.calculator import Section, by_row, layers
from archcalc.claims import Verdict, judge, judge_shape
from archcalc.graph import Graph
from archcalc.notation.document import Cell
from archcalc.notation.expansion import OUTPUT
from archcalc.notation.network import INPUT, Network, Row
from archcalc.report import Column, Value

COSTS = ("params", "ops")
"""The claims that are costs."""
WORDS = {
    "agrees": "agree",
    "truncated": "truncated",
    "off by one": "off by one",
    "differs": "differ",
    "unread": "could not be read",
}
"""How verdicts are told when they are counted."""


def sections(graph: Graph) -> list[Section]:
    """The rows as a paper counts them, whatever is shown: one image, biases where the network has them."""
    return by_row(layers(graph))


def verdict_on(claim: str, cell: Cell, network: Network, section: Section, graph: Graph) -> Verdict | None:
    """The verdict on a printed `params` or `ops` cell of one of the `sections`.

    Claims are read as the network's settings say. None where the cell cannot be judged: ops away from the
    network's own input, and sizes that are no ints.
    """
    thousand = int(network.setting("K", "1000"))
    cost = section.cost
    if claim == "params":
        computed = cost.weights if network.setting("params claim") == "weights" else cost.params
    elif graph.inputs[INPUT] != network.input:
        return None
    else:
        computed = 2 * cost.macs if network.setting("ops claim") == "FLOPs" else cost.macs
    return judge(cell.text, computed, thousand) if isinstance(computed, int) else None


def columns(network: Network) -> list[Column]:
    """The columns of the claims that a network's table has."""
    claimed = {claim for row in network.rows for claim in row.claims}
    found = []
    if OUTPUT in claimed:
        found.append(Column("printed_output", "printed output", audience="machines"))
    if "depth" in claimed:
        found.append(Column("printed_depth", "printed depth", audience="machines"))
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"printed_{claim}", f"printed {claim}", audience="machines"))
        found.append(Column(f"paper_{claim}", claim, "text", "paper", "people", 1))
        found.append(Column(f"shown_{claim}", "verdict", "mark", "paper", "people", 2))
    for claim in (claim for claim in COSTS if claim in claimed):
        found.append(Column(f"verdict_{claim}", f"verdict on {claim}", audience="machines"))
    return found


def cells(network: Network, row: Row, section: Section, graph: Graph) -> dict[str, Value]:
    """The printed cells of one row and the verdicts on them, by the keys of `columns`."""
    found: dict[str, Value] = {}
    for claim, key in ((OUTPUT, "printed_output"), ("depth", "printed_depth")):
        if claim in row.claims and row.claims[claim].text:
            found[key] = row.claims[claim].text
    for claim, cell in _printed_costs(row):
        known = cell.footnote in network.document.footnotes
        found[f"printed_{claim}"] = cell.text
        found[f"paper_{claim}"] = f"{cell.text} [{cell.footnote}]" if known else cell.text
        verdict = verdict_on(claim, cell, network, section, graph)
        if verdict is not None:
            erratum = ", known erratum" if known and verdict.word != "agrees" else ""
            found[f"verdict_{claim}"] = verdict.word
            found[f"shown_{claim}"] = verdict.text + erratum
    return found


def _printed_costs(row: Row) -> list[tuple[str, Cell]]:
    return [(claim, row.claims[claim]) for claim in COSTS if claim in row.claims and row.claims[claim].text]


def footnotes(network: Network) -> tuple[tuple[str, str], ...]:
    """The document's footnotes that its claims refer to."""
    used = {cell.footnote for row in network.rows for cell in row.claims.values() if cell.footnote}
    return tuple((f"[{name}]", text) for name, text in network.document.footnotes.items() if name in used)


def sentences(network: Network, graph: Graph) -> tuple[str, ...]:
    """What is said under a table: how claims are read, how they fared, sizes and depths that are not so."""
    own = graph.inputs[INPUT] == network.input
    found, words = [], Counter[str]()
    for section in sections(graph):
        row = network.row(section.name)
        verdicts = (verdict_on(claim, cell, network, section, graph) for claim, cell in _printed_costs(row))
        words.update(verdict.word for verdict in verdicts if verdict is not None)
        size, depth = row.claims.get(OUTPUT), row.claims.get("depth")
        if size and size.text and own and judge_shape(size.text, section.output).word != "agrees":
            found.append(f"{row.title}: output printed {size.text}, computed {section.output}.")
        if depth and depth.text and depth.text != str(section.depth):
            found.append(f"{row.title}: depth printed {depth.text}, computed {section.depth}.")
    if words:
        tally = ", ".join(f"{words[word]} {told}" for word, told in WORDS.items() if words[word])
        read = _reading(network, own)
        found.insert(0, f"Paper: of {words.total()} printed costs, read as {read}, {tally}.")
    return tuple(found)


def _reading(network: Network, own: bool) -> str:
    """How the paper's costs are read."""
    thousand = f" with K = {network.setting('K')}" if "K" in network.settings else ""
    params = f"{network.setting('params claim', 'params')}{thousand}"
    ops = network.setting("ops claim", "MACs")
    return f"{params} and {ops}" if own else f"{params} (ops are judged at {network.input} only)"
