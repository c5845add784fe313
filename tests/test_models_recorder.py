"""What a run shows: torch's own count, the parameters that are read, values in place and through views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import timm
import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from archcalc.errors import InputError
from archcalc.models.inputs import ModelInput, ModelInputs, default_inputs, dtype_of, given_inputs
from archcalc.models.isolate import copied
from archcalc.models.locate import Located, locate
from archcalc.models.recorder import Record
from archcalc.models.trace import DEPENDS, traced, traced_located
from tests._zoo import CLASSIFIERS, published

FEW = [
    "alexnet",
    "googlenet",
    "inception_v3",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "shufflenet_v2_x0_5",
    "swin_v2_t",
    "vit_b_32",
]
"""One of each kind; `make test-models` takes all."""
AUXILIARY = {
    "googlenet": (("aux1.", "aux2."), 6624904),
    "inception_v3": (("AuxLogits.",), 27161264),
}
"""Models with heads that only training runs, and what torchvision states of them: googlenet's are not in."""


def counted_by_torch(model: nn.Module, inputs: ModelInputs) -> int:
    """What FlopCounterMode says of a model, in MACs."""
    twin = copied(model)
    ordered, named = inputs.tensors(dtype=dtype_of(model))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        twin(*ordered, **named)
    return int(counter.get_total_flops()) // 2


def numbers(model: nn.Module, names: list[str]) -> int:
    return sum(model.get_parameter(name).numel() for name in names)


def assert_counted(located: Located) -> Record:
    inputs = default_inputs(located)
    record = traced_located(located, inputs).record
    assert record.macs == counted_by_torch(located.model, inputs)
    return record


def assert_as_published(name: str) -> None:
    located = locate(f"torchvision:{name}")
    record = assert_counted(located)
    stated = published(name, record.inputs[0].sizes[-1])
    heads, params = AUXILIARY.get(name, (("none",), stated.params))
    unused = numbers(located.model, record.unused)
    assert all(name.startswith(heads) for name in record.unused)
    assert bool(record.unused) == (name in AUXILIARY)
    total = numbers(located.model, list(record.parameters))
    assert params == (total if name == "inception_v3" else total - unused)
    assert round(record.macs / 1e9, 3) == stated.gmacs


@pytest.mark.parametrize("name", FEW)
def test_a_classifier_counts_as_torch_and_torchvision_say(name: str) -> None:
    assert_as_published(name)


@pytest.mark.zoo
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_counts_as_torch_and_torchvision_say(name: str) -> None:
    assert_as_published(name)


@pytest.mark.parametrize(
    "name", ["timm:levit_128s", "timm:gmlp_s16_224", "transformers:distilbert", "transformers:clip"]
)
def test_models_of_other_libraries_count_as_torch_says(name: str) -> None:
    assert assert_counted(locate(name)).unused == []


class Special(nn.Module):
    """A model of one function; its layers are its own."""

    def __init__(self, run: Callable[..., Tensor], **layers: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    return nn.TransformerEncoder(layer, 2)


SPECIAL: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "encoder": (encoder, "10x16"),
    "lstm": (lambda: nn.LSTM(16, 8, batch_first=True), "10x16"),
    "gru": (lambda: nn.GRU(16, 8, bidirectional=True), "10x16"),
    "attention": (lambda: Special(lambda m, x: m.a(x, x, x)[0], a=nn.MultiheadAttention(16, 4)), "10x16"),
    "transposed": (
        lambda: nn.Sequential(nn.ConvTranspose2d(3, 4, 2, 2), nn.Upsample(scale_factor=2)),
        "8x8x3",
    ),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(16, 4)), "10x16"),
    "spectral norm": (lambda: nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 4, 3)), "8x8x3"),
    "functional": (
        lambda: Special(lambda m, x: torch.einsum("ntc,dc->ntd", x, m.l.weight), l=nn.Linear(16, 4)),
        "10x16",
    ),
    "scripted part": (lambda: Special(lambda m, x: m.l(x) @ x.transpose(1, 2), l=nn.Linear(16, 16)), "10x16"),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_models_count_as_torch_says(name: str) -> None:
    make, text = SPECIAL[name]
    model = make()
    inputs = given_inputs(text, model)
    assert traced(model, inputs).record.macs == counted_by_torch(model, inputs) > 0


def calls(model: nn.Module, text: str) -> Record:
    return traced(model, given_inputs(text, model)).record


def test_a_call_is_what_python_asked_for_with_its_arguments() -> None:
    record = calls(nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(inplace=True)), "8x8x3")
    conv, relu = record.calls
    assert (conv.function, conv.path, conv.argument(3, "stride"), conv.macs) == ("conv2d", "0", (2, 2), 1728)
    assert [value.name or value.kind for value in conv.inputs] == ["input", "0.weight", "0.bias"]
    assert (relu.function, relu.path, relu.inputs) == ("relu", "1", conv.outputs)
    assert relu.outputs == record.outputs
    assert relu.outputs != relu.inputs


def test_what_is_changed_in_place_is_another_value_from_then_on() -> None:
    def run(model: Any, x: Tensor) -> Tensor:
        y = x * 2
        part = y[:, 0]
        part.add_(1)
        z = y * 3
        y[:, 1] = 0
        return y + z

    record = calls(Special(run), "4")
    names = [call.function for call in record.calls]
    assert names == ["mul", "getitem", "add_", "mul", "setitem", "add"]
    mul, _, added, again, filled, last = record.calls
    assert again.inputs == mul.outputs
    assert again.through == added.outputs
    assert filled.through == added.outputs
    assert last.inputs == (*filled.outputs, *again.outputs)
    assert last.through == ()


def test_a_module_s_second_run_is_another_visit() -> None:
    record = calls(Special(lambda m, x: m.layer(m.layer(x)), layer=nn.Linear(4, 4)), "4")
    assert [(call.path, call.visit) for call in record.calls] == [("layer", 1), ("layer", 2)]


def test_several_outputs_are_several_values() -> None:
    record = calls(Special(lambda m, x: torch.mul(*x.chunk(2, dim=1))), "4")
    assert len(record.calls[0].outputs) == 2
    assert record.calls[1].inputs == record.calls[0].outputs


def test_what_no_input_reaches_is_constant() -> None:
    record = calls(Special(lambda m, x: x + torch.arange(4) * 2), "4")
    assert [call.outputs[0].kind for call in record.calls] == ["constant", "constant", "activation"]


def test_parameters_that_no_call_reads_are_named() -> None:
    model = Special(lambda m, x: m.used(x), used=nn.Linear(4, 2), spare=nn.Linear(4, 2))
    assert calls(model, "4").unused == ["spare.weight", "spare.bias"]


def test_a_model_that_needs_numbers_is_run_on_fewer_and_fewer_without() -> None:
    def decides(model: Any, x: Tensor) -> Tensor:
        result: Tensor = model.layer(x)
        return result if x.sum() > 0 else x

    layer = nn.Linear(4, 2)
    on_numbers = traced(Special(decides, layer=layer), given_inputs("4", layer))
    assert (on_numbers.record.macs, on_numbers.note) == (8, DEPENDS)
    constant = torch.tensor([1.0, 2.0])
    on_fake = traced(Special(lambda m, x: m.layer(x) + constant, layer=layer), given_inputs("4", layer))
    assert (on_fake.record.macs, on_fake.note) == (8, "")


def test_fused_attention_is_counted_on_a_cpu_too() -> None:
    def run(model: Any, x: Tensor) -> Tensor:
        if x.sum() > -1:
            x = functional.scaled_dot_product_attention(x[:, None], x[:, None], x[:, None])[:, 0]
        return x

    assert calls(Special(run), "10x16").macs == 2 * 10 * 10 * 16


@pytest.mark.parametrize(
    ("model", "text", "fact"),
    [
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.Conv2d(5, 3, 3))),
            "8x8x3",
            "the model cannot run at 8x8x3: in '1.0', conv2d: RuntimeError: ",
        ),
        (nn.Linear(3, 2), "5x4", "the model cannot run at 5x4: linear: RuntimeError: "),
        (nn.Linear(3, 2), "a 3", "the model cannot run at a 3: TypeError: "),
    ],
)
def test_a_run_that_fails_says_where(model: nn.Module, text: str, fact: str) -> None:
    with pytest.raises(InputError) as refused:
        calls(model, text)
    assert str(refused.value).startswith(fact)
    assert "\n" not in str(refused.value)


def test_a_model_of_a_configuration_is_counted() -> None:
    config = transformers.BertConfig(
        num_hidden_layers=2, hidden_size=32, num_attention_heads=4, intermediate_size=64
    )
    model = transformers.BertModel(config)
    inputs = ModelInputs((ModelInput((16,), "input_ids", ids=True),))
    assert traced(model, inputs).record.macs == counted_by_torch(model, inputs) > 0


def test_a_half_precision_model_is_given_halves() -> None:
    model = timm.create_model("resnet18", num_classes=3).half()
    assert traced(model, given_inputs("32x32x3", model)).record.inputs[0].dtype is torch.float16
