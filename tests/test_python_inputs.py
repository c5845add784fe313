"""An input in Python: as people write it, and what is none is answered with an example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest

import archcalc
from archcalc import Counting
from archcalc.errors import UsageError
from archcalc.sizes import Shape

NET: Any = archcalc.load("naive-vs-v1")
GOOGLENET: Any = archcalc.load("googlenet")
INPUTS = [
    "227x227x3",
    "227 x 227 x 3",
    "227,227,3",
    " 227, 227, 3 ",
    "227X227X3",
    "227x227x3".replace("x", "\N{MULTIPLICATION SIGN}"),
    "227x227",
    "227",
    227,
    numpy.int64(227),
    (227,),
    (227, 227),
    (227, 227, 3),
    [227, 227, 3],
    (numpy.int64(227), 227, 3),
    Shape((227, 227), 3),
]


@pytest.mark.parametrize("given", INPUTS, ids=repr)
def test_an_input_as_people_write_it(given: Any) -> None:
    expected = GOOGLENET.cost("227x227x3")
    assert expected.macs == 1599884032
    assert GOOGLENET.cost(given) == GOOGLENET.cost(input=given) == expected
    assert GOOGLENET.table(input=given).head["input"] == "227x227x3"
    assert GOOGLENET.formula(given).head["input"] == "227x227x3"
    assert archcalc.compare("googlenet", "googlenet-naive", input=given).head["input"] == "227x227x3"
    assert archcalc.reconcile("7M", "googlenet", input=given).head["input"] == "227x227x3"
    swept = GOOGLENET.sweep("batch=1:2", input=given).frame()
    assert swept["macs"].tolist() == [1599884032, 2 * 1599884032]


WRONG_INPUTS = [
    "", " ", "0x224x3", "-1x2x3", "1.5x2x3", "1x2x3x4x5", "2e2x3", "224x224x", "x", "224-224-3",
    0, -1, True, 2.5, (), [], (0, 1, 2), (1, 2, 3, 4, 5), ("a",), ("224", "224", "3"), (2.5, 2, 3),
    (True, 2, 3), (None,), {224}, {"H": 0}, b"224x224x3", Shape((0, 224), 3), Shape((-1, 2), 3),
    Shape(("a", 2), 3),  # type: ignore[arg-type]
    Shape((2.5, 2), 3), Shape((True, 2), 3), object,
]  # fmt: skip


@pytest.mark.parametrize("given", WRONG_INPUTS, ids=repr)
def test_what_is_no_input(given: Any) -> None:
    asked: list[Callable[..., Any]] = [
        GOOGLENET.graph,
        GOOGLENET.cost,
        GOOGLENET.check,
        GOOGLENET.torch_module,
        GOOGLENET.formula,
        GOOGLENET.sensitivity,
        lambda given: archcalc.reconcile("7M", "googlenet", input=given),
        Counting,
    ]
    for ask in asked:
        with pytest.raises(UsageError) as refused:
            ask(given)
        assert str(refused.value).startswith("an input is HxWxC with ")
        assert "such as 224x224x3" in str(refused.value) or "such as 32x32xC" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_long_input_is_quoted_in_short() -> None:
    with pytest.raises(UsageError) as refused:
        GOOGLENET.cost("9" * 5000)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("given", ["3x224x224", "3,231,231", (3, 224, 224), "3x9x9", Shape((3, 9), 9)])
def test_channels_first_is_answered_with_the_corrected_input(given: Any) -> None:
    with pytest.raises(UsageError, match=r"channels come last: .* did you mean \d+x\d+x3\?"):
        GOOGLENET.cost(given)


def test_channels_first_of_a_deep_map() -> None:
    with pytest.raises(UsageError, match=r"did you mean 32x32x256\?"):
        NET.cost("256x32x32")


def test_inputs_that_only_look_channels_first() -> None:
    assert NET.table(input="3x3x256").head["input"] == "3x3x256"
    assert NET.table(input="256x256x256").head["input"] == "256x256x256"
    assert archcalc.load("resnet18").table(input="3x40x3").head["input"] == "3x40x3"
