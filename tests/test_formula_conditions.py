"""Conditions are reduced to what a person wants, and hold exactly where the calculator accepts a size."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

import archcalc
from archcalc.errors import DocumentError
from archcalc.formula.conditions import sentences
from archcalc.formula.congruences import reduced
from archcalc.notation.network import TableNetwork
from archcalc.sizes import Shape, as_int
from archcalc.sources.paper import load
from tests._formulas import holds, takes_a_map

U_NET = """---
input: 572x572x1
every conv: valid -> relu
---

The contracting path of U-Net (Ronneberger et al., 2015): "It is important to select the input tile size such
that all 2x2 max-pooling operations are applied to a layer with an even x- and y-size."

```blocks
down   = conv 3x3 {width} -> conv 3x3 {width} -> halve
halve  = add
  | max pool 2x2/2 valid
  | max pool 2x2/2 valid ceil
bottom = conv 3x3 {width} -> conv 3x3 {width}
```

| type   | width |
|--------|-------|
| down   | 2     |
| down   | 4     |
| down   | 8     |
| down   | 16    |
| bottom | 32    |
"""
H = sympy.Symbol("H", integer=True, positive=True)
EVEN = sympy.Eq(sympy.floor(H / 2), sympy.floor((H + 1) / 2))


def exists(network: TableNetwork, *sizes: int) -> bool:
    """Whether the calculator accepts an input."""
    try:
        network.graph(Shape(sizes[:-1], sizes[-1]))
    except DocumentError:
        return False
    return True


def said(report: archcalc.Report) -> str:
    return next(note for note in report.notes if ": holds " in note)


def test_a_deep_network_of_valid_convolutions(tmp_path: Path) -> None:
    """44 conditions are four, and those of the paper's network: 572 is 16 * 35 + 12."""
    path = tmp_path / "unet.md"
    path.write_text(U_NET, encoding="utf-8")
    network, note = load(str(path)), said(archcalc.load(str(path)).formula("HxWxC"))
    assert note == (
        "unet: holds where H >= 140 and W >= 140 "
        "and H - 12 is a multiple of 16 and W - 12 is a multiple of 16."
    )
    own = next(size for size in range(1, 400) if exists(network, size, 572, 1))
    assert own == 140
    for height in range(1, 401):
        assert holds(note, {"H": height, "W": 572, "C": 1}) == exists(network, height, 572, 1), height


@pytest.mark.parametrize("name", [name for name in archcalc.networks() if takes_a_map(name)])
def test_every_network_of_the_catalogue(name: str) -> None:
    """Every thirteenth height up to 400, and those beside the least that is said."""
    network = load(name)
    parts = [network.alternative(row.name) for row in network.rows] if network.alternatives else [network]
    report = archcalc.load(name).formula(f"Hx{as_int(network.input.places[1])}xC" if network.input else None)
    notes = [note for note in report.notes if ": holds " in note and " at H" not in note]
    assert network.input is not None
    channels = as_int(network.input.channels)
    for part, note in zip(parts, notes, strict=True):
        assert note.count(" and ") < 6, note
        least = int(note.partition("H >= ")[2].split()[0].rstrip(".")) if "H >= " in note else 1
        for height in sorted({*range(1, 401, 13), *range(max(1, least - 2), least + 3)}):
            numbers = {"H": height, "C": channels}
            assert holds(note, numbers) == exists(part, height, as_int(network.input.places[1]), channels)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([EVEN, sympy.Le(5, H)], ["H >= 6", "H is a multiple of 2"]),
        ([EVEN, sympy.Le(2, H)], ["H is a multiple of 2"]),
        ([EVEN, sympy.Eq(sympy.Mod(H, 6), 0), sympy.Eq(sympy.Mod(H, 4), 0)], ["H is a multiple of 12"]),
        ([sympy.Eq(sympy.Mod(H + 1, 3), 0), EVEN], ["H - 2 is a multiple of 6"]),
        ([sympy.Eq(sympy.Mod(3 * H / 4, 2), 0)], ["H is a multiple of 8"]),
        ([sympy.Eq(sympy.floor(H / 2), 5)], ["floor(H/2) = 5"]),
        ([sympy.Eq(sympy.floor(H / 3), sympy.floor((H + 1) / 3))], ["floor(H/3) = floor((H + 1)/3)"]),
        ([EVEN, sympy.Eq(sympy.Mod(H, 2), 1)], ["H is a multiple of 2", "Mod(H, 2) = 1"]),
    ],
)  # fmt: skip
def test_what_is_combined_and_what_is_left(conditions: list[sympy.Basic], expected: list[str]) -> None:
    """The seventh holds at 0 and 1 of every 3, which is no one congruence; the last ones contradict."""
    assert sentences(conditions) == expected


def test_a_congruence_holds_where_all_its_conditions_do() -> None:
    conditions = [EVEN, sympy.Eq(sympy.floor((H + 2) / 4) - 3, sympy.floor(H / 4) - 3)]
    conditions.append(sympy.Eq(sympy.Mod(sympy.floor(H / 2) + 1, 3), 0))
    (congruence,), left = reduced(conditions)[0].values(), reduced(conditions)[1]
    assert not left
    for size in range(1, 200):
        every = all(bool(condition.subs(H, size)) for condition in conditions)
        assert (size % congruence.modulus == congruence.rest) == every


def test_conditions_that_are_one_congruence_only_together() -> None:
    """Each alone allows several rests; a transposed convolution asks that halves be even."""
    height = sympy.Symbol("H", integer=True, positive=True)
    asked = [
        sympy.Eq(sympy.floor(height / 2), 2 * sympy.floor(height / 4)),
        sympy.Eq(sympy.Mod(height, 2), 0),
        sympy.Le(1, 2 * sympy.floor(height / 4) - 6),
    ]
    assert sentences(asked) == ["H >= 16", "H is a multiple of 4"]
