"""Torch models: those of torchvision, timm and transformers by their names, and a user's own factories."""

from __future__ import annotations

import os
import re

from archcalc.environment import extras
from archcalc.graph import Network

LIBRARIES = ("torchvision", "timm", "transformers")


def takes(name: str) -> bool:
    """Whether a name is a model's: `torchvision:resnet50`, `file.py:factory`, `package.module:factory`.

    >>> takes("timm:vit_tiny_patch16_224"), takes("net.py:Net"), takes("densenet:121"), takes("a.md:b")
    (True, True, False, False)
    """
    before, colon, after = name.rpartition(":")
    if not (colon and after) or os.path.isfile(name):
        return False
    dotted = re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", before) and not before.endswith(
        (".md", ".csv", ".tsv")
    )
    return name.partition(":")[0] in LIBRARIES or before.endswith(".py") or bool(dotted)


def load(name: str) -> Network:
    """The model of that name as a network. Raises UnknownName, MissingExtra or InputError."""
    with extras.needed("a torch model"):
        from archcalc.models.locate import locate
        from archcalc.models.network import ModelNetwork
    return ModelNetwork(locate(name))
