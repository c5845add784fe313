"""Darknet-53 beside timm's, and YOLOv3 beside a plain torch model that follows yolov3.cfg layer by layer."""

from __future__ import annotations

import timm
import torch
from torch import Tensor, nn

import archcalc
from archcalc.sizes import as_int
from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of


def darknet53() -> nn.Module:
    """timm's, with the slope of the authors' code in the place of torch's."""
    model: nn.Module = timm.create_model("darknet53", pretrained=False)
    for module in model.modules():
        if isinstance(module, nn.LeakyReLU):
            module.negative_slope = 0.1
    return model


def test_darknet53_is_timms() -> None:
    model = drawn(darknet53)
    assert_counts("darknet-53", model, macs_of(model, torch.empty(1, 3, 256, 256)))
    photo = image(96)
    mine = loaded("darknet-53", model.state_dict().values(), "96x96x3")
    with torch.no_grad():
        logits: list[Tensor] = []  # what enters the softmax: one class takes all that leaves it
        mine.get_submodule("Softmax").register_forward_pre_hook(lambda _, given: logits.append(given[0]))
        mine(photo)
        assert_same(logits[0], model(photo))


Section = tuple[str, *tuple[int, ...]]
"""A section of the file, and its numbers."""


def conv(width: int, size: int, stride: int = 1) -> Section:
    return ("convolutional", width, size, stride)


SHORTCUT: Section = ("shortcut", -3)
YOLO: Section = ("yolo",)
UPSAMPLE: Section = ("upsample",)


def stage(width: int, times: int) -> list[Section]:
    return [conv(width, 3, 2), *[conv(width // 2, 1), conv(width, 3), SHORTCUT] * times]


def scale(width: int) -> list[Section]:
    return [*[conv(width, 1), conv(2 * width, 3)] * 3, ("linear", 255), YOLO]


CFG: list[Section] = [
    conv(32, 3),
    *stage(64, 1),
    *stage(128, 2),
    *stage(256, 8),
    *stage(512, 8),
    *stage(1024, 4),
    *scale(512),
    *[("route", -4), conv(256, 1), UPSAMPLE, ("route", -1, 61)],
    *scale(256),
    *[("route", -4), conv(128, 1), UPSAMPLE, ("route", -1, 36)],
    *scale(128),
]
"""The sections of yolov3.cfg: `-4` is counted from the section itself, `61` from the first one."""


class Darknet(nn.Module):
    """What darknet does with such a file."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, widths = nn.ModuleList(), [3]
        for index, (kind, *given) in enumerate(CFG):
            layer: nn.Module = nn.Identity()
            width = widths[-1]
            if kind == "convolutional":
                width, size, stride = given
                layer = nn.Sequential(
                    nn.Conv2d(widths[-1], width, size, stride, size // 2, bias=False),
                    nn.BatchNorm2d(width),
                    nn.LeakyReLU(0.1),
                )
            elif kind == "linear":
                width = 255
                layer = nn.Conv2d(widths[-1], width, 1)
            elif kind == "route":
                width = sum(widths[1:][at] for at in self.sections(index, given))
            self.layers.append(layer)
            widths.append(width)

    @staticmethod
    def sections(index: int, given: list[int]) -> list[int]:
        """Which sections are meant."""
        return [index + at if at < 0 else at for at in given]

    def forward(self, x: Tensor) -> list[Tensor]:
        given_out: list[Tensor] = []
        for index, ((kind, *given), layer) in enumerate(zip(CFG, self.layers, strict=True)):
            if kind == "shortcut":
                x = x + given_out[index - 3]
            elif kind == "route":
                x = torch.cat([given_out[at] for at in self.sections(index, given)], 1)
            elif kind == "upsample":
                x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
            else:
                x = layer(x)
            given_out.append(x)
        return [x for (kind, *_), x in zip(CFG, given_out, strict=True) if kind == "yolo"]


def test_yolov3_costs_what_darknet_prints() -> None:
    with torch.device("meta"):
        model = Darknet()
        macs = macs_of(model, torch.empty(1, 3, 416, 416))
    assert_counts("yolov3", model, macs)
    assert as_int(archcalc.load("yolov3").cost().params) == 61_949_149
    assert round(2 * macs / 10**9, 2) == 65.86
    assert len(CFG) == 107  # darknet numbers them 0 to 106


def test_yolov3_detects_as_its_cfg_says() -> None:
    model, photo = drawn(Darknet), image([96, 128])
    mine = loaded("yolov3", model.state_dict().values(), "96x128x3")
    with torch.no_grad():
        found, wanted = mine(photo), model(photo)
    assert [tuple(x.shape[1:]) for x in wanted] == [(255, 3, 4), (255, 6, 8), (255, 12, 16)]
    for each, reference in zip(found, wanted, strict=True):
        assert_same(each, reference)
