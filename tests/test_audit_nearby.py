"""Before the audit says `unexplained` it counts in every way that departs in one thing from the plain one."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc

DOCUMENT = """\
---
input: 224x224x3
every conv: batch norm -> relu
---

```blocks
c = conv 3x3/2 {{width}}
h = global average pool -> flatten -> linear {{width}}
```

| type  | width | params  | ops     |
|-------|-------|---------|---------|
| c     | 16    | {row}   |         |
| h     | 1000  |         |         |
| total |       | {whole} | {work}  |

## heads: from c

| type | width |
|------|-------|
| h    | 10    |
"""
# The convolution has 432 weights, 16 biases, 16 scales and 16 shifts, and in torch 33 buffers; the linear
# layer 16,000 weights and 1,000 biases, that of the side chain 160 and 10. 112x112 places give 5,419,008
# MACs, 114x114 at 227x227 give 5,614,272; elementwise are 200,704 of the pooling and 3 for each of the
# 200,704 outputs.


def origins(folder: Path, row: str = "480", whole: str = "17,480", work: str = "5,435,008") -> list[object]:
    (folder / "net.md").write_text(DOCUMENT.format(row=row, whole=whole, work=work))
    report = archcalc.load(str(folder / "net.md")).audit()
    return [line["origin"] for line in report.rows if line["verdict"] != "agrees"]


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ({"row": "513"}, "params + buffers"),
        ({"whole": "17,000"}, "params of linear alone"),
        ({"whole": "17,650"}, "params with side chain head_c"),
        ({"whole": "16,464"}, "weights + norms"),
        ({"work": "5,630,272"}, "MACs at 227x227x3"),
        ({"work": "5,419,008"}, "MACs of conv alone"),
        ({"work": "6,237,824"}, "MACs + elementwise"),
    ],
)
def test_one_departure_is_found(printed: dict[str, str], found: str, tmp_path: Path) -> None:
    (origin,) = origins(tmp_path, **printed)
    assert isinstance(origin, str)
    assert origin.startswith("hypothesis: ")
    assert found in origin.removeprefix("hypothesis: ").split("; or ")


@pytest.mark.parametrize("printed", [{"row": "512"}, {"whole": "432"}, {"work": "11,228,544"}])
def test_of_two_departures_none_is_tried(printed: dict[str, str], tmp_path: Path) -> None:
    """432 are the weights of one operation alone; twice 5,614,272 are its FLOPs elsewhere."""
    assert origins(tmp_path, **printed) == ["unexplained"]


def test_another_network_of_the_family_is_found(tmp_path: Path) -> None:
    """torchvision's googlenet has 6,624,904 parameters without its side chains."""
    table = "| type  | params    |\n|-------|-----------|\n| total | 6,624,904 |\n"
    text = f"---\nvariant of: googlenet\nparams claim: params\n---\n\n{table}"
    (tmp_path / "googlenet-mine.md").write_text(text)
    (line,) = archcalc.load(str(tmp_path / "googlenet-mine.md")).audit().rows
    assert line["origin"] == "hypothesis: params of googlenet-torchvision"
