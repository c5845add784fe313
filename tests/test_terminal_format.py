"""The terminal format: cells stay whole at any width, in any encoding, with colour and without."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len

from archcalc.report import Column, Report, Target, render
from tests._reports import COLUMNS, EMPTY, HUGE, NASTY, expected_lines

# The terminal


def test_terminal_shows_every_cell_whole_at_any_width() -> None:
    wide = render(NASTY, "terminal")
    for cells in expected_lines():
        for cell in cells:
            assert cell in wide
    assert "Left out" not in wide


def left_out(width: int) -> list[str]:
    text = render(NASTY, "terminal", Target(width)).replace("\n", " ")
    found = re.search(rf"Left out at {width} columns wide: (.*?)\. Use a wider", text)
    return found[1].split(", ") if found else []


def test_terminal_leaves_columns_out_by_priority() -> None:
    natural = max(map(cell_len, table_lines(render(NASTY, "terminal"))))
    order = ["biases", "share", "against v1", "output size"]
    seen = {tuple(left_out(width)) for width in range(40, natural + 1)}
    assert seen == {tuple(name for name in shown if name in gone) for shown, gone in _prefixes(order)}
    assert left_out(natural) == left_out(natural - 1) == []  # a heading on two lines is enough
    assert f"{HUGE:,}" in render(NASTY, "terminal", Target(40))  # it does not fit even so, and is whole


def _prefixes(order: list[str]) -> list[tuple[list[str], list[str]]]:
    """Each number of the columns that go first, and the order in which they stand in the table."""
    shown = [column.title for column in COLUMNS if column.title in order]
    return [(shown, order[:count]) for count in range(len(order) + 1)]


def test_terminal_writes_blocks_where_no_table_fits() -> None:
    report = replace(NASTY, rows=NASTY.rows[1:2], groups=("inception",), footnotes=(), notes=())
    assert render(report, "terminal", Target(30)).splitlines()[4:] == [
        "inception",
        "row: <script>alert(1)</script>",
        "  output size: 28x28x256",
        "  params: 16,384 + 110,592",
        "  share: 33.3%",
        "  biases: 0",
        "  against v1: 3.15x",
        "  paper params: 159K",
        "  paper ops: 128M",
        "  paper verdict: agrees",
        "──────────────────────────────",
        "row: total",
        "  params:",
        "    10,000,000,000,000,000,000,000,000,000,000,000,136,833",
        "  share: 100%",
        "  against v1: 2.50x",
    ]


def test_terminal_puts_long_texts_in_lines_of_their_column_or_below_their_row() -> None:
    text = "conv 1x1 64 -> relu -> conv 3x3 192 -> relu -> max pool 3x3 -> conv 1x1 32"
    report = Report(
        caption="",
        columns=(Column("row", "row"), Column("what", "operations", wrap=True), Column("n", "n", "count")),
        rows=({"row": "3a", "what": text, "n": 1000}, {"row": "3b", "what": None, "n": 2}),
    )
    assert render(report, "terminal", Target(50)).splitlines() == [
        "row  operations                                  n",
        "──────────────────────────────────────────────────",
        "3a   conv 1x1 64 -> relu -> conv 3x3 192     1,000",
        "     -> relu -> max pool 3x3 -> conv 1x1 32",
        "3b                                               2",
    ]
    assert render(report, "terminal", Target(30)).splitlines() == [
        "row      n",
        "  operations",
        "──────────",
        "3a   1,000",
        "  conv 1x1 64 -> relu",
        "    -> conv 3x3 192 -> relu",
        "    -> max pool 3x3",
        "    -> conv 1x1 32",
        "3b       2",
    ]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_terminal_keeps_to_its_width(width: int) -> None:
    text = render(replace(NASTY, rows=NASTY.rows[:2], total=None), "terminal", Target(width))
    assert max(map(cell_len, text.splitlines())) <= width


def test_terminal_wraps_notes_between_words_alone() -> None:
    report = replace(EMPTY, notes=("see https://example.org/a-very-long-address for more of it",))
    assert "see\nhttps://example.org/a-very-long-address\nfor more of it\n" in render(
        report, "terminal", Target(20)
    )
    assert report.notes[0] in render(report, "terminal")


def table_lines(text: str) -> list[str]:
    return text.split("\n\n")[1].splitlines()


def test_terminal_columns_stay_aligned_under_wide_characters() -> None:
    lines = table_lines(render(NASTY, "terminal"))
    rule = next(line for line in lines if set(line) == {"─"})
    ends = {cell_len(line[: line.index("x ") + 1]) for line in lines if re.search(r"\d\.\d\dx ", line)}
    assert len(ends) == 1
    assert all(cell_len(line) <= cell_len(rule) for line in lines)


def test_terminal_keeps_a_long_group_and_a_long_spanner_whole() -> None:
    report = Report(
        caption="",
        columns=(
            Column("n", "n", "count"),
            Column("name", "name", spanner="a long spanner"),
            Column("end", "end"),
        ),
        rows=({"n": 1, "name": "x", "end": "e"}, {"n": 22, "name": "y", "end": "f"}),
        groups=("a long group", "a long group"),
    )
    assert render(report, "terminal").splitlines() == [
        "    a long spanner",
        " n  name            end",
        "───────────────────────",
        "a long group",
        " 1  x               e",
        "22  y               f",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437"])
def test_terminal_writes_only_what_the_encoding_has(encoding: str) -> None:
    text = render(NASTY, "terminal", Target(encoding=encoding))
    assert text.encode(encoding).decode(encoding) == text
    assert "??? (1)" in text
    lines = table_lines(text)
    assert lines[2] == "-" * len(lines[2])
    assert "é" in render(replace(EMPTY, caption="é"), "terminal", Target(encoding="cp1252"))


@pytest.mark.parametrize("encoding", ["UTF-8", "utf8", "cp65001", "utf-16"])
def test_terminal_knows_utf_by_any_name(encoding: str) -> None:
    assert render(NASTY, "terminal", Target(encoding=encoding)) == render(NASTY, "terminal")


def test_terminal_has_no_escapes_without_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    plain_text = render(NASTY, "terminal")
    assert "\x1b" not in plain_text
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "20")
    colored = render(NASTY, "terminal", Target(color=True))
    assert (
        "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored).split("\n")) == plain_text
    )


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ("agrees", 32),
        ("ok", 32),
        ("truncated to 7", 33),
        ("off by one", 33),
        ("differs", 31),
        ("MISMATCH", 31),
        ("known erratum", 35),
    ],
)
def test_terminal_colors_marks(mark: str, code: int) -> None:
    report = Report("", (Column("mark", "mark", "mark"),), ({"mark": mark},))
    assert re.search(rf"\x1b\[{code}m{mark} *\x1b\[0m", render(report, "terminal", Target(color=True)))


def test_terminal_needs_neither_pandas_nor_numpy() -> None:
    import subprocess

    program = (
        "import sys; from archcalc.report import Column, Report, render;"
        "render(Report('', (Column('row', 'row'),), ({'row': 1},)), 'terminal');"
        "print([name for name in ('pandas', 'numpy', 'sympy', 'torch') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
