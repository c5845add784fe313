"""What a paper claims beyond the rows: of a kind of operations, at another input, against another network."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import archcalc
from archcalc.claims import judge_ratio

BLOCKS = """\
```blocks
stem = conv 3x3/2 {width} no bias
body = conv 3x3 {in} depthwise no bias -> conv 1x1 {width} no bias
top  = flatten -> linear {width} no bias
```

| type | width |
|------|-------|
| stem | 4     |
| body | 8     |
| top  | 2     |
"""
# At 8x8x1: 36 weights at 16 places, 36 and 32 at 16, and 8 x 16 x 2 in the linear layer.
OTHER = "---\ninput: 8x8x1\n---\n\n" + BLOCKS
COLUMNS = "input|against|params|ops|params share|ops share|neurons|output size|depth"
HEADING = f"|claims of|{COLUMNS}|"


def audited(folder: Path, *rows: str, settings: str = "", heading: str = HEADING) -> archcalc.Report:
    """The audit of the network with a table of those claims."""
    (folder / "other.md").write_text(OTHER)
    rule = "|---" * heading.count("|", 1) + "|"
    table = "\n".join(["## What the text says", "", heading, rule, *rows])
    (folder / "net.md").write_text(
        f"---\ninput: 8x8x1\n{settings}---\n\n{BLOCKS}\n{table}\n\n[^1]: a slip.\n"
    )
    return archcalc.load(str(folder / "net.md")).audit()


def words(report: archcalc.Report) -> list[tuple[object, ...]]:
    return [(row["row"], row["claim"], row["verdict"], row["computed"]) for row in report.rows]


def test_the_shares_of_a_kind_of_operations(tmp_path: Path) -> None:
    """36 + 36 + 32 + 256 = 360 weights; 16 places of the first three and one of the last: 1,920 MACs."""
    report = audited(
        tmp_path,
        "| conv 3x3 | | | 36 | 576 | 10% | 30% | 64 | | |",
        "| conv 3x3 depthwise | | | | | 10% | 31%[^1] | | | |",
        "| conv | | | 68 | | 18.9% | 56.7% | | | |",
        "| conv depthwise | | | 36 | | | | | | |",
        "| linear | | | | | 71.1% | 13.3% | 2 | | |",
    )
    assert [(row, claim) for row, claim, word, _ in words(report) if word != "agrees"] == [
        ("every conv 3x3 depthwise", "ops share")
    ]
    assert len(report.rows) == 14
    assert {row["origin"] for row in report.rows} == {None, "established: [1]"}
    assert "[1] known erratum: a slip." in str(report)


def test_costs_at_another_input(tmp_path: Path) -> None:
    """At 16x16x1 there are 64 places, and the linear layer has 8 x 64 x 2 weights."""
    report = audited(
        tmp_path,
        "| total | 16x16x1 | | 1,128 | 7.68K | | | | 2 | 4 |",
        "| total | 16 x 8 | | 616 | 3.84K | | | | | |",
        "| conv 1x1 | 16 | | | 2,048 | | 26.7% | 512 | | |",
        "| total | | | 361 | | | | | | |",
    )
    assert words(report) == [
        ("total at 16x16x1", "params", "agrees", 36 + 36 + 32 + 1024),
        ("total at 16x16x1", "ops", "agrees", 104 * 64 + 1024),
        ("total at 16x8x1", "params", "agrees", 104 + 512),
        ("total at 16x8x1", "ops", "agrees", 104 * 32 + 512),
        ("every conv 1x1 at 16x16x1", "ops", "agrees", 32 * 64),
        ("every conv 1x1 at 16x16x1", "ops share", "agrees", None),
        ("every conv 1x1 at 16x16x1", "neurons", "agrees", 8 * 64),
        ("total", "params", "off by one", 360),
    ]
    table = archcalc.load(str(tmp_path / "net.md")).table(input="32x32x1")
    (note,) = (note for note in table.notes if note.startswith("Paper, beyond its rows: "))
    assert "total at 16x16x1: output size 2 agrees, depth 4 agrees, params 1,128 agrees" in note
    assert note.endswith("total: params 361 off by one: 360.")


def test_ratios_to_another_network(tmp_path: Path) -> None:
    """Against itself, and against LeNet-5's 60,000 params: 60,000 / 360 is 166.7."""
    report = audited(
        tmp_path,
        "| total | | other | 1.0x | 0% more | | | | | |",
        "| total | 16x16x1 | other | 3.1 times more | 300% more | | | | | |",
        "| total | | lenet-5 | 167x fewer | 99% less | | | | | |",
    )
    assert [(row["row"], row["shown"]) for row in report.rows] == [
        ("total against other", "agrees"),
        ("total against other", "agrees"),
        ("total at 16x16x1 against other", "agrees"),
        ("total at 16x16x1 against other", "agrees"),
        ("total against lenet-5", "agrees"),
        ("total against lenet-5", "agrees"),
    ]


@pytest.mark.parametrize(
    ("printed", "ratio", "said"),
    [
        ("12x fewer", Fraction(1, 12), "agrees"),
        ("12X", Fraction(12), "agrees"),
        ("9 times less", Fraction(100, 970), "truncated: 9.7 times less"),
        ("2.5x smaller", Fraction(1, 3), "differs: 3x smaller"),
        ("about 25% more", Fraction(5, 4), "agrees"),
        ("25% fewer", Fraction(3, 4), "agrees"),
        ("25%", Fraction(1, 4), "agrees"),
        ("25% more", Fraction(3, 4), "differs: -25% more"),
        ("12", Fraction(12), "unread"),
        ("twice", Fraction(2), "unread"),
        ("12Kx", Fraction(12_000), "unread"),
    ],
)
def test_how_a_ratio_is_read(printed: str, ratio: Fraction, said: str) -> None:
    assert judge_ratio(printed, ratio).text == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("| conv 5x5 | | | 1 | | | | | | |", "column 'claims of': no operation of the network is 'conv 5x5'"),
        ("| | | | 1 | | | | | | |", "expected 'total' or a kind of operation such as 'conv 1x1'"),
        ("| total | big | | 1 | | | | | | |", "column 'input': expected an input with sizes"),
        ("| total | 1x8x8 | | 1 | | | | | | |", "column 'input': channels come last"),
        ("| total | | othr | 1x | | | | | | |", "column 'against': no network is called 'othr'"),
        ("| total | | naive-vs-v1 | 1x | | | | | | |", "'naive-vs-v1' is a file of alternatives"),
        ("| total | | | | | 5% | | | | |", "column 'params share': '5%' is given, and such a row claims"),
        ("| conv 1x1 | | | | | | | | | 3 |", "column 'depth': '3' is given"),
        ("| total | | other | | | | | | 2 | |", "column 'output size': '2' is given"),
        (
            "| total | 16x16x3 | | 1 | | | | | | |\n| total | 16x16x3 | | 1 | | | | | | |",
            "is called 'total at",
        ),
        ("| total | 16x16x1 | | 1 | | | | | |", "the row has 9 cells, and the heading 10"),
    ],
)
def test_what_cannot_be_judged_is_refused_where_it_stands(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(archcalc.ArchcalcError, match=r"^net\.md:\d+") as caught:
        audited(tmp_path, row)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(archcalc.ArchcalcError, match="a table of claims has no column 'parms'; did you mean"):
        audited(tmp_path, "| total | 1 |", heading="| claims of | parms |")
    with pytest.raises(archcalc.ArchcalcError, match="a file of alternatives is no network"):
        audited(tmp_path, "| total | 1 |", heading="| claims of | params |", settings="rows: alternatives\n")
    rows = [f"| total | {side} | 1 |" for side in range(8, 109)]
    with pytest.raises(archcalc.ArchcalcError, match="at most 100 rows of claims"):
        audited(tmp_path, *rows, heading="| claims of | input | params |")


def test_a_row_of_that_name_is_not_mixed_up(tmp_path: Path) -> None:
    text = OTHER.replace("| top  |", "| top (every linear) |")
    claims = "| claims of | params |\n|---|---|\n| linear | 256 |\n"
    (tmp_path / "net.md").write_text(f"{text}\n{claims}")
    with pytest.raises(archcalc.ArchcalcError, match="a row is called 'every linear' already"):
        archcalc.load(str(tmp_path / "net.md"))


def test_a_variant_has_no_claims_but_its_own(tmp_path: Path) -> None:
    audited(tmp_path, "| total | | | 360 | | | | | | |")
    (tmp_path / "wide.md").write_text(
        "---\nvariant of: net\n---\n\n| type | width |\n|---|---|\n| top | 4 |\n"
    )
    assert archcalc.load(str(tmp_path / "wide.md")).audit().rows == ()


def test_mobilenet_s_tables_2_and_7() -> None:
    """Howard et al. 2017: all shares but one are true, and 290.7M mult-adds were cut."""
    wrong = {
        (row["row"], row["claim"]): row["shown"]
        for row in archcalc.load("mobilenet-v1").audit().rows
        if row["verdict"] != "agrees"
    }
    assert wrong == {
        ("every conv 3x3", "ops share"): "differs: 1.906%",
        ("total at 160x160x3", "ops"): "truncated: 290.7M",
        ("total against vgg16", "params"): "truncated: 32.9 times smaller",
    }


SEVERAL = """\
---
input: source 4x8, target 4x8
---

```blocks
both = concat
  | from source -> linear {width} no bias
  | from target -> linear {width} no bias
```

| type | width |
|------|-------|
| both | 3     |

| claims of | input                     | ops |
|-----------|---------------------------|-----|
| total     |                           | 192 |
| total     | target 16x8, source 16x8  | 768 |
"""


def test_a_claim_at_several_inputs(tmp_path: Path) -> None:
    """Twice 8 x 3 weights at 4 tokens, and at 16."""
    (tmp_path / "net.md").write_text(SEVERAL)
    rows = archcalc.load(str(tmp_path / "net.md")).audit().rows
    assert [(row["row"], row["verdict"]) for row in rows] == [
        ("total", "agrees"),
        ("total at source 16x8, target 16x8", "agrees"),
    ]
