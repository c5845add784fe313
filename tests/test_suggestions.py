"""A wrong name is answered with what was meant, or not at all: never with what misleads."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc.errors import nearest
from archcalc.ops import operations, otherwise
from archcalc.ops._words import MISSING, folded
from tests._cli import archcalc

WORDS = {
    "fc": "linear",
    "dense": "linear",
    "bn": "batch norm",
    "ReLU": "relu",
    "swish": "silu",
    "maxpool": "max pool",
    "MaxPool2d": "max pool",
    "avg_pool": "average pool",
    "gap": "global average pool",
    "Conv2d": "conv",
    "BatchNorm2d": "batch norm",
    "LayerNorm": "layer norm",
    "GroupNorm": "group norm",
    "RMSNorm": "rms norm",
    "cls_token": "class token",
    "pos_embed": "learned positions",
    "DropPath": "stochastic depth",
    "ConvTranspose2d": "transposed conv",
    "up-conv": "transposed conv",
    "deconv": "transposed conv",
    "Upsampling": "upsample",
    "pixel shuffle": "depth to space",
    "PixelUnshuffle": "space to depth",
    "ZeroPadding2D": "pad",
    "Cropping2D": "crop",
}


@pytest.mark.parametrize(("word", "here"), WORDS.items())
def test_another_tools_word_is_answered_with_its_name_here(word: str, here: str, tmp_path: Path) -> None:
    network = tmp_path / "net.md"
    network.write_text(f"---\ninput: 8x8x3\n---\n\n```blocks\na = {word} 3\n```\n\n| type |\n|---|\n| a |\n")
    answer = archcalc("table", str(network))
    assert answer.code == 3
    assert answer.err.endswith(f"begins with no operation or block; that is written '{here}' here\n")


def test_a_row_and_an_every_are_answered_too(tmp_path: Path) -> None:
    network = tmp_path / "net.md"
    network.write_text("---\ninput: 8x8x3\n---\n\n| type |\n|---|\n| Flatten |\n| fc |\n")
    assert (
        "no block is called 'Flatten'; that is written 'flatten' here" in archcalc("table", str(network)).err
    )
    network.write_text("---\ninput: 8x8x3\nevery bn: relu\n---\n\n| type |\n|---|\n| relu |\n")
    assert (
        "no operation is called 'bn'; that is written 'batch norm' here"
        in archcalc("table", str(network)).err
    )


@pytest.mark.parametrize("word", ["InstanceNorm2d", "instance norm", "rnn"])
def test_what_no_operation_does_is_said_to_be_so(word: str) -> None:
    assert otherwise(word) == "; no operation does that yet: docs/extending.md shows how to add one"


def test_no_operation_is_said_to_be_missing() -> None:
    words = {folded(word) for name, op in operations().items() for word in (name, *op.also)}
    assert not words & MISSING


def test_no_word_is_of_two_operations() -> None:
    words = [folded(word) for name, op in operations().items() for word in {name, *op.also}]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gogglenet", "googlenet"),
        ("goog", "googlenet"),
        ("GoogLeNet", "googlenet"),
        ("resnet-50", "resnet50"),
        ("densenet121", ""),
        ("efficientnet", ""),
    ],
)
def test_a_network_that_is_far_from_all_is_not_taken_for_one(name: str, meant: str) -> None:
    known = ["googlenet", "googlenet-naive", "resnet50", "resnet152", "alexnet", "squeezenet", "inception-v3"]
    said = nearest(name, known)
    assert said == f"; did you mean '{meant}'?" if meant else said.startswith("; known: ")
