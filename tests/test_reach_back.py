"""Chains that start from earlier rows: `from ROW`, several rows in a cell, several inputs and outputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import archcalc
from tests._cli import archcalc as command
from tests._cli import rows
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

UNET = """---
input: 32x32x1
every conv: relu
---

```blocks
double = conv 3x3 {width} -> conv 3x3 {width}
down   = max pool 2x2/2 valid -> double
up     = transposed conv 2x2/2 {width} -> merge
merge  = concat
  | from {skip}
  | identity
  -> double
output = conv 1x1 {width} bare
```

| type     | skip     | width | params |
|----------|----------|-------|--------|
| double   |          | 8     |        |
| down (1) |          | 16    |        |
| down (2) |          | 32    |        |
| up (1)   | down (1) | 16    |  8,200  |
| up (2)   | double   | 8     | 2,264  |
| output   |          | 2     |        |
"""
TRANSLATOR = """---
input: source 20x16, target 12x16
outputs: encoder, decoder
---

```blocks
self {h} = attention {h}
  | linear {in}
  | linear {in}
  | linear {in}
  -> linear {in}
cross {h} = attention {h}
  | linear {in}
  | from encoder -> linear {in}
  | from encoder -> linear {in}
  -> linear {in}
encoder  = self {heads} -> linear {width} -> relu
decoder  = from target -> decoding
decoding = self {heads} -> cross {heads} -> linear {width}
```

| type    | heads | width |
|---------|-------|-------|
| encoder | 4     | 16    |
| decoder | 2     | 24    |
"""
SIDE = """---
input: 16x16x4
---

```blocks
a   = conv 3x3 {w}
b   = concat
  | from {skip}
  | conv 1x1 {w}
top = flatten -> linear {w}
```

| type  | w  | skip  |
|-------|----|-------|
| a     | 8  |       |
| b (1) | 8  | a     |
| top   | 10 |       |

## heads: from 1

| type  | w | skip |
|-------|---|------|
| a     | 3 |      |
| b (2) | 5 | a    |
| top   | 7 |      |
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("unet.md", UNET), ("translator.md", TRANSLATOR), ("side.md", SIDE)):
        Path(name).write_text(text)


def twice(wide: int, to: int) -> nn.Sequential:
    """Two convolutions."""
    return nn.Sequential(
        nn.Conv2d(wide, to, 3, padding=1), nn.ReLU(), nn.Conv2d(to, to, 3, padding=1), nn.ReLU()
    )


class UNet(nn.Module):
    """A small U-Net (Ronneberger et al., 2015), whose convolutions are padded."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = twice(1, 8), twice(8, 16), twice(16, 32)
        self.up1, self.merge1 = nn.ConvTranspose2d(32, 16, 2, 2), twice(32, 16)
        self.up2, self.merge2 = nn.ConvTranspose2d(16, 8, 2, 2), twice(16, 8)
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        one = self.first(x)
        two = self.second(functional.max_pool2d(one, 2))
        x = self.third(functional.max_pool2d(two, 2))
        x = self.merge1(torch.cat((two, self.up1(x)), 1))
        x = self.merge2(torch.cat((one, self.up2(x)), 1))
        last: Tensor = self.last(x)
        return last


class Meeting(nn.Module):
    """Attention of one sequence to another: torch's own product of heads, linear layers around it."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.parts = nn.ModuleList(nn.Linear(16, 16) for _ in range(4))

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        def split(tensor: Tensor) -> Tensor:
            return tensor.reshape(*tensor.shape[:2], self.heads, -1).transpose(1, 2)

        query, key, value, last = self.parts
        found = functional.scaled_dot_product_attention(
            split(query(x)), split(key(other)), split(value(other))
        )
        given: Tensor = last(found.transpose(1, 2).flatten(2))
        return given


class Translator(nn.Module):
    """Two inputs and two outputs: the decoder attends to the encoder (Vaswani et al., 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.encoder = Meeting(4), nn.Linear(16, 16)
        self.own, self.cross, self.decoder = Meeting(2), Meeting(2), nn.Linear(16, 24)

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        memory = functional.relu(self.encoder(self.within(source, source)))
        return memory, self.decoder(self.cross(self.own(target, target), memory))


def tokens(length: int, seed: int) -> Tensor:
    return torch.randn(1, length, 16, generator=torch.Generator().manual_seed(seed))


def test_a_u_net_is_the_one_written_in_torch() -> None:
    theirs = drawn(UNet)
    mine = loaded("unet.md", [tensor.detach() for tensor in theirs.parameters()])
    assert_counts("unet.md", theirs, macs_of(theirs, image(32, 1)))
    with torch.no_grad():
        for size in (32, 36):
            assert_same(mine(image(size, 1)), theirs(image(size, 1)))


def test_two_inputs_and_two_outputs_are_those_written_in_torch() -> None:
    theirs = drawn(Translator)
    mine = loaded("translator.md", [tensor.detach() for tensor in theirs.parameters()])
    with torch.no_grad():
        for source, target in ((20, 12), (9, 15)):
            given = tokens(source, 1), tokens(target, 2)
            for one, other in zip(mine(*given), theirs(*given), strict=True):
                assert_same(one, other)
    linear = sum(each.numel() for name, each in theirs.named_parameters() if name.endswith("weight"))
    cost = archcalc.load("translator.md").cost({"source": (128, 16), "target": 48})
    assert cost.weights == linear
    # Five linear layers of the encoder and two of the cross attention are on the source.
    products = 7 * 256 * 128 + (4 + 2) * 256 * 48 + 16 * 24 * 48
    meetings = 2 * 16 * (128 * 128 + 48 * 48 + 48 * 128)
    assert cost.macs == products + meetings


def test_a_model_takes_its_inputs_in_the_order_of_the_document() -> None:
    """Whichever row takes one first."""
    text = "---\ninput: source 6, target 6\noutputs: a, b\n---\n\n```blocks\na = from target -> relu\n"
    Path("order.md").write_text(text + "b = from source -> identity\n```\n\n| type |\n|---|\n| a |\n| b |\n")
    first, second = torch.ones(1, 6), -torch.ones(1, 6)
    given = archcalc.load("order.md").torch_module()(first, second)
    assert [float(each.sum()) for each in given] == [0, 6]


@pytest.mark.parametrize("name", ["unet.md", "translator.md", "side.md"])
def test_every_level_and_witness_says_the_same(name: str) -> None:
    cost = archcalc.load(name).cost()
    for level in ("row", "branch", "layer"):
        lines = rows("table", name, "--level", level, "--check")
        assert sum(int(line["macs"]) for line in lines) == cost.macs
        assert {line["check"] for line in lines} == {"ok"}
    assert len(rows("check", name)) >= 3


def test_all_outputs_stand_in_the_total_and_in_formulas() -> None:
    total = archcalc.load("translator.md").table().total
    assert total is not None
    assert total["output"] == "20x16, 12x24"
    formulas = {row["quantity"]: row["formula"] for row in rows("formula", "translator.md")}
    assert formulas["output of encoder"] == "T_source x 16"
    assert formulas["output of decoder"] == "T_target x 24"
    compared = archcalc.compare("translator.md", "translator.md").total
    assert compared is not None
    assert compared["translator_output"] == "20x16, 12x24"


def test_a_sweep_varies_one_of_several_inputs() -> None:
    net = archcalc.load("translator.md")
    for line in rows("sweep", "translator.md", "--vary", "source.tokens=10:30:10"):
        assert int(line["macs"]) == net.cost({"source": int(line["source.tokens"])}).macs


def test_an_audit_searches_where_a_row_reaches_back() -> None:
    """4 x 32 x 40 + 40 of the transposed convolution, 9 x (16 + 40) x 40 + 40 and 9 x 40 x 40 + 40."""
    row = "| up (1)   | down (1) | {}    | {} |"
    assert row.format(16, " 8,200 ") in UNET
    Path("wide.md").write_text(UNET.replace(row.format(16, " 8,200 "), row.format(48, "39,800")))
    answer = command("audit", "wide.md", "--format", "csv")
    assert answer.code == 1
    assert "hypothesis: width 40 for 48 would give params" in answer.out


def test_rows_of_a_side_chain_are_called_as_in_their_own_table() -> None:
    counted = {row["row"]: row for row in rows("table", "side.md", "--heads")}
    assert counted["head_1/2"]["output"] == "16x16x8"  # 3 channels of its own `a`, not 8 of the network's
    assert counted["head_1/2"]["weights"] == str(3 * 5)
    assert command("check", "side.md").code == 0


def test_alternatives_share_no_weights() -> None:
    text = SIDE.partition("\n## heads")[0].replace("---\n\n```", "rows: alternatives\nshared: a\n---\n\n```")
    text = text.replace("b   = concat\n  | from {skip}\n  | conv 1x1 {w}", "b   = a -> conv 1x1 {skip}")
    Path("designs.md").write_text(text.replace("| a     |\n", "| 4     |\n"))
    counted = {row["row"]: row["weights"] for row in rows("table", "designs.md")}
    assert counted == {"a": "288", "1": str(288 + 32), "top": "10240"}


@pytest.mark.parametrize("row", ["decoder"])
def test_a_row_by_itself_cannot_reach_back(row: str) -> None:
    answer = command("formula", "translator.md", "--row", row)
    assert (answer.code, answer.out, answer.err.count("\n")) == (3, "", 1)
    assert "a row by itself has no other rows and no inputs to name: ask for the whole network" in answer.err
    assert command("explain", "translator.md", row).code == 0
