"""The medium LSTM beside torch's own embedding, LSTM of two layers and linear layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests._reference import assert_counts, assert_same, drawn, loaded, macs_of


class LanguageModel(nn.Module):
    """Zaremba et al., 2014: 650 units in both layers."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(10_000, 650)
        self.layers = nn.LSTM(650, 650, num_layers=2, dropout=0.5, batch_first=True)
        self.next = nn.Linear(650, 10_000)

    def forward(self, words: Tensor) -> Tensor:
        logits: Tensor = self.next(self.layers(self.words(words))[0])
        return logits


def test_it_foretells_what_torchs_foretells() -> None:
    model = drawn(LanguageModel)
    words = torch.randint(10_000, (1, 35), generator=torch.Generator().manual_seed(2))
    with torch.device("meta"):  # where the counter sees the products within an LSTM
        macs = macs_of(LanguageModel(), torch.zeros(1, 35, dtype=torch.long))
    assert_counts("lstm-medium", model, macs)
    mine = loaded("lstm-medium", model.state_dict().values())
    with torch.no_grad():
        assert_same(mine(words), model(words))
