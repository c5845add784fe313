"""Python files of ARCHCALC_PATH for tests: how they are written, and what a command says of them."""

from __future__ import annotations

import re
from pathlib import Path

from tests._cli import archcalc

NETWORK = "---\ninput: 8x8x3\n---\n\n```blocks\nrow = odd\n```\n\n| type |\n|------|\n| row  |\n"


def said(*arguments: str) -> str:
    """The one line that a command refuses its input with."""
    answer = archcalc(*arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (3, "", 1), answer
    assert answer.err.startswith("archcalc: ")
    return answer.err.removeprefix("archcalc: ")


def refused(*arguments: str) -> str:
    """The same, without the line of the Python file."""
    return re.sub(r"(\.py):[0-9]+: ", r"\1: ", said(*arguments))


def plugin(folder: Path, kind: str, text: str) -> Path:
    """A Python file of one kind."""
    path = folder / kind / "odd.py"
    path.parent.mkdir()
    path.write_text(text)
    return path


def operation(*methods: str, name: str = "'odd'") -> str:
    """The text of an operation with these methods."""
    head = "from archcalc.ops import Op, Tensor, number, operation\n"
    head += "from archcalc.sizes import Requirement, Shape\n\n@operation\nclass Odd(Op):\n"
    body = "".join(f"    {line}\n" for method in methods for line in method.splitlines())
    return f"{head}    name = {name}\n{body}"
