"""The catalogue's documents and torchvision's own models, which share no names, do the same."""

from __future__ import annotations

import pytest

from archcalc.alignment import align
from archcalc.alignment.sentences import SAME, sentences
from archcalc.graph import Graph
from archcalc.models.graph import graph_of
from archcalc.models.inputs import default_inputs
from archcalc.models.locate import locate
from archcalc.models.trace import traced_located
from archcalc.sources.paper import load

ALIKE = {
    "alexnet-owt": "alexnet",
    "convnext-t": "convnext_tiny",
    "densenet:121": "densenet121",
    "efficientnet-b0": "efficientnet_b0",
    "googlenet-torchvision": "googlenet",
    "inception-v3": "inception_v3",
    "mobilenet-v2": "mobilenet_v2",
    "mobilenet-v3-large": "mobilenet_v3_large",
    "resnet50": "resnet50",
    "resnext50": "resnext50_32x4d",
    "squeezenet": "squeezenet1_0",
    "vgg16": "vgg16",
}


def model(name: str) -> Graph:
    located = locate(f"torchvision:{name}")
    return graph_of(traced_located(located, default_inputs(located)).record).graph


def said(document: str, name: str) -> tuple[str, ...]:
    return sentences(align(load(document).graph(), model(name)), lambda step: step.node.row)


@pytest.mark.parametrize("document", ALIKE)
def test_a_document_and_its_model_do_the_same(document: str) -> None:
    assert said(document, ALIKE[document]) == (SAME,)


def test_the_paper_and_what_torchvision_made_of_it() -> None:
    assert said("googlenet", "googlenet")[1:] == (
        "57 convolutions lost their bias.",
        "9 convolutions 5x5 became 3x3 (padding 2 -> 1), all in branch3.",
        "1 max pool 3x3 became 2x2 (max pool_4).",
        "1 dropout: share 0.4 -> 0.2 (40%).",
        "2 lrn and 1 softmax only in the first.",
        "57 batch norms only in the second.",
    )


def test_the_paper_of_resnet_and_the_model_with_its_strides_moved() -> None:
    assert said("resnet50-v1", "resnet50")[1:] == (
        "3 convolutions 1x1: stride 2 -> 1, all in branch1.",
        "3 convolutions 3x3: stride 1 -> 2, all in branch1.",
        "1 convolution 7x7 lost its bias (conv1).",
        "1 max pool 3x3: padding 0 -> 1, ceil yes -> no (max pool).",
    )
