"""By which layers is a claim judged that a paper makes beyond the rows of its table?"""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.audit.readings import Basis
from archcalc.costs import Layer, Section, layers
from archcalc.errors import ArchcalcError, DocumentError, nearest, quoted
from archcalc.notation.document import AGAINST, AT, OF, TOTAL
from archcalc.notation.loading import named, network_of
from archcalc.notation.network import TableNetwork
from archcalc.notation.statements import Statement


def bases(network: TableNetwork, own: Section | None) -> dict[str, Basis]:
    """What each statement of a network is of, by its name; `own` is the network at its own input.

    Statements that name no input are left out where it cannot exist there. Raises DocumentError where it
    cannot exist at an input that one names, has no such operation, or where no network has that name.
    """
    wholes = {} if own is None else {"": own}
    others: dict[str, Section] = {}
    found = {}
    for statement in network.statements:
        at = "" if statement.input is None else str(statement.input)
        if at and at not in wholes:
            wholes[at] = _whole(network, statement)
        if at not in wholes:
            continue
        whole = wholes[at]
        if statement.against and statement.against not in others:
            others[statement.against] = _other(network, statement)
        found[statement.name] = Basis(_part(statement, whole), whole, others.get(statement.against))
    return found


def main(counted: Sequence[Layer]) -> Section:
    """A network without its side chains."""
    return Section(TOTAL, "", tuple(layer for layer in counted if not layer.node.head))


def _whole(network: TableNetwork, statement: Statement) -> Section:
    try:
        return main(layers(network.graph(statement.input)))
    except ArchcalcError as error:
        raise DocumentError(statement.line.cells[AT].place, str(error)) from error


def _other(network: TableNetwork, statement: Statement) -> Section:
    place = statement.line.cells[AGAINST].place
    path, member = named(network.document, statement.against, place)
    try:
        other = network_of(path, member)
        if other.alternatives:
            raise DocumentError(
                place, f"{quoted(statement.against)} is a file of alternatives, not a network"
            )
        return main(layers(other.graph()))
    except DocumentError:
        raise
    except ArchcalcError as error:
        raise DocumentError(place, str(error)) from error


def _part(statement: Statement, whole: Section) -> Section:
    """The layers of the whole that a statement is of."""
    if statement.type == TOTAL:
        return whole
    members = tuple(layer for layer in whole.layers if statement.type in layer.node.op.kinds)
    if not members:
        kinds = {kind for layer in whole.layers for kind in layer.node.op.kinds}
        fact = f"no operation of the network is {quoted(statement.type)}{nearest(statement.type, kinds)}"
        raise DocumentError(statement.line.cells[OF].place, fact)
    return Section(statement.name, "", members)
