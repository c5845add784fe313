"""Every command of the documents in a real terminal of four widths: no line is too wide, no number is cut,
and what the command is for is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

import archcalc
from archcalc.report import Target, render
from tests._sessions import Shown, session, typed

WIDTHS = (40, 80, 120, 200)
PURPOSE = {  # by command, the columns that are never left out
    "table": (
        *("text", "operations", "layer", "params", "macs", "flops", "check"),
        *("shown_params", "shown_ops", "paper_params", "paper_ops", "verdict_params", "verdict_ops"),
    ),
    "compare": ("text", "network", "naive_operations", "v1_operations", "params", "macs"),
    "audit": ("title", "claim", "cell", "shown", "origin"),
    "explain": ("what", "derivation", "value"),
    "reconcile": ("fit", "network", "quantity", "how", "value"),
    "formula": ("quantity", "formula", "pays_where", "largest"),
    "check": ("network", "input", "flop_counter_said", "fvcore_said", "tensors_said"),
    "list": ("network", "params", "macs", "flops"),
    "sweep": ("batch", "params", "macs", "flops"),
}


def squeezed(text: str) -> str:
    """A text without what breaking it over lines changes."""
    return re.sub(r"\s+", "", text)


def missing(shown: Shown) -> Iterator[str]:
    """What a report has to show and its text has not."""
    whole = squeezed(shown.text)
    numbers = set(re.findall(r"\d[\d,.]*", shown.text))
    everything = "Left out" not in shown.text
    for cell in shown.cells:
        if everything or cell.column in PURPOSE[shown.typed.words[0]]:
            parts = re.split(r"(?<=\w)[._/](?=[^\W\d])| ", cell.text)
            if not all(squeezed(part) in whole for part in parts) or not {cell.number} - {""} <= numbers:
                yield f"{cell.column}: {cell.text}"


def wrong(shown: Shown, width: int) -> Iterator[str]:
    """What is wrong with how one command reads; its own messages are one line each, however long."""
    command = shown.typed.words[0]
    lines = [line for line in shown.text.splitlines() if not line.startswith("archcalc: ")]
    if shown.typed.refused != (shown.code > 1):
        yield f"exit code {shown.code}"
    if command == "show":  # a document as it stands
        return
    yield from (f"too wide: {line}" for line in lines if cell_len(line) > width)
    if command not in PURPOSE or "-o" in shown.typed.words:
        return
    if bool(shown.cells) == shown.typed.refused:
        yield "no report"
    yield from missing(shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_command_of_the_documents_fits(width: int, tmp_path: Path) -> None:
    everything = session(width, tmp_path)
    said = [
        f"{shown.typed.document}: {' '.join(shown.typed.words)}: {each}"
        for shown in everything
        for each in wrong(shown, width)
    ]
    assert not said, "\n".join(said)
    seen = {(shown.typed.words[0], cell.column) for shown in everything for cell in shown.cells if cell.text}
    assert {(command, column) for command, columns in PURPOSE.items() for column in columns} <= seen


def test_the_documents_show_every_kind_of_report() -> None:
    assert set(PURPOSE) <= {each.words[0] for each in typed()}


def test_a_ratio_stands_beside_what_it_is_a_ratio_of() -> None:
    report = archcalc.compare("googlenet", "vgg16", "resnet50", "alexnet")
    for width in range(60, 200):
        text = render(report, "terminal", Target(width))
        gone = re.search(r"Left out at .*?: (.*?)\. Use", text.replace("\n", " "))
        if gone and "weights" in gone[1]:
            assert text.count("googlenet") < 8
