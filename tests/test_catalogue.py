"""The catalogue: every network says what it is, what to notice and where the paper errs, and is checked."""

from __future__ import annotations

import re

import pytest

import archcalc
from archcalc.audit.verdicts import audit, claimants
from archcalc.notation.document import COSTS
from archcalc.notation.network import TableNetwork
from archcalc.sources.paper import load
from tests._cli import rows

NETWORKS = archcalc.networks()

FAMILIES = {
    "LeNet": ["lenet-5", "lenet-caffe"],
    "AlexNet": ["alexnet", "alexnet-caffe", "alexnet-owt"],
    "VGG": ["vgg11", "vgg11-lrn", "vgg13", "vgg-c", "vgg16", "vgg19"],
    "TableNetwork in TableNetwork": ["nin-cifar10", "nin-imagenet"],
    "GoogLeNet": ["googlenet", "googlenet-naive", "googlenet-torchvision", "naive-vs-v1"],
    "BN-Inception": ["bn-inception", "bn-inception-released", "bn-inception-caffe"],
    "Inception": ["inception-v3", "inception-v3-table1", "inception-v4", "inception-resnet-v2", "xception"],
    "ResNet": ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    "ResNet as printed": ["resnet18-a", "resnet34-a", "resnet50-v1", "resnet101-v1", "resnet152-v1"],
    "SqueezeNet": ["squeezenet"],
    "MobileNet": [*(f"mobilenet-v1{width}" for width in ("", "-0.75", "-0.5", "-0.25")), "mobilenet-v2"],
}

each_network = pytest.mark.parametrize("name", NETWORKS)


@pytest.mark.parametrize("family", FAMILIES)
def test_families(family: str) -> None:
    assert set(FAMILIES[family]) <= set(NETWORKS)


@each_network
def test_it_says_what_it_is(name: str) -> None:
    """Its settings, its own or its parent's, say name, paper, year and input."""
    network = load(name)
    assert network.document.setting("name"), "a variant has a name of its own"
    assert re.fullmatch(r"(19|20)\d\d", network.setting("year"))
    assert network.setting("year") in network.setting("paper")
    assert network.inputs


@each_network
def test_its_document_can_be_read(name: str) -> None:
    """A heading, a paragraph, and what to notice."""
    document = load(name).document
    assert re.search(r"^# \S", document.path.read_text(), re.MULTILINE)
    assert len(document.prose) >= 2
    assert sum(paragraph.startswith("What to notice: ") for paragraph in document.prose) == 1


@each_network
def test_its_widths_fit_a_page(name: str) -> None:
    """Prose is wrapped; tables are as wide as they are."""
    for line in load(name).document.path.read_text().splitlines():
        assert line.startswith(("|", "paper:", "columns:")) or len(line) <= 120, line


@each_network
def test_what_does_not_follow_has_a_footnote(name: str) -> None:
    """A printed cell agrees with what the table implies, or a footnote says why it does not.

    GoogLeNet's costs are listed one by one in test_googlenet.py.
    """
    network = load(name)
    for (row, claim), verdict in audit(network, network.graph(heads=True)).verdicts.items():
        if verdict.word != "agrees" and not (name == "googlenet" and claim in COSTS):
            assert _footnote(network, row, claim) in network.document.footnotes, (row, claim, verdict)


def _footnote(network: TableNetwork, row: str, claim: str) -> str:
    (claims,) = (each.claims for each in claimants(network) if each.name == row)
    return claims[claim].footnote


@each_network
def test_every_footnote_is_referred_to(name: str) -> None:
    text = load(name).document.path.read_text()
    footnotes = load(name).document.footnotes
    assert set(re.findall(r"\[\^(\w+)\](?!:)", text)) == set(footnotes)


def test_the_list_shows_it() -> None:
    listed = {line["network"]: line for line in rows("list")}
    assert list(listed) == NETWORKS
    for name in NETWORKS:
        network = load(name)
        assert listed[name]["input"] == str(network.inputs)
        assert listed[name]["year"] == network.setting("year")
        assert network.alternatives or int(listed[name]["depth"]) >= 3


@each_network
def test_every_witness_agrees(name: str) -> None:
    """At its own input and at two larger ones, side chains included."""
    checks = archcalc.load(name).check()
    assert len(checks) == 3
    for check in checks:
        assert not check.impossible
        assert not check.mismatches
        assert {testimony.witness for testimony in check.testimonies} >= {"flop_counter", "fvcore", "tensors"}
