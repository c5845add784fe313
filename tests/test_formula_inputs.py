"""Formulas of networks that take no feature map are the calculator's numbers, in text and in Python."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.check.agreement import larger
from archcalc.errors import DocumentError
from archcalc.report import render
from archcalc.sizes import as_int
from archcalc.sources.paper import load
from tests._formulas import conditions, counted, formulas, holds, of_python, of_text, takes_a_map


@pytest.mark.parametrize("name", [name for name in archcalc.networks() if not takes_a_map(name)])
def test_every_network_of_other_inputs(name: str) -> None:
    """Vectors, sequences, videos and several inputs: at their own sizes, and at longer and shorter ones."""
    network, report = load(name), archcalc.load(name).formula()
    (function, *_), (said, *_) = of_python(render(report, "python")), conditions(report)
    parts = [part.split()[-1] for part in report.head["input"].split(",")]
    names = [symbol for part in parts for symbol in part.split("x")]
    own = network.inputs
    assert own is not None
    for more in (0, -1, 1, 7):
        inputs = larger(own, more)
        sizes = [as_int(size) for shape in inputs.values() for size in (*shape.places, shape.channels)]
        numbers = dict(zip(names, sizes, strict=True))
        try:
            expected = counted(network.graph(inputs))
        except DocumentError:
            assert more, "its own input it always takes"
            assert not holds(said, numbers)
            continue
        assert holds(said, numbers)
        found = {quantity: of_text(str(each), numbers) for quantity, each in formulas(report).items()}
        taken = function.__code__.co_varnames
        assert found == expected
        assert function(**{each: size for each, size in numbers.items() if each in taken}) == expected
