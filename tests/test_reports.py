"""The committed reports are what the code writes today."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.catalogue.reports import reports

FOLDER = Path(__file__).parent.parent / "reports"
TEXTS = reports(archcalc.networks())


@pytest.mark.parametrize("name", TEXTS)
def test_report_is_fresh(name: str) -> None:
    assert (FOLDER / name).read_bytes().decode() == TEXTS[name], "refresh with: make reports"


def test_no_report_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(TEXTS)


def test_every_network_is_reported() -> None:
    for name in (each.replace(":", "-") for each in archcalc.networks()):
        assert {f"{name}.csv", f"{name}.md", f"{name}.layers.csv"} <= set(TEXTS)
