"""Every command of the documentation at four widths: no line too wide, no number cut, its purpose there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from rich.cells import cell_len

from archcalc.cli import console
from archcalc.report import Report, Target, machine_value, render
from archcalc.report._text import sheet_of
from tests._cli import archcalc
from tests._documents import PATHS, Document, write
from tests.test_terminal import on_terminal, plain

WIDTHS = (40, 80, 120, 200)
PURPOSE = {  # by command, the columns that are never left out
    "table": (
        *("text", "branch", "operations", "layer", "params", "macs", "flops", "check"),
        *("shown_params", "shown_ops", "paper_params", "paper_ops"),
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


def commands() -> list[tuple[str, str]]:
    """The reports that the documents' sessions show, without what they are piped into."""
    found: dict[str, str] = {}
    for path in PATHS:
        for command in Document(path).commands:
            words = command.text.split(" | ")[0].split(" > ")[0]
            if words.startswith("archcalc ") and words.split()[1] in PURPOSE and " -o " not in words:
                found.setdefault(words.replace(" --plot ", " -o "), path.name)
    return [(name, words) for words, name in found.items() if " -o " not in words]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Report]:
    """What the last command has made a text of."""
    kept: dict[str, Report] = {}

    def kept_and_rendered(report: Report, *arguments: object, **named: object) -> str:
        kept["report"] = report
        return ""

    monkeypatch.setattr(console, "render", kept_and_rendered)
    monkeypatch.chdir(tmp_path)
    return kept


def squeezed(text: str) -> str:
    """A text without what breaking it over lines changes."""
    return re.sub(r"\s+", "", text)


def check(report: Report, command: str, width: int) -> None:
    """One report at one width."""
    text = render(report, "terminal", Target(width))
    wide = [line for line in text.splitlines() if cell_len(line) > width]
    assert not wide, "\n".join(wide)
    whole = squeezed(text)
    columns = [c for c in report.columns_for("people") if width == 40 or c.key in PURPOSE[command]]
    numbers = set(re.findall(r"\d[\d,.]*", text))
    for row, line in zip(report.rows, sheet_of(report).lines, strict=True):
        cells = dict(zip((c.key for c in sheet_of(report).columns), line.cells, strict=True))
        for column in columns:
            cell = cells.get(column.key, "")
            if "Left out" in text and column.key not in PURPOSE[command]:
                continue
            for part in re.split(r"(?<=\w)[._/](?=[^\W\d])| ", cell):
                assert squeezed(part) in whole, (column.key, cell)
            value = machine_value(row.get(column.key))
            if column.kind == "count" and isinstance(value, int) and not isinstance(row[column.key], tuple):
                assert f"{abs(value):,}" in numbers


@pytest.mark.parametrize(("document", "command"), commands(), ids=lambda each: str(each)[:60])
def test_a_command_of_the_documents_fits(document: str, command: str, reported: dict[str, Report]) -> None:
    write(next(Document(path) for path in PATHS if path.name == document), Path())
    words = shlex.split(command)[1:]
    archcalc(*words)
    if "report" not in reported:  # a session that shows an error
        return
    for width in WIDTHS:
        check(reported["report"], words[0], width)


def test_the_documents_show_every_kind_of_report() -> None:
    assert {words.split()[1] for _, words in commands()} == set(PURPOSE)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "command",
    [
        "table inception-v4 --level branch",
        "table googlenet --level layer",
        "compare googlenet vgg16 resnet50 alexnet",
        "audit --all",
        "explain inception-v4 stem",
        "formula googlenet --row 3a --symbols all",
    ],
)
def test_a_large_report_fits(command: str, width: int, reported: dict[str, Report]) -> None:
    words = command.split()
    archcalc(*words)
    if "report" in reported:
        check(reported["report"], words[0], width)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("command", ["table googlenet", "explain googlenet 3a", "compare naive-vs-v1"])
def test_a_real_terminal_is_not_overrun(command: str, width: int) -> None:
    shown = plain(on_terminal(width, *command.split()))
    assert max(map(cell_len, shown.splitlines())) <= width


def test_a_ratio_stands_beside_what_it_is_a_ratio_of(reported: dict[str, Report]) -> None:
    archcalc("compare", "googlenet", "vgg16", "resnet50", "alexnet")
    for width in range(60, 200):
        text = render(reported["report"], "terminal", Target(width))
        gone = re.search(r"Left out at .*?: (.*?)\. Use", text.replace("\n", " "))
        if gone and "weights" in gone[1]:
            assert text.count("googlenet") < 8
