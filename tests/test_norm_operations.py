"""Normalisations are torch's, torchvision's and the papers' own, in their values, tensors and work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import vgg16
from torchvision.models.convnext import LayerNorm2d
from torchvision.models.detection.ssd import SSDFeatureExtractorVGG

from archcalc.check.agreement import check_graph
from archcalc.costs import layers
from archcalc.errors import Refused
from archcalc.ops import Op
from archcalc.ops.norms import GroupNorm, L2Norm, LayerNorm, RmsNorm
from archcalc.sizes import Shape
from archcalc.torch_module import build, sample
from tests._arithmetic import arithmetic
from tests.test_operations import channels_last, graph_of

VECTOR, TOKENS, MAP, VIDEO = Shape((), 12), Shape((5,), 12), Shape((4, 6), 12), Shape((2, 4, 6), 12)
NORMS = (
    LayerNorm(),
    LayerNorm(bias=False),
    LayerNorm(affine=False),
    GroupNorm(groups=3),
    GroupNorm(groups=3, affine=False),
    RmsNorm(),
    L2Norm(),
    L2Norm(scale=True),
)


def ran(op: Op, shape: Shape) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Random values that enter an operation, those that leave it, and its tensors, which are random too."""
    torch.manual_seed(0)
    model = build(graph_of(op, shape))
    for tensor in model.state_dict().values():
        tensor.normal_()
    x = sample(shape, batch=2).normal_()
    return x, model(x), {name.removeprefix("op."): each for name, each in model.state_dict().items()}


@pytest.mark.parametrize("shape", [VECTOR, TOKENS, MAP], ids=str)
@pytest.mark.parametrize("op", NORMS, ids=str)
def test_every_witness_agrees(op: Op, shape: Shape) -> None:
    checked = check_graph("norm", graph_of(op, shape))
    assert checked.agrees, checked.mismatches


@pytest.mark.parametrize("shape", [VECTOR, TOKENS, MAP, VIDEO], ids=str)
@pytest.mark.parametrize(
    ("op", "theirs"),
    [
        (LayerNorm(), nn.LayerNorm(12)),
        (LayerNorm(eps=0.1), nn.LayerNorm(12, eps=0.1)),
        (LayerNorm(bias=False), nn.LayerNorm(12, bias=False)),
        (LayerNorm(affine=False), nn.LayerNorm(12, elementwise_affine=False)),
        (RmsNorm(), nn.RMSNorm(12, eps=1e-6)),
        (RmsNorm(eps=0.1), nn.RMSNorm(12, eps=0.1)),
    ],
    ids=str,
)
def test_the_channels_of_each_place_are_normalised_as_torch_does(
    op: Op, theirs: nn.Module, shape: Shape
) -> None:
    x, result, own = ran(op, shape)
    assert {name: each.shape for name, each in theirs.state_dict().items()} == {
        name: each.shape for name, each in own.items()
    }
    theirs.load_state_dict(own)
    assert torch.allclose(channels_last(result), theirs(channels_last(x)), atol=1e-6)


def test_a_map_s_layer_norm_is_convnext_s() -> None:
    x, result, own = ran(LayerNorm(eps=1e-6), MAP)
    theirs = LayerNorm2d(12, eps=1e-6)
    theirs.load_state_dict(own)
    assert torch.allclose(result, theirs(x), atol=1e-6)


@pytest.mark.parametrize("shape", [VECTOR, TOKENS, MAP, VIDEO], ids=str)
@pytest.mark.parametrize("affine", [True, False])
def test_groups_are_normalised_as_torch_does(shape: Shape, affine: bool) -> None:
    x, result, own = ran(GroupNorm(groups=3, eps=0.1, affine=affine), shape)
    theirs = nn.GroupNorm(3, 12, eps=0.1, affine=affine)
    theirs.load_state_dict(own)
    first = theirs(channels_last(x).movedim(-1, 1)).movedim(1, -1)
    assert torch.allclose(channels_last(result), first, atol=1e-6)


@pytest.mark.parametrize("shape", [VECTOR, TOKENS, MAP, VIDEO], ids=str)
def test_a_place_s_channels_get_length_one(shape: Shape) -> None:
    x, result, _ = ran(L2Norm(), shape)
    lengths = channels_last(x).norm(dim=-1, keepdim=True)
    assert torch.allclose(channels_last(result), channels_last(x) / lengths, atol=1e-6)
    x, result, own = ran(L2Norm(scale=True), shape)
    lengths = channels_last(x).norm(dim=-1, keepdim=True)
    assert torch.allclose(channels_last(result), channels_last(x) / lengths * own["weight"], atol=1e-6)


def test_the_scale_of_a_length_is_ssd_s() -> None:
    """It stands behind conv4_3, and begins at 20."""
    with torch.device("meta"):
        backbone = vgg16().features
    theirs = SSDFeatureExtractorVGG(backbone, False).scale_weight
    own = build(graph_of(L2Norm(scale=True), Shape((38, 38), 512))).state_dict()["op.weight"]
    assert torch.equal(own, theirs)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Ba et al., 2016, equations 3 and 4, written out; group norm is the same over other elements."""
    count = x.shape[-1]
    centred = x - x.sum(-1, keepdim=True) / count
    variance = (centred * centred).sum(-1, keepdim=True) / count
    return centred / (variance + 1e-5).sqrt() * weight + bias


def rms_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Zhang & Sennrich, 2019, equation 4, written out."""
    return x / ((x * x).sum(-1, keepdim=True) / x.shape[-1]).sqrt() * weight


def l2_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Liu et al., 2015, equations 1 to 3, written out."""
    return x / (x * x).sum(-1, keepdim=True).sqrt() * weight


@pytest.mark.parametrize(
    ("op", "formula"),
    [(LayerNorm(), layer_norm), (RmsNorm(), rms_norm), (L2Norm(scale=True), l2_norm)],
    ids=["layer norm", "rms norm", "l2 norm"],
)
def test_the_work_is_that_of_the_formula(op: Op, formula: Callable[..., Tensor]) -> None:
    x = torch.randn(5, 12)
    (layer,) = layers(graph_of(op, TOKENS))
    assert layer.cost.elementwise == arithmetic(formula, x, torch.ones(12), torch.zeros(12))


def test_a_scale_or_a_shift_less_is_one_an_element_less() -> None:
    work = [layers(graph_of(op, MAP))[0].cost.elementwise for op in NORMS]
    assert work == [each * 4 * 6 * 12 for each in (7, 6, 5, 7, 5, 4, 3, 4)]


def test_scales_and_shifts_are_norms_and_no_layer_of_depth() -> None:
    counted = [layers(graph_of(op, MAP))[0] for op in NORMS]
    assert [layer.cost.norms for layer in counted] == [24, 12, 0, 24, 0, 12, 0, 12]
    assert all(layer.cost.params == layer.cost.norms and layer.depth == 0 for layer in counted)


@pytest.mark.parametrize(
    ("groups", "message"),
    [(5, "5 groups do not divide 12 channels"), (0, "it has at least 1 group, not 0")],
)
def test_groups_that_do_not_fit_are_refused(groups: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        graph_of(GroupNorm(groups=groups), MAP)
