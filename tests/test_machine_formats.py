"""CSV and JSON: an independent reader gets the values back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from archcalc.report import machine_value, render
from archcalc.report._text import plain, readable
from archcalc.version import VERSION
from tests._reports import EMPTY, HOSTILE, HUGE, NASTY

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


def test_json_is_read_as_it_was() -> None:
    report = replace(EMPTY, rows=({"row": HOSTILE, "params": 1},))
    assert json.loads(render(report, "json"))["rows"][0]["row"] == HOSTILE
