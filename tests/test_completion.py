"""What a shell is offered for the last word of a line."""

from __future__ import annotations

import pytest

from archcalc import networks
from archcalc.report import format_names
from tests._cli import run

FORMATS = format_names()


def offered(line: str) -> list[str]:
    """What a shell is offered for the last word of a line."""
    words = line.split(" ")
    environment = {
        "_ARCHCALC_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    return [word for word in run(env=environment).stdout.split("\n") if word]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("archcalc table goog", [name for name in networks() if name.startswith("goog")]),
        ("archcalc table googlenet --format ", FORMATS),
        ("archcalc table googlenet --level ", ["row", "branch", "layer"]),
        ("archcalc table googlenet --count f", ["flops"]),
        ("archcalc explain googlenet 3", ["3a", "3b"]),
        ("archcalc explain nowhere 3", []),
        ("archcalc formula naive-vs-v1 --row ", ["naive", "v1"]),
        ("archcalc formula naive-vs-v1 --symbols #5x5", ["#5x5", "#5x5 reduce"]),
        ("archcalc formula naive-vs-v1 --symbols #3x3,v1.#3x3", ["#3x3,v1.#3x3", "#3x3,v1.#3x3 reduce"]),
        ("archcalc formula naive-vs-v1 --solve #3x3", ["#3x3", "#3x3 reduce"]),
        ("archcalc sweep naive-vs-v1 --row v", ["v1"]),
        ("archcalc sweep googlenet --vary 3a.#3x3", ["3a.#3x3=", "3a.#3x3 reduce="]),
        ("archcalc sweep googlenet --vary 3a.r", ["3a.repeat="]),
        ("archcalc sweep googlenet --vary input.", [
            "input.height=", "input.width=", "input.tokens=", "input.frames=", "input.channels=",
        ]),
        ("archcalc sweep googlenet --vary batch=1:2 --vary width=1:2 --solve ", ["batch", "width"]),
        ("archcalc sweep googlenet --vary batch=1:2 --by m", ["macs"]),
        ("archcalc sweep googlenet --vary batch=1:2 --count flops --by ", [
            "params", "flops", "activations", "weights", "biases", "norms", "elementwise", "batch",
        ]),
    ],
)  # fmt: skip
def test_completion(line: str, expected: list[str]) -> None:
    assert sorted(offered(line)) == sorted(expected)
    assert expected or "nowhere" in line
