"""Printed numbers: how they are read, and the verdicts on them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import archcalc
from archcalc.claims import judge, judge_shape, number
from archcalc.sizes import Shape


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("6,998,552", 6_998_552, 1),
        ("2.7K", 2_700, 100),
        ("138M", 138_000_000, 1_000_000),
        ("1.5 billion", 1_500_000_000, 100_000_000),
        ("60 million", 60_000_000, 1_000_000),
        ("3.8 x 10^9", 3_800_000_000, 100_000_000),
        ("3.8x10^9", 3_800_000_000, 100_000_000),
        ("11.3e9", 11_300_000_000, 100_000_000),
        ("about 5M", 5_000_000, 1_000_000),
        ("94.86%", Fraction(9486, 10_000), Fraction(1, 10_000)),
    ],
)
def test_how_a_number_is_read(text: str, value: Fraction, unit: Fraction) -> None:
    read = number(text)
    assert read is not None
    assert (read.value, read.unit) == (value, unit)


@pytest.mark.parametrize("text", ["", "many", "-5M", "5 Mega", "1..2K", "10^9", "5M params", "0x10"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None
    assert judge(text, 5).word == "unread"


# The rule (half a unit, ties included; cut; one unit) at each of its edges, for a cell in units of 10.
@pytest.mark.parametrize(
    ("computed", "word"),
    [
        (1_595, "agrees"),
        (1_605, "agrees"),
        (1_606, "truncated"),
        (1_609, "truncated"),
        (1_610, "off by one"),
        (1_611, "differs"),
        (1_594, "off by one"),
        (1_590, "off by one"),
        (1_589, "differs"),
    ],
)
def test_the_edges_of_a_verdict(computed: int, word: str) -> None:
    assert judge("1.60K", computed).word == word


def test_k_alone_may_be_1024() -> None:
    assert judge("112K", 112 * 1024, thousand=1024).word == "agrees"
    assert judge("112K", 112 * 1024).word == "differs"
    assert judge("112M", 112 * 10**6, thousand=1024).word == "agrees"


def test_a_number_of_any_length_is_judged_exactly() -> None:
    assert judge("1" + "0" * 60, 10**60).word == "agrees"
    assert judge("1" + "0" * 60, 10**60 + 2).word == "differs"


@pytest.mark.parametrize(
    ("printed", "computed", "word"),
    [
        ("28x28x256", Shape((28, 28), 256), "agrees"),
        ("28x28", Shape((28, 28), 256), "agrees"),
        ("1x1x1000", Shape((), 1000), "agrees"),
        ("1000", Shape((1, 1), 1000), "agrees"),
        ("1x1", Shape((), 1000), "agrees"),
        ("14x14x576", Shape((14, 14), 608), "differs"),
        ("13x12x512", Shape((13, 13), 512), "differs"),
        ("large", Shape((13, 13), 512), "unread"),
    ],
)
def test_printed_sizes(printed: str, computed: Shape, word: str) -> None:
    assert judge_shape(printed, computed).word == word


DOCUMENT = """\
---
input: 8x8x4
---

```blocks
c = conv 3x3 {width} no bias
```

| type  | width | input size | output size | depth | params | ops  | params share | ops share |
|-------|-------|------------|-------------|-------|--------|------|--------------|-----------|
| c     | 4     | 8x8x4      | 8x8x4       | 1     | 144    | 9.2K | 33.3%        | 33%       |
| c     | 8     | 8x8x8      | 8x8x8       | 1     | 290    | 18K  | 66%[^1]      | 66.7%     |
| total |       |            |             | 3     | 0.4K   | 27K  |              |           |

[^1]: cut.
"""


def test_every_kind_of_claim_is_judged(tmp_path: Path) -> None:
    """144 and 288 weights at 64 places; thirds and two thirds of 432 and of 27,648."""
    (tmp_path / "net.md").write_text(DOCUMENT)
    report = archcalc.load(str(tmp_path / "net.md")).table()
    first, second = report.rows
    assert report.total is not None
    words = [[line.get(f"verdict_{claim}") for claim in ("params", "ops", "params_share", "ops_share")]
             for line in (first, second, report.total)]  # fmt: skip
    assert words == [
        ["agrees", "agrees", "agrees", "agrees"],
        ["differs", "agrees", "truncated", "agrees"],
        ["agrees", "truncated", None, None],
    ]
    assert [line["verdict_input"] for line in (first, second)] == ["agrees", "differs"]
    assert report.total["verdict_depth"] == "differs"
    notes = "\n".join(report.notes)
    assert "c_2: input size printed 8x8x8, computed 8x8x4." in notes
    assert "total: depth printed 3, computed 2." in notes
    assert "of 10 printed costs, read as params and MACs, 7 agree, 2 truncated, 1 differ" in notes
    assert report.footnotes == (("[1]", "known erratum: cut."),)


UNITS = """\
---
input: 6x6x2
---

```blocks
c = conv 3x3 {{width}} {bias} valid -> relu
s = subsample 2x2/2 valid
f = flatten -> linear 5 {bias}
g = rbf 4
```

| type  | width | neurons | connections |
|-------|-------|---------|-------------|
| c     | 3     | 48      | {c}         |
| s     |       | 12      | 60          |
| f     |       | 5       | {f}         |
| g     |       |         | 20          |
| total |       | 65      | {total}     |
"""


@pytest.mark.parametrize(
    ("bias", "c", "f", "total"),
    [("", 48 * (9 * 2 + 1), 5 * (12 + 1), 1_057), ("no bias", 48 * 9 * 2, 5 * 12, 1_004)],
)
def test_neurons_and_connections(bias: str, c: int, f: int, total: int, tmp_path: Path) -> None:
    """4x4x3 units see 3x3x2 inputs, 2x2x3 units 2x2, 5 units all of 12; each has a bias or none.

    What has no weights has no units of its own; the 4 distances to fixed codes are connections.
    """
    assert total == c + 12 * (4 + 1) + f + 4 * 5
    path = tmp_path / "net.md"
    path.write_text(UNITS.format(bias=bias, c=c, f=f, total=total))
    network = archcalc.load(str(path))
    table, audit = network.table(), network.audit()
    lines = [*table.rows, table.total or {}]
    assert [line.get("verdict_connections") for line in lines] == ["agrees"] * 5
    assert [line.get("verdict_neurons") for line in lines] == ["agrees"] * 3 + [None, "agrees"]
    computed = {(row["row"], row["claim"]): row["computed"] for row in audit.rows}
    assert computed["total", "neurons"] == 65
    assert computed["total", "connections"] == total
    assert "read as neurons and connections, 9 agree" in " ".join(table.notes)
    assert "1,057" not in " ".join(network.table(input="8x8x2").notes)
    assert "judged at 6x6x2 only" in " ".join(network.table(input="8x8x2").notes)
    assert "connections" in str(network.explain("c").rows)


def test_lenet_s_connections_and_alexnet_s_neurons() -> None:
    """As section II.B of LeCun et al. and section 3.5 of Krizhevsky et al. print them."""
    lenet = archcalc.load("lenet-5").audit().rows
    assert {row["verdict"] for row in lenet if row["claim"] == "connections"} == {"agrees"}
    assert [row["computed"] for row in lenet if row["claim"] == "connections"] == [
        *(122_304, 5_880, 151_600, 2_000, 48_120, 10_164, 340_908)
    ]
    alexnet = {row["row"]: row for row in archcalc.load("alexnet").audit().rows if row["claim"] == "neurons"}
    wrong = [name for name, row in alexnet.items() if row["verdict"] != "agrees"]
    assert wrong == ["1", "total"]
    assert (alexnet["1"]["computed"], alexnet["total"]["computed"]) == (290_400, 659_272)


def test_a_share_is_of_the_network_without_its_side_chains(tmp_path: Path) -> None:
    """Whether side chains are shown changes no verdict: 36 of 36 weights are all of them."""
    head = "## heads: from c\n\n| type | width |\n|---|---|\n| c (side) | 4 |\n"
    table = "| type | width | params share |\n|---|---|---|\n| c | 4 | 100% |\n"
    blocks = "```blocks\nc = conv 3x3 {width} no bias\n```\n"
    (tmp_path / "net.md").write_text(f"---\ninput: 8x8x1\n---\n\n{blocks}\n{table}\n{head}")
    network = archcalc.load(str(tmp_path / "net.md"))
    for heads in (False, True):
        assert network.table(heads=heads).rows[0]["verdict_params_share"] == "agrees"
    assert [row["verdict"] for row in network.audit().rows] == ["agrees"]
