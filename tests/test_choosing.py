"""Columns and their order are chosen by key or heading, rows sorted by a column, in every format."""

from __future__ import annotations

import csv
import json

import pytest

from archcalc.errors import UsageError
from archcalc.report import Column, Report
from archcalc.sizes import Shape
from tests._cli import archcalc

REPORT = Report(
    caption="",
    columns=(
        Column("row", "row", audience="machines"),
        Column("text", "type", audience="people"),
        Column("params", "params", "count", priority=4),
        Column("printed", "params", spanner="paper", audience="people"),
        Column("output", "output"),
        Column("elements", "elements", "count", audience="machines"),
    ),
    rows=(
        {"row": "a", "text": "A", "params": 9, "output": Shape((7, 7), 100), "elements": 1},
        {"row": "b", "text": "b", "params": (8, 2), "printed": "7K", "output": Shape((), 1000)},
        {"row": "c", "text": "C", "params": 10**400, "output": Shape((1, 1), 9), "elements": 3},
        {"row": "d", "text": "d"},
    ),
    groups=("x", "x", "y", "y"),
)


def keys(report: Report) -> list[str]:
    return [column.key for column in report.columns]


def order(report: Report) -> str:
    return "".join(row["row"] for row in report.rows)


def test_columns_are_called_by_key_or_heading() -> None:
    assert keys(REPORT.choose("type", "params")) == ["text", "params"]
    assert keys(REPORT.choose("params", "text")) == ["params", "text"]
    assert keys(REPORT.choose("paper: params", "elements")) == ["printed", "elements"]
    assert keys(REPORT.choose("row", "type", audience="machines")) == ["row", "text"]
    assert all(column.audience == "all" and not column.priority for column in REPORT.choose("params").columns)


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no column is called 'parms'; did you mean 'params'\?"):
        REPORT.choose("parms")
    with pytest.raises(UsageError, match=r"no column is called 'outptu'"):
        REPORT.choose(sort="-outptu")


def test_a_heading_of_two_columns_is_refused_with_their_keys() -> None:
    answer = archcalc("table", "googlenet", "--columns", "share")
    fact = "'share' is the heading of several columns: call them share_params, share_work"
    assert (answer.code, answer.err) == (2, f"archcalc: {fact}\n")


@pytest.mark.parametrize(
    ("sort", "found"),
    [("params", "abcd"), ("-params", "cbad"), ("output", "cbad"), ("-output", "abcd"), ("type", "abcd")],
)
def test_rows_are_sorted_by_size_and_empty_ones_stand_last(sort: str, found: str) -> None:
    assert order(REPORT.choose(sort=sort)) == found


def test_groups_go_with_their_rows() -> None:
    assert REPORT.choose(sort="-params").groups == ("y", "x", "x", "y")


@pytest.mark.parametrize(
    "command",
    [
        "table googlenet --columns row,macs --sort -macs",
        "compare naive-vs-v1 --columns branch,v1_macs --sort -v1_macs",
        "audit googlenet --columns row,computed --sort -computed",
        "reconcile 6.8M googlenet --columns network,value --sort -value",
        "explain googlenet 3a --columns what,derivation --sort what",
        "formula naive-vs-v1 --sensitivity --columns column,params --sort column",
        "list --columns network,params --sort -params",
        "sweep googlenet --vary batch=1:3 --columns batch,macs --sort -macs",
        "check naive-vs-v1 --columns input,macs --sort -macs",
    ],
)
def test_every_command_takes_them_in_every_format(command: str) -> None:
    words = command.split()
    chosen = words[words.index("--columns") + 1].split(",")
    found = list(csv.DictReader(archcalc(*words, "--format", "csv").out.splitlines()))
    assert [*found[0]] == chosen
    assert json.loads(archcalc(*words, "--format", "json").out)["rows"][0].keys() == set(chosen)
    if words[-1].startswith("-"):
        numbers = [int(row[chosen[1]]) for row in found if row[chosen[1]]]
        assert numbers == sorted(numbers, reverse=True)
    assert len(found) > 1


def test_a_sweep_that_writes_a_file_takes_neither() -> None:
    answer = archcalc("sweep", "googlenet", "--vary", "batch=1:3", "--sort", "macs", "-o", "x.csv")
    assert (answer.code, answer.out) == (2, "")


def test_the_total_keeps_its_number_where_there_is_no_place_for_its_name() -> None:
    last = archcalc("table", "googlenet", "--columns", "params,row", "-f", "csv", "--total").out.split()[-1]
    assert last == "6998552,total"
