"""What is counted as MACs is said the same way in every report: by what the counted network holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archcalc
from archcalc.catalogue.listing import listing
from archcalc.costs.counting import Counting
from archcalc.report import Report, render

PLAIN = "convolutions and linear layers"
ATTENTION = "convolutions, linear layers and attention"
EVERY = "convolutions, linear layers, attention and recurrent layers"
BLOCKS = """---
input: 16x32
uses: transformer
---

```blocks
encoder = encoder layer {heads} {hidden}
plain = linear {in}
top = linear {hidden}
```

| type    | heads | hidden |
|---------|-------|--------|
"""


@pytest.fixture
def transformer(tmp_path: Path) -> str:
    path = tmp_path / "transformer.md"
    path.write_text(f"{BLOCKS}| encoder | 4 | 64 |\n| top | | 10 |\n")
    return str(path)


def said(report: Report) -> list[str]:
    """What the notes and JSON say of MACs."""
    notes = [note.removeprefix("MACs: ") for note in report.notes if note.startswith("MACs: ")]
    head = json.loads(render(report, "json")).get("counting")
    return [each.partition(";")[0] for each in (*notes, *([head["macs"]] if head else []))]


def test_what_a_network_holds_is_named(transformer: str, tmp_path: Path) -> None:
    net, alexnet = archcalc.load(transformer), archcalc.load("alexnet")
    plain = alexnet.table, alexnet.formula, alexnet.sensitivity
    mixed = net.table, net.formula, net.sensitivity
    for ask in plain:
        assert said(ask()) == [PLAIN] * 2
    for ask in mixed:
        assert said(ask()) == [ATTENTION] * 2
    assert said(alexnet.sweep("batch=1:4").report()) == [PLAIN]
    assert said(net.sweep("batch=1:4").report()) == [ATTENTION]
    assert said(archcalc.compare("alexnet", "vgg11")) == [PLAIN] * 2
    assert said(archcalc.compare("alexnet", transformer)) == [ATTENTION] * 2
    pair = tmp_path / "pair.md"
    rows = "| plain | | |\n| encoder | 4 | 128 |\n"
    pair.write_text(BLOCKS.replace("uses:", "rows: alternatives\nuses:") + rows)
    assert said(archcalc.load(str(pair)).break_even("hidden")) == [ATTENTION] * 2


def test_without_a_network_all_operations_are_named() -> None:
    assert said(listing(Counting())) == [EVERY] * 2
