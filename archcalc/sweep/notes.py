"""What a reader of a sweep's columns must know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archcalc.costs import Layer
from archcalc.costs.counting import Counting
from archcalc.graph import Network
from archcalc.recorded.recording import variables
from archcalc.sweep.sides import CHANNELS, own_inputs, side_of
from archcalc.sweep.space import Axis
from archcalc.sweep.structures import Structure
from archcalc.sweep.widths import WIDTH


def notes(
    network: Network, counting: Counting, axes: Sequence[Axis], structures: Sequence[Structure]
) -> Iterable[str]:
    """What a reader of the columns must know."""
    yield (
        f"{counting.unit} of the whole batch; activations: the elements of the outputs of all layers with "
        "weights (Radosavovic et al., Designing network design spaces, 2020)."
    )
    entering = own_inputs(network, counting)
    sides = {axis.name: side_of(entering, axis.name) for axis in axes}
    inputs = {name for name, side in sides.items() if side and side.varied != CHANNELS}
    counted = (layer for each in structures for layer in each.layers) if inputs else ()
    changed = list(dict.fromkeys(layer.node.name for layer in counted if _varying(layer) & inputs))
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
