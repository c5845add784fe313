"""C3D beside a plain torch model, written from Figure 3 with the sizes of the authors' Caffe model."""

from __future__ import annotations

import torch
from torch import nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

FIGURE = (64, "1x2x2", 128, "2x2x2", 256, 256, "2x2x2", 512, 512, "2x2x2", 512, 512, "2x2x2")
"""The widths of the convolutions, and the poolings, which round up."""


def c3d(size: int = 8192) -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for step in FIGURE:
        if isinstance(step, int):
            layers += [nn.Conv3d(channels, step, 3, padding=1), nn.ReLU()]
            channels = step
        else:
            kernel = tuple(map(int, step.split("x")))
            layers.append(nn.MaxPool3d(kernel, kernel, ceil_mode=True))
    layers += [nn.Flatten(), nn.Linear(size, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(4096, 487))


def test_it_costs_what_the_figure_costs() -> None:
    with torch.device("meta"):
        model = c3d()
        macs = macs_of(model, torch.empty(1, 3, 16, 112, 112))
    assert_counts("c3d", model, macs)


def test_it_says_what_the_figure_says() -> None:
    model, video = drawn(lambda: c3d(512 * 2 * 1)), image((16, 48, 24))
    mine = loaded("c3d", model.state_dict().values(), "16x48x24x3")
    logits: list[torch.Tensor] = []  # what enters the softmax: one class takes all that leaves it
    mine.get_submodule("softmax").register_forward_pre_hook(lambda _, given: logits.append(given[0]))
    with torch.no_grad():
        mine(video)
        assert_same(logits[0], model(video))
