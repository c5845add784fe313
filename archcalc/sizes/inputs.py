"""What enters a network: one shape, or several by name, as people write them.

>>> str(read_inputs("source 128x512, target 64x512"))
'source 128x512, target 64x512'
>>> str(read_inputs("224, 224, 3"))
'224x224x3'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from archcalc.errors import Refused, listed
from archcalc.sizes import Shape
from archcalc.sizes.written import fitted, read_shape

INPUT = "input"
"""What the shape that enters a network is called where there is one."""
NAMED = re.compile(r"\s*([A-Za-z_]\w{0,60})\s+(\S.*?)\s*", re.ASCII)
"""A name and what follows it: `source 128x512`."""


class Inputs(dict[str, Shape]):
    """The shapes that enter a network, by name, in order. They are never changed.

    >>> str(Inputs.of(Shape((224, 224), 3)))
    '224x224x3'
    """

    @classmethod
    def of(cls, entering: Entering) -> Inputs:
        """What enters as inputs by name; one shape is called `input`."""
        return cls({INPUT: entering}) if isinstance(entering, Shape) else cls(entering)

    @property
    def alone(self) -> Shape | None:
        """The one input; None where there are several."""
        return next(iter(self.values())) if list(self) == [INPUT] else None

    def each(self, change: Callable[[Shape], Shape]) -> Inputs:
        """The same inputs, each of them changed."""
        return Inputs({name: change(shape) for name, shape in self.items()})

    def __str__(self) -> str:
        return ", ".join(str(shape) if name == INPUT else f"{name} {shape}" for name, shape in self.items())

    def __hash__(self) -> int:  # type: ignore[override]  # a dict may change, and this does not
        return hash(tuple(self.items()))


Entering: TypeAlias = Shape | Mapping[str, Shape]
"""What enters a network: the shape of its one input, or its inputs by name."""


def parts(text: str) -> dict[str, str]:
    """Several inputs as written, by name; empty where the text names none.

    Raises Refused where one of them has no name, or two have one.

    >>> parts("source 128x512, target 64x512"), parts("224x224x3")
    ({'source': '128x512', 'target': '64x512'}, {})
    """
    matches = [(part, NAMED.fullmatch(part)) for part in text.split(",")]
    if not matches[0][1]:
        return {}
    found: dict[str, str] = {}
    for part, match in matches:
        if match is None:
            raise Refused(f"expected a name and its size, such as 'source 128x512', found '{part.strip()}'")
        if match[1] in found:
            raise Refused(f"two inputs are called '{match[1]}'")
        found[match[1]] = match[2]
    return found


def read_inputs(text: str) -> Inputs | None:
    """Read an input, or several by name; None where one is no shape. Raises Refused as `parts` does."""
    named = parts(text)
    shapes = {name: read_shape(size) for name, size in (named or {INPUT: text}).items()}
    for name, size in named.items():
        if shapes[name] is None:
            fact = (
                "expected sizes of 1 or more, such as 128x512, behind the name of an input, which is one word"
            )
            raise Refused(f"{fact}; found '{name} {size}'")
    found = {name: shape for name, shape in shapes.items() if shape is not None}
    return Inputs(found) if len(found) == len(shapes) else None


def entering(given: Inputs, own: Inputs | None) -> Inputs:
    """What is given in the place of a network's own inputs: each as `fitted` reads it, the others its own.

    Raises Refused where the network has no such input, and what `fitted` raises.

    >>> own = Inputs({"source": Shape((128,), 512), "target": Shape((64,), 512)})
    >>> str(entering(Inputs({"target": Shape((), 32)}), own))
    'source 128x512, target 32x512'
    """
    if own is None:
        return given
    for name in given:
        if name not in own:
            known = listed(f"'{known}'" for known in own)
            if name == INPUT:
                raise Refused(f"the network has the inputs {known}: write '{own}', not '{given}'")
            there = "one that has no name" if own.alone else known
            raise Refused(f"the network has no input '{name}', but {there}")
    return Inputs({name: fitted(given.get(name, shape), shape) for name, shape in own.items()})
