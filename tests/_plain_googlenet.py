"""GoogLeNet in plain torch, written by hand from Table 1 and Figure 3 of Szegedy et al., 2014."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

MODULES = {  # 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def conv(entering: int, leaving: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(entering, leaving, kernel, stride, kernel // 2), nn.ReLU())


def down() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class Inception(nn.Module):
    """Figure 2b."""

    def __init__(self, entering: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        one, reduce3, three, reduce5, five, pool = widths
        self.one = conv(entering, one, 1)
        self.three = nn.Sequential(conv(entering, reduce3, 1), conv(reduce3, three, 3))
        self.five = nn.Sequential(conv(entering, reduce5, 1), conv(reduce5, five, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(entering, pool, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


def plain_googlenet(norm: Callable[[int], nn.Module] = nn.LocalResponseNorm) -> nn.Sequential:
    """The network; `norm` makes the two normalisations of the stem."""
    stem = [conv(3, 64, 7, 2), down(), norm(5), conv(64, 64, 1), conv(64, 192, 3), norm(5), down()]
    modules: list[nn.Module] = []
    channels = 192
    for name, widths in MODULES.items():
        modules += [down()] if name in ("4a", "5a") else []
        modules.append(Inception(channels, widths))
        one, _, three, _, five, pool = widths
        channels = one + three + five + pool
    top = [nn.AvgPool2d(7, 1), nn.Dropout(0.4), nn.Flatten(), nn.Linear(1024, 1000), nn.Softmax(1)]
    return nn.Sequential(*stem, *modules, *top)
