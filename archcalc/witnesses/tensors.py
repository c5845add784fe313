"""The built model itself: the shapes its layers give and the tensors it holds."""

from __future__ import annotations

import torch

from archcalc.graph import Graph
from archcalc.sizes import Shape
from archcalc.torch_module import sample, shape_of
from archcalc.witnesses import Measured, Passage, attempt, watched, with_heads
from archcalc.witnesses._remembered import Remembered

COUNTS = (
    "the output shape of every layer and the size of every weight, bias and buffer of the built torch model"
)


def measure(graph: Graph, model: torch.nn.Module) -> Measured:
    """Run the model once and read its tensors."""
    shapes: dict[str, Shape] = {}

    def after(name: str, result: torch.Tensor) -> None:
        shapes[name] = shape_of(result)

    inputs = [sample(shape, device="meta") for shape in graph.inputs.values()]
    passage = Passage(after=after)
    with (
        attempt() as run,
        torch.no_grad(),
        watched(graph, model, passage),
        with_heads(graph, model),
        Remembered(),
    ):
        model(*inputs)
    tensors = {
        node.name: {
            name: tuple(tensor.shape) for name, tensor in model.get_submodule(node.name).state_dict().items()
        }
        for node in graph
    }
    return Measured(shapes=shapes, tensors=tensors, stopped=run.stopped)
