"""BERT and GPT-2 against transformers' own: params, MACs and outputs; GPT-2's formula against its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, PreTrainedModel

import archcalc
from tests._formulas import formulas, of_text
from tests._reference import assert_counts, assert_same, drawn, loaded, macs_of

BERTS = {"bert-base": True, "bert-base-encoder": False}
"""Whether there is a pooler."""

LENGTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 64, 89, 100, 128, 144, 256, 377, 512, 777, 1000, 1024)


def written_out(model: PreTrainedModel) -> PreTrainedModel:
    """A model whose attention is made of matrix products, which the counter of torch sees."""
    model.set_attn_implementation("eager")
    return model


def bert(pooler: bool) -> Callable[[], nn.Module]:
    """The constructor of BERT."""
    return lambda: written_out(BertModel(BertConfig(), add_pooling_layer=pooler))


def gpt2() -> nn.Module:
    """The constructor of GPT-2 with its output layer."""
    model: nn.Module = written_out(GPT2LMHeadModel(GPT2Config()))
    return model


def words(count: int, length: int, seed: int = 3) -> Tensor:
    """Random token numbers."""
    return torch.randint(count, (1, length), generator=torch.Generator().manual_seed(seed))


def ordered_bert(model: nn.Module) -> Iterator[Tensor]:
    """BERT's tensors in the order of ours, where the segments stand before the positions."""
    word, position, segment, *rest = model.state_dict().values()
    yield from (word, segment, position, *rest)


def parted_gpt2(model: nn.Module) -> Iterator[Tensor]:
    """GPT-2's tensors in the order of ours: its linear layers are transposed, and three of them packed."""
    state = model.state_dict()
    assert torch.equal(state["lm_head.weight"], state["transformer.wte.weight"])
    for name, tensor in state.items():
        if "c_attn.weight" in name:
            biases = state[name.replace("weight", "bias")].chunk(3)
            for weight, bias in zip(tensor.T.chunk(3), biases, strict=True):
                yield from (weight, bias)
        elif "c_attn.bias" not in name:
            yield tensor.T if name.endswith(("c_proj.weight", "c_fc.weight")) else tensor


@pytest.mark.parametrize("network", BERTS)
def test_bert_has_the_counts_of_transformers(network: str) -> None:
    with torch.device("meta"):
        theirs = bert(BERTS[network])().eval()
        macs = macs_of(theirs, input_ids=torch.zeros(1, 512, dtype=torch.long))
    assert_counts(network, theirs, macs)


@pytest.mark.parametrize("network", BERTS)
def test_bert_has_the_outputs_of_transformers(network: str) -> None:
    theirs = drawn(bert(BERTS[network]))
    theirs.get_buffer("embeddings.position_ids").copy_(torch.arange(512)[None])
    theirs.get_buffer("embeddings.token_type_ids").zero_()
    token, segment = words(30522, 40), words(2, 40)
    mine = loaded(network, ordered_bert(theirs), {"token": "40", "segment": "40"})
    with torch.no_grad():
        found = theirs(input_ids=token, token_type_ids=segment)
        wanted = found.pooler_output if BERTS[network] else found.last_hidden_state
        assert_same(mine(token, segment), wanted)


def test_gpt2_has_the_counts_of_transformers() -> None:
    with torch.device("meta"):
        theirs = gpt2().eval()
        macs = macs_of(theirs, input_ids=torch.zeros(1, 1024, dtype=torch.long))
    assert_counts("gpt2", theirs, macs)
    assert archcalc.load("gpt2").cost().params == 124_439_808


def test_gpt2_has_the_outputs_of_transformers() -> None:
    theirs = drawn(gpt2)
    assert isinstance(theirs, GPT2LMHeadModel)
    theirs.tie_weights()  # they were drawn apart
    token = words(50257, 40)
    mine = loaded("gpt2", parted_gpt2(theirs), "40")
    with torch.no_grad():
        assert_same(mine(token), theirs(input_ids=token).logits)


@pytest.mark.parametrize("length", LENGTHS)
def test_gpt2_s_formula_is_the_table_at_every_length(length: int) -> None:
    found = formulas(archcalc.load("gpt2").formula("T"))
    total = archcalc.load("gpt2").cost(str(length))
    for quantity, counted in (("params", total.params), ("MACs", total.macs), ("weights", total.weights)):
        assert of_text(str(found[quantity]), {"T": length}) == counted
