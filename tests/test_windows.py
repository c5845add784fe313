"""Windows over one, two and three places, and transposed convolutions: torch's own layers are the truth."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from archcalc.errors import Refused
from archcalc.notation.arguments import bind
from archcalc.ops import Op, operations
from archcalc.ops.conv import Conv
from archcalc.ops.pooling import AveragePool, MaxPool
from archcalc.ops.transposed import TransposedConv
from archcalc.sizes import Requirement, Shape, holds
from archcalc.torch_module import build, sample, shape_of
from tests.test_operations import graph_of

CONV = {1: torch.nn.Conv1d, 2: torch.nn.Conv2d, 3: torch.nn.Conv3d}
TRANSPOSED = {1: torch.nn.ConvTranspose1d, 2: torch.nn.ConvTranspose2d, 3: torch.nn.ConvTranspose3d}
MAX_POOL = {1: torch.nn.MaxPool1d, 2: torch.nn.MaxPool2d, 3: torch.nn.MaxPool3d}
AVERAGE_POOL = {1: torch.nn.AvgPool1d, 2: torch.nn.AvgPool2d, 3: torch.nn.AvgPool3d}
RANKS = pytest.mark.parametrize("rank", [1, 2, 3])
Sizes = tuple[int, ...]


def drawn(rank: int, draws: random.Random, least: int, most: int) -> Sizes:
    return tuple(draws.randint(least, most) for _ in range(rank))


def measured(layer: torch.nn.Module, places: Sizes, channels: int) -> tuple[Sizes, int]:
    """The places of what torch's layer gives, and its MACs by torch's own counter."""
    with FlopCounterMode(display=False) as counter:
        result = layer(torch.zeros(1, channels, *places))
    return tuple(result.shape[2:]), counter.get_total_flops() // 2


def said(op: Op, places: Sizes, channels: int) -> Any:
    """The places, MACs and tensors by the rules; None where they refuse."""
    shape = Shape(places, channels)
    try:
        graph = graph_of(op, shape)
    except Refused:
        return None
    counts = graph.applied(graph.nodes["op"]).counts
    return graph.shapes["op"].places, counts.cost.macs, [tensor.sizes for tensor in counts.tensors]


@RANKS
def test_convolutions_are_torch_s(rank: int) -> None:
    draws, built = random.Random(rank), 0
    for _ in range(150):
        kernel, stride, dilation = (drawn(rank, draws, 1, most) for most in (4, 3, 2))
        pad, places, groups = drawn(rank, draws, 0, 2), drawn(rank, draws, 3, 9), draws.choice((1, 2, 4))
        op = Conv(kernel=kernel, stride=stride, pad=pad, dilation=dilation, channels=8, groups=groups)
        try:
            layer = CONV[rank](4, 8, kernel, stride, pad, dilation, groups)  # type: ignore[arg-type]
            size, macs = measured(layer, places, 4)
        except RuntimeError:
            assert said(op, places, 4) is None
            continue
        built += 1
        assert said(op, places, 4) == (size, macs, [tuple(each.shape) for each in layer.parameters()])
    assert built > 50


@RANKS
def test_transposed_convolutions_are_torch_s(rank: int) -> None:
    draws, built = random.Random(rank), 0
    for _ in range(150):
        kernel, stride = drawn(rank, draws, 1, 5), drawn(rank, draws, 1, 3)
        pad, behind, places = drawn(rank, draws, 0, 2), drawn(rank, draws, 0, 1), drawn(rank, draws, 1, 5)
        groups = draws.choice((1, 2, 4))
        op = TransposedConv(
            kernel=kernel,
            stride=stride,
            pad=pad,
            output_pad=behind,
            channels=8,
            groups=groups,
            bias=groups > 1,
        )
        try:
            layer = TRANSPOSED[rank](4, 8, kernel, stride, pad, behind, groups, groups > 1)  # type: ignore[arg-type]
            size, macs = measured(layer, places, 4)
        except RuntimeError:
            assert said(op, places, 4) is None
            continue
        if min(size) < 1:
            assert said(op, places, 4) is None
            continue
        built += 1
        assert said(op, places, 4) == (size, macs, [tuple(each.shape) for each in layer.parameters()])
    assert built > 50


@RANKS
@pytest.mark.parametrize("ceil", [False, True])
def test_poolings_are_torch_s(rank: int, ceil: bool) -> None:
    draws, built = random.Random(rank), 0
    for _ in range(100):
        kernel, stride, places = (drawn(rank, draws, least, most) for least, most in ((1, 4), (1, 3), (1, 9)))
        pad = tuple(draws.randint(0, size // 2) for size in kernel)
        for op, layer in (
            (
                MaxPool(kernel=kernel, stride=stride, pad=pad, ceil=ceil),
                MAX_POOL[rank](kernel, stride, pad, ceil_mode=ceil),
            ),
            (
                AveragePool(kernel=kernel, stride=stride, pad=pad, ceil=ceil),
                AVERAGE_POOL[rank](kernel, stride, pad, ceil_mode=ceil),
            ),
        ):
            try:
                size, _ = measured(layer, places, 2)
            except RuntimeError as error:
                refused = str(error)
                # torch's own 3-d pooling refuses what its others take
                if "smaller than kernel size" not in refused and said(op, places, 2) is not None:
                    pytest.fail(refused)
                continue
            found = said(op, places, 2)
            if found is None:  # torch's poolings let the only window hang over where it is rounded up
                assert min(n + 2 * p - k for n, p, k in zip(places, pad, kernel, strict=True)) < 0
                continue
            built += 1
            assert found == (size, 0, [])
    assert built > 50


@pytest.mark.parametrize(
    ("text", "entering", "leaving"),
    [
        ("2x2/2", (28, 28), (56, 56)),  # U-Net
        ("4x4/2", (4, 4), (8, 8)),  # DCGAN, pad 1 in torch
        ("3x3/2", (7, 7), (14, 14)),
        ("3x3", (7, 5), (7, 5)),
        ("16x16/8", (21, 21), (168, 168)),  # FCN-8s
        ("1x1/3", (5, 5), (15, 15)),
        ("5x2/2x3", (5, 5), (10, 15)),
        ("4/2", (10,), (20,)),
        ("2x2x2/2", (4, 7, 7), (8, 14, 14)),
        ("1x2x2/1x2x2", (4, 7, 7), (4, 14, 14)),
        ("4x4/1 valid", (1, 1), (4, 4)),  # DCGAN's first
        ("4x4/2 pad 1", (8, 8), (16, 16)),
        ("3x3/2 pad 1", (8, 8), (15, 15)),
        ("3x3/2 pad 1 output pad 1", (8, 8), (16, 16)),
        ("3x3/2 valid output pad 1x0", (8, 8), (18, 17)),
    ],
)
def test_a_transposed_convolution_has_stride_times_the_places(
    text: str, entering: Sizes, leaving: Sizes
) -> None:
    op = written(f"transposed conv {text} 6")
    graph = graph_of(op, Shape(entering, 3))
    assert graph.shapes["op"] == Shape(leaving, 6)
    assert shape_of(build(graph)(sample(Shape(entering, 3)))) == Shape(leaving, 6)


class NoColumns:
    """The braces of a step that stands in no table."""

    def __call__(self, name: str, /) -> Any:
        raise Refused(f"no column {name}")

    def require(self, requirement: Requirement, /) -> None:
        assert holds(requirement)


def written(text: str) -> Op:
    """A step as a block writes it."""
    name = next(name for name in sorted(operations(), key=len, reverse=True) if text.startswith(name + " "))
    return bind(operations()[name], tuple(text.removeprefix(name).split()), NoColumns())


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("conv 3 64", {"kernel": (3,), "channels": 64, "stride": (1,)}),
        ("conv 3/2 64", {"kernel": (3,), "channels": 64, "stride": (2,)}),
        ("conv 64 3/2", {"kernel": (3,), "channels": 64, "stride": (2,)}),
        ("conv 2 64 dilation 4 causal", {"kernel": (2,), "dilation": (4,), "causal": True}),
        ("conv 3x3/2 64 pad 1", {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1)}),
        ("conv 3x3x3 64", {"kernel": (3, 3, 3), "stride": (1, 1, 1), "dilation": (1, 1, 1)}),
        ("conv 3x7x7/1x2x2 64", {"kernel": (3, 7, 7), "stride": (1, 2, 2)}),
        ("conv 3x7x7/2 64 pad 0x3x3", {"stride": (2, 2, 2), "pad": (0, 3, 3)}),
        ("max pool 2/2 valid", {"kernel": (2,), "stride": (2,)}),
        ("max pool 2 valid", {"kernel": (2,), "stride": (1,)}),
        ("max pool 1x2x2/1x2x2 valid", {"kernel": (1, 2, 2), "stride": (1, 2, 2)}),
        ("adaptive average pool 6", {"size": (6,)}),
        ("adaptive average pool 1x7x7", {"size": (1, 7, 7)}),
        ("transposed conv 4/2 64 pad 1", {"kernel": (4,), "stride": (2,), "pad": (1,)}),
    ],
)
def test_a_kernel_has_a_number_for_each_place(text: str, fields: dict[str, Any]) -> None:
    op = written(text)
    assert {name: getattr(op, name) for name in fields} == fields
    assert written(str(op)) == op


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("conv 3x3 64", Shape((16, 56, 56), 3), "map .* its input is 16x56x56x3, which .* 3x3x3, not 3x3"),
        ("conv 3x3 64", Shape((197,), 3), "map .* its input is 197x3, which wants a kernel such as 3, not"),
        ("conv 3 64", Shape((56, 56), 3), "a sequence .* its input is 56x56x3, which wants .* as 3x3, not 3"),
        ("conv 3x3x3 64", Shape((56, 56), 3), "a video .* is 56x56x3, which wants .* 3x3, not 3x3x3"),
        ("conv 3x3 64", Shape((), 3), "'conv' takes a feature map .*, but its input is 3$"),
        ("max pool 2/2 valid", Shape((8, 8), 3), "'max pool' takes a sequence"),
        ("adaptive average pool 6x6", Shape((8,), 3), "'adaptive average pool' takes a feature map"),
        ("global max pool", Shape((), 3), "'global max pool' takes a sequence, a feature map or a video"),
        ("subsample 2x2x2/2 valid", Shape((8, 8, 8), 3), "'subsample' takes a feature map"),
        ("lrn 5", Shape((8,), 3), "'lrn' takes a feature map"),
        ("conv 3x3/1x2x2 8", Shape((8, 8), 3), "a stride of 1x2x2 does not go with a kernel of 3x3"),
        ("max pool 3x3/1x2x2 valid ceil", Shape((8, 8), 3), "a stride of 1x2x2 does not go with .* 3x3"),
        ("conv 3x3x3 8 dilation 2x2", Shape((8, 8, 8), 3), "a dilation of 2x2 does not go with .* 3x3x3"),
        ("conv 3x3x3 8 pad 1x1", Shape((8, 8, 8), 3), "a pad of 1x1 does not go with a kernel of 3x3x3"),
        ("conv 3x3 8 causal", Shape((8, 8), 3), "'causal' is for a sequence"),
        ("conv 3 8 causal valid", Shape((8,), 3), "'causal' .* excludes 'valid' and 'pad'"),
        ("conv 3 8 causal pad 1", Shape((8,), 3), "'causal' .* excludes 'valid' and 'pad'"),
        ("conv 2 8", Shape((8,), 3), "an even window cannot keep the size"),
        ("conv 0 8 valid", Shape((8,), 3), "a kernel of tokens 0 is no window"),
        ("conv 9 8 valid", Shape((8,), 3), "a window of 9 does not fit into its input of 8x3 .padding 0."),
        ("transposed conv 3x3 8", Shape((8,), 3), "'transposed conv' takes a feature map"),
        ("transposed conv 4x4 8", Shape((8, 8), 3), "an even window of stride 1 cannot keep the size"),
        ("transposed conv 3x3/2 8 output pad 1", Shape((8, 8), 3), "'output pad' stands beside"),
        ("transposed conv 3x3/2 8 valid pad 1", Shape((8, 8), 3), "one excludes the other"),
        ("transposed conv 3x3/2 8 pad 1 output pad 2", Shape((8, 8), 3), "2x2, must be less than .* 2x2"),
        ("transposed conv 3x3/2 8 pad 1x1x1", Shape((8, 8), 3), "a pad of 1x1x1 does not go with .* 3x3"),
        ("transposed conv 3x3 8 pad 4", Shape((3, 3), 3), "its padding cuts off all that there is"),
        ("transposed conv 3x3 9 groups 2", Shape((3, 3), 4), "2 groups do not divide the 9 output channels"),
        ("transposed conv 3x3 8 groups 2", Shape((3, 3), 3), "2 groups do not divide the 3 input channels"),
        ("transposed conv 3x3 8 groups 0", Shape((3, 3), 3), "at least 1 group, not 0"),
        ("transposed conv 3x3/0 8 valid", Shape((3, 3), 3), "a stride must be at least 1, not 0"),
        ("transposed conv 0x3 8 valid", Shape((3, 3), 3), "a kernel of 0 is no window"),
        ("transposed conv 3x3 0", Shape((3, 3), 3), "at least 1 channel, not 0"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, shape: Shape, message: str) -> None:
    op = written(text) if " " in text and text != "global max pool" else operations()[text]()
    with pytest.raises(Refused, match=message):
        graph_of(op, shape)


def test_a_number_without_a_kernel_is_answered() -> None:
    with pytest.raises(Refused, match="'conv' needs a kernel such as 3x3 or 3x3/2"):
        written("conv 64")
    with pytest.raises(Refused, match="'conv' needs a number, its channels"):
        written("conv 3/2")
