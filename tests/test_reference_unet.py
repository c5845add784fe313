"""U-Net beside a plain torch model, written from Figure 1 and from nothing of archcalc's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of


def double(width_in: int, width: int) -> nn.Sequential:
    """Two of the figure's blue arrows."""
    return nn.Sequential(
        nn.Conv2d(width_in, width, 3), nn.ReLU(), nn.Conv2d(width, width, 3), nn.ReLU()
    )  # fmt: skip


class UNet(nn.Module):
    """Figure 1: blue arrows are 3x3, red ones pool, green ones double, grey ones copy and crop."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(
            double(*widths) for widths in ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024))
        )
        self.up = nn.ModuleList()
        for width in (512, 256, 128, 64):
            self.up.append(nn.ConvTranspose2d(2 * width, width, 2, stride=2))
            self.up.append(double(2 * width, width))
        self.output = nn.Conv2d(64, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        copied: list[Tensor] = []
        for level in self.down:
            x = nn.functional.max_pool2d(x, 2) if copied else x
            x = level(x)
            copied.append(x)
        copied.pop()
        for green, blue in zip(self.up[::2], self.up[1::2], strict=True):
            x = green(x)
            skip = copied.pop()
            top, left = ((a - b) // 2 for a, b in zip(skip.shape[2:], x.shape[2:], strict=True))
            skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = blue(torch.cat([skip, x], 1))
        result: Tensor = self.output(x)
        return result


def test_it_costs_what_the_figure_costs() -> None:
    with torch.device("meta"):
        model = UNet()
        macs = macs_of(model, torch.empty(1, 1, 572, 572))
    assert_counts("unet", model, macs)


@pytest.mark.parametrize("size", ["188x188", "204x220"])
def test_it_segments_as_the_figure_does(size: str) -> None:
    model = drawn(UNet)
    photo = image([int(places) for places in size.split("x")], channels=1)
    mine = loaded("unet", model.state_dict().values(), f"{size}x1")
    with torch.no_grad():
        assert_same(mine(photo), model(photo))
