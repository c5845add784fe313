"""What does recording a run cost, as a multiple of torch's own FlopCounterMode on the same model?

Every classifier of torchvision at its own size, on the meta device, in one process; the processor's time of
the second run of each. The goals: a median of at most 1.5, and no model above 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch
from _goals import Line, show
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from archcalc.models.inputs import default_inputs
from archcalc.models.isolate import copied, undisturbed
from archcalc.models.locate import locate
from archcalc.models.recorder import recorded

TURNS = 3
MEDIAN_GOAL, WORST_GOAL = 1.5, 3.0


def taken(run: Callable[[nn.Module], object], model: nn.Module) -> float:
    """The processor's time of a run on a fresh copy, in seconds: the least of several, after a first."""
    times = []
    for _ in range(TURNS + 1):
        twin = copied(model)
        for parameter in twin.parameters():
            parameter.requires_grad_(False)
        begun = time.process_time()
        run(twin)
        times.append(time.process_time() - begun)
    return min(times[1:])


def ratio(name: str) -> tuple[float, float]:
    """What recording and torch's counter take on a model."""
    located = locate(f"torchvision:{name}")
    ordered, _ = default_inputs(located).tensors()

    def count(model: nn.Module) -> None:
        with FlopCounterMode(display=False):
            model(*ordered)

    with undisturbed(), torch.no_grad():
        return taken(lambda model: recorded(model, tuple(ordered)), located.model), taken(
            count, located.model
        )


if __name__ == "__main__":
    times = {name: ratio(name) for name in models.list_models(module=models)}
    ratios = {name: mine / torchs for name, (mine, torchs) in times.items()}
    worst = max(ratios, key=lambda name: ratios[name])
    middle = median(ratios.values())
    mine, torchs = (1000 * median(each[side] for each in times.values()) for side in (0, 1))
    lines = [
        Line(
            f"median of {len(ratios)} models",
            f"{mine:,.0f} ms",
            f"{torchs:,.0f} ms",
            f"{middle:.2f}",
            f"at most {MEDIAN_GOAL}",
            middle <= MEDIAN_GOAL,
        ),
        Line(
            f"worst: {worst}",
            f"{1000 * times[worst][0]:,.0f} ms",
            f"{1000 * times[worst][1]:,.0f} ms",
            f"{ratios[worst]:.2f}",
            f"at most {WORST_GOAL}",
            ratios[worst] <= WORST_GOAL,
        ),
    ]
    show("Recording a run: the processor's time", ("measured", "recorded", "FlopCounterMode", "ratio"), lines)
