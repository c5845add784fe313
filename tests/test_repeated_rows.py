"""Rows and steps that stand several times: `repeat`, `KIND (first)`, cells `2 then 1`, `step * 6`."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def document(blocks: str, table: str, settings: str = "input: 8x8x2") -> str:
    """Writes a network to `net.md`, and gives that name."""
    Path("net.md").write_text(f"---\n{settings}\n---\n\n```blocks\n{blocks}\n```\n\n{table}")
    return "net.md"


@pytest.mark.parametrize("first", ["8x8x2", "8x8x5"])
def test_how_often_a_step_stands_is_found_out_in_each_graph(first: str) -> None:
    """`{n}` is the block's parameter, which is the channels that enter, and not the column of its name."""
    name = document(
        "again {n} = conv 1x1 {in} * {n}\nx = again {in} -> conv 1x1 {n}",
        "| type | n |\n|---|---|\n| x | 4 |\n",
    )
    net = archcalc.load(name)
    net.cost(first)
    assert net.cost("8x8x2").weights == 2 * (2 * 2) + 2 * 4
    assert net.cost("8x8x5").weights == 5 * (5 * 5) + 5 * 4
