"""torch's FlopCounterMode. On meta tensors it sees every product; on a CPU it counts fused attention as 0."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from archcalc.graph import Graph
from archcalc.torch_module import sample
from archcalc.witnesses import Measured, Passage, attempt, watched, with_heads
from archcalc.witnesses._remembered import Remembered

COUNTS = "torch's FlopCounterMode: convolutions, matrix products and attention, 2 FLOPs to the MAC"


def measure(graph: Graph, model: torch.nn.Module) -> Measured:
    """Run the model once under FlopCounterMode and read the counter around every layer."""
    macs: dict[str, int] = {}
    started: dict[str, int] = {}
    counter = FlopCounterMode(display=False)
    remembered = Remembered(counter.get_total_flops)

    def before(name: str) -> None:
        started[name] = remembered.counted

    def after(name: str, result: torch.Tensor) -> None:
        flops = remembered.counted - started[name]
        if flops % 2:
            raise AssertionError(f"FlopCounterMode gives an odd number of FLOPs for {name}: {flops}")
        macs[name] = flops // 2

    inputs = [sample(shape, device="meta") for shape in graph.inputs.values()]
    passage = Passage(before, after)
    with (
        attempt() as run,
        torch.no_grad(),
        watched(graph, model, passage),
        with_heads(graph, model),
        counter,
        remembered,  # entered last, it is asked first: the counter sees an operation once for the same sizes
    ):
        model(*inputs)
    return Measured(macs=macs, stopped=run.stopped)
