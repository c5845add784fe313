"""A network over the points of a sweep: its costs as recorded terms of what is varied.

Network and counting stay the rules' own: the graph is built once, on recorded sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy

from archcalc.costs import Layer, layers, total
from archcalc.costs.counting import Counting
from archcalc.errors import DocumentError, UsageError, nearest, quoted
from archcalc.graph import Condition, Graph, Network
from archcalc.notation.document import OUTPUT
from archcalc.recorded.recording import Recorded, Recorder, Term, variables
from archcalc.sizes import Size
from archcalc.sizes.inputs import Inputs
from archcalc.sweep.program import Array, require_64_bits
from archcalc.sweep.sides import CHANNELS, PLACES, SIDES, own_inputs, resized, side_of
from archcalc.sweep.space import Axis, Digits
from archcalc.sweep.widths import scaled, widths

BATCH = "batch"
WIDTH = "width"
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

    `costs` are the columns that are computed, `columns` all that expressions may name; `conditions` must all
    hold where the network can be built. `tables` gives the values of variables that an axis looks up: by
    variable, the axis and one value for each of its positions.
    """

    network: Network
    counting: Counting
    axes: tuple[Axis, ...]
    costs: Mapping[str, Term]
    columns: Mapping[str, Term]
    conditions: tuple[Condition, ...]
    tables: Mapping[str, tuple[int, Array]]
    layers: tuple[Layer, ...]
    notes: tuple[str, ...]

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
        return self.network.graph(shape, self.counting.heads, cells)


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
    values = [_variable(recorder, axis) for axis in axes]
    shape, batch, cells = _assigned(network, counting, axes, values, (recorder, tables))
    graph = network.graph(shape, counting.heads, cells)
    counted = layers(graph, batch, counting.bias)
    for layer in counted:
        for what, size in (*layer.cost._asdict().items(), ("output elements", layer.output_elements)):
            require_64_bits(f"'{layer.node.name}': the number of {what}", size)
    everything = {what: _term(size) for what, size in _costs(counting, counted).items()}
    for what, size in everything.items():
        require_64_bits(f"the number of {what}", size)
    costs = {name: everything[name] for name in ("params", counting.count, "activations")}
    conditions = tuple(each for each in graph.conditions)
    for condition in conditions:
        require_64_bits(f"a size of '{condition.node}'", condition.value)
    _require_effect(axes, tables, [*everything.values(), *(each.value for each in conditions)])
    return SweepDesign(
        network,
        counting,
        tuple(axes),
        costs,
        {**everything, **{axis.name: value for axis, value in zip(axes, values, strict=True)}},
        conditions,
        tables,
        tuple(counted),
        tuple(_notes(network, counting, axes, counted)),
    )


def _costs(counting: Counting, counted: Sequence[Layer]) -> dict[str, Size]:
    """The costs of a whole network by the names that expressions use."""
    whole = total(counted)
    return {
        "params": whole.params,
        counting.count: counting.work(whole.macs),
        "activations": sum(layer.output_elements for layer in counted if layer.weighted),
        "weights": whole.weights,
        "biases": whole.biases,
        "norms": whole.norms,
        "elementwise": whole.elementwise,
    }


def _term(size: Size) -> Term:
    """A size that the rules made of recorded sizes."""
    if not isinstance(size, Recorded | int | Fraction):
        raise TypeError(f"{size} is no recorded term")
    return size


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
    batch: Size = counting.batch
    cells: Cells = {
        cell(network, axis.name): value
        for axis, value in zip(axes, values, strict=True)
        if axis.name not in (BATCH, WIDTH) and side_of(own, axis.name) is None
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


def cell(network: Network, name: str) -> tuple[str, str]:
    """The row and the column that `3a.#3x3` names. Raises UsageError where it names none."""
    rows = {row.name for row in network.rows}
    for match in re.finditer(r"\.", name):
        row, column = name[: match.start()], name[match.end() :]
        if row in rows:
            return row, OUTPUT if column == "out" else column
    if "." in name:
        network.row(name.partition(".")[0])
    near = nearest(name, (*SIDES, BATCH, WIDTH))
    raise UsageError(f"{quoted(name)} cannot be varied (a cell is written ROW.COLUMN, such as 3a.#3x3){near}")


def _require_possible(network: Network, axis: Axis, axes: Sequence[Axis], inputs: Inputs) -> None:
    """Refuse an axis that names nothing, is named twice or has impossible values."""
    names, side = [each.name for each in axes], side_of(inputs, axis.name)
    if names.count(axis.name) > 1 or (side and side.varied in PLACES and side.input in names):
        raise UsageError(f"--vary '{axis.name}' varies what another --vary does")
    is_cell = side is None and axis.name not in (BATCH, WIDTH)
    if is_cell:
        cell(network, axis.name)
    if axis.name == WIDTH:
        if axis.low <= 0:
            raise UsageError("--vary 'width' scales widths by a factor, which must be more than 0")
        return
    numbers = axis.listed or (axis.start, axis.step)
    if not all(isinstance(each, int) for each in numbers):
        raise UsageError(f"--vary '{axis.name}' takes whole numbers")
    if not is_cell and axis.low < 1:
        raise UsageError(f"--vary '{axis.name}' begins at 1")


def _require_effect(
    axes: Sequence[Axis], tables: Mapping[str, tuple[int, Array]], terms: Sequence[object]
) -> None:
    """Refuse an axis on which nothing depends."""
    used = variables(terms)
    for index, axis in enumerate(axes):
        through = {axis.name, *(name for name, (of, _) in tables.items() if of == index)}
        if axis.low != axis.high and not used & through:
            raise UsageError(f"--vary '{axis.name}' changes nothing: no layer depends on it")


def _notes(
    network: Network, counting: Counting, axes: Sequence[Axis], counted: Sequence[Layer]
) -> Iterable[str]:
    """What a reader of the columns must know."""
    yield (
        f"{counting.unit} of the whole batch; activations: the elements of the outputs of all layers with "
        "weights (Radosavovic et al., Designing network design spaces, 2020)."
    )
    entering = own_inputs(network, counting)
    sides = {axis.name: side_of(entering, axis.name) for axis in axes}
    inputs = {name for name, side in sides.items() if side and side.varied != CHANNELS}
    changed = [layer.node.name for layer in counted if _varying(layer) & inputs]
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        yield (
            f"The input's size changes the weights of {', '.join(changed[:3])}{more}: "
            "these points differ in more than their resolution."
        )
    if any(axis.name == WIDTH for axis in axes):
        multiple = network.width_multiple
        yield (
            "width: every width in the table times the factor, rounded to the nearest multiple of "
            f"{multiple}, at least {multiple}, and as printed at the factor 1; the network's outputs, and "
            "widths that stand in its blocks, stay as they are."
        )


def _varying(layer: Layer) -> set[str]:
    """The variables on which the sizes of a layer's weights depend."""
    return variables(size for tensor in layer.tensors for size in tensor.sizes)
