"""torchvision's classifiers, and what torchvision states of each: its parameters and its GFLOPs."""

from __future__ import annotations

from typing import NamedTuple

from torchvision import models


class Published(NamedTuple):
    """What torchvision states of the weights that were trained at the model's own size."""

    params: int
    gmacs: float


CLASSIFIERS: list[str] = models.list_models(module=models)


def published(name: str) -> Published:
    """Of several weights those of the architecture as it is: SWAG's end-to-end ones have larger inputs."""
    weights = list(models.get_model_weights(name))
    found = next(each for each in weights if "SWAG_E2E" not in each.name)
    return Published(found.meta["num_params"], found.meta["_ops"])
