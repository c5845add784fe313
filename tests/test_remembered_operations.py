"""A check runs an operation of torch once for the same sizes, and counts as if it ran each time."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from archcalc import witnesses
from archcalc.check.agreement import check_graph
from archcalc.graph import Graph
from archcalc.ops.conv import Conv
from archcalc.sizes import Shape
from archcalc.torch_module import build
from archcalc.witnesses._remembered import Remembered


class Runs(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not annotate its modes
    """How often each operation is run beneath the modes that are entered later."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.counts[str(func)] += 1
        return func(*args, **(kwargs or {}))


def chain(steps: int) -> Graph:
    graph = Graph({"input": Shape((9, 9), 4)})
    last, conv = "input", Conv(kernel=(3, 3), stride=(1, 1), channels=4)
    for number in range(steps):
        last = graph.add(f"step{number}", conv, last)
    graph.outputs = (last,)
    return graph


@pytest.mark.parametrize("witness", witnesses.witnesses())
def test_equal_layers_are_computed_once(witness: str) -> None:
    computed = []
    for steps in (3, 40):
        graph = chain(steps)
        model = build(graph, "meta").eval()
        with Runs() as runs:
            witnesses.witnesses()[witness].measure(graph, model)
        computed.append({name: count for name, count in runs.counts.items() if "conv" in name})
    assert computed[0]
    assert computed[0] == computed[1]


@pytest.mark.parametrize("steps", [1, 40])
def test_each_of_equal_layers_is_counted(steps: int) -> None:
    check = check_graph("chain", chain(steps))
    assert check.agrees
    assert {each.witness: each.macs for each in check.testimonies} == {
        "flop_counter": steps * 81 * 9 * 4 * 4,
        "fvcore": steps * 81 * 9 * 4 * 4,
        "tensors": None,
    }


def test_a_product_that_is_not_run_again_counts_again() -> None:
    counter = FlopCounterMode(display=False)
    remembered = Remembered(counter.get_total_flops)
    left, right = torch.zeros(2, 3), torch.zeros(3, 5)
    with counter, remembered:
        shapes = [(left @ right).shape for _ in range(4)]
    assert set(shapes) == {(2, 5)}
    assert counter.get_total_flops() == 2 * 2 * 3 * 5
    assert remembered.counted == 4 * 2 * 2 * 3 * 5


def test_other_sizes_strides_types_and_options_are_other_operations() -> None:
    x = torch.zeros(2, 3)
    with Remembered():
        assert x.sum(0).shape == (3,)
        assert x.sum(1).shape == (2,)
        assert x.sum(1, keepdim=True).shape == (2, 1)
        assert (x + x).stride() == (3, 1)
        assert (x.t() + x.t()).stride() == (1, 3)
        assert (x.double() + x.double()).dtype == torch.float64


@pytest.mark.parametrize(
    "reads",
    [lambda x: x.add_(1).sum().item(), lambda x: x.view(3, 2)[0, 0].item()],
    ids=["a tensor in its place", "a view"],
)
def test_a_number_that_is_read_is_run_each_time(reads: Callable[[torch.Tensor], float]) -> None:
    with Remembered():
        assert isinstance(reads(torch.zeros(2, 3)), float)


def test_whole_numbers_keep_their_content() -> None:
    """torch's tracer computes with sizes in such tensors."""
    with Remembered():
        size = torch.tensor(7)
        assert [int(size + 1), int(size + 1)] == [8, 8]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_check_leaves_the_garbage_collector_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        check_graph("chain", chain(2))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
