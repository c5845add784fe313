"""Caffe's models as facts: their layers, and how a layer of archcalc is compared with one."""

from __future__ import annotations

import csv
from pathlib import Path

from tests._cli import rows

FACTS = Path(__file__).parent / "facts"
KINDS = {
    "Convolution": "conv",
    "Pooling": "pool",
    "LRN": "lrn",
    "Concat": "concat",
    "InnerProduct": "linear",
    "ReLU": "relu",
    "Dropout": "dropout",
    "Softmax": "softmax",
}
"""What each of Caffe's types of layers is called here, or how its name ends."""


def caffes_layers(file: str, kind: str) -> list[dict[str, str]]:
    """A model's layers of one of Caffe's types, in order."""
    with (FACTS / file).open() as lines:
        return [layer for layer in csv.DictReader(lines) if layer["type"] == kind]


def own_layers(network: str, kind: str) -> list[dict[str, str]]:
    """The layers of a network that are of one of Caffe's types, in order."""
    layers = rows("table", network, "--level", "layer")
    return [layer for layer in layers if layer["op"].endswith(KINDS[kind])]


def assert_equal_layers(mine: list[dict[str, str]], theirs: list[dict[str, str]]) -> None:
    """Shapes, weights, biases and MACs are equal, layer by layer."""
    assert len(mine) == len(theirs) > 0
    for layer, reference in zip(mine, theirs, strict=True):
        seen = (layer["output"], layer["weights"], layer["biases"], layer["params"], layer["macs"])
        assert seen == (
            channels_last(reference["output_CxHxW"]),
            reference["weights"],
            reference["bias"],
            reference["params_with_bias"],
            reference["macs"],
        ), (layer["layer"], reference["name"])


def assert_equal_windows(mine: list[dict[str, str]], theirs: list[dict[str, str]]) -> None:
    """Kernels, strides, paddings and groups are those that Caffe's model states."""
    written = [f"k{row['kernel']} s{row['stride']} p{row['padding']} g{row['groups']}" for row in mine]
    assert written == [layer["note"] for layer in theirs]


def channels_last(shape: str) -> str:
    """Caffe's CxHxW as HxWxC.

    >>> channels_last("96x55x54")
    '55x54x96'
    """
    channels, *places = shape.split("x")
    return "x".join([*places, channels])
