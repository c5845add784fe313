"""Documents that hold several networks, for the tests of those."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc.errors import ArchcalcError
from archcalc.sources.paper import load

FAMILY = """---
name: a ResNet
input: 32x32x3
networks: type = 18-layer (1/2), 34-layer, a:b c
every conv: no bias -> batch norm -> relu
---

```blocks
stem       = conv 3x3 {width}
basic      = conv 3x3 {width}
bottleneck = conv 1x1 {width} -> conv 3x3 {width}
top        = global average pool -> flatten -> linear 10
```

| type    | width | 18-layer (1/2) | 34-layer        | a:b c |
|---------|-------|----------------|-----------------|-------|
| stem    | 16    |                |                 |       |
| conv2_x | 16    | basic \N{MULTIPLICATION SIGN} 2 | bottleneck x3 | basic |
| conv3_x | 32    | no             | bottleneck      | basic |
| top     |       |                |                 |       |
| total   |       | 5,306 params[^1], 5.16M ops[^2] | 18.5K params | |

| claims of | input   | 18-layer (1/2) | 34-layer         | a:b c |
|-----------|---------|----------------|------------------|-------|
| total     | 64x64x3 | 20.6M ops      | no               |       |
| conv      |         |                | 98% params share[^3] | 95% params share |

[^1]: the first
[^2]: the second
[^3]: the third
"""
DENSE = """---
input: 32x32x3
networks: layers = 4, 6, 10
---

```blocks
stem        = conv 3x3 {width}
dense block = dense layer * {layers}
dense layer = concat
  | identity
  | conv 3x3 12
transition  = conv 1x1 {in/2}
```

| type            | width | 4  | 6 | 10 |
|-----------------|-------|----|---|----|
| stem            | 16    |    |   |    |
| dense block (1) |       | 4  | 6 | 10 |
| transition (1)  |       | no |   |    |
| dense block (2) |       | 4  | 6 | no |
"""


def refused(name: str) -> str:
    with pytest.raises(ArchcalcError) as caught:
        load(name)
    return str(caught.value)


def changed(file: str, old: str, new: str) -> None:
    text = Path(file).read_text(encoding="utf-8")
    assert old in text
    Path(file).write_text(text.replace(old, new), encoding="utf-8")


def written() -> None:
    """Write both documents to the current folder."""
    Path("family.md").write_text(FAMILY, encoding="utf-8")
    Path("dense.md").write_text(DENSE, encoding="utf-8")
