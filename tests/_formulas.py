"""Readers of what `archcalc formula` writes, by means of their own: text, LaTeX and Python to numbers; and
the integer calculator, asked for the same quantities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import archcalc
from archcalc.costs import Cost, by_row, layers
from archcalc.errors import DocumentError
from archcalc.graph import Graph
from archcalc.notation.network import TableNetwork
from archcalc.report import Report
from archcalc.sizes import Shape
from archcalc.sources.paper import load

Numbers = Mapping[str, int]


def of_text(text: str, numbers: Numbers) -> Any:
    """The value of a formula as text: `9408*floor((H + 1)/2)`; of a shape, a tuple."""
    names: dict[str, Any] = {name: Fraction(number) for name, number in numbers.items()}
    names |= {"floor": lambda value: Fraction(math.floor(value)), "Min": min}
    sizes = tuple(_whole(eval(part, {"__builtins__": {}}, names)) for part in text.split(" x "))
    return sizes if len(sizes) > 1 else sizes[0]


def _whole(value: Any) -> Any:
    return value if isinstance(value, bool) else int(value) if Fraction(value).denominator == 1 else value


def holds(note: str, numbers: Numbers) -> bool:
    """Whether the sentence `...: holds where A and B.` is true of numbers."""
    said = note.removesuffix(".").partition(": holds ")[2]
    if said == "at every size":
        return True
    return all(
        any(_clause(part, numbers) for part in clause.split(" or "))
        for clause in said.removeprefix("where ").split(" and ")
    )


def _clause(text: str, numbers: Numbers) -> bool:
    multiple = re.fullmatch("(.+) is a multiple of (.+)", text)
    if multiple:
        return bool(Fraction(of_text(multiple[1], numbers)) % of_text(multiple[2], numbers) == 0)
    return bool(of_text(text.replace(" = ", " == "), numbers))


def of_python(text: str) -> list[Any]:
    """The functions of a module that was written, in order; it may use nothing but arithmetic."""
    names: dict[str, Any] = {"__builtins__": {"min": min}}
    exec(compile(text, "formula.py", "exec"), names)
    return [value for name, value in names.items() if name != "__builtins__"]


TOKEN = re.compile(r"\\mathrm\{(?P<name>[^}]*)\}|\\[a-z]+|\d+|[A-Za-z]|\S")


class _Latex:
    """A reader of LaTeX: sums, products that no sign shows, fractions, powers, rounded quotients."""

    def __init__(self, text: str, numbers: Numbers) -> None:
        text = text.replace(r"\left", "").replace(r"\right", "").replace(r"\_", "_")
        self.tokens = [match["name"] or match[0] for match in TOKEN.finditer(text)]
        self.numbers = numbers

    def take(self, *wanted: str) -> str:
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, f"{token} for {wanted}"
        return token

    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def sum(self) -> Fraction:
        sign = -1 if self.next() == "-" and self.take() else 1
        value = sign * self.product()
        while self.next() in ("+", "-"):
            value += (1 if self.take() == "+" else -1) * self.product()
        return value

    def product(self) -> Fraction:
        value = self.power()
        while self.next() not in ("", "+", "-", ")", "}", r"\rfloor", r"\times"):
            if self.next() == r"\cdot":
                self.take()
            value *= self.power()
        return value

    def power(self) -> Fraction:
        value = self.atom()
        if self.next() == "^":
            self.take()
            value **= int(self.group())
        return value

    def group(self) -> Fraction:
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def atom(self) -> Fraction:
        token = self.take()
        if token == r"\frac":
            return self.group() / self.group()
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == r"\lfloor":
            value = Fraction(math.floor(self.group()))
            self.take(r"\rfloor")
            return value
        return Fraction(token) if token.isdecimal() else Fraction(self.numbers[token])


def of_latex(text: str, numbers: Numbers) -> Any:
    """The value of a formula as LaTeX; of a shape, a tuple."""
    reader = _Latex(text, numbers)
    sizes = [reader.sum()]
    while reader.tokens:
        reader.take(r"\times")
        sizes.append(reader.sum())
    return tuple(map(_whole, sizes)) if len(sizes) > 1 else _whole(sizes[0])


NAMED = ("r=#3x3 reduce", "n=#3x3")
NAIVE = archcalc.load("naive-vs-v1")


def counted(graph: Graph) -> dict[str, Any]:
    """What the integer calculator says of a network, by the names that formulas have."""
    every = layers(graph)
    total = sum((layer.cost for layer in every), Cost())
    outputs = {}
    for name in graph.outputs:
        output = graph.shapes[name]
        sizes = (*output.places, output.channels)
        said = f"output of {graph.nodes[name].row}" if len(graph.outputs) > 1 else "output"
        outputs[said] = sizes if len(sizes) > 1 else sizes[0]
    return {
        **outputs,
        "weights": total.weights,
        "params": total.params,
        "MACs": total.macs,
        "output elements": sum(section.output_elements for section in by_row(every)),
    }


def formulas(report: Report, of: int = 0) -> dict[str, Any]:
    """The formulas of one group of a report."""
    name = list(dict.fromkeys(report.groups))[of]
    return {
        row["quantity"]: row["formula"]
        for row, group in zip(report.rows, report.groups, strict=True)
        if group == name
    }


def conditions(report: Report) -> list[str]:
    return [note for note in report.notes if ": holds " in note]


def at(network: TableNetwork, *sizes: int, cells: Any = None) -> dict[str, Any] | None:
    """The integer calculator at an input; None where it refuses."""
    try:
        return counted(network.graph(Shape(sizes[:-1], sizes[-1]), cells=cells))
    except DocumentError:
        return None


def takes_a_map(name: str) -> bool:
    """Whether what enters a network is one feature map."""
    own = load(name).input
    return own is not None and len(own.places) == 2
