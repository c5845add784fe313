"""What enters a model where its caller does not say: its library's own size, and in which words that is said.

>>> from archcalc.models.locate import locate
>>> entering = default_inputs(locate("torchvision:resnet18"))
>>> str(entering), [tuple(tensor.shape) for tensor in entering.tensors()[0]]
('224x224x3', [(1, 3, 224, 224)])
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import nn

from archcalc.errors import InputError, Refused, quoted
from archcalc.models.locate import Located
from archcalc.sizes import Shape, as_int
from archcalc.sizes.inputs import INPUT, Inputs, read_inputs

TOKENS = 128
"""How many tokens enter where a model has room for so many."""
FRAMES = 16
"""How many frames a video has (torchvision's clips of 16, Kinetics-400)."""


class ModelInput(NamedTuple):
    """One tensor that enters, batch left out: its sizes as torch lays them out.

    `name` is the argument of the model it is given as, empty for the next in order; `ids` says that it is
    whole numbers, such as tokens; `listed` that it stands in a list without a batch, as detectors take it.
    """

    sizes: tuple[int, ...]
    name: str = ""
    ids: bool = False
    listed: bool = False

    def __str__(self) -> str:
        sizes = self.sizes if len(self.sizes) < 3 else (*self.sizes[1:], self.sizes[0])
        text = f"{'x'.join(map(str, sizes))}{' token ids' if self.ids else ''}"
        return f"{self.name} {text}" if self.name else text


class ModelInputs(NamedTuple):
    """Everything that enters; `why` says where its sizes come from, empty where the caller said them."""

    each: tuple[ModelInput, ...]
    why: str = ""

    def tensors(
        self, batch: int = 1, device: str = "meta", dtype: torch.dtype = torch.float32
    ) -> tuple[list[object], dict[str, object]]:
        """The arguments of a call, in order and by name; their content is of no account."""
        ordered: list[object] = []
        named: dict[str, object] = {}
        for one in self.each:
            tensor = self._tensor(one, batch, device, dtype)
            if one.name:
                named[one.name] = tensor
            else:
                ordered.append(tensor)
        return ordered, named

    @staticmethod
    def _tensor(one: ModelInput, batch: int, device: str, dtype: torch.dtype) -> object:
        sizes = one.sizes if one.listed else (batch, *one.sizes)
        if one.ids:
            return torch.ones(sizes, dtype=torch.int64, device=device)
        numbers = torch.rand(sizes, dtype=torch.float32, device=device).to(dtype)
        return [numbers] * batch if one.listed else numbers

    def __str__(self) -> str:
        return ", ".join(map(str, self.each))

    def words(self) -> str:
        """The inputs as a caption says them."""
        return f"{self} ({self.why})" if self.why else str(self)


def default_inputs(located: Located) -> ModelInputs:
    """The inputs that a model's library states. Raises InputError where none is known."""
    states = {"torchvision": _of_torchvision, "timm": _of_timm, "transformers": _of_transformers}
    found = states[located.library](located) if located.library else None
    if found is None:
        raise InputError(
            f"{quoted(located.key)} does not say what enters it; state it: --input 224x224x3 for an image, "
            "128x512 for 128 tokens of 512 channels, 128 for as many numbers"
        )
    return found


def given_inputs(text: str | Inputs | Shape, model: nn.Module) -> ModelInputs:
    """Inputs as a caller states them: `224x224x3`, or several by the names of the model's arguments.

    An input of one size is token ids where the model looks tokens up. Raises InputError where it is no input.

    >>> str(given_inputs("ids 16, image 32x32x3", nn.Embedding(10, 4)))
    'ids 16 token ids, image 32x32x3'
    """
    try:
        found = read_inputs(text) if isinstance(text, str) else Inputs.of(text)
    except Refused as refused:
        raise InputError(str(refused)) from None
    if found is None:
        raise InputError(f"an input is sizes such as 224x224x3, or several by name, not {quoted(str(text))}")
    looks_up = any(isinstance(module, nn.Embedding) for module in model.modules())
    return ModelInputs(tuple(_given(name, shape, looks_up) for name, shape in found.items()))


def _given(name: str, shape: Shape, looks_up: bool) -> ModelInput:
    places, channels = tuple(map(as_int, shape.places)), as_int(shape.channels)
    sizes = (channels, *places) if len(places) > 1 else (*places, channels)
    return ModelInput(sizes, "" if name == INPUT else name, ids=looks_up and not places)


def dtype_of(model: nn.Module) -> torch.dtype:
    """The type of the numbers that a model calculates with: that of its first parameter of real numbers."""
    found = (each.dtype for each in model.parameters() if each.dtype.is_floating_point)
    return next(found, torch.float32)


def _of_torchvision(located: Located) -> ModelInputs | None:
    from torchvision import models

    try:
        default: object = models.get_model_weights(located.name).DEFAULT
    except (AttributeError, ValueError):
        return None
    make = getattr(default, "transforms", None)
    transforms: object = make() if callable(make) else None
    kind, why = type(transforms).__name__, "the size of torchvision's weights"
    crop = tuple(getattr(transforms, "crop_size", None) or getattr(transforms, "resize_size", None) or ())
    own: object = getattr(located.model, "image_size", None)
    if isinstance(own, int):  # of several weights the default ones may be for another size than the model's
        crop = (own, own)
    height, width = (*crop, *crop)[:2] if crop else (0, 0)
    if kind == "VideoClassification":
        why = f"{FRAMES} frames of {why}"
        return ModelInputs((ModelInput((3, FRAMES, height, width)),), why)
    if kind == "ObjectDetection":
        size = getattr(getattr(located.model, "transform", None), "min_size", (800,))[0]
        return ModelInputs(
            (ModelInput((3, size, size), listed=True),), "the least size it resizes an image to"
        )
    if kind == "OpticalFlow":
        return ModelInputs((ModelInput((3, 520, 960)),) * 2, "the size of torchvision's reference training")
    return ModelInputs((ModelInput((3, height, width)),), why) if crop else None


def _of_timm(located: Located) -> ModelInputs | None:
    stated: object = getattr(located.model, "pretrained_cfg", None)
    sizes = stated.get("input_size") if isinstance(stated, dict) else None
    return ModelInputs((ModelInput(tuple(sizes)),), "timm's own size") if sizes else None


def _of_transformers(located: Located) -> ModelInputs | None:
    """What the model's forward takes, in the sizes that its configuration states."""
    config: object = getattr(located.model, "config", None)
    takes = inspect.signature(located.model.forward).parameters
    found = [*_sounds(config, takes), *_images(config, takes), *_tokens(config, takes)]
    return ModelInputs(tuple(found), "the sizes of its configuration") if found else None


def _stated(config: object, *names: str) -> object:
    """The first of these that a configuration, or that of its text or image part, states."""
    parts = (config, *(getattr(config, part, None) for part in ("vision_config", "text_config")))
    values = (getattr(part, name, None) for name in names for part in parts)
    return next((value for value in values if value is not None), None)


def _whole(config: object, default: int, *names: str) -> int:
    value = _stated(config, *names)
    return value if isinstance(value, int) else default


def _tokens(config: object, takes: Mapping[str, object]) -> Iterator[ModelInput]:
    names = [name for name in ("input_ids", "decoder_input_ids") if name in takes]
    if "decoder_input_ids" in names and not getattr(config, "is_encoder_decoder", False):
        names.remove("decoder_input_ids")
    most = _whole(config, TOKENS, "max_position_embeddings", "n_positions", "max_target_positions")
    for name in names:
        yield ModelInput((min(TOKENS, most),), name, ids=True)


def _images(config: object, takes: Mapping[str, object]) -> Iterator[ModelInput]:
    if "pixel_values" not in takes:
        return
    size, channels = _stated(config, "image_size"), _whole(config, 3, "num_channels")
    sides = tuple(size) if isinstance(size, list | tuple) else (size if isinstance(size, int) else 224,) * 2
    yield ModelInput((channels, *sides), "pixel_values")


def _sounds(config: object, takes: Mapping[str, object]) -> Iterator[ModelInput]:
    if "input_features" in takes:
        length = 2 * _whole(config, 1500, "max_source_positions")
        yield ModelInput((_whole(config, 80, "num_mel_bins"), length), "input_features")
    elif "input_values" in takes:
        yield ModelInput((16000,), "input_values")
