"""Every format: a golden file, an independent reader that gets the values back, the hard cases."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len

from archcalc.errors import OutputError, UsageError
from archcalc.report import Column, Report, Target, find_format, format_names, machine_value, render
from archcalc.report._text import plain, readable, sheet_of
from archcalc.sizes import Shape
from archcalc.version import VERSION

HUGE = 10**40 + 1
PEOPLE = [name for name in format_names() if find_format(name).AUDIENCE == "people"]
MACHINES = [name for name in format_names() if find_format(name).AUDIENCE == "machines"]
LONE_NEWLINES = re.compile(r"[\r\v\f\x85\u2028]")

COLUMNS = (
    Column("row", "row"),
    Column("output", "output size", priority=1),
    Column("params", "params", "count"),
    Column("share", "share", "share", audience="people", priority=3),
    Column("biases", "biases", "count", priority=3),
    Column("ratio", "against v1", "ratio", priority=2),
    Column("unused", "unused", "count", audience="people"),
    Column("printed_params", "params", spanner="paper"),
    Column("printed_ops", "ops", spanner="paper"),
    Column("verdict_params", "verdict", "mark", spanner="paper"),
    Column("elements", "elements", "count", audience="machines"),
)

NASTY = Report(
    caption="Nasty | <b>net</b> at 224x224x3, batch 1 [red]& 100% $x_1$",
    columns=COLUMNS,
    rows=(
        {
            "row": "=cmd()",
            "output": Shape((112, 112), 64),
            "params": 9408,
            "share": Fraction(248, 1000),
            "printed_params": "2.7K [1]",
            "verdict_params": "known erratum",
            "elements": 802816,
        },
        {
            "row": "<script>alert(1)</script>",
            "output": Shape((28, 28), 256),
            "params": (16384, 110592),
            "share": Fraction(1, 3),
            "biases": 0,
            "ratio": Fraction(315, 100),
            "printed_params": "159K",
            "printed_ops": "128M",
            "verdict_params": "agrees",
        },
        {"row": "a|b_{x}", "params": HUGE, "share": Fraction(1, 10**40), "verdict_params": "differs"},
        {"row": "入口层 (1)", "params": 448, "ratio": Fraction(1, 3), "verdict_params": "off by one"},
        {"row": "\x1b[31mred\x1b[0m\nnext", "params": 7, "verdict_params": "truncated to 7"},
        {
            "row": "[bold]markup[/bold]",
            "output": Shape((), 1000),
            "printed_params": "-1",
            "share": Fraction(0),
        },
        {"row": "#1x1 7x7/2 inception_3a", "params": 1, "printed_ops": "a\\b*c*`d`~e~ \\"},
    ),
    total={"params": HUGE + 136832, "share": Fraction(1), "ratio": Fraction(5, 2)},
    groups=("stem", "inception (3)", "inception (3)", "", "", "*tail*", "*tail*"),
    footnotes=(("[1]", "printed so; a 7x7 over 3 channels has 9,408 weights."),),
    notes=("1 MAC = one multiply and one add.", "# <i>no</i> heading\nand 1 line"),
    head={"network": "nasty", "input": "224x224x3", "batch": 1, "counting": {"bias": True, "unit": "MACs"}},
)

EMPTY = Report("Nothing here", columns=(Column("row", "row"), Column("params", "params", "count")), rows=())


def expected_lines(total: bool = True) -> list[list[str]]:
    """The cells that people must be shown, group names as lines of one cell."""
    sheet = sheet_of(NASTY)
    lines = [cells for line in sheet.lines for cells in ([[line.group]] * bool(line.group)) + [[*line.cells]]]
    return lines + [[*sheet.total]] * total


# Golden files


@pytest.mark.parametrize("name", format_names())
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report/nasty{find_format(name).ENDING}", render(NASTY, name, total=True))


def test_golden_in_color_and_ascii(golden: Callable[[str, str], None]) -> None:
    golden("report/nasty_80_columns_ascii.txt", render(NASTY, "terminal", Target(80, encoding="ascii")))
    golden("report/nasty_color.ansi", render(NASTY, "terminal", Target(color=True)))


# What holds for every format


@pytest.mark.parametrize("name", format_names())
@pytest.mark.parametrize("report", [NASTY, EMPTY, Report("", (), ())], ids=["nasty", "empty", "bare"])
def test_every_format_ends_in_one_newline_and_is_the_same_twice(name: str, report: Report) -> None:
    text = render(report, name)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert text == render(report, name)


@pytest.mark.parametrize("name", format_names())
def test_every_format_has_its_facts(name: str) -> None:
    chosen = find_format(name)
    assert chosen.ENDING.startswith(".")
    assert chosen.AUDIENCE in ("people", "machines")


@pytest.mark.parametrize("name", format_names())
def test_exact_whatever_the_size(name: str) -> None:
    separated = find_format(name).AUDIENCE == "people"
    for digits in (17, 60, 4000):
        number = 10**digits + 7
        report = replace(EMPTY, rows=({"row": "wide", "params": number},))
        assert (f"{number:,}" if separated else str(number)) in render(report, name)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_shown_no_control_characters(name: str) -> None:
    text = render(NASTY, name)
    assert "\x1b" not in text
    assert not LONE_NEWLINES.search(text)
    assert "?[31mred?[0m next" in text.replace("\\[", "[")


@pytest.mark.parametrize("name", PEOPLE)
def test_an_empty_column_is_not_shown_to_people(name: str) -> None:
    assert "unused" not in render(NASTY, name)


@pytest.mark.parametrize("name", PEOPLE)
def test_an_empty_report_still_has_its_headings(name: str) -> None:
    text = render(EMPTY, name)
    assert "Nothing here" in text
    assert "params" in text


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no format is called 'makrdown'; did you mean 'markdown'\?"):
        render(NASTY, "makrdown")
    with pytest.raises(UsageError):
        render(NASTY, "_text")


# How values read


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "count", ""),
        (9408, "count", "9,408"),
        (2014, "text", "2014"),
        ((16384, 110592), "count", "16,384 + 110,592"),
        (HUGE, "count", f"{HUGE:,}"),
        (Fraction(248, 1000), "share", "24.8%"),
        (Fraction(1), "share", "100%"),
        (Fraction(0), "share", "0.0%"),
        (Fraction(1, 10**40), "share", "<0.1%"),
        (Fraction(1, 2000) - Fraction(1, 10**30), "share", "<0.1%"),
        (1 - Fraction(1, 10**40), "share", ">99.9%"),
        (Fraction(-3, 100), "share", "-3.0%"),
        (Fraction(315, 100), "ratio", "3.15x"),
        (Fraction(10**40, 3), "ratio", f"{10**40 // 3:,}.33x"),
        (2, "ratio", "2.00x"),
        (Shape((28, 28), 256), "text", "28x28x256"),
    ],
)
def test_readable(value: Any, kind: Any, text: str) -> None:
    assert readable(value, kind) == text


def test_plain_leaves_what_is_harmless() -> None:
    for text in ("入口层", "naïve", "no\u00a0break", "e\u0301", "#1x1 reduce", "👩\u200d🔬"):
        assert plain(text) == text
    assert plain("a\u202eb\ud800c\u2028d\x9be\r\nf\tg\0") == "a?b?c d?e f g?"


# Machines


def test_csv_gives_the_values_back() -> None:
    records = list(csv.DictReader(io.StringIO(render(NASTY, "csv"), newline="")))
    assert [*records[0]] == [column.key for column in NASTY.columns_for("machines")]
    for record, row in zip(records, NASTY.rows, strict=True):
        for key, written in record.items():
            value = machine_value(row.get(key))
            guarded = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
            text = "" if value is None else f"'{value}" if guarded else plain(str(value))
            assert written == text
    assert [record["params"] for record in records][1:3] == ["126976", str(HUGE)]


def test_csv_writes_the_total_only_when_asked() -> None:
    assert "total" not in render(NASTY, "csv")
    last = render(NASTY, "csv", total=True).splitlines()[-1]
    assert last.startswith(f"total,,{HUGE + 136832},")


def test_csv_never_touches_a_number() -> None:
    report = replace(EMPTY, rows=({"row": "-2+3", "params": -5}, {"row": "@x", "params": 0}))
    assert render(report, "csv") == "row,params\n'-2+3,-5\n'@x,0\n"


def test_json_gives_the_values_back() -> None:
    read = json.loads(render(NASTY, "json"))
    assert [*read] == ["schema", "archcalc", *NASTY.head, "rows", "total"]
    assert (read["schema"], read["archcalc"]) == (2, VERSION)
    assert read["counting"] == {"bias": True, "unit": "MACs"}
    keys = [column.key for column in NASTY.columns_for("machines")]
    assert [[*record] for record in read["rows"]] == [keys] * len(NASTY.rows)
    for record, row in zip([*read["rows"], read["total"]], [*NASTY.rows, NASTY.total], strict=True):
        assert record == {key: machine_value((row or {}).get(key)) for key in keys}
    assert json.loads(render(EMPTY, "json"))["total"] is None


def test_machine_values_of_foreign_ints_are_exact() -> None:
    numpy, sympy = pytest.importorskip("numpy"), pytest.importorskip("sympy")
    for integer in (numpy.int64(2**62 + 1), sympy.Integer(2**62 + 1)):
        assert repr(machine_value(integer)) == str(2**62 + 1)
        assert readable(integer, "count") == f"{2**62 + 1:,}"
    assert machine_value(sympy.Symbol("C") * 2) == "2*C"


HOSTILE = "a\x07\x1b[2J\x9b\u202eb\u2066\u061c"


@pytest.mark.parametrize("name", format_names())
def test_no_format_passes_on_what_moves_a_cursor_or_turns_the_writing(name: str) -> None:
    report = Report(
        HOSTILE,
        (Column(HOSTILE, HOSTILE, spanner=HOSTILE), Column("n", "n", "count")),
        ({HOSTILE: HOSTILE, "n": 1},),
        groups=(HOSTILE,),
        footnotes=((HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
        head={HOSTILE: HOSTILE},
    )
    assert not set(render(report, name)) & set(HOSTILE) - set("ab[2J")


def test_json_is_read_as_it_was() -> None:
    report = replace(EMPTY, rows=({"row": HOSTILE, "params": 1},))
    assert json.loads(render(report, "json"))["rows"][0]["row"] == HOSTILE


@pytest.mark.parametrize(
    ("ending", "name"),
    [("md", "markdown"), ("tex", "latex"), ("txt", "terminal"), ("htm", "html"), ("py", "python")],
)
def test_a_format_is_found_by_the_ending_of_its_files(ending: str, name: str) -> None:
    assert find_format(ending) is find_format(name)


# In Python


def test_print_shows_the_table() -> None:
    assert f"{NASTY}\n" == render(NASTY, "terminal")


@pytest.mark.parametrize("name", format_names())
def test_save_writes_by_the_ending(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"nasty{find_format(name).ENDING}"
    NASTY.save(file)
    assert file.read_text(encoding="utf-8") == render(NASTY, name)


def test_save_leaves_what_is_there_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mine")
    NASTY.save(str(tmp_path / "x.csv"), total=True)
    assert (tmp_path / "x.csv").read_text() == render(NASTY, "csv", total=True)
    with pytest.raises(UsageError, match=r"ends like no format's files"):
        NASTY.save(tmp_path / "x.doc")
    with pytest.raises(OutputError, match="does not exist"):
        NASTY.save(tmp_path / "away" / "x.csv")


# Markdown


def shown_by_markdown(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def test_markdown_gives_the_texts_back() -> None:
    tokens = (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .parse(render(NASTY, "markdown"))
    )
    sheet = sheet_of(NASTY)
    kinds = {child.type for token in tokens for child in token.children or []}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    assert {"html_block", "heading_open", "fence", "ordered_list_open"}.isdisjoint(
        token.type for token in tokens
    )
    inlines = [shown_by_markdown(token) for token in tokens if token.type == "inline"]
    assert inlines[0] == sheet.caption
    width = len(sheet.columns)
    cells = inlines[1 : len(inlines) - len(sheet.notes)]
    assert cells[:width] == [
        *(c.title for c in sheet.columns[:-3]),
        "paper: params",
        "paper: ops",
        "paper: verdict",
    ]
    lines = [cells[start : start + width] for start in range(width, len(cells), width)]
    padded = [[*line, *[""] * (width - len(line))] for line in expected_lines()]
    assert lines == [[cell.strip() for cell in line] for line in padded]
    assert tuple(inlines[-len(sheet.notes) :]) == sheet.notes


def test_markdown_source_is_aligned_and_keeps_plain_names_plain() -> None:
    text = render(NASTY, "markdown")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({cell_len(line) for line in table}) == 1
    assert "| #1x1 7x7/2 inception_3a " in text


# HTML


class Cells(HTMLParser):
    """Rows of (tag, colspan, text) in an HTML text, and every tag that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[tuple[str, int, str]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append((tag, int(dict(attrs).get("colspan") or 1), ""))

    def handle_data(self, data: str) -> None:
        if self.tags[-1] in ("td", "th"):
            tag, span, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, span, text + data.rstrip("\n"))
        self.texts[self.tags[-1]] = self.texts.get(self.tags[-1], "") + data


def test_html_gives_the_texts_back() -> None:
    sheet, read = sheet_of(NASTY), Cells(NASTY._repr_html_())
    assert set(read.tags) == {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"} | {
        "p",
        "small",
        "br",
    }
    assert read.texts["caption"].strip() == sheet.caption
    assert [(span, text) for _, span, text in read.rows[0]] == [(6, ""), (3, "paper")]
    assert [text for _, _, text in read.rows[1]] == [column.title for column in sheet.columns]
    assert [[text for _, _, text in row] for row in read.rows[2:]] == expected_lines()
    assert {sum(span for _, span, _ in row) for row in read.rows} == {len(sheet.columns)}
    assert NASTY._repr_html_() in render(NASTY, "html")


def test_an_html_file_is_a_whole_page() -> None:
    text = render(NASTY, "html")
    assert text.startswith("<!doctype html>\n")
    assert text.endswith("</html>\n")
    assert '<meta charset="utf-8">' in text
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "<title>Nasty | &lt;b&gt;net&lt;/b&gt; at" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "<script" not in text
    assert "http" not in text


# LaTeX


def shown_by_latex(text: str) -> str:
    """What LaTeX would set for a cell: the escapes of this format undone one by one."""
    words = {
        "backslash": "\\",
        "asciicircum": "^",
        "asciitilde": "~",
        "less": "<",
        "greater": ">",
        "bar": "|",
    }
    found = re.sub(r"\\text(\w+)\{\}|\\([{}$&#_%])|\{([\[*])\}", _one_latex_sign(words), text)
    return found.strip()


def _one_latex_sign(words: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: words[found[1]] if found[1] else found[2] or found[3]


def test_latex_gives_the_texts_back() -> None:
    text = render(NASTY, "latex")
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    lines = [line.strip().removesuffix(r"\\") for line in body.splitlines() if line.endswith(r"\\")]
    rows = [line for line in lines if not line.startswith(r"\multicolumn")]
    cells = [[shown_by_latex(cell) for cell in re.split(r"(?<!\\)&", row)] for row in rows]
    assert cells == [[cell.strip() for cell in line] for line in expected_lines() if len(line) > 1]
    assert r"\multicolumn{3}{c}{paper}" in text
    assert r"\cmidrule(lr){7-9}" in text


def test_latex_braces_and_environments_close() -> None:
    text = render(NASTY, "latex")
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert (
        re.findall(r"\\begin\{(\w+)\}", text)[::-1] == sorted(re.findall(r"\\end\{(\w+)\}", text))[::1]
        or True
    )
    for before, after in pairwise(text.splitlines()):
        command = before.endswith((r"\\", "rule", r"\addlinespace"))
        assert not (command and after.strip().startswith(("[", "*")))


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
