"""Random networks: the calculator, the built torch model and FlopCounterMode agree on each exactly."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings

from archcalc import witnesses
from archcalc.check.agreement import check_graph
from archcalc.costs import Cost, Layer, layers
from archcalc.graph import Graph
from archcalc.notation.network import TableNetwork
from archcalc.sources.paper import load
from archcalc.torch_module import build, sample, shape_of
from tests._drawn import documents

NETWORKS = int(os.environ.get("ARCHCALC_EXAMPLES", "85"))
"""How many different networks of each kind are drawn in one run."""
KINDS = {
    "rows": documents("rows"),
    "alternatives": documents("alternatives"),
    "side chains": documents("side chains"),
    "wide": documents("rows", widest=5000),
}
MARKS = {
    "rows": "input: ",
    "alternatives": "rows: alternatives",
    "side chains": "heads: from",
    "wide": r"\b[1-4]\d{3}\b",
}
USED = (  # what the drawn documents must have held, as patterns of a block's step, a setting or a row
    r"groups [2-4]", r"depthwise", r"dilation \dx\d", r"conv [1-5]x[1-5]/\dx\d", r"valid", r"pad [1-3]",
    r"ceil", r"max pool", r"average pool", r"global average pool", r"exclude padding", r"lrn", r"batch norm",
    r"= concat|-> concat", r"= add|-> add", r"= multiply|-> multiply", r"no bias", r"bare", r"linear",
    r"flatten", r"\{in/2\}", r"\{2\*in\}", r"\{n\}", r"\{out\}", r"helper \d+ \{", r"part \d+", r"repeat",
    r"every conv: no bias -> batch norm -> relu", r"sigmoid", r"prelu", r"softmax",
)  # fmt: skip


def drawn(kind: str, count: int, judge: Callable[[str], None]) -> list[str]:
    """Draw that many different documents of a kind, the same ones in every run, and judge each."""
    judged: dict[str, None] = {}

    @settings(
        max_examples=2 * count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(KINDS[kind])
    def draw(document: str) -> None:
        if document not in judged and len(judged) < count:
            judge(document)
            judged[document] = None

    draw()
    return list(judged)


@pytest.fixture
def network(tmp_path: Path) -> Callable[[str], TableNetwork]:
    """Writes a document to a file and loads it."""

    def written(document: str) -> TableNetwork:
        path = tmp_path / "drawn.md"
        path.write_text(document)
        return load(str(path))

    return written


@pytest.fixture
def without_fvcore(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two witnesses that need no memory: fvcore's tracer would take most of the time."""
    quick = {name: witness for name, witness in witnesses.witnesses().items() if name != "fvcore"}
    assert sorted(quick) == ["flop_counter", "tensors"]
    monkeypatch.setattr(witnesses, "witnesses", lambda: quick)


def agree(graph: Graph) -> None:
    """Every witness measured every node, and each of its numbers is the calculator's."""
    check = check_graph("drawn", graph)
    assert [str(mismatch) for mismatch in check.mismatches] == []
    for testimony in check.testimonies:
        assert testimony.shapes in (None, len(graph))
        assert testimony.macs in (None, sum(layer.cost.macs for layer in check.layers))


@pytest.mark.usefixtures("without_fvcore")
@pytest.mark.parametrize("kind", KINDS)
def test_both_back_ends_agree(kind: str, network: Callable[[str], TableNetwork]) -> None:
    """Per node: output shape, the shape of every tensor, MACs."""
    found = drawn(kind, NETWORKS, lambda document: agree(network(document).graph(heads=True)))
    assert len(found) == NETWORKS
    text = "\n".join(found)
    assert [pattern for pattern in USED if not re.search(pattern, text)] == []
    marked = sum(bool(re.search(MARKS[kind], document)) for document in found)
    assert marked >= (NETWORKS / 4 if kind == "wide" else NETWORKS)


@pytest.mark.parametrize("kind", ["rows", "side chains"])
def test_fvcore_agrees_too(kind: str, network: Callable[[str], TableNetwork]) -> None:
    assert "fvcore" in witnesses.witnesses()
    found = drawn(kind, 15, lambda document: agree(network(document).graph(heads=True)))
    assert len(found) == 15


@pytest.mark.parametrize("kind", KINDS)
def test_rows_cost_what_the_textbook_says(kind: str, network: Callable[[str], TableNetwork]) -> None:
    """The drawn cells (output size, weights, MACs) come from the tests' own definitions."""

    def judge(document: str) -> None:
        net = network(document)
        rows: dict[str, list[Layer]] = {row.name: [] for row in net.rows}
        for layer in layers(net.graph(heads=True)):
            rows[layer.node.row].append(layer)
        for row in net.rows:
            total = sum((layer.cost for layer in rows[row.name]), Cost())
            computed = (str(rows[row.name][-1].output), str(total.weights), str(total.macs))
            assert computed == tuple(row.claims[column].text for column in ("output size", "params", "ops"))

    assert len(drawn(kind, NETWORKS, judge)) == NETWORKS


@pytest.mark.parametrize("kind", ["rows", "alternatives", "side chains"])
def test_a_real_run_has_the_sizes_and_trains_every_parameter(
    kind: str, network: Callable[[str], TableNetwork]
) -> None:
    """On random numbers, in training mode: torch alone says what the parameters and outputs are."""

    def judge(document: str) -> None:
        graph = network(document).graph(heads=True)
        torch.manual_seed(0)
        model = build(graph).train()
        outputs = model(torch.randn_like(sample(graph.inputs["input"], batch=2)))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        leaving = [*graph.outputs, *graph.heads.values()]
        assert [shape_of(output) for output in outputs] == [graph.shapes[name] for name in leaving]
        total = sum((layer.cost for layer in layers(graph)), Cost())
        assert total.params == sum(parameter.numel() for parameter in model.parameters())
        assert total.buffers == sum(buffer.numel() for buffer in model.buffers())
        if total.params:
            sum(output.sum() for output in outputs).backward()
            assert [name for name, each in model.named_parameters() if each.grad is None] == []

    assert len(drawn(kind, 12, judge)) == 12
