"""Side chains (auxiliary heads): run in training only, counted only when asked, always checked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archcalc
from archcalc.torch_module import sample

NETWORK = """\
---
input: 16x16x3
every conv: relu
---

```blocks
body = conv 3x3 {width}
top  = pooled -> linear {width} -> softmax
pooled = global average pool -> flatten
```

| type       | width |
|------------|-------|
| body (1)   | 8     |
| body (2)   | 12    |
| top        | 10    |

## heads: from 1

| type | width |
|------|-------|
| top  | 5     |
"""

# 3x3x3x8 + 8, 3x3x8x12 + 12, 12x10 + 10; the side chain's 8x5 + 5
PARAMS, HEAD = 224 + 876 + 130, 45


@pytest.fixture
def net(tmp_path: Path) -> archcalc.Architecture:
    path = tmp_path / "two-outputs.md"
    path.write_text(NETWORK)
    return archcalc.load(str(path))


def test_counted_only_when_asked(net: archcalc.Architecture) -> None:
    assert (net.cost().params, net.cost(heads=True).params) == (PARAMS, PARAMS + HEAD)


def test_run_in_training_only(net: archcalc.Architecture) -> None:
    model, x = net.torch_module(heads=True), torch.rand(2, 3, 16, 16)
    own, side = model.train()(x)
    assert (own.shape, side.shape) == ((2, 10), (2, 5))
    assert model.eval()(x).shape == (2, 10)


def test_not_in_the_model_unless_asked(net: archcalc.Architecture) -> None:
    plain = net.torch_module()
    assert sum(tensor.numel() for tensor in plain.parameters()) == PARAMS
    assert net.network.inputs is not None
    (own,) = net.network.inputs.values()
    assert plain.train()(sample(own)).shape == (1, 10)


def test_checked_by_every_witness(net: archcalc.Architecture) -> None:
    for check in net.check():
        assert check.agrees, check.mismatches
        assert any(layer.node.head for layer in check.layers)
