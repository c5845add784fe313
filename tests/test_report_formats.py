"""What holds for every format: golden files, exact numbers, no control characters; how values read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from archcalc.errors import OutputError, UsageError
from archcalc.report import Column, Report, Target, find_format, format_names, render
from archcalc.report._text import plain, readable
from archcalc.sizes import Shape
from tests._reports import EMPTY, HOSTILE, HUGE, NASTY, PEOPLE

LONE_NEWLINES = re.compile(r"[\r\v\f\x85\u2028]")


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
