"""The audit finds by search what was found by hand of the papers' printed numbers."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

import archcalc
from archcalc.audit.findings import findings
from archcalc.claims import Word
from archcalc.sources.paper import load
from tests._cli import archcalc as command
from tests._cli import rows

FACTS = Path(__file__).parent / "facts" / "printed_vs_implied.csv"

GOOGLENET = {"convolution 7x7/2": "convolution", "convolution 3x3/1": "convolution_2", "linear": "linear"}
VGG = {"A": "vgg11", "A-LRN": "vgg11-lrn", "B": "vgg13", "C": "vgg-c", "D": "vgg16", "E": "vgg19"}
RESNET = {
    "18": "resnet18-a",
    "34": "resnet34-a",
    "50": "resnet50-v1",
    "101": "resnet101-v1",
    "152": "resnet152-v1",
}

# Lines that no table of the catalogue carries, and where their question is answered instead.
ELSEWHERE = {
    ("1409.4842", "column sums", "params / ops"): "archcalc reconcile adds a printed column up",
    (
        "1502.03167",
        "change vs GoogLeNet",
        "computation +30%",
    ): "true of another GoogLeNet: a footnote says so",
    ("1512.00567", "conv rows", "table vs released model"): "two networks: inception-v3-table1, inception-v3",
    ("LeNet-5 1998", "caffe lenet.prototxt", "not the same network"): "two networks: lenet-5, lenet-caffe",
}


def where(line: dict[str, str]) -> tuple[str, str, str]:
    """The network, row and claim of the catalogue that carry a printed cell."""
    paper, row, cell = line["paper"], line["row"], line["cell"]
    if paper == "1409.4842":
        return "googlenet", GOOGLENET.get(row, row.removeprefix("inception (").removesuffix(")")), cell
    if paper == "1502.03167":
        if row == "change vs GoogLeNet":
            return "bn-inception", "total against googlenet", "params"
        name = row.removeprefix("inception (").removesuffix(")")
        return "bn-inception", name, "output size" if cell == "output" else "params"
    if paper == "1409.1556":
        return VGG[row], "total", "params"
    if paper == "NIPS 2012":
        if row == "input":
            return "alexnet", "1", "input size"
        return "alexnet", "total", "neurons" if row == "neurons" else "params"
    if paper == "LeNet-5 1998":
        return "lenet-5", "total", "params"
    if paper == "1610.02357":
        return "inception-v3" if row == "Inception V3" else "xception", "total", "params"
    if paper == "1512.03385":
        return RESNET.get(row, "vgg19"), "total", "ops"
    return "squeezenet", row, "output size" if cell == "output" else "params"


def facts() -> list[dict[str, str]]:
    with FACTS.open() as file:
        lines = list(csv.DictReader(file))
    keys = {(line["paper"], line["row"], line["cell"]) for line in lines}
    assert set(ELSEWHERE) <= keys
    return [line for line in lines if (line["paper"], line["row"], line["cell"]) not in ELSEWHERE]


@pytest.fixture(scope="module")
def audited() -> dict[tuple[str, str, str], dict[str, str]]:
    """Every line of `archcalc audit --all`, by network, row and claim."""
    answer = command("audit", "--all", "--format", "csv")
    lines = csv.DictReader(answer.out.splitlines())
    return {(line["network"], line["row"], line["claim"]): line for line in lines}


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: f"{fact['paper']} {fact['row']} {fact['cell']}")
def test_every_verdict_found_by_hand(
    fact: dict[str, str], audited: dict[tuple[str, str, str], dict[str, str]]
) -> None:
    """`agree` by hand: some reading gives the printed cell; cut and off by one do not count."""
    line = audited.get(where(fact))
    assert line is not None, where(fact)
    if line["claim"] in ("input size", "output size"):
        found = line["verdict"] == "agrees"
    else:
        found = bool(line["reading"]) and not line["reading"].endswith(", cut")
    by_hand = fact["verdict"] == "agree"
    if where(fact) == ("googlenet", "3b", "params"):
        # By hand it was called off by one, beside the very reading that gives it: with 640 biases it is
        # 388,736 / 1024 = 379.6, which rounds to the printed 380.
        assert (line["verdict"], line["reading"]) == ("off by one", "params, K = 1024")
        assert round(Fraction(388_096 + 640, 1024)) == 380
        return
    assert found == by_hand, (line, fact["explanation"])


def test_googlenet_s_origins_are_those_found_by_hand() -> None:
    lines = {(line["row"], line["claim"]): line["origin"] for line in csv_of("googlenet")}
    assert lines["convolution", "params"] == lines["convolution", "ops"] == "hypothesis: [1]"
    assert "#5x5 40 for 48 would give params and ops" in lines["4a", "params"]
    assert "input channels 480 for 512" in lines["4d", "params"]
    assert "#3x3 280 for 288" in lines["4d", "params"]
    assert "input channels 928 for 832 would give params and ops" in lines["5a", "params"]
    for claim in ("params", "ops"):  # these two rows agree with themselves, but not with their columns
        assert "364K x 196 places = 73M" in lines["4a", claim]
        assert "1072K x 49 places = 54M" in lines["5a", claim]
    assert lines["4c", "params"] == lines["4e", "params"] == lines["5b", "params"] == "unexplained"
    assert lines["3a", "params"] == lines["4e", "ops"] == ""


def csv_of(network: str) -> list[dict[str, str]]:
    return list(csv.DictReader(command("audit", network, "--format", "csv").out.splitlines()))


def test_the_reading_is_found() -> None:
    """The settings taken away, the paper's own way of counting still fits the most cells."""
    report = archcalc.load("googlenet").audit()
    assert any("12 cells 3 agree as weights, K = 1024" in note for note in report.notes)
    assert any("12 cells 9 agree as MACs" in note for note in report.notes)
    lines = [row for row in rows("audit", "squeezenet") if row["claim"] == "params"]
    assert {row["reading"] for row in lines if "against" not in row["row"]} == {"params"}


def test_a_changed_file_is_audited_the_same_way(tmp_path: Path) -> None:
    source = Path(archcalc.__file__).parent / "networks" / "vgg16.md"
    (tmp_path / "mine.md").write_text(
        source.read_text().replace("| 4096     |        | 0.5", "| 2048     |        | 0.5")
    )
    answer = command("audit", str(tmp_path / "mine.md"), "--format", "csv")
    (line,) = (each for each in csv.DictReader(answer.out.splitlines()) if each["claim"] == "params")
    assert (answer.code, line["verdict"], line["printed"]) == (1, "differs", "138M")
    assert int(line["computed"]) < 138_000_000


def test_exit_code_is_0_where_all_is_so_or_a_known_erratum() -> None:
    assert command("audit", "vgg16").code == 0
    assert command("audit", "squeezenet").code == 0  # six output sizes differ, with footnotes that say why
    assert command("audit", "googlenet").code == 1


def test_a_footnote_says_how_sure_it_is() -> None:
    """One that begins with `hypothesis:` or `unexplained:` is marked so, and a known erratum too."""
    origins = {line["row"]: line["origin"] for line in csv_of("bn-inception")}
    assert origins["total"] == "unexplained: [7]"
    assert origins["4c"] == "established: [4]"
    assert command("audit", "bn-inception").code == 0


OPS = """\
---
input: 8x8x4
ops claim: FLOPs
---

```blocks
c = conv 3x3 {width} no bias
```

| type | width | ops    |
|------|-------|--------|
| c    | 4     | 18,432 |
| c    | 8     | 18,432 |
"""


def test_ops_that_a_paper_states_in_flops(tmp_path: Path) -> None:
    """9,216 and 18,432 MACs: twice as many FLOPs, so the first cell agrees and the second counted MACs."""
    (tmp_path / "net.md").write_text(OPS)
    network = archcalc.load(str(tmp_path / "net.md"))
    assert [row["verdict_ops"] for row in network.table().rows] == ["agrees", "differs"]
    assert "of 2 printed costs, read as FLOPs, 1 agree, 1 differ" in " ".join(network.table().notes)
    first, second = network.audit().rows
    assert (first["computed"], first["verdict"], first["reading"]) == (18_432, "agrees", "FLOPs")
    assert (second["computed"], second["verdict"], second["reading"]) == (36_864, "differs", "MACs")
    assert "printed ops" in str(network.explain("c").rows)
    assert "18,432: agrees" in str(network.explain("c").rows)


def test_a_record_says_what_is_unexpected() -> None:
    """Six output sizes of SqueezeNet differ with a footnote, cells of GoogLeNet without one."""
    squeezed = findings(load("squeezenet"))
    wrong = [cell for cell in squeezed.cells if cell.verdict.word is Word.DIFFERS]
    assert wrong
    assert all(cell.known_erratum and not cell.unexpected for cell in wrong)
    assert not squeezed.unexpected
    cells = {(cell.row.name, cell.claim): cell for cell in findings(load("googlenet")).cells}
    assert cells["4a", "params"].unexpected
    assert cells["4a", "params"].computed == 376_176 - 624
    assert not cells["3b", "params"].unexpected


@pytest.mark.parametrize("asked", ["audit", "check"])
def test_one_broken_file_does_not_end_a_question_about_all(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, the rest goes on, and the exit code is 3."""
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "broken.md").write_text("---\ninput: 8x8x4\n---\n\n| type |\n|---|\n| nope |\n")
    (tmp_path / "networks" / "zebra.md").write_text(OPS)
    monkeypatch.setenv("ARCHCALC_PATH", str(tmp_path))
    monkeypatch.setattr("archcalc.api.networks", lambda: ["broken", "lenet-5", "zebra"])
    answer = command(asked, "--all", "--format", "csv")
    assert answer.code == 3
    assert answer.err.startswith("archcalc: broken is left out: ")
    assert "broken.md:7" in answer.err
    assert {line["network"] for line in csv.DictReader(answer.out.splitlines())} == {"lenet-5", "zebra"}
    assert command(asked, "broken").code == 3


def test_usage() -> None:
    answer = command("audit")
    assert (answer.code, answer.err) == (2, "archcalc: name a network, or audit --all\n")
    assert command("audit", "nope").code == 3


READ_AS_STATED = """\
---
input: 8x8x4
params claim: {params}
---

```blocks
c = conv 3x3 {{width}} no bias
```

| type | width | params |
|------|-------|--------|
| c    | 4     | 144    |
| c    | 8     | 288    |
"""


@pytest.mark.parametrize("params", ["params", "weights"])
def test_the_stated_reading_is_named_where_another_judges_alike(params: str, tmp_path: Path) -> None:
    """Without biases weights are params, and the column is read as its document says."""
    (tmp_path / "net.md").write_text(READ_AS_STATED.format(params=params))
    notes = archcalc.load(str(tmp_path / "net.md")).audit().notes
    (note,) = (note for note in notes if "of 2 cells" in note)
    assert note == f"params: of 2 cells 2 agree as {params}, which is how they are read."
