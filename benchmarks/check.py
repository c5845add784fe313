"""How long does one check take, once torch is loaded, as a share of loading torch?

Every network of the catalogue, at its own input and at the larger one that a check adds, in one process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median

from _goals import Line, show

TURNS = 5
GOAL = 0.5


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure() -> tuple[float, float, dict[tuple[str, str], float]]:
    """The seconds of torch's import, of the first check (which imports fvcore) and of each later one."""
    torch_import = seconds(lambda: import_module("torch"))
    import archcalc

    networks = {name: archcalc.load(name) for name in archcalc.networks()}
    first = seconds(next(iter(networks.values())).check)
    inputs = [(name, str(each.input)) for name, network in networks.items() for each in network.check()]
    turns = [
        {(name, shape): seconds(partial(networks[name].check, shape)) for name, shape in inputs}
        for _ in range(TURNS)
    ]
    return torch_import, first, {key: median(turn[key] for turn in turns) for key in inputs}


if __name__ == "__main__":
    torch_import, first, checks = measure()
    loading = f"{1000 * torch_import:,.0f} ms"
    lines = [Line("the first check, which imports fvcore", f"{1000 * first:,.0f} ms", loading, "")]
    lines += [
        Line(
            f"{name} at {shape}",
            f"{1000 * taken:,.0f} ms",
            loading,
            f"{taken / torch_import:.3f}",
            f"below {GOAL}",
            taken / torch_import < GOAL,
        )
        for (name, shape), taken in checks.items()
    ]
    title = f"archcalc check, torch loaded: medians of {TURNS} turns"
    show(title, ("measured", "check", "import torch", "share"), lines)
