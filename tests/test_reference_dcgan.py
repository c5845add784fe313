"""DCGAN beside plain torch models, written from Figure 1, section 3 and the code's linear projection."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, image, loaded, macs_of


class Projection(nn.Module):
    """100 numbers become 16,384, which are normalised and then reshaped."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(100, 1024 * 4 * 4, bias=False)
        self.norm = nn.BatchNorm1d(1024 * 4 * 4)

    def forward(self, z: Tensor) -> Tensor:
        projected: Tensor = self.norm(self.linear(z.flatten(1)))
        return projected.relu().view(-1, 1024, 4, 4)


def generator() -> nn.Module:
    def up(width: int, to: int) -> nn.Module:
        return nn.ConvTranspose2d(width, to, 5, 2, padding=2, output_padding=1, bias=False)

    layers: list[nn.Module] = [Projection()]
    for width in (512, 256, 128):
        layers += [up(2 * width, width), nn.BatchNorm2d(width), nn.ReLU()]
    return nn.Sequential(*layers, up(128, 3))


def discriminator() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 128, 5, 2, 2, bias=False), nn.LeakyReLU(0.2)]
    for width in (256, 512, 1024):
        layers += [nn.Conv2d(width // 2, width, 5, 2, 2, bias=False), nn.BatchNorm2d(width)]
        layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024 * 4 * 4, 1, bias=False))


def test_the_generator_draws_what_the_figure_draws() -> None:
    model, noise = drawn(generator), image(1, channels=100)
    with torch.no_grad():
        model[-1].weight /= 100  # type: ignore[index]  # so that no tanh is saturated
    assert_counts("dcgan-generator", model, macs_of(model, noise))
    tensors = [*model.state_dict().values()]
    tensors[0] = tensors[0][:, :, None, None]  # a linear layer is a 1x1 convolution of one place
    with torch.no_grad():
        drawing = loaded("dcgan-generator", tensors)(noise)
        assert drawing.shape == (1, 3, 64, 64)
        assert_same(drawing, model(noise).tanh())


def test_the_discriminator_judges_as_the_paper_says() -> None:
    model = drawn(discriminator)
    photos = torch.cat([image(64, seed=seed) for seed in range(8)])
    assert_counts("dcgan-discriminator", model, macs_of(model, photos[:1]))
    with torch.no_grad():
        model[-1].weight /= 10  # type: ignore[index]
        mine = loaded("dcgan-discriminator", model.state_dict().values())
        assert_same(mine(photos), model(photos).sigmoid())
