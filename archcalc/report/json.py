"""JSON for machines: what the report is about, its rows under the keys of CSV, its total."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from archcalc.report import Audience, Report, Target, Value, machine_value
from archcalc.version import VERSION

ENDING = ".json"
AUDIENCE: Audience = "machines"

# json itself escapes what stands below the space.
INVISIBLE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could move a cursor or turn the direction of writing is written as an escape."""

SCHEMA = 2  # grows when a key changes its meaning or goes


def render(report: Report, target: Target) -> str:
    """One object; integers are exact, so a reader that knows floats alone must take care."""
    keys = [column.key for column in report.columns_for(AUDIENCE)]
    document = {
        "schema": SCHEMA,
        "archcalc": VERSION,
        **_nested(report.head),
        "rows": [_record(row, keys) for row in report.rows],
        "total": None if report.total is None else _record(report.total, keys),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _record(row: Mapping[str, Value], keys: list[str]) -> dict[str, Any]:
    return {key: machine_value(row.get(key)) for key in keys}


def _nested(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _nested(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_nested(inner) for inner in value]
    return machine_value(value)
