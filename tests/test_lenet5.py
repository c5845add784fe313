"""LeNet-5 is the network of 1998: parameters, connections and C3's table, as the paper prints them."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import archcalc
from archcalc.costs import Layer
from archcalc.ops.pooling import Subsample
from archcalc.sizes import as_int
from archcalc.sources.paper import load

# Section II.B: what each layer learns, and its connections; the output has 84x10 fixed ones.
PRINTED = {
    "C1": (156, 122_304),
    "S2": (12, 5_880),
    "C3": (1_516, 151_600),
    "S4": (32, 2_000),
    "C5": (48_120, 48_120),
    "F6": (10_164, 10_164),
    "output": (0, 840),
}

# Table I: which of S2's maps each of C3's maps sees.
TABLE = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345".split()  # noqa: SIM905

# The same, in the order in which the document takes them: neighbours go round the end.
TAKEN = "012 123 234 345 450 501 0123 1234 2345 3450 4501 5012 0134 1245 2350 012345".split()  # noqa: SIM905

LAYERS = archcalc.load("lenet-5").layers()


def connections(layer: Layer) -> int:
    """Links to inputs and to biases: MACs are links to inputs, and every output unit of a layer has a bias.

    A subsampling unit has a link to each place of its window, and the output one to each element of a code.
    """
    op = layer.node.op
    if op.name in ("conv", "linear"):
        return as_int(layer.cost.macs + layer.output_elements)
    if isinstance(op, Subsample):
        return as_int((op.area + 1) * layer.output_elements)
    return as_int(layer.cost.buffers) if op.name == "rbf" else 0


def test_totals() -> None:
    assert sum(layer.cost.params for layer in LAYERS) == 60_000
    assert sum(map(connections, LAYERS)) == 340_908


@pytest.mark.parametrize("row", PRINTED)
def test_rows(row: str) -> None:
    layers = [layer for layer in LAYERS if layer.node.row == row]
    counted = sum(layer.cost.params for layer in layers), sum(map(connections, layers))
    assert counted == PRINTED[row]


def test_the_document_prints_what_the_paper_prints() -> None:
    network = load("lenet-5")
    cells = [row.line.cells for row in network.rows]
    printed = [(row["params"].text or "0", row["connections"].text or "840") for row in cells]
    assert printed == [(f"{params:,}", f"{links:,}") for params, links in PRINTED.values()]
    assert network.total is not None
    assert network.total.line.cells["connections"].text == "340,908"


def maps_seen() -> list[str]:
    """Which of S2's maps each of C3's maps depends on: those in which a change changes it."""
    model = archcalc.load("lenet-5").torch_module().eval().double()
    c3 = model.get_submodule("convolution_C3")
    x = torch.randn(1, 6, 14, 14, dtype=torch.float64)
    base = c3(x)
    seen = [""] * base.shape[1]
    for channel in range(6):
        changed = x.clone()
        changed[:, channel] += 1
        differs = (c3(changed) - base).abs().amax(dim=(0, 2, 3)) > 1e-6
        seen = [maps + str(channel) * bool(hit) for maps, hit in zip(seen, differs, strict=True)]
    return seen


@torch.inference_mode()
def test_each_map_of_c3_sees_the_maps_of_the_papers_table() -> None:
    assert maps_seen() == TABLE
    assert sum(map(len, TABLE)) == 60


def squash(x: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(2 * x / 3)


@torch.inference_mode()
def test_outputs_are_those_of_a_plain_network() -> None:
    """The whole network written again, C3 as one convolution with zeros where the table has no link."""
    torch.manual_seed(3)
    model = archcalc.load("lenet-5").torch_module().double().eval()
    tensors = iter(model.state_dict().values())
    for parameter in model.parameters():
        parameter.copy_(0.4 * torch.randn(parameter.shape))

    def subsampled(x: Tensor) -> Tensor:
        weight, bias = (next(tensors).view(1, -1, 1, 1) for _ in range(2))
        corners = x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]
        return squash(corners * weight + bias)

    x = torch.randn(3, 1, 32, 32, dtype=torch.float64)
    y = subsampled(squash(functional.conv2d(x, next(tensors), next(tensors))))
    dense, biases = torch.zeros(16, 6, 5, 5, dtype=torch.float64), torch.zeros(16, dtype=torch.float64)
    for number, maps in enumerate(TAKEN):
        kernel, biases[number] = next(tensors), next(tensors)[0]
        for position, channel in enumerate(maps):
            dense[number, int(channel)] = kernel[0, position]
    y = subsampled(squash(functional.conv2d(y, dense, biases)))
    y = squash(functional.conv2d(y, next(tensors), next(tensors))).flatten(1)
    y = squash(functional.linear(y, next(tensors), next(tensors)))
    codes = next(tensors)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    assert next(tensors, None) is None
    torch.testing.assert_close(model(x), (y[:, None] - codes).square().sum(dim=2))


def test_it_learns_and_is_saved_whole() -> None:
    """Parameters of its own operations learn, the codes do not, and the whole module can be pickled."""
    torch.manual_seed(0)
    model = archcalc.load("lenet-5").torch_module()
    x, digits = torch.randn(8, 1, 32, 32), torch.arange(8)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    losses = []
    for _ in range(10):
        loss = model(x)[digits, digits].mean()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter.sub_(1e-3 * gradient)
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    after = model.state_dict()
    unchanged = [name for name in before if torch.equal(before[name], after[name])]
    assert unchanged == ["output.rbf.codes"]
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for again in (torch.load(file, weights_only=False), copy.deepcopy(model)):
        assert torch.equal(again(x), model(x))
