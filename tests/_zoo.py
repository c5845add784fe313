"""torchvision's classifiers, and what torchvision states of each: its parameters and its GFLOPs."""

from __future__ import annotations

from typing import NamedTuple

from torchvision import models


class Published(NamedTuple):
    """What torchvision states of the weights that were trained at the model's own size."""

    params: int
    gmacs: float


CLASSIFIERS: list[str] = models.list_models(module=models)


def published(name: str, side: int) -> Published:
    """What is stated of the weights that were trained for images of that side."""
    weights = list(models.get_model_weights(name))
    found = next(each for each in weights if each.transforms().crop_size == [side])
    return Published(found.meta["num_params"], found.meta["_ops"])
