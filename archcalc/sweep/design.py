"""A network over the points of a sweep: its costs as recorded terms of what is varied.

Network and counting stay the rules' own: the graph is built once, on recorded sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import numpy

from archcalc.costs import Layer
from archcalc.costs.counting import Counting
from archcalc.errors import DocumentError, UsageError, nearest, quoted
from archcalc.graph import Graph, Network
from archcalc.notation.document import OUTPUT
from archcalc.recorded.recording import Recorder, Term, variables
from archcalc.sizes import Size
from archcalc.sizes.inputs import Inputs
from archcalc.sweep.notes import notes
from archcalc.sweep.program import Array, require_64_bits
from archcalc.sweep.sides import PLACES, SIDES, own_inputs, resized, side_of
from archcalc.sweep.space import Axis, Digits
from archcalc.sweep.structures import Depths, Structure, nowhere, structure
from archcalc.sweep.widths import WIDTH, scaled, widths

BATCH = "batch"
Cells = dict[tuple[str, str], Size]


@dataclass(frozen=True)
class Variables:
    """The values of variables at points: those of an axis, or those that `tables` gives for its positions."""

    axes: tuple[Axis, ...]
    tables: Mapping[str, tuple[int, Array]]

    def __call__(self, digits: Digits, names: Iterable[str]) -> dict[str, Array]:
        """The values of variables at points given by their digits."""
        positions = {axis.name: index for index, axis in enumerate(self.axes)}
        found = {}
        for name in names:
            if name in self.tables:
                index, table = self.tables[name]
                found[name] = table[digits[index]]
            else:
                index = positions[name]
                found[name] = self.axes[index].at(digits[index])
        return found


@dataclass(frozen=True)
class SweepDesign:
    """What the columns of a sweep are made of.

    `structures` are the networks at each combination of `depths`, `layers` those of one of them. `tables`
    gives the values of variables that an axis looks up: by variable, the axis and one value for each of its
    positions.
    """

    network: Network
    counting: Counting
    axes: tuple[Axis, ...]
    depths: Depths
    structures: tuple[Structure, ...]
    tables: Mapping[str, tuple[int, Array]]
    varied: Mapping[str, Term]
    layers: tuple[Layer, ...]
    notes: tuple[str, ...]

    @property
    def costs(self) -> tuple[str, ...]:
        """The names of the columns that are computed."""
        return "params", self.counting.count, "activations"

    @property
    def columns(self) -> list[dict[str, Term]]:
        """What expressions may name, of each structure: its costs, and what varies."""
        return [
            {**each.costs, **self.varied, **{self.axes[index].name: value for index, value in depths.items()}}
            for depths, each in zip(self.depths, self.structures, strict=True)
        ]

    @property
    def variables(self) -> Variables:
        """What gives the values of variables at points."""
        return Variables(self.axes, self.tables)

    def reason(self, digits: Sequence[int]) -> str:
        """Why the network cannot be built at one point, as the calculator says it for that point alone."""
        values = [axis.value(digit) for axis, digit in zip(self.axes, digits, strict=True)]
        try:
            self.graph_at(values)
        except DocumentError as error:
            return str(error)
        raise AssertionError("the masks and the calculator disagree")

    def graph_at(self, values: Sequence[int | Fraction]) -> Graph:
        """The network at one point, on plain ints."""
        shape, _, cells = _assigned(self.network, self.counting, self.axes, values)
        network = self.depths.network(self.network, dict(enumerate(values)))
        return network.graph(shape, self.counting.heads, cells)


def design(network: Network, counting: Counting, axes: Sequence[Axis]) -> SweepDesign:
    """Record a network's costs over some axes.

    Raises UsageError where an axis names nothing that can be varied or changes nothing, or where a number
    can leave 64 bits; DocumentError where the network can be built at no point.
    """
    if network.alternatives:
        names = ", ".join(row.name for row in network.own_rows)
        raise UsageError(f"{network.name} holds alternatives: name one of them with --row ({names})")
    for axis in axes:
        _require_possible(network, axis, axes, own_inputs(network, counting))
    recorder = Recorder()
    tables: dict[str, tuple[int, Array]] = {}
    cells = _depths(network, axes)
    for row, _ in cells.values():
        if network.row(row).head and not counting.heads:
            raise UsageError(f"row '{row}' stands in a side chain, which is counted with --heads alone")
    depths = Depths(axes, cells)
    values = [_variable(recorder, axis) for axis in axes]
    assigned = _assigned(network, counting, axes, values, (recorder, tables))
    structures = _structures(network, counting, depths, assigned)
    plain = [axis for index, axis in enumerate(axes) if index not in cells]
    _require_effect(axes, plain, tables, structures)
    varied = {axis.name: value for axis, value in zip(axes, values, strict=True) if axis in plain}
    said = tuple(notes(network, counting, axes, structures))
    counted = next(each.layers for each in structures if each.layers)
    bare = tuple(each._replace(layers=()) for each in structures)
    return SweepDesign(network, counting, tuple(axes), depths, bare, tables, varied, counted, said)


def _structures(
    network: Network, counting: Counting, depths: Depths, assigned: tuple[Inputs, Size, Cells]
) -> tuple[Structure, ...]:
    """The network at each combination of depths. Raises DocumentError where none can be built anywhere."""
    shape, batch, cells = assigned
    found: list[Structure | DocumentError] = []
    for values in depths:
        try:
            graph = depths.network(network, values).graph(shape, counting.heads, cells)
        except DocumentError as error:
            found.append(error)
        else:
            found.append(structure(graph, counting, batch))
    like = next((each for each in found if isinstance(each, Structure)), None)
    if like is None:
        raise next(each for each in found if isinstance(each, DocumentError))
    return tuple(each if isinstance(each, Structure) else nowhere(each, like) for each in found)


def _variable(recorder: Recorder, axis: Axis) -> Term:
    if axis.name == WIDTH:
        return recorder.variable(axis.name, Fraction(axis.low), Fraction(axis.high))
    return axis.low if axis.low == axis.high else recorder.variable(axis.name, axis.low, axis.high)


def _assigned(
    network: Network,
    counting: Counting,
    axes: Sequence[Axis],
    values: Sequence[Term],
    recording: tuple[Recorder, dict[str, tuple[int, Array]]] | None = None,
) -> tuple[Inputs, Size, Cells]:
    """The inputs, the batch and the cells that the axes' values say.

    With `recording` the cells of scaled widths are variables, whose values go to its tables.
    """
    inputs = own = own_inputs(network, counting)
    depths = _depths(network, axes)
    batch: Size = counting.batch
    cells: Cells = {
        place: value
        for index, (axis, value) in enumerate(zip(axes, values, strict=True))
        if axis.name not in (BATCH, WIDTH) and side_of(own, axis.name) is None and index not in depths
        for place in cells_called(network, axis.name)
    }
    for index, (axis, value) in enumerate(zip(axes, values, strict=True)):
        if axis.name == BATCH:
            batch = value
        elif side := side_of(own, axis.name):
            inputs = resized(inputs, side, axis.name, value)
        elif axis.name == WIDTH:
            for name, printed in widths(network, own).items():
                if name in cells:
                    continue
                if recording is None:
                    assert isinstance(value, int | Fraction)
                    cells[name] = scaled(printed, value, network.width_multiple)
                else:
                    cells[name] = _scaled_variable(recording, index, axis, printed, network.width_multiple)
    return inputs, batch, cells


def _scaled_variable(
    recording: tuple[Recorder, dict[str, tuple[int, Array]]],
    index: int,
    axis: Axis,
    printed: int,
    multiple: int,
) -> Term:
    """One variable for all cells that print the same width."""
    recorder, tables = recording
    name = f"width of {printed}"
    values = [scaled(printed, Fraction(value), multiple) for value in axis.values]
    tables[axis.name] = index, numpy.array([float(value) for value in axis.values])
    if min(values) == max(values):
        return values[0]
    variable = recorder.variable(name, min(values), max(values))
    require_64_bits(f"a width of {printed}, scaled,", variable)
    tables[name] = index, numpy.array(values, dtype=numpy.int64)
    return variable


def _depths(network: Network, axes: Sequence[Axis]) -> dict[int, tuple[str, str]]:
    """The axes that vary how often something stands in the network, and the cell that says it."""
    known = {f"{row}.{column}": (row, column) for row, column in network.depths()}
    return {index: known[axis.name] for index, axis in enumerate(axes) if axis.name in known}


def cells_called(network: Network, name: str) -> list[tuple[str, str]]:
    """The row and the column that `3a.#3x3` names; of a column that has one number in all rows, all of them.

    Raises UsageError where it names none, or a column of several numbers.
    """
    rows = {row.name for row in network.rows}
    for match in re.finditer(r"\.", name):
        row, column = name[: match.start()], name[match.end() :]
        if row in rows:
            return [(row, OUTPUT if column == "out" else column)]
    there = [width for width in network.widths() if width.column == name]
    if len({width.size for width in there}) == 1:
        return [(width.row, name) for width in there]
    if there:
        fact = f"the column {quoted(name)} holds several numbers: name the cell of a row, such as"
        raise UsageError(f"{fact} {quoted(f'{there[0].row}.{name}')}")
    if "." in name:
        network.row(name.partition(".")[0])
    near = nearest(name, (*SIDES, BATCH, WIDTH))
    raise UsageError(f"{quoted(name)} cannot be varied (a cell is written ROW.COLUMN, such as 3a.#3x3){near}")


def _require_possible(network: Network, axis: Axis, axes: Sequence[Axis], inputs: Inputs) -> None:
    """Refuse an axis that names nothing, is named twice or has impossible values."""
    names, side = [each.name for each in axes], side_of(inputs, axis.name)
    is_cell = side is None and axis.name not in (BATCH, WIDTH)
    twice = names.count(axis.name) > 1 or (side and side.varied in PLACES and side.input in names)
    if twice or (is_cell and any(name.endswith(f".{axis.name}") for name in names)):
        raise UsageError(f"--vary '{axis.name}' varies what another --vary does")
    if is_cell:
        cells_called(network, axis.name)
    if axis.name == WIDTH:
        if axis.low <= 0:
            raise UsageError("--vary 'width' scales widths by a factor, which must be more than 0")
        return
    numbers = axis.listed or (axis.start, axis.step)
    if not all(isinstance(each, int) for each in numbers):
        raise UsageError(f"--vary '{axis.name}' takes whole numbers")
    if axis.low < 1 and (not is_cell or _depths(network, [axis])):
        raise UsageError(f"--vary '{axis.name}' begins at 1")


def _require_effect(
    axes: Sequence[Axis],
    plain: Sequence[Axis],
    tables: Mapping[str, tuple[int, Array]],
    structures: Sequence[Structure],
) -> None:
    """Refuse a plain axis on which nothing depends."""
    masks = (condition.value for each in structures for condition in each.conditions)
    used = variables(chain((cost for each in structures for cost in each.costs.values()), masks))
    for index, axis in enumerate(axes):
        if axis not in plain:
            continue
        through = {axis.name, *(name for name, (of, _) in tables.items() if of == index)}
        if axis.low != axis.high and not used & through:
            raise UsageError(f"--vary '{axis.name}' changes nothing: no layer depends on it")
