"""Settings -> rules for blocks: what follows operations, what cells choose, which blocks share weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from archcalc.errors import DocumentError, Place, nearest, quoted
from archcalc.notation.arguments import takes
from archcalc.notation.block import FROM, Chain, Every, Vocabulary
from archcalc.notation.document import EVERY, Setting
from archcalc.notation.tables import clean, names_in
from archcalc.ops import operations, otherwise


def every_of(settings: Mapping[str, Setting], vocabulary: Vocabulary) -> dict[str, Every]:
    """The settings `every OPERATION: [arguments ->] steps`."""
    rules = {}
    for key, (value, place) in settings.items():
        if not key.startswith(EVERY):
            continue
        name = key[len(EVERY) :].strip()
        if name not in operations():
            meant = otherwise(name) or nearest(name, operations())
            raise DocumentError(place, f"no operation is called {quoted(name)}{meant}")
        first, arrow, rest = value.partition("->")
        arguments = tuple(first.split()) if takes(operations()[name], tuple(first.split())) else ()
        chain = (
            vocabulary.chain((rest if arguments else value).strip(), place) if rest or not arguments else ()
        )
        for step in chain:
            if step.name not in operations() or operations()[step.name].joins:
                raise DocumentError(place, f"{quoted(step.text)}: 'every' adds operations of one input only")
        if arrow and not rest.strip():
            raise DocumentError(place, "a step is empty: expected an operation")
        rules[name] = Every(arguments, chain)
    return rules


def choices_of(settings: Mapping[str, Setting], vocabulary: Vocabulary) -> dict[str, dict[str, Chain]]:
    """The setting `choices: NL = HS: hard swish, RE: relu; SE = yes: squeeze, -: identity`.

    The steps that a column's cells choose, by column and by the cell's text; `-` is an empty cell.
    """
    found: dict[str, dict[str, Chain]] = {}
    if "choices" not in settings:
        return found
    value, place = settings["choices"]
    for part in value.split(";"):
        column, equals, rest = part.partition("=")
        column = clean(column)
        if not (column and equals and rest.strip()):
            fact = "expected 'COLUMN = CELL: step, CELL: step', and a ';' before the next column"
            raise DocumentError(place, f"{fact}, found {quoted(part.strip())}")
        if column in found:
            raise DocumentError(place, f"the choices of the column {quoted(column)} are given twice")
        found[column] = _alternatives(rest, place, vocabulary)
    return found


def _alternatives(text: str, place: Place, vocabulary: Vocabulary) -> dict[str, Chain]:
    found: dict[str, Chain] = {}
    for part in text.split(","):
        said, colon, steps = (piece.strip() for piece in part.partition(":"))
        if not (said and colon and steps):
            raise DocumentError(place, f"expected 'CELL: step', found {quoted(part.strip())}")
        said = "" if said == "-" else clean(said)
        if said in found:
            raise DocumentError(place, f"the cell {quoted(said or '-')} is given two choices")
        found[said] = vocabulary.chain(steps, place)
        for step in found[said]:
            if step.chosen or step.name == FROM or (not step.is_call and operations()[step.name].joins):
                fact = "a choice is an operation of one input, or a block, or a chain of them"
                raise DocumentError(place, f"{quoted(step.text)}: {fact}")
    return found


def shared_of(settings: Mapping[str, Setting], blocks: Collection[str]) -> frozenset[str]:
    """The setting `shared: tower, head`: the blocks all whose uses have the same weights."""
    if "shared" not in settings:
        return frozenset()
    value, place = settings["shared"]
    names = names_in(value, place)
    for name in names:
        if name not in blocks:
            raise DocumentError(place, f"no block is called {quoted(name)}{nearest(name, blocks)}")
    return frozenset(names)
