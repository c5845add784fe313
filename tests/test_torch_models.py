"""A torch model is a network like any other: the same questions, the same clear refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision

import archcalc
from archcalc.sizes import as_int
from tests._cli import archcalc as run
from tests._formulas import formulas, of_text

MINE = """import torch


def small():
    convolution, linear = torch.nn.Conv2d(3, 8, 3), torch.nn.Linear(8, 10)
    return torch.nn.Sequential(convolution, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), linear)


def broken():
    raise ValueError("it has no layers")
"""


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v3_small", "vit_b_32", "inception_v3"])
def test_a_model_counts_as_its_library_says(name: str) -> None:
    """torchvision states the params and the rounded MACs of its weights."""
    stated = torchvision.models.get_model_weights(name).DEFAULT.meta
    network = archcalc.load(f"torchvision:{name}")
    cost = network.cost()
    unused = sum("Not used in this pass" in remark for remark in network.network.remarks)
    params = as_int(cost.params) + (3_326_696 if unused else 0)  # inception's side chain
    assert params == stated["num_params"]
    assert unused == (name == "inception_v3")
    resized = network.cost("342") if name == "inception_v3" else cost
    assert stated["_ops"] in (round(as_int(each.macs) / 1e9, 3) for each in (cost, resized))


def test_a_formula_equals_the_table_at_other_sizes() -> None:
    network = archcalc.load("torchvision:resnet18")
    report = network.formula("HxWx3")
    formula = str(formulas(report)["MACs"])
    for height, width in ((32, 32), (57, 100), (224, 225), (301, 64), (512, 33)):
        expected = network.cost((height, width, 3)).macs
        assert of_text(formula, {"H": height, "W": width}) == expected, (height, width)
    assert any("is not proved" in note for note in report.notes)


def test_compare_finds_what_torchvision_s_googlenet_does_otherwise() -> None:
    said = " ".join(run("compare", "googlenet", "torchvision:googlenet").out.split())
    for difference in (
        "57 convolutions lost their bias.",
        "9 convolutions 5x5 became 3x3 (padding 2 -> 1), all in branch3.",
        "1 max pool 3x3 became 2x2 (max pool_4).",
        "2 lrn and 1 softmax only in the first.",
        "57 batch norms only in the second.",
    ):
        assert difference in said


def test_a_factory_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    name = f"{tmp_path / 'mine.py'}:small"
    cost = archcalc.load(name).cost("32x32x3")
    assert (cost.params, cost.macs) == (3 * 9 * 8 + 8 + 80 + 10, 3 * 9 * 8 * 900 + 80)
    assert all(check.agrees for check in archcalc.load(name).check("32x32x3"))
    refused = run("table", name)
    assert (refused.code, refused.err.count("\n")) == (3, 1)
    assert "--input 224x224x3" in refused.err
    broken = run("table", f"{tmp_path / 'mine.py'}:broken")
    assert (broken.code, broken.err.count("\n")) == (3, 1)
    assert "ValueError: it has no layers" in broken.err


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("table", "torchvision:resnet5"), 3, "did you mean 'resnet50'?"),
        (("audit", "torchvision:resnet18"), 2, "is no paper's table"),
        (("table", "torchvision:vit_b_32", "--input", "200"), 3, "Expected 224 but got 200"),
        (("table", "nothing.here:Net"), 3, "no Python module is called 'nothing'"),
        (("formula", "torchvision:resnet18", "--row", "layer1"), 3, "ask for the whole"),
    ],
)
def test_what_is_refused_is_said_in_a_line(command: tuple[str, ...], code: int, said: str) -> None:
    answer = run(*command)
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1)
    assert said in answer.err


def test_the_model_is_not_drawn_and_torch_s_numbers_stay_as_they_were() -> None:
    state = torch.random.get_rng_state()
    assert archcalc.load("torchvision:vgg16").cost().params == 138_357_544
    assert torch.equal(state, torch.random.get_rng_state())
