"""A claimed number is traced to the ways of counting that give it, the plainest first."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.claims import judge
from archcalc.departures.counted import MOST, counted
from archcalc.errors import UsageError
from archcalc.reconciliation.search import SHOWN
from archcalc.report import format_names
from archcalc.sources.paper import load
from tests._cli import archcalc as run
from tests._cli import rows
from tests._reconciled import first

# The answers that people look for. The numbers are torchvision's own (its models, counted tensor by tensor)
# and those of Table 1 added up by hand.


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param("7.0M", ("googlenet", "params", "", "6998552", "0"), id="at face value"),
        pytest.param("6.6M", ("googlenet-torchvision", "params", "", "6624904", "1"), id="as torchvision"),
        pytest.param(
            "13M", ("googlenet", "params", "with all side chains", "13378280", "1"), id="with side chains"
        ),
        pytest.param(
            "6.8M",
            ("googlenet", "params", "the printed column added up", "6797700", "1"),
            id="the paper's column",
        ),
    ],
)
def test_googlenets_sizes(claim: str, expected: tuple[str, ...]) -> None:
    found = first(claim, "googlenet")
    names = ("network", "quantity", "how", "value", "departures")
    assert tuple(found[name] for name in names) == expected
    assert found["fit"] == "agrees"


def test_torchvisions_side_chains_are_thirteen_million_too() -> None:
    values = {(row["network"], row["value"]) for row in rows("reconcile", "13M", "googlenet")}
    assert ("googlenet-torchvision", "13004888") in values


def test_no_plain_way_of_counting_gives_googlenet_five_million() -> None:
    found = rows("reconcile", "5M", "googlenet")
    assert all(int(row["departures"]) >= 2 for row in found)
    assert "5M (Szegedy et al. 2015)" in run("reconcile", "5M", "googlenet").out


def test_vgg_against_googlenet() -> None:
    """27 times is of the 5 million that are quoted, cut; by count it is 19.8."""
    answer = run("reconcile", "27x", "vgg16", "googlenet").out
    best = first("27x", "vgg16", "googlenet")
    assert best["fit"] == "truncated"
    assert best["how"] == "googlenet: quoted 5M (Szegedy et al. 2015)"
    assert best["arithmetic"] == "138,357,544 / 5,000,000"
    assert "vgg16 / googlenet at 224x224x3 is 19.77 by params" in answer
    assert first("19.8x", "vgg16", "googlenet")["departures"] == "0"


def test_alexnet_has_twelve_times_the_parameters_that_are_quoted() -> None:
    best = first("12x", "alexnet", "googlenet")
    assert (best["fit"], best["arithmetic"]) == ("agrees", "60,965,224 / 5,000,000")


def test_alexnets_sixty_million_are_cut() -> None:
    best = first("60M", "alexnet")
    assert (best["fit"], best["value"], best["how"]) == ("truncated", "60965224", "")


def test_a_convolution_counted_twice() -> None:
    best = first("358M", "naive-vs-v1", "--input", "28x28x256")
    assert best["network"] == "naive-vs-v1: v1"
    assert best["how"] == "inception_v1.branch2.conv3x3 counted twice"
    assert best["arithmetic"] == "271,351,808 + 86,704,128"
    assert int(best["value"]) == 28 * 28 * (346_112 + 9 * 64 * 192)


def test_googlenets_family_is_searched_within_a_second() -> None:
    network = load("googlenet")
    start = time.process_time()
    archcalc.reconcile("5M", network.key)
    assert time.process_time() - start < 2  # a second, on a machine that is busy


# Laws.
DRAWN = """---
input: 9x7x3
{every}
---

```blocks
stage = conv {{kernel}} {{width}}
```

| type  | kernel | width |
|-------|--------|-------|
{stages}

## heads: from stage

| type  | kernel | width |
|-------|--------|-------|
| stage | 1x1    | 7     |
"""


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kernels=st.lists(st.sampled_from(["1x1", "3x3", "5x5/2"]), min_size=1, max_size=4),
    every=st.sampled_from(["every conv: relu", "every conv: no bias -> batch norm -> relu"]),
    data=st.data(),
)
def test_a_claim_made_from_any_reading_is_found(
    tmp_path: Path, kernels: list[str], every: str, data: st.DataObject
) -> None:
    stages = [f"| stage | {kernel} | {data.draw(st.integers(2, 40))} |" for kernel in kernels]
    path = tmp_path / "drawn.md"
    path.write_text(DRAWN.format(every=every, stages="\n".join(stages)))
    network = load(str(path))
    reading = data.draw(st.sampled_from([each for each in counted(network, None) if each.value > 0]))
    report = archcalc.reconcile(str(reading.value), str(path))
    found = [row for row in report.rows if row["value"] == reading.value and row["fit"] == "agrees"]
    assert found
    assert min(row["departures"] for row in found) <= reading.departures <= MOST


@pytest.mark.parametrize("claim", ["5M", "6.6M", "1.5B", "1,582,671,872", "2.7K", "300 million", "1.6e9"])
def test_every_fit_is_judged_right_and_in_order(claim: str) -> None:
    report = archcalc.reconcile(claim, "googlenet")
    assert len(report.rows) <= SHOWN
    departures = [row["departures"] for row in report.rows]
    if report.head["fitting"]:
        assert departures == sorted(departures)
    for row in report.rows:
        if " = 1,0" not in (row["how"] or ""):  # in units of 1000
            assert judge(claim, row["value"]).word == row["fit"]


def test_fitting_readings_are_counted_among_those_tried() -> None:
    head = archcalc.reconcile("5M", "googlenet").head
    assert 0 < head["fitting"] < head["tried"] / 10


# Formats.


@pytest.mark.parametrize("name", format_names())
def test_every_format(name: str) -> None:
    answer = run("reconcile", "6.6M", "googlenet", "--format", name)
    assert answer.code == 0
    assert "6,624,904" in answer.out or "6624904" in answer.out


def test_json_says_what_was_asked() -> None:
    answer = json.loads(run("reconcile", "6.6M", "googlenet", "--format", "json").out)
    assert (answer["claim"], answer["networks"], answer["input"]) == ("6.6M", ["googlenet"], None)
    assert answer["rows"][0]["value"] == 6_624_904
    assert answer["fitting"] >= len(answer["rows"]) == SHOWN


def test_a_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    assert run("reconcile", "13M", "googlenet", "-o", str(path)).out == ""
    assert "13,378,280" in path.read_text()


def test_in_python() -> None:
    assert archcalc.reconcile("7.0M", "googlenet").rows[0]["value"] == 6_998_552
    with pytest.raises(UsageError):
        archcalc.reconcile("much", "googlenet")
