"""Random networks whose rows reach back, share, repeat and choose, for hypothesis: `wirings()` draws one.

What it must cost is counted while it is drawn, by the textbook formulas of `tests._drawn_layers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests._drawn_layers import Dims, Hand, Layer, chain, conv, keeping, linear, sizes

COLUMNS = ("skip", "width", "more", "layers", "NL", "repeat")
CHOICES = "choices: NL = HS: hard swish, RE: relu, NO: layer norm -> gelu, -: identity\n"


class Wiring(NamedTuple):
    """A document, and by the textbook: what leaves it, its parameters, its MACs, what its rows give."""

    text: str
    outputs: list[Dims]
    params: int
    macs: int
    rows: dict[str, Dims]


@dataclass
class Net:
    """A network that is being drawn. `known` are the shapes of inputs and rows, `used` those taken up."""

    hand: Hand
    known: dict[str, Dims]
    used: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    shared: dict[int, str] = field(default_factory=dict)
    params: int = 0
    macs: int = 0

    def count(self, layers: list[Layer], times: int = 1, weights: bool = True) -> None:
        self.params += weights * times * sum(layer.params for layer in layers)
        self.macs += times * sum(layer.macs for layer in layers)

    def row(self, block: str, cells: dict[str, str], out: Dims) -> None:
        """Add a row and its block, whose text begins behind its name."""
        name = f"row {len(self.rows) + 1}"
        self.blocks.append(block.replace("NAME", name))
        self.rows.append({**cells, "type": name})
        self.known[name] = out

    def start(self) -> tuple[str, str, Dims]:
        """From where a row starts: the words for it (none for the row above), the name, the shape."""
        last = list(self.known)[-1] if self.rows else next(iter(self.known))
        name = last if self.hand.chance(50) else self.hand.one(list(self.known))
        self.used.add(name)
        return "" if name == last else f"from {name} -> ", name, self.known[name]


def written(layers: list[Layer]) -> str:
    return " -> ".join(layer.text for layer in layers)


def straight(net: Net) -> None:
    """A chain, perhaps with a width that is a sum of cells, and a step that stands there several times."""
    start, _, x = net.start()
    layers = chain(net.hand, x, 1, 4)
    text = start + written(layers)
    cells: dict[str, str] = {}
    net.count(layers)
    x = layers[-1].out
    if net.hand.chance(40):
        last = linear(net.hand, x) if len(x) < 3 else conv(net.hand, x)
        more, wide = net.hand.whole(0, 4), last.out[-1]
        words = last.text.split()
        at = 1 if words[0] == "linear" else 2
        if "groups" not in words and "/" not in last.text:
            words[at] = "{width + more - 3}"
            cells |= {"width": str(wide + 3), "more": str(more)}
            text += f" -> {' '.join(words[: at + 1])}"
            rebuilt = _widened(x, wide + more, words[:at])
            net.count([rebuilt])
            x = rebuilt.out
    if net.hand.chance(40):
        step, times = keeping(net.hand, x), net.hand.whole(1, 4)
        said = str(times) if net.hand.chance(50) else "{layers}"
        text += f" -> {step.text} * {said}"
        cells |= {"layers": str(times)} if said == "{layers}" else {}
        net.count([step], times)
    if net.hand.chance(40) and len(x) > 1:
        cell = net.hand.one(("HS", "RE", "NO", "-", ""))
        text += " -> {NL}"
        cells["NL"] = cell
        net.params += 2 * x[-1] if cell == "NO" else 0
    net.row(f"NAME = {text}", cells, x)


def _widened(x: Dims, wide: int, words: list[str]) -> Layer:
    """A linear layer or a convolution of stride 1, with a bias and no groups."""
    kernel = 1 if words[0] == "linear" else prod(map(int, words[1].split("x")))
    weights = kernel * x[-1] * wide
    return Layer("", (*x[:-1], wide), weights + wide, weights * prod(x[:-1]))


def joined(net: Net) -> None:
    """What a row gives beside what earlier ones of its places do; a cell names several."""
    _, name, x = net.start()
    alike = [each for each, shape in net.known.items() if shape[:-1] == x[:-1]]
    names = [net.hand.one(alike) for _ in range(net.hand.whole(1, 3))]
    net.used.update(names)
    first = [keeping(net.hand, x)]
    net.count(first)
    lines = [f"from {name} -> {written(first)}"]
    if net.hand.chance(50):
        net.row(
            f"NAME = concat\n  | {lines[0]}\n  | from {{skip}}",
            {"skip": ", ".join(names)},
            (*x[:-1], x[-1] + sum(net.known[each][-1] for each in names)),
        )
        return
    for each in names:
        shape = net.known[each]
        fit = conv(net.hand, shape, x[-1], still=True) if len(x) > 1 else linear(net.hand, shape, x[-1])
        net.count([fit])
        lines.append(f"from {each} -> {fit.text}")
    net.row("NAME = add\n  | " + "\n  | ".join(lines), {}, x)


def attended(net: Net) -> None:
    """Attention of one sequence to another, or to itself."""
    sequences = [name for name, shape in net.known.items() if len(shape) == 2]
    if not sequences:
        return straight(net)
    queries, keys = net.hand.one(sequences), net.hand.one(sequences)
    net.used.update((queries, keys))
    heads = net.hand.whole(1, 3)
    width = heads * net.hand.whole(1, 4)
    q, k = net.known[queries], net.known[keys]
    parts = [linear(net.hand, shape, width) for shape in (q, k, k)]
    net.count(parts)
    net.macs += 2 * q[0] * k[0] * width
    causal = " causal" if q[0] == k[0] and net.hand.chance(30) else ""
    lines = [
        f"  | from {name} -> {part.text}" for name, part in zip((queries, keys, keys), parts, strict=True)
    ]
    net.row("\n".join((f"NAME = attention {heads}{causal}", *lines)), {}, (q[0], width))
    return None


def repeated(net: Net) -> None:
    """A row that stands several times; its first copy has a block or a width of its own."""
    start, _, x = net.start()
    if start:  # or every copy would start there
        net.row(f"NAME = {start}identity", {}, x)
        net.used.add(list(net.known)[-1])
    times, own, rest = net.hand.whole(2, 3), net.hand.whole(1, 6), net.hand.whole(1, 6)
    kernel = sizes([3] * (len(x) - 1))
    words = ["linear"] if len(x) == 1 else ["conv", kernel]
    kind = " ".join(words)
    if net.hand.chance(50):
        block, cells = f"NAME = {kind} {{width}}", {"width": f"{own} then {rest}"}
    else:
        block = f"NAME (first) = {kind} {own} -> {kind} {rest}\nNAME = {kind} {{width}}"
        first = _widened(x, own, words)
        net.count([first])
        x, own, cells = first.out, rest, {"width": str(rest)}
    for wide in (own, *[rest] * (times - 1)):
        copy = _widened(x, wide, words)
        net.count([copy])
        x = copy.out
    net.row(block, cells | {"repeat": str(times)}, x)


def sharing(net: Net) -> None:
    """A block that all its uses have in common: its parameters are counted at the first."""
    maps = [name for name, shape in net.known.items() if len(shape) == 3]
    if not maps:
        return straight(net)
    name = net.hand.one(maps)
    net.used.add(name)
    x = net.known[name]
    wide, new = x[-1], x[-1] not in net.shared
    layers = [Layer(f"conv 3x3 {wide}", x, 9 * wide * wide + wide, 9 * wide * wide * prod(x[:-1]))]
    layers.append(Layer("batch norm", x, 2 * wide))
    if new:
        net.shared[wide] = f"tower {wide}w"
        net.blocks.append(f"{net.shared[wide]} = {written(layers)} -> relu")
    net.count(layers, 1, weights=new)
    if net.hand.chance(50):
        net.count(layers, 1, weights=False)
        net.row(f"NAME = from {name} -> {net.shared[wide]} * 2", {}, x)
    else:
        net.row(f"NAME = from {name} -> {net.shared[wide]}", {}, x)
    return None


def tied(net: Net) -> None:
    """A table of embeddings, and a linear layer that uses it."""
    vectors = [name for name in net.known if not name.startswith("row") and len(net.known[name]) == 1]
    if not vectors:
        return straight(net)
    name = net.hand.one(vectors)
    net.used.add(name)
    (length,), rows, wide = net.known[name], net.hand.whole(2, 9), net.hand.whole(1, 5)
    net.params += rows * wide
    net.row(f"NAME = from {name} -> embedding {rows} {wide}", {}, (length, wide))
    table = list(net.known)[-1]
    net.used.add(table)
    net.macs += length * rows * wide
    net.row(f"NAME = from {table} -> linear {rows} no bias weights of {table}", {}, (length, rows))
    return None


KINDS = (straight, straight, joined, joined, attended, repeated, sharing, tied)


@st.composite
def wirings(draw: Any) -> Wiring:
    """A network of one to three inputs, whose rows start anywhere before them."""
    hand = Hand(draw)
    names = ("source", "target", "third")[: hand.whole(1, 3)]
    single = len(names) == 1 and hand.chance(50)
    inputs = {name: hand.shape(hand.one((0, 1, 1, 2, 2, 3))) for name in (("input",) if single else names)}
    net = Net(hand, dict(inputs))
    for _ in range(hand.whole(3, 8)):
        hand.one(KINDS)(net)
    for name, shape in inputs.items():
        if name not in net.used:
            last = keeping(hand, shape)
            net.count([last])
            net.row(f"NAME = from {name} -> {last.text}", {}, shape)
    ends = [row["type"] for row in net.rows if row["type"] not in net.used]
    entering = ", ".join(f"{name} {sizes(shape)}".removeprefix("input ") for name, shape in inputs.items())
    settings = f"input: {entering}\noutputs: {', '.join(ends)}\n" + CHOICES
    if net.shared:
        settings += f"shared: {', '.join(net.shared.values())}\n"
    columns = ["type", *(name for name in COLUMNS if any(name in row for row in net.rows))]
    lines = [columns, ["---"] * len(columns), *([row.get(c, "") for c in columns] for row in net.rows)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    text = f"---\n{settings}---\n\n```blocks\n" + "\n".join(net.blocks) + f"\n```\n\n{table}\n"
    rows = {row["type"]: net.known[row["type"]] for row in net.rows}
    return Wiring(text, [net.known[name] for name in ends], net.params, net.macs, rows)
