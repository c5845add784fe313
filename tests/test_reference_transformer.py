"""The transformer of 2017 against torch's own layers: params, MACs, outputs, and the columns of Table 3.

torch's `nn.Transformer` puts one more layer norm behind either stack, which the paper has not; its stacks are
therefore made here, from its own layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import pytest
import torch
from torch import Tensor, nn

import archcalc
from archcalc.sizes import as_int
from tests._reference import assert_counts, assert_same, drawn, loaded, macs_of

WIDTHS = {"transformer-base": (512, 2048, 8), "transformer-big": (1024, 4096, 16)}
"""d_model, d_ff and h."""
WORDS = 37000


def sinusoids(tokens: int, channels: int) -> Tensor:
    """The positions of section 3.5, one number after the other."""
    table = torch.zeros(tokens, channels)
    for place in range(tokens):
        for pair in range(channels // 2):
            angle = torch.tensor(place / 10000 ** (2 * pair / channels), dtype=torch.float64)
            table[place, 2 * pair], table[place, 2 * pair + 1] = angle.sin(), angle.cos()
    return table


class Reference(nn.Module):
    """torch's stacks between one table of words, which embeds both sentences and scores the output."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, width)
        encoder = nn.TransformerEncoderLayer(width, heads, inner, 0.0, batch_first=True)
        decoder = nn.TransformerDecoderLayer(width, heads, inner, 0.0, batch_first=True)
        self.stacks = nn.Transformer(
            width,
            heads,
            custom_encoder=nn.TransformerEncoder(encoder, 6, enable_nested_tensor=False),
            custom_decoder=nn.TransformerDecoder(decoder, 6),
            batch_first=True,
        )

    def embedded(self, numbers: Tensor) -> Tensor:
        """The words' vectors with their positions."""
        vectors: Tensor = self.words(numbers)
        positions = sinusoids(*vectors.shape[1:]) if vectors.device.type != "meta" else 0
        return vectors * sqrt(vectors.shape[2]) + positions

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """The score of each word at each place of the target."""
        later = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        found = self.stacks(self.embedded(source), self.embedded(target), tgt_mask=later, tgt_is_causal=True)
        return nn.functional.linear(found, self.words.weight)


def of_attention(attention: nn.MultiheadAttention) -> Iterator[Tensor]:
    """Queries, keys and values parted, then what follows them."""
    assert attention.in_proj_weight is not None
    for pair in zip(attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3), strict=True):
        yield from pair
    yield from attention.out_proj.parameters()


def of_layer(layer: nn.Module) -> Iterator[Tensor]:
    """The tensors of a layer in the order in which they are used."""
    parts = dict(layer.named_children())
    norms = [part for name, part in parts.items() if name.startswith("norm")]
    attentions = [part for part in parts.values() if isinstance(part, nn.MultiheadAttention)]
    for attention, norm in zip(attentions, norms, strict=False):
        yield from of_attention(attention)
        yield from norm.parameters()
    for name in ("linear1", "linear2"):
        yield from parts[name].parameters()
    yield from norms[-1].parameters()


def ordered(model: Reference, source: int, target: int) -> Iterator[Tensor]:
    """The tensors in the order of ours: the table three times, and the positions of both sentences."""
    words = model.words.weight
    yield words
    yield sinusoids(source, words.shape[1])
    for layer in model.stacks.encoder.layers:
        yield from of_layer(layer)
    yield words
    yield sinusoids(target, words.shape[1])
    for layer in model.stacks.decoder.layers:
        yield from of_layer(layer)
    yield words


@pytest.mark.parametrize("network", WIDTHS)
def test_counts_are_torch_s(network: str) -> None:
    with torch.device("meta"):
        theirs = Reference(*WIDTHS[network]).eval()
        macs = macs_of(theirs, *(torch.zeros(1, length, dtype=torch.long) for length in (50, 37)))
    assert_counts(network, theirs, macs, {"source": "50", "target": "37"})


@pytest.mark.parametrize("network", WIDTHS)
def test_outputs_are_torch_s(network: str) -> None:
    theirs = drawn(lambda: Reference(*WIDTHS[network]))
    assert isinstance(theirs, Reference)
    generator = torch.Generator().manual_seed(3)
    source, target = (torch.randint(WORDS, (1, length), generator=generator) for length in (19, 13))
    mine = loaded(network, ordered(theirs, 19, 13), {"source": "19", "target": "13"})
    with torch.no_grad():
        assert_same(mine(source, target), theirs(source, target))


@pytest.mark.parametrize(
    ("network", "width", "printed", "fitting"),
    [
        ("transformer-base", 512, 65_000_000, (39_800, 41_700)),
        ("transformer-big", 1024, 213_000_000, (35_300, 36_200)),
    ],
)
def test_the_vocabularies_that_would_give_the_printed_params(
    network: str, width: int, printed: int, fitting: tuple[int, int]
) -> None:
    """As the footnotes say, in hundreds: 100 further they do not round to what was printed."""
    stacks = as_int(archcalc.load(network).cost().params) - WORDS * width
    few, many = (round((stacks + words * width) / 1e6) for words in fitting)
    assert few == many == printed // 1_000_000
    beyond = (
        round((stacks + (words + more) * width) / 1e6)
        for words, more in zip(fitting, (-100, 100), strict=True)
    )
    assert list(beyond) == [few - 1, many + 1]
