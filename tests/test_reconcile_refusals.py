"""A question to `archcalc reconcile` that is none is answered in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests._cli import archcalc as run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["much", "googlenet"], "a claim is a number such as 6.8M", id="no number"),
        pytest.param(["x", "vgg16", "googlenet"], "a claim is a number", id="no ratio"),
        pytest.param(["5Mx", "vgg16", "googlenet"], "a claim is a number", id="a ratio of millions"),
        pytest.param(["5M"], "name one network", id="no network"),
        pytest.param(["5M", "vgg16", "googlenet"], "compared by a ratio", id="a number of two"),
        pytest.param(["27x", "googlenet"], "a ratio is that of two networks", id="a ratio of one"),
        pytest.param(["27x", "vgg16", "vgg11", "googlenet"], "name one network", id="three"),
        pytest.param(["5M", "googlenet", "--input", "big"], "an input is HxWxC", id="no input"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    answer = run("reconcile", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["5M", "googlenot"], "did you mean 'googlenet'", id="unknown network"),
        pytest.param(["5M", "googlenet", "--input", "8x8x3"], "at the input 8x8x3", id="too small"),
    ],
)
def test_bad_input(arguments: list[str], said: str) -> None:
    answer = run("reconcile", *arguments)
    assert (answer.code, answer.out) == (3, "")
    assert said in answer.err


def test_a_relative_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "googlenet-broken.md").write_text("no settings\n")
    monkeypatch.setenv("ARCHCALC_PATH", str(tmp_path))
    answer = run("reconcile", "7.0M", "googlenet")
    assert answer.code == 0
    assert "cannot be read: googlenet-broken" in answer.out


def test_a_network_of_which_nothing_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "nothing.md"
    path.write_text("---\ninput: 8\n---\n\n| type |\n|------|\n| flatten |\n")
    answer = run("reconcile", "5M", str(path))
    assert answer.code == 0
    assert "nothing fits of 0 numbers" in answer.out


def test_numbers_that_no_float_holds(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    kernel = "1" + "0" * 99
    path.write_text(f"---\ninput: {kernel}x{kernel}x{kernel}\n---\n\n| type |\n|---|\n| relu |\n")
    assert run("reconcile", "5M", str(path)).code == 0
    assert run("reconcile", "2x", str(path), str(path)).code == 0


@pytest.mark.parametrize("claim", ["9" * 5000, "0." + "1" * 5000, "9" * 5000 + "x", "9" * 5000 + " GMACs"])
def test_a_number_of_5000_digits(claim: str) -> None:
    answer = run("reconcile", claim, "googlenet")
    assert (answer.code, answer.out) == (2, "")
    assert "has at most 300 digits" in answer.err
    assert len(answer.err) < 320
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("asked", [["table"], ["audit"], ["reconcile", "5M"]], ids=" ".join)
def test_a_printed_number_of_5000_digits(asked: list[str], tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text(f"---\ninput: 8x8x3\n---\n\n| type | params |\n|---|---|\n| relu | {'9' * 5000} |\n")
    answer = run(*asked, str(path))
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(
        "archcalc: net.md:7, row 'relu', column 'params': a printed cell has at most 300"
    )
    assert len(answer.err) < 400
