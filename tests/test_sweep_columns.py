"""A column that has one number in all rows is varied as one: DenseNet's growth rate, against torchvision."""

from __future__ import annotations

import pytest
import torch
import torchvision

from tests._cli import archcalc, rows
from tests._reference import macs_of


def test_the_growth_rate_is_torchvisions() -> None:
    swept = rows("sweep", "densenet:121", "--vary", "k=8:24:8", "--vary", "input=64,96")
    assert [(row["k"], row["input"]) for row in swept] == [
        ("8", "64"), ("8", "96"), ("16", "64"), ("16", "96"), ("24", "64"), ("24", "96"),
    ]  # fmt: skip
    for row in swept:
        rate, size = int(row["k"]), int(row["input"])
        with torch.device("meta"):
            model = torchvision.models.DenseNet(rate, (6, 12, 24, 16), 2 * rate).eval()
        macs = macs_of(model, torch.empty(1, 3, size, size, device="meta"))
        params = sum(parameter.numel() for parameter in model.parameters())
        assert (row["params"], row["macs"]) == (str(params), str(macs))


@pytest.mark.parametrize(
    ("network", "varied", "said"),
    [
        (
            "vgg16",
            ["channels=1,2"],
            "the column 'channels' holds several numbers: name the cell of a row, such as 'stage 1.channels'",
        ),
        ("densenet:121", ["k=8,16", "Dense Block (1).k=8,16"], "--vary 'k' varies what another --vary does"),
        ("densenet:121", ["Dense Block (1).k=8,16", "k=8,16"], "--vary 'k' varies what another --vary does"),
    ],
)
def test_what_is_no_one_number_is_refused(network: str, varied: list[str], said: str) -> None:
    answer = archcalc("sweep", network, *(word for each in varied for word in ("--vary", each)))
    assert (answer.code, answer.out, answer.err) == (2, "", f"archcalc: {said}\n")


def test_the_shell_offers_the_column() -> None:
    from tests.test_completion import offered

    assert offered("archcalc sweep densenet:121 --vary k") == ["k="]
