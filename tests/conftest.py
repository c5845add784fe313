"""What all tests share: golden files, and the flag that writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # a worker a core: torch's own threads would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

os.environ.setdefault("ARCHCALC_CACHE", "")  # no test reads what another run has kept

collect_ignore_glob = ["golden/*"]  # some of it is Python that a report wrote

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name, or write it with --refresh-golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--refresh-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"{path.name} is missing; write it with --refresh-golden"
        assert text == path.read_bytes().decode()

    return compare
