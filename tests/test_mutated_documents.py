"""Documents of the catalogue with a few characters changed: a table, or one line that says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc.notation.loading import catalogue
from tests._cli import archcalc

TEXTS = {name: path.read_text(encoding="utf-8") for name, path in catalogue().items() if path.suffix == ".md"}
PIECES = ("|", "\n", "{", "}", "->", "=", "0", "-1", "999999", "(", ")", "[^", "]:", "```", "---", ": ", "\t",
          "\N{MULTIPLICATION SIGN}", "\u202e", "\x1b", "total", "concat", "add", "in", "out", ">",
          "# heads: from ")  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A document of the catalogue in which pieces were removed, doubled or put in."""
    text = TEXTS[draw(st.sampled_from(sorted(TEXTS)))]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 30))
        middle = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.sampled_from(PIECES)))
        text = text[:start] + middle + text[end:]
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated")


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(text=mutated())
def test_a_mutated_document_is_a_table_or_one_line(text: str, folder: Path) -> None:
    path = os.path.join(folder, "net.md")
    Path(path).write_text(text, encoding="utf-8")
    answer = archcalc("table", path)
    assert answer.code in (0, 3)
    if answer.code:
        assert (answer.out, answer.err.count("\n")) == ("", 1)
