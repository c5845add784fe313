"""What other tools and papers call an operation, for an answer to whoever writes so.

An operation's own file names its other words (`also`); here stand those of operations that do not exist yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MISSING = frozenset({"instancenorm", "rnn"})
"""Words, folded, for what no operation of archcalc does."""


def folded(word: str) -> str:
    """A word as it compares: without case, spaces and dashes, and without the 2d of a class of layers.

    >>> folded("MaxPool2d"), folded("batch_norm"), folded("Conv2D")
    ('maxpool', 'batchnorm', 'conv')
    """
    return re.sub(r"(?<=[a-z])[123]d$", "", re.sub(r"[\s_-]+", "", word.lower()))


def answer(word: str, known: Mapping[str, Iterable[str]]) -> str:
    """What is said to a word; `known` are the operations with what other tools call them.

    >>> answer("BatchNorm2d", {"batch norm": ("bn",)}), answer("conv", {"conv": ()}), answer("conf", {})
    ("; that is written 'batch norm' here", "; that is written 'conv' here", '')
    """
    short = folded(word)
    names = {folded(each): name for name, also in known.items() for each in (*also, name)}
    if short in names:
        return f"; that is written '{names[short]}' here"
    if short in MISSING:
        return "; no operation does that yet: docs/extending.md shows how to add one"
    return ""
