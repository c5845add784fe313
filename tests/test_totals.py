"""Every network against the totals that others counted: torchvision, timm, Caffe, and the papers."""

from __future__ import annotations

import csv

import pytest

import archcalc
from archcalc.costs import Cost, by_row
from archcalc.sizes import as_int
from tests._caffe import FACTS, channels_last

NETWORKS = {
    "alexnet, torchvision": "alexnet-owt",
    "vgg11, torchvision": "vgg11",
    "vgg16, torchvision": "vgg16",
    "vgg19, torchvision": "vgg19",
    "squeezenet1_0, torchvision": "squeezenet",
    "resnet18, torchvision": "resnet18",
    "resnet34, torchvision": "resnet34",
    "resnet50, torchvision": "resnet50",
    "mobilenet_v2, torchvision": "mobilenet-v2",
    "googlenet, torchvision no aux": "googlenet-torchvision",
    "googlenet, torchvision with aux (aux not run in eval)": "googlenet-torchvision",
    "inception_v3, torchvision no aux": "inception-v3",
    "inception_v3, torchvision with aux (aux not run in eval)": "inception-v3",
    "inception_v3, timm": "inception-v3",
    "inception_v4, timm": "inception-v4",
    "legacy_xception, timm": "xception",
    "mobilenetv1_100, timm": "mobilenet-v1",
    "bvlc_googlenet_deploy, caffe (BVLC)": "googlenet",
    "bvlc_googlenet_train_val, caffe (BVLC)": "googlenet",
    "bvlc_alexnet_deploy, caffe (BVLC)": "alexnet-caffe",
    "lenet, caffe (BVLC)": "lenet-caffe",
    "googlenet, caffe port": "googlenet",
    "nin, caffe port": "nin-imagenet",
    "inception_v2 (BN-Inception), caffe port": "bn-inception-caffe",
    "VGG C, implied": "vgg-c",
    "Xception, paper Table 3": "xception",
    "resnet50 (v1), caffe (authors)": "resnet50-v1",
    "resnet101 (v1), caffe (authors)": "resnet101-v1",
    "resnet152 (v1), caffe (authors)": "resnet152-v1",
    "inception_resnet_v2, timm": "inception-resnet-v2",
    "inception_v2 (BN-Inception) with separable stem, tf-slim rebuilt": "bn-inception-released",
}
"""The network of the catalogue that each line is about."""

WITH_HEADS = {
    "googlenet, torchvision with aux (aux not run in eval)",
    "inception_v3, torchvision with aux (aux not run in eval)",
    "bvlc_googlenet_train_val, caffe (BVLC)",
}
"""Lines that count the side chains' parameters."""


def totals() -> dict[str, dict[str, str]]:
    with (FACTS / "totals.csv").open() as file:
        return {f"{line['model']}, {line['implementation']}": line for line in csv.DictReader(file)}


def test_every_line_is_about_a_network() -> None:
    assert list(totals()) == list(NETWORKS)


@pytest.mark.parametrize("line", NETWORKS)
def test_totals(line: str) -> None:
    facts = totals()[line]
    net, size = archcalc.load(NETWORKS[line]), channels_last(facts["input"])
    cost = net.cost(size, heads=line in WITH_HEADS)
    work = net.cost(size, heads=line in WITH_HEADS and "not run" not in line)
    counted = {"params": cost.params, "weights": cost.weights, "macs": work.macs}
    for what, number in counted.items():
        assert str(number) == facts[what] or not facts[what], what
    assert sum(facts[what] != "" for what in counted) >= 2


@pytest.mark.parametrize(
    ("network", "weights", "params", "macs"),
    [
        ("vgg11", 132_851_392, 132_863_336, 7_609_090_048),
        ("vgg11-lrn", 132_851_392, 132_863_336, 7_609_090_048),
        ("vgg13", 133_035_712, 133_047_848, 11_308_466_176),
        ("vgg-c", 133_625_536, 133_638_952, 11_770_888_192),
        ("vgg16", 138_344_128, 138_357_544, 15_470_264_320),
        ("vgg19", 143_652_544, 143_667_240, 19_632_062_464),
    ],
)
def test_vgg(network: str, weights: int, params: int, macs: int) -> None:
    """The paper's Table 1 multiplied out; A, B, D and E are torchvision's vgg11, 13, 16 and 19."""
    cost = archcalc.load(network).cost()
    assert (cost.weights, cost.params, cost.macs) == (weights, params, macs)


@pytest.mark.parametrize(
    ("network", "params", "macs"),
    [
        ("resnet18", 11_689_512, 1_814_073_344),
        ("resnet34", 21_797_672, 3_663_761_408),
        ("resnet50", 25_557_032, 4_089_184_256),
        ("resnet101", 44_549_160, 7_801_405_440),
        ("resnet152", 60_192_808, 11_513_626_624),
    ],
)
def test_resnet(network: str, params: int, macs: int) -> None:
    """torchvision's, whose stride is in a bottleneck's 3x3 convolution."""
    cost = archcalc.load(network).cost()
    assert (cost.params, cost.macs) == (params, macs)


@pytest.mark.parametrize(
    ("network", "macs", "projections"),
    [("resnet18-a", 1_794_805_760, "resnet18"), ("resnet34-a", 3_644_493_824, "resnet34")],
)
def test_resnet_with_shortcuts_of_option_a(network: str, macs: int, projections: str) -> None:
    """Without the three projections: 64x128, 128x256 and 256x512 weights, each with a batch norm."""
    free, projected = archcalc.load(network).cost(), archcalc.load(projections).cost()
    assert free.macs == macs
    assert projected.params - free.params == 64 * 128 + 128 * 256 + 256 * 512 + 2 * (128 + 256 + 512)


@pytest.mark.parametrize(
    ("network", "millions_of_macs", "millions_of_params"),
    [
        ("mobilenet-v1", 569, 4.2),
        ("mobilenet-v1-0.75", 325, 2.6),
        ("mobilenet-v1-0.5", 149, 1.3),
        ("mobilenet-v1-0.25", 41, 0.5),
    ],
)
def test_mobilenets_width_multiplier(network: str, millions_of_macs: int, millions_of_params: float) -> None:
    """The paper's Table 6."""
    cost = archcalc.load(network).cost()
    assert round(as_int(cost.macs) / 1e6) == millions_of_macs
    assert round(as_int(cost.params) / 1e6, 1) == millions_of_params


def test_mobilenets_shares_by_kind_of_layer() -> None:
    """The paper's Table 2, whose 1.19% of the first convolution has two digits in each other's place."""
    net = archcalc.load("mobilenet-v1")
    work: dict[str, list[int]] = {}
    for layer in net.layers():
        op = layer.node.op
        if layer.cost.weights:
            kind = "linear" if op.name == "linear" else str(op.kernel)  # type: ignore[attr-defined]
            kind += " depthwise" * getattr(op, "depthwise", False)
            sums = work.setdefault(kind, [0, 0])
            sums[0] += as_int(layer.cost.macs)
            sums[1] += as_int(layer.cost.weights)
    total = net.cost()
    shares = {
        kind: (round(100 * macs / as_int(total.macs), 2), round(100 * weights / as_int(total.weights), 2))
        for kind, (macs, weights) in work.items()
    }
    assert shares == {
        "(3, 3)": (1.91, 0.02),
        "(3, 3) depthwise": (3.06, 1.06),
        "(1, 1)": (94.86, 74.59),
        "linear": (0.18, 24.33),
    }


def test_nin_cifar10() -> None:
    """Caffe's published model: its layers' tensors and places."""
    cost = archcalc.load("nin-cifar10").cost()
    assert (cost.weights, cost.params, cost.macs) == (965_568, 966_986, 222_486_528)


def test_inception_modules_of_the_released_networks() -> None:
    """Weights and MACs of each module, as the released code's widths multiply out."""
    v3 = {
        row: (cost.weights, cost.macs)
        for row, cost in _by_row("inception-v3").items()
        if row in ("5b", "6a", "6b", "6e", "7a", "7c")
    }
    assert v3 == {
        "5b": (254_976, 312_345_600),
        "6a": (1_152_000, 401_937_408),
        "6b": (1_294_336, 374_063_104),
        "6e": (2_138_112, 617_914_368),
        "7a": (1_695_744, 291_004_416),
        "7c": (6_070_272, 388_497_408),
    }
    v4 = {row: (cost.weights, cost.macs) for row, cost in _by_row("inception-v4").items()}
    assert v4["stem B"] == (188_416, 972_218_368)
    assert v4["inception A"] == (4 * 316_416, 4 * 387_609_600)
    assert v4["reduction A"] == (2_304_000, 1_097_164_800)
    assert v4["inception B"] == (7 * 2_931_712, 7 * 847_264_768)
    assert v4["reduction B"] == (2_744_320, 511_098_880)
    assert v4["inception C"] == (3 * 4_546_560, 3 * 290_979_840)


def _by_row(network: str) -> dict[str, Cost]:
    return {section.name: section.cost for section in by_row(archcalc.load(network).layers())}
