"""What mypy takes as a size and as an operation, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

HEAD = """
import numpy
from archcalc.explain.traced import Traced
from archcalc.ops import Op, number, operation
from archcalc.ops.conv import Conv
from archcalc.recorded.recording import Recorded
from archcalc.sizes import Requirement, Shape, Size, floor_quotient, product

"""
TAKEN = """
Array = numpy.ndarray[tuple[int], numpy.dtype[numpy.int64]]

def anything(array: Array, one: Traced, term: Recorded) -> Shape:
    sizes: list[Size] = [7, array, one, term]
    fits = Requirement(array, "<=", 2 * one - term, "too small").left
    total: int = product((3, 3, 64))
    return Shape((floor_quotient(product(sizes), 2), fits), total)

@operation
class Twice(Op):
    name = "twice"
    channels: int = number()

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, 2 * x.channels)

    def macs(self, x: Shape) -> Size:
        return self.channels * x.elements

class Both(Op):
    name = "both"
    joins = True

    def out(self, *x: Shape) -> Shape:
        return x[0]
"""
REFUSED = {
    "Shape((), 'x')": 'Argument 2 to "Shape" has incompatible type "str"; expected "Size"',
    "Shape((28, None), 3)": "tuple[int, None]",
    "Shape((), (28, 28))": 'Argument 2 to "Shape" has incompatible type "tuple[int, int]"; expected "Size"',
    "floor_quotient(None, 2)": 'Argument 1 to "floor_quotient" has incompatible type "None"; expected "Size"',
    "Conv(kernel=(3, 3), channels='64')": 'Argument "channels" to "Conv" has incompatible type "str"',
    "Conv(kernel=3, channels=64)": 'Argument "kernel" to "Conv" has incompatible type "int"',
    "Conv(kernel=(3, 3), channels=64).macs((28, 28, 3))": 'Argument 1 to "macs" of "Conv" has',
    "Requirement(1, 'divide', 2, '')": 'Argument 2 to "Requirement" has incompatible type',
}


def checked(code: str, folder: Path) -> tuple[str, int]:
    """What mypy, as strict as over the package, says of some code."""
    file = folder / "snippet.py"
    file.write_text(HEAD + code)
    said, _, exit_code = api.run(["--config-file", "pyproject.toml", str(file)])
    return said, exit_code


def test_each_kind_of_size_is_taken(tmp_path: Path) -> None:
    assert checked(TAKEN, tmp_path) == ("Success: no issues found in 1 source file\n", 0)


def test_what_is_no_size_is_refused(tmp_path: Path) -> None:
    said, exit_code = checked("\n".join(REFUSED), tmp_path)
    first = HEAD.count("\n") + 1
    for line, (code, message) in enumerate(REFUSED.items(), first):
        assert any(f":{line}: error: " in each and message in each for each in said.splitlines()), (
            code,
            said,
        )
    assert exit_code == 1


@pytest.mark.parametrize(
    "rule", ["out(self, x: str) -> Shape: return Shape((), 1)", "macs(self, x: Shape) -> str: return ''"]
)
def test_a_rule_of_another_kind_is_refused(rule: str, tmp_path: Path) -> None:
    said, exit_code = checked(f"class Odd(Op):\n    name = 'odd'\n    def {rule}\n", tmp_path)
    assert "[override]" in said
    assert exit_code == 1
