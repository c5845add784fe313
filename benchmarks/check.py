"""How long does one check take, once torch is loaded, as a share of loading torch?

Every network of the catalogue, at its own input and at the larger ones that a check adds, in one process.
The goal: each of these runs takes less than half of torch's import. The runs that miss it are named last.
The share of the processor's time stands beside: other programs of the machine do not stretch it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median
from typing import NamedTuple

from _goals import Line, show

TURNS = 5
GOAL = 0.5


class Taken(NamedTuple):
    """How long a call takes, on the clock and of the processor's time, in seconds."""

    clock: float
    processor: float


def taken(work: Callable[[], object]) -> Taken:
    """How long a call takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - clock, time.process_time() - processor)


def middle(turns: list[Taken]) -> Taken:
    """The medians of several turns."""
    return Taken(median(each.clock for each in turns), median(each.processor for each in turns))


def measure() -> tuple[Taken, Taken, dict[tuple[str, str], Taken]]:
    """What torch's import takes, the first check (which imports fvcore) and each later one."""
    torch_import = taken(lambda: import_module("torch"))
    import archcalc

    networks = {name: archcalc.load(name) for name in archcalc.networks()}
    first = taken(next(iter(networks.values())).check)
    inputs = [(name, str(each.input)) for name, network in networks.items() for each in network.check()]
    turns = [
        {(name, shape): taken(partial(networks[name].check, shape)) for name, shape in inputs}
        for _ in range(TURNS)
    ]
    return torch_import, first, {key: middle([turn[key] for turn in turns]) for key in inputs}


def line(what: str, check: Taken, torch_import: Taken) -> Line:
    """One run beside its goal."""
    share = check.clock / torch_import.clock
    processor = check.processor / torch_import.processor
    return Line(
        what,
        f"{1000 * check.clock:,.0f} ms",
        f"{1000 * torch_import.clock:,.0f} ms",
        f"{share:.3f} (processor {processor:.3f})",
        f"below {GOAL}",
        share < GOAL,
    )


if __name__ == "__main__":
    torch_import, first, checks = measure()
    loading = f"{1000 * torch_import.clock:,.0f} ms"
    lines = [Line("the first check, which imports fvcore", f"{1000 * first.clock:,.0f} ms", loading, "")]
    lines += [line(f"{name} at {shape}", check, torch_import) for (name, shape), check in checks.items()]
    title = f"archcalc check, torch loaded: medians of {TURNS} turns"
    show(title, ("measured", "check", "import torch", "share"), lines)
    missed = [each.what for each in lines if each.met is False]
    print(f"Not below {GOAL}: {', '.join(missed) or 'no run'}.")
