"""ShuffleNet beside a plain torch model that is written from sections 3.1 to 3.3 and Table 1 of its paper.

No implementation by other hands is installed.
"""

from __future__ import annotations

from collections import OrderedDict
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn

import archcalc
from archcalc.sizes import as_int
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

WIDTHS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
"""Table 1: the channels of stage 2 for each number of groups; the next stages have 2 and 4 times as many."""
COMPLEXITY = {1: 143, 2: 140, 3: 137, 4: 133, 8: 137}
"""Table 1's last row, in millions of multiply-adds."""
NETWORKS = {groups: "shufflenet-v1" + (f"-g{groups}" if groups != 3 else "") for groups in WIDTHS}


class Unit(nn.Module):
    """Figure 2 (b), and with a stride of 2 Figure 2 (c)."""

    def __init__(self, enter: int, leave: int, groups: int, stride: int, grouped: bool) -> None:
        super().__init__()
        middle, made = leave // 4, leave - enter if stride == 2 else leave
        self.groups, self.stride = groups, stride
        self.reduce = nn.Conv2d(enter, middle, 1, groups=groups if grouped else 1, bias=False)
        self.norm1 = nn.BatchNorm2d(middle)
        self.depthwise = nn.Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False)
        self.norm2 = nn.BatchNorm2d(middle)
        self.expand = nn.Conv2d(middle, made, 1, groups=groups, bias=False)
        self.norm3 = nn.BatchNorm2d(made)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm1(self.reduce(x)))
        channels = y.shape[1]
        # the output of group a, channel b becomes channel b, group a
        order = [
            a * (channels // self.groups) + b
            for b in range(channels // self.groups)
            for a in range(self.groups)
        ]
        y = self.norm3(self.expand(self.norm2(self.depthwise(y[:, order]))))
        if self.stride == 1:
            return torch.relu(x + y)
        return torch.relu(torch.cat([nn.functional.avg_pool2d(x, 3, 2, 1), y], 1))


def written(groups: int, first: int = 24, factor: Fraction = Fraction(1)) -> nn.Module:
    """ShuffleNet with so many groups; `factor` scales its stages."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv=nn.Conv2d(3, first, 3, 2, 1, bias=False),
        norm=nn.BatchNorm2d(first),
        relu=nn.ReLU(),
        pool=nn.MaxPool2d(3, 2, 1),
    )
    enter = first
    for stage, (leave, units) in enumerate(zip((1, 2, 4), (4, 8, 4), strict=True), start=2):
        leave = int(leave * WIDTHS[groups] * factor)
        for unit in range(units):
            stride, grouped = (1 if unit else 2), (stage, unit) != (2, 0)
            layers[f"stage{stage}_{unit}"] = Unit(enter, leave, groups, stride, grouped)
            enter = leave
    layers |= {"mean": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "fc": nn.Linear(enter, 1000)}
    return nn.Sequential(layers)


@pytest.mark.parametrize("groups", WIDTHS)
def test_counts_are_those_of_the_written_model(groups: int) -> None:
    with torch.device("meta"):
        model = written(groups).eval()
    macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
    assert_counts(NETWORKS[groups], model, macs)


@pytest.mark.parametrize("groups", WIDTHS)
def test_without_the_classifier_each_complexity_is_as_printed(groups: int) -> None:
    cost = archcalc.load(NETWORKS[groups]).cost()
    convolutions = as_int(cost.macs) - 4 * WIDTHS[groups] * 1000
    assert (convolutions + 500_000) // 1_000_000 == COMPLEXITY[groups]


@pytest.mark.parametrize(("groups", "side"), [(1, 64), (2, 97), (3, 224), (3, 97), (4, 64), (8, 65)])
@torch.inference_mode()
def test_outputs_are_those_of_the_written_model(groups: int, side: int) -> None:
    model = drawn(lambda: written(groups))
    mine = loaded(NETWORKS[groups], model.state_dict().values(), f"{side}x{side}x3")
    assert_same(mine(image(side)), model(image(side)))


def test_a_sweep_builds_the_text_s_other_widths() -> None:
    """ShuffleNet 0.5x to 2x, at which 3 groups divide a quarter of each width."""
    report = archcalc.load("shufflenet-v1").sweep("width=0.5,0.75,1,1.5,2").report()
    first = {"0.5": 12, "0.75": 24, "1.0": 24, "1.5": 36, "2.0": 48}
    for (factor, channels), row in zip(first.items(), report.rows, strict=True):
        with torch.device("meta"):
            model = written(3, channels, Fraction(factor)).eval()
        macs = macs_of(model, torch.empty(1, 3, 224, 224, device="meta"))
        params = sum(parameter.numel() for parameter in model.parameters())
        assert (float(row["width"]), row["params"], row["macs"]) == (float(factor), params, macs)
