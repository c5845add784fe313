"""WaveNet beside a plain torch model, written from Figure 4: two streams, and dilated windows cut by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of

DILATIONS = [2**power for power in range(10)] * 3


class Causal(nn.Module):
    """One weight for what is now, one for what was `dilation` samples ago; zeros before the first sample."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.conv, self.past = nn.Conv1d(channels, 32, 2, bias=False, dilation=dilation), dilation

    def forward(self, x: Tensor) -> Tensor:
        silence = x.new_zeros(x.shape[0], x.shape[1], self.past)
        heard: Tensor = self.conv(torch.cat([silence, x], 2))
        return heard


class Layer(nn.Module):
    """The box of Figure 4."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.filter, self.gate = Causal(32, dilation), Causal(32, dilation)
        self.residual = nn.Conv1d(32, 32, 1, bias=False)
        self.skip = nn.Conv1d(32, 256, 1, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.filter(x).tanh() * self.gate(x).sigmoid()
        return x + self.residual(z), self.skip(z)

    def tensors(self) -> list[Tensor]:
        """As archcalc has them: residual and skip are one convolution."""
        ways = torch.cat([self.residual.weight, self.skip.weight])
        return [self.filter.conv.weight, self.gate.conv.weight, ways]


class WaveNet(nn.Module):
    """The layers, and the sum of their skips, to which the logits are due."""

    def __init__(self) -> None:
        super().__init__()
        self.start = Causal(256, 1)
        self.layers = nn.ModuleList(Layer(dilation) for dilation in DILATIONS)
        self.end = nn.Sequential(nn.ReLU(), nn.Conv1d(256, 256, 1), nn.ReLU(), nn.Conv1d(256, 256, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.start(x)
        skips: list[Tensor] = []
        for layer in self.layers:
            x, skip = layer(x)
            skips.append(skip)
        logits: Tensor = self.end(torch.stack(skips).sum(0))
        return logits


def test_it_costs_what_the_figure_costs() -> None:
    with torch.device("meta"):
        model = WaveNet()
        macs = macs_of(model, torch.empty(1, 256, 16000))
    assert_counts("wavenet", model, macs)


def test_it_sounds_as_the_figure_says() -> None:
    model = drawn(WaveNet)
    assert isinstance(model, WaveNet)
    tensors: list[Tensor] = [model.start.conv.weight]
    for layer in model.layers:
        assert isinstance(layer, Layer)
        tensors += layer.tensors()
    tensors += model.end.state_dict().values()
    sound = image([1500], channels=256)  # longer than the longest dilation
    mine = loaded("wavenet", tensors, "1500x256")
    logits: list[Tensor] = []  # what enters the softmax
    mine.get_submodule("output.softmax").register_forward_pre_hook(lambda _, given: logits.append(given[0]))
    with torch.no_grad():
        mine(sound.transpose(1, 2))
        assert_same(logits[0].transpose(1, 2), model(sound))
