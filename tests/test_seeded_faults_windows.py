"""Faults in windows of one and three places, and in what changes places, are found where they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archcalc.ops import Op
from archcalc.ops.borders import Crop, Pad
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import AdaptiveAveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from archcalc.ops.rearranging import DepthToSpace, SpaceToDepth
from archcalc.ops.transposed import TransposedConv
from archcalc.ops.upsample import Upsample
from archcalc.sizes import product
from tests._cli import archcalc
from tests.test_seeded_faults import of, without

Rule = Callable[..., Any]
SEQUENCE = """\
---
input: 41x8
---

```blocks
first  = conv 5/2 12 groups 2
causal = conv 2 12 causal dilation 4
pooled = max pool 3/2 valid ceil
up     = transposed conv 4/2 6 groups 3
five   = adaptive average pool 5
top    = global max pool -> flatten -> linear 7
```

| type   |
|--------|
| first  |
| causal |
| pooled |
| up     |
| five   |
| top    |
"""
VIDEO = """\
---
input: 7x20x24x3
---

```blocks
first  = conv 3x7x7/1x2x2 12
pooled = max pool 1x3x3/1x2x2 valid ceil
up     = transposed conv 2x4x3/2 6 groups 3
cut    = crop 1x2x2
border = pad 0x1x1 after
larger = upsample 1x2x2
top    = global average pool -> flatten -> linear 7
```

| type   |
|--------|
| first  |
| pooled |
| up     |
| cut    |
| border |
| larger |
| top    |
"""
MAP = """\
---
input: 12x16x8
---

```blocks
up   = transposed conv 3x3/2 12 pad 1 output pad 1
deep = space to depth 2
wide = depth to space 4
size = upsample to 50x70 bilinear -> crop to 40x60
```

| type |
|------|
| up   |
| deep |
| wide |
| size |
"""


class Fault(NamedTuple):
    """A rule done wrongly: the table, the operation, its rule, the wrong one, who is to blame, for what."""

    table: str
    op: type[Op]
    rule: str
    wrong: Callable[[Rule], Rule]
    layer: str
    what: str


def of_places(change: Callable[[Any], Any]) -> Callable[[Rule], Rule]:
    """The rule, asked of an input with other places."""
    return lambda right: lambda op, x: right(op, x._replace(places=change(x.places)))


def giving(change: Callable[[Any], Any]) -> Callable[[Rule], Rule]:
    """The rule's shape with other places."""

    def wrong(right: Rule) -> Rule:
        def out(op: Op, x: Any) -> Any:
            shape = right(op, x)
            return shape._replace(places=change(shape.places))

        return out

    return wrong


def ungrouped(right: Rule) -> Rule:
    """The rule of one group, for what is not divided by it."""
    return lambda op, x: right(replace(op, groups=1), x)


def two_sided(right: Rule) -> Rule:
    """The rule, for a causal window padded on both sides and more than that."""
    return lambda op, x: right(replace(op, causal=False, pad=(3,)) if op.causal else op, x)


def exchanged(right: Rule) -> Rule:
    """A transposed convolution's weights with its channels as a convolution has them."""

    def wrong(op: Any, x: Any) -> Any:
        weight, *others = right(op, x)
        return (weight._replace(sizes=(weight.sizes[1], weight.sizes[0], *weight.sizes[2:])), *others)

    return wrong


def of_the_output(right: Rule) -> Rule:
    """A transposed convolution's MACs at the places of its output."""
    return lambda op, x: right(op, x) // product(x.places) * product(op.out(x).places)


FAULTS = {
    "groups forgotten in a sequence": Fault(SEQUENCE, Conv, "weights", ungrouped, "first.conv5", "tensors"),
    "MACs of a sequence's channels": Fault(
        SEQUENCE, Conv, "macs", of_places(lambda places: (1,)), "first.conv5", "MACs"
    ),
    "a causal window that looks both ways": Fault(
        SEQUENCE, Conv, "places", two_sided,
        "causal.conv2", "output",
    ),
    "tokens rounded down": Fault(SEQUENCE, MaxPool, "places", of(ceil=False), "pooled.max_pool3", "output"),
    "a sequence's groups in torch": Fault(SEQUENCE, Conv, "module", of(groups=1), "first.conv5", "tensors"),
    "a transposed sequence's groups": Fault(
        SEQUENCE, TransposedConv, "macs", ungrouped, "up.transposed_conv4", "MACs"
    ),
    "a transposed sequence's bias": Fault(
        SEQUENCE, TransposedConv, "weights", without("bias"), "up.transposed_conv4", "tensors"
    ),
    "an adaptive pooling that keeps its tokens": Fault(
        SEQUENCE, AdaptiveAveragePool, "out", lambda right: lambda op, x: x,
        "five.adaptive_average_pool", "output",
    ),
    "a global pooling that keeps its tokens": Fault(
        SEQUENCE, GlobalMaxPool, "out", lambda right: lambda op, x: x, "top.global_max_pool", "output"
    ),
    "a stride of the frames": Fault(
        VIDEO, Conv, "places", of(stride=(2, 2, 2)), "first.conv3x7x7", "output"
    ),
    "frames forgotten in MACs": Fault(
        VIDEO, Conv, "macs", of_places(lambda places: (1, *places[1:])), "first.conv3x7x7", "MACs"
    ),
    "frames forgotten in weights": Fault(
        VIDEO, Conv, "weights", of(kernel=(1, 7, 7)), "first.conv3x7x7", "tensors"
    ),
    "a video rounded down": Fault(VIDEO, MaxPool, "places", of(ceil=False), "pooled.max_pool1x3x3", "output"),
    "weights as a convolution has them": Fault(
        VIDEO, TransposedConv, "weights", exchanged, "up.transposed_conv2x4x3", "tensors"
    ),
    "work counted at the output": Fault(
        VIDEO, TransposedConv, "macs", of_the_output, "up.transposed_conv2x4x3", "MACs"
    ),
    "output padding forgotten": Fault(
        VIDEO, TransposedConv, "module", of(pad=(0, 1, 1)), "up.transposed_conv2x4x3", "output"
    ),
    "one side cropped": Fault(
        VIDEO, Crop, "out", giving(lambda places: (places[0] + 1, *places[1:])), "cut.crop", "output"
    ),
    "both sides padded": Fault(VIDEO, Pad, "out", of(after=False), "border.pad", "output"),
    "frames upsampled": Fault(VIDEO, Upsample, "out", of(factor=(2,)), "larger.upsample", "output"),
    "a video's global pooling that keeps frames": Fault(
        VIDEO, GlobalAveragePool, "out", lambda right: lambda op, x: right(op, x)._replace(places=(7, 1, 1)),
        "top.global_average_pool", "output",
    ),
    "a padding twice": Fault(
        MAP, TransposedConv, "out", of(pad=(2, 2)), "up.transposed_conv3x3", "output"
    ),
    "torch's output padding left out": Fault(
        MAP, TransposedConv, "module", of(output_pad=(0, 0)), "up.transposed_conv3x3", "output"
    ),
    "a square counted once": Fault(
        MAP, SpaceToDepth, "out", lambda right: lambda op, x: right(op, x)._replace(channels=16 * x.channels),
        "deep.space_to_depth", "output",
    ),
    "torch's smaller squares": Fault(
        MAP, DepthToSpace, "module", lambda right: lambda op, torch, x: torch.nn.PixelShuffle(2),
        "wide.depth_to_space", "output",
    ),
    "a size of one axis for both": Fault(
        MAP, Upsample, "out", of(to=(70,)), "size.upsample", "output"
    ),
}  # fmt: skip


@pytest.fixture(params=["sequence", "video", "map"])
def sound(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = tmp_path / "table.md"
    path.write_text({"sequence": SEQUENCE, "video": VIDEO, "map": MAP}[request.param])
    return str(path)


def test_without_a_fault_they_agree(sound: str) -> None:
    answer = archcalc("check", sound)
    assert (answer.code, answer.err) == (0, "")
    assert "every layer agrees with every witness" in answer.out


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, and the first layer that is named is the first that differs, even where torch breaks off."""
    path = tmp_path / "table.md"
    path.write_text(fault.table)
    monkeypatch.setattr(fault.op, fault.rule, fault.wrong(getattr(fault.op, fault.rule)))
    answer = archcalc("check", str(path), "--format", "json")
    assert (answer.code, answer.err) == (1, "")
    first = json.loads(answer.out)["mismatches"][0]
    assert f": {fault.layer}: {fault.what} " in first
