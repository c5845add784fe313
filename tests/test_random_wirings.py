"""Random networks that reach back, share, repeat and choose: textbook, calculator and torch agree exactly.

`ARCHCALC_EXAMPLES=1000` draws that many; `make random` does so for all kinds of random networks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from archcalc import witnesses
from archcalc.check.agreement import check_graph
from archcalc.costs import layers, total
from archcalc.sizes import Shape
from archcalc.sources.paper import load
from tests._drawn_wiring import Wiring, wirings

NETWORKS = int(os.environ.get("ARCHCALC_EXAMPLES", "300"))
USED = (  # what the drawn documents must have held
    r"\| from row \d+ -> ", r"from \{skip\}", r"row \d+, row \d+", r"input: \w+ [\dx]+, \w+ [\dx]+, ",
    r"outputs: .*,", r"input: \d+\n", r"input: \d+x\d+\n", r"input: \w+ \d+x\d+x\d+x\d+", r"shared: ",
    r"weights of", r"\(first\)", r"\d then \d", r"\* \d", r"\* \{layers\}", r"\{NL\}", r"\| HS",
    r"\{width \+ more - 3\}", r"attention \d", r"causal", r"transposed conv \dx\dx\d", r"upsample",
    r"crop", r"pad \d", r"space to depth", r"depth to space", r"embedding", r"layer norm", r"group norm",
    r"rms norm", r"l2 norm", r"channel shuffle", r"take", r"gru", r"lstm", r"learned positions",
    r"class token", r"rotary", r"sinusoidal", r"to map", r"to tokens", r"swiglu", r"layer scale",
    r"conv \d/\d", r"conv \d ", r"conv \dx\dx\d", r"max pool \dx\dx\d", r"tower \d+w \* 2", r"groups \d",
)  # fmt: skip


def dims(shape: Shape) -> tuple[object, ...]:
    return (*shape.places, shape.channels)


def drawn(count: int, judge: Callable[[Wiring], None]) -> list[str]:
    """Draw that many different networks, the same ones in every run, and judge each."""
    judged: dict[str, None] = {}

    @settings(
        max_examples=2 * count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(wirings())
    def draw(wiring: Wiring) -> None:
        if wiring.text not in judged and len(judged) < count:
            judge(wiring)
            judged[wiring.text] = None

    draw()
    return list(judged)


def test_textbook_calculator_and_torch_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per row its shape, in all parameters and MACs by the textbook; per layer whatever torch can tell."""
    quick = {name: each for name, each in witnesses.witnesses().items() if name != "fvcore"}
    assert sorted(quick) == ["flop_counter", "tensors"]
    monkeypatch.setattr(witnesses, "witnesses", lambda: quick)

    def judge(wiring: Wiring) -> None:
        path = tmp_path / "drawn.md"
        path.write_text(wiring.text)
        graph = load(str(path)).graph()
        counted = layers(graph)
        rows = {layer.node.row: dims(layer.output) for layer in counted}
        assert rows == wiring.rows
        assert [dims(shape) for shape in graph.output_shapes] == wiring.outputs
        cost = total(counted)
        assert (cost.params, cost.macs) == (wiring.params, wiring.macs)
        check = check_graph("drawn", graph)
        assert [str(mismatch) for mismatch in check.mismatches] == []
        for testimony in check.testimonies:
            assert not testimony.stopped
            assert testimony.shapes in (None, len(graph))
            assert testimony.macs in (None, wiring.macs)

    found = drawn(NETWORKS, judge)
    assert len(found) == NETWORKS
    text = "\n".join(found)
    assert [pattern for pattern in USED if not re.search(pattern, text)] == []
