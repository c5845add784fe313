"""Markdown, HTML and LaTeX: an independent reader gets the texts back."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len

from archcalc.report import render
from archcalc.report._text import sheet_of
from tests._reports import NASTY, expected_lines

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
    open_ones: list[str] = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if word == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones
    for before, after in pairwise(text.splitlines()):
        command = before.endswith((r"\\", "rule", r"\addlinespace"))
        assert not (command and after.strip().startswith(("[", "*")))
