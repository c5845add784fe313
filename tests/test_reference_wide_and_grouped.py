"""Wide ResNet-50-2 and ResNeXt beside torchvision's, WRN-28-10 beside a plain torch model of the paper's."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

MODELS = {
    "resnext50": "resnext50_32x4d",
    "resnext101": "resnext101_32x8d",
    "wide-resnet50-2": "wide_resnet50_2",
}
"""torchvision's name of each network."""


def torchvisions(network: str) -> nn.Module:
    model: nn.Module = getattr(torchvision.models, MODELS[network])(weights=None)
    return model


@pytest.mark.parametrize("network", MODELS)
def test_it_costs_what_torchvisions_costs(network: str) -> None:
    with torch.device("meta"):
        model = torchvisions(network)
        macs = macs_of(model, torch.empty(1, 3, 224, 224))
    assert_counts(network, model, macs)


@pytest.mark.parametrize("network", MODELS)
def test_it_gives_what_torchvisions_gives(network: str) -> None:
    model, photo = drawn(lambda: torchvisions(network)), image(96)
    mine = loaded(network, model.state_dict().values(), "96x96x3")
    with torch.no_grad():
        assert_same(mine(photo), model(photo))


class Block(nn.Module):
    """Figure 1(d) without dropout: both ways of a first block start from what is normalised."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.shortcut = None if channels == width else nn.Conv2d(channels, width, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        normal = self.norm1(x).relu()
        deep: Tensor = self.conv2(self.norm2(self.conv1(normal)).relu())
        return deep + (x if self.shortcut is None else self.shortcut(normal))


def wrn_28_10() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1, bias=False)]
    channels = 16
    for width, stride in ((160, 1), (320, 2), (640, 2)):
        for copy in range(4):
            layers.append(Block(channels, width, stride if copy == 0 else 1))
            channels = width
    layers += [nn.BatchNorm2d(640), nn.ReLU(), nn.AvgPool2d(8), nn.Flatten(), nn.Linear(640, 10)]
    return nn.Sequential(*layers)


def test_wrn_28_10_is_the_papers() -> None:
    model, photo = drawn(wrn_28_10), image(32)
    assert_counts("wrn-28-10", model, macs_of(model, photo))
    with torch.no_grad():
        assert_same(loaded("wrn-28-10", model.state_dict().values())(photo), model(photo))
