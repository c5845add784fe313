"""AlexNet against Caffe's model, layer by layer, and against what the paper prints of it."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.sources.paper import load
from tests._caffe import KINDS, assert_equal_layers, assert_equal_windows, caffes_layers, own_layers

LAYERS = "caffe_alexnet_layers.csv"


@pytest.mark.parametrize("network", ["alexnet", "alexnet-caffe"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Concat"])
def test_every_layer_equals_caffes(network: str, kind: str) -> None:
    """At 227x227 pixels rounding up changes no size."""
    assert_equal_layers(own_layers(network, kind), caffes_layers(LAYERS, kind))


def test_windows_equal_caffes() -> None:
    assert_equal_windows(own_layers("alexnet", "Convolution"), caffes_layers(LAYERS, "Convolution"))


def test_caffe_rounds_up() -> None:
    """What `alexnet-caffe` has otherwise shows where a window does not fit exactly."""
    places = {
        name: str(archcalc.load(name).graph("231x231x3").shapes["max_pooling.max_pool3x3"])
        for name in ("alexnet", "alexnet-caffe")
    }
    assert places == {"alexnet": "27x27x96", "alexnet-caffe": "28x28x96"}


def test_normalisation_of_the_paper_and_of_caffe() -> None:
    """Section 3.3: k = 2, n = 5, alpha = 0.0001 of a sum of squares, beta = 0.75; here the sum is a mean."""
    written = {
        name: {str(layer.node.op) for layer in archcalc.load(name).layers() if layer.node.op.name == "lrn"}
        for name in ("alexnet", "alexnet-caffe")
    }
    assert written == {"alexnet": {"lrn 5 alpha 0.0005 k 2.0"}, "alexnet-caffe": {"lrn 5"}}


def test_neurons() -> None:
    """The paper counts 253,440 in the first layer, as if it had 48 channels; Figure 2 has 96."""
    network = load("alexnet")
    printed = {
        row.name: row.line.cells["neurons"].text for row in network.rows if row.line.cells["neurons"].text
    }
    outputs = {layer.node.row: layer.output_elements for layer in archcalc.load("alexnet").layers()}
    differing = {row: outputs[row] for row in printed if printed[row] != f"{outputs[row]:,}"}
    assert printed["1"] == "253,440"
    assert differing == {"1": 290_400}
    assert sum(outputs[row] for row in printed) == 659_272
