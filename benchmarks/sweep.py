"""How many GoogLeNets a second does each way of counting count?

One at a time: fvcore (on CPU tensors) and torch's FlopCounterMode (on the meta device) with torchvision's
googlenet, a model built for each; archcalc's calculator on plain ints, each time another input and other
widths. All at once: a sweep over ten columns,
as a command runs it, on one core. Memory: the peak of a sweep of 10^6 points and of one of MOST points.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

from _goals import Line, show

CELLS = (
    "3a.#1x1", "3a.#3x3 reduce", "3a.#3x3", "3b.#3x3", "3b.#5x5",
    "4a.#3x3", "4b.#3x3", "4c.#3x3", "4d.#3x3", "5a.#3x3",
)  # fmt: skip
SPREAD = (
    "input",
    "3a.#3x3",
    "3b.#3x3",
    "4a.#3x3",
    "4b.#3x3",
    "4c.#3x3",
    "4d.#3x3",
    "4e.#3x3",
    "5a.#3x3",
    "5b.#3x3",
)
POINTS, MOST = 10**7, 10**8
TURNS = 3
PER_SECOND = 1_000_000
ALONE, ALONE_PER_SECOND = 500, 1_000
"""How many networks are counted one at a time, and how many a second it should be."""
TIMES_FLOP_COUNTER = 100_000
FLAT = 1.1


def rate(count: int, work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How many a second, at best of some turns, where one call makes `count`."""
    taken = []
    for _ in range(TURNS):
        start = clock()
        work()
        taken.append(clock() - start)
    return count / min(taken)


def peers() -> tuple[float, float]:
    """fvcore and FlopCounterMode: a network built and counted, one at a time, on one thread."""
    import torch
    import torchvision
    from fvcore.nn import FlopCountAnalysis
    from torch.utils.flop_counter import FlopCounterMode

    torch.set_num_threads(1)
    image = torch.empty(1, 3, 224, 224)

    def model() -> torch.nn.Module:
        built = torchvision.models.googlenet(weights=None, aux_logits=False, init_weights=False)
        assert isinstance(built, torch.nn.Module)
        return built.eval()

    def fvcore() -> None:
        FlopCountAnalysis(model(), image).unsupported_ops_warnings(False).total()

    def flop_counter() -> None:
        with torch.device("meta"):
            built = model()
        with FlopCounterMode(display=False) as counter:
            built(image.to("meta"))
        counter.get_total_flops()

    warnings.simplefilter("ignore")
    fvcore()
    flop_counter()
    return rate(1, fvcore), rate(1, flop_counter)


def calculator(inputs: range) -> float:
    """archcalc on plain ints, one network at a time: no two have the same widths; inputs are drawn too."""
    import archcalc

    network = archcalc.load("googlenet").network
    cells = [(row, column) for row, _, column in (name.partition(".") for name in CELLS)]
    from archcalc.costs import layers, total
    from archcalc.sizes import Shape

    numbers = random.Random(1)

    def count() -> None:
        for _ in range(ALONE):
            side = numbers.choice(inputs)
            widths = {cell: numbers.randrange(16, 513, 8) for cell in cells}
            total(layers(network.graph(Shape((side, side), 3), cells=widths)))

    return rate(ALONE, count, time.process_time)  # what else runs on the machine does not count


def sweep(names: tuple[str, ...], **options: str | int) -> tuple[float, int]:
    """A sample of a grid of ten columns, recording and selection included; its numpy calls a chunk."""
    from archcalc.costs.counting import Counting
    from archcalc.sources.paper import load
    from archcalc.sweep import Request, Sweep

    vary = tuple("input=224:512" if name == "input" else f"{name}=16:512:8" for name in names)
    request = Request(vary, sample=POINTS, **options)  # type: ignore[arg-type]
    network = load("googlenet")
    calls = len(Sweep(network, request, Counting()).engine.programs[0])
    return rate(POINTS, lambda: Sweep(network, request, Counting()).report(1000)), calls


def peak(points: int) -> int:
    """The peak memory of a sweep in a process of its own, in KiB.

    It is what Linux keeps of that program alone: `ru_maxrss` is never less than what this process had.
    """
    code = (
        "import re, sys; from archcalc.cli import application;"
        "application()(sys.argv[1:], standalone_mode=False);"
        "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    side = f"3a.#3x3=1:{points // 10**6}"
    varied = ["--vary", side, "--vary", "3b.#3x3=1:1000", "--vary", "4a.#3x3=1:1000"]
    options = ["--top", "10", "--by", "macs"]
    command = [sys.executable, "-c", code, "sweep", "googlenet", *varied, *options]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return int(answer.split()[-1])


if __name__ == "__main__":
    by_fvcore, by_flop_counter = peers()
    alone = {
        "ten widths": calculator(range(224, 225)),
        "ten widths and any input": calculator(range(224, 513)),
    }
    asked = {
        "10 widths": (CELLS, {}),
        "10 widths, --where 'macs<1.5G and params<7M'": (CELLS, {"where": "macs<1.5G and params<7M"}),
        "10 widths, --pareto params,macs": (CELLS, {"pareto": "params,macs"}),
        "10 widths, --top 100 --by macs": (CELLS, {"top": 100, "by": "macs"}),
        "the input and 9 widths": (SPREAD, {}),
    }
    swept = {what: sweep(names, **options) for what, (names, options) in asked.items()}  # type: ignore[arg-type]
    lines = [
        Line("fvcore, one at a time", f"{by_fvcore:,.1f}", "", f"{by_fvcore / by_flop_counter:,.2f}"),
        Line("FlopCounterMode on meta, one at a time", f"{by_flop_counter:,.1f}", "", "1"),
    ]
    for what, found in alone.items():
        times, met = found / by_flop_counter, found >= ALONE_PER_SECOND
        goal = f"{ALONE_PER_SECOND:,}"
        lines.append(Line(f"one at a time: {what}", f"{found:,.0f}", "", f"{times:,.0f}", goal, met))
    for what, (found, calls) in swept.items():
        times = found / by_flop_counter
        met = found >= PER_SECOND and times >= TIMES_FLOP_COUNTER
        goal = f"{PER_SECOND:,} and {TIMES_FLOP_COUNTER:,} times"
        lines.append(Line(f"sweep: {what}", f"{found:,.0f}", f"{calls}", f"{times:,.0f}", goal, met))
    title = f"GoogLeNets a second on one core; sweeps of {POINTS:,} points"
    show(title, ("counted by", "a second", "numpy calls", "times FlopCounterMode"), lines)
    small, large = peak(10**6), peak(MOST)
    line = Line(
        f"peak memory, 10^6 and {MOST:,} points", f"{small / 1024:,.0f} MiB", f"{large / 1024:,.0f} MiB",
        f"{large / small:.2f}", f"below {FLAT}", large / small < FLAT,
    )  # fmt: skip
    show("Memory", ("measured", "10^6", "10^8", "ratio"), [line])
