"""A formula that cannot be written is refused in one line, with its exit code."""

from __future__ import annotations

import sys

import pytest

import archcalc
from tests._cli import archcalc as command
from tests._formulas import NAIVE

# Errors


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["naive-vs-v1", "--symbols", "#3x4"],
            3,
            "no column that blocks read is called '#3x4'; did you mean '#3x3'?",
        ),
        (
            ["googlenet", "--symbols", "3a.#3x4"],
            3,
            "row '3a' has no number in a column '#3x4'; did you mean '#3x3'?",
        ),
        (["googlenet", "--symbols", "3z.#3x3"], 3, "no row is called '3z'; known: 3a, 3b"),
        (["googlenet", "--row", "inception 3"], 3, "no row is called 'inception 3'; known:"),
        (
            ["naive-vs-v1", "--symbols", "2n=#3x3"],
            2,
            "'2n' is no name for a size; write letters, digits and _",
        ),
        (["naive-vs-v1", "--symbols", "if=#3x3"], 2, "'if' is no name for a size"),
        (
            ["naive-vs-v1", "--symbols", "H=#3x3"],
            2,
            "'H' stands for a size of the input, and cannot for the column",
        ),
        (
            ["naive-vs-v1", "--symbols", "n=#3x3,n=#5x5"],
            2,
            "'n' stands for the column #3x3, and cannot for the column",
        ),
        (["googlenet", "--input", "HxW?x3"], 2, "an input is HxWxC with numbers of 1 or more, or names"),
        (["googlenet", "--input", "0xWx3"], 2, "an input is HxWxC with numbers of 1 or more, or names"),
        (["googlenet", "--input", "32x32"], 3, "(at the input 32x32x3)"),
        (["googlenet", "--input", "9xWx3"], 3, "does not fit into its input"),
        (
            ["googlenet", "--solve", "#3x3"],
            2,
            "'googlenet' holds one design; a break-even is of alternatives",
        ),
        (["naive-vs-v1", "--solve", "#3x4"], 3, "is called '#3x4'; did you mean '#3x3'?"),
        (["naive-vs-v1", "--solve", "all"], 2, "a break-even is of one column, and 'all' names several"),
        (["naive-vs-v1", "--solve", "#3x3", "--row", "v1"], 2, "--solve stands without --row"),
        (["gogglenet"], 3, "did you mean 'googlenet'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_errors(arguments: list[str], code: int, message: str) -> None:
    answer = command("formula", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_a_column_that_enters_no_cost_has_no_break_even() -> None:
    with pytest.raises(archcalc.ArchcalcError, match="no cost depends on the column"):
        NAIVE.break_even("output size")


def test_without_sympy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("archcalc.formula.network")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sympy", None)
    answer = command("formula", "googlenet")
    assert answer.code == 2
    assert "pip install 'archcalc[formula]'" in answer.err
