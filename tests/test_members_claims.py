"""What the cells of several networks in one printed table claim, each with a footnote of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.sources.paper import load
from tests._cli import rows
from tests._members import DENSE, refused, written

EXPECTED = "expected a number and what it is of, such as 25.6M params, found "


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written()


def test_the_claims_of_a_total_have_a_footnote_each() -> None:
    found = {(row["claim"], row["row"]): row["cell"] for row in archcalc.load("family.md:18").audit().rows}
    assert found[("params", "total")] == "5,306 [1]"
    assert found[("ops", "total")] == "5.16M [2]"


@pytest.mark.parametrize(
    ("cell", "claims"),
    [
        ("7.98M params, 2.87G ops", {"params": "7.98M", "ops": "2.87G"}),
        ("1,072K params,3G ops", {"params": "1,072K", "ops": "3G"}),
        ("7,978,856 params", {"params": "7,978,856"}),
        ("1.8 x 10^9 ops", {"ops": "1.8 x 10^9"}),
        ("121 depth", {"depth": "121"}),
    ],
)
def test_a_cell_of_the_total_claims(cell: str, claims: dict[str, str]) -> None:
    Path("dense.md").write_text(f"{DENSE}| total |  | | {cell} | |\n", encoding="utf-8")
    total = load("dense.md:6").total
    assert total is not None
    assert {claim: each.text for claim, each in total.claims.items()} == claims
    assert load("dense.md:10").total is None or not load("dense.md:10").total.claims  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("3G FLOPs", EXPECTED + "'3G FLOPs'; did you mean 'ops'?"),
        ("7.98M", EXPECTED + "'7.98M'"),
        ("params", EXPECTED + "'params'"),
        ("8M params, 9M params", "'params' is claimed twice"),
    ],
)  # fmt: skip
def test_a_cell_of_the_total_that_claims_nothing_is_refused(cell: str, said: str) -> None:
    Path("dense.md").write_text(f"{DENSE}| total |  | | {cell} | |\n", encoding="utf-8")
    assert refused("dense.md:6").startswith(f"dense.md:21, row 'total', column '6': {said}")


def test_a_table_of_claims_has_the_networks_columns_too() -> None:
    found = {
        (row["network"], row["row"]): (row["printed"], "[3]" in row["origin"])
        for row in rows("audit", "family.md")
        if row["row"].startswith(("every", "total at"))
    }
    assert found == {
        ("family:18-layer (1/2)", "total at 64x64x3"): ("20.6M", False),
        ("family:34-layer", "every conv"): ("98%", True),
        ("family:a:b c", "every conv"): ("95%", False),
    }
