"""The wheel: everything a user needs is in it, and a base install is light."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests._documents import ROOT

MOST = 20
"""How many packages a base install has at most, archcalc among them."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel of a clean checkout, in which nothing was built before."""
    checkout, site = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("site")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    shutil.copytree(ROOT / "archcalc", checkout / "archcalc", ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=checkout, check=True, capture_output=True)
    [built] = checkout.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(site)
    return site


def base_packages(wheel: Path) -> set[str]:
    """What the wheel requires without an extra, and what that requires in turn."""
    [archcalc] = distributions(path=[str(wheel)])
    found: set[str] = set()
    waiting = list(archcalc.requires or ())
    while waiting:
        requirement = Requirement(waiting.pop())
        holds = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if holds and requirement.name not in found:
            found.add(requirement.name)
            waiting += distribution(requirement.name).requires or ()
    return found


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    packed, there = (
        {str(path.relative_to(root)) for path in (root / "archcalc").rglob("*") if path.is_file()}
        for root in (wheel, ROOT)
    )
    assert packed == {name for name in there if "__pycache__" not in name}


def test_a_base_install_is_light(wheel: Path) -> None:
    packages = base_packages(wheel)
    assert len(packages) + 1 <= MOST, sorted(packages)
    assert f"{len(packages) + 1} packages, no torch" in (ROOT / "README.md").read_text()
    assert not packages & {"torch", "fvcore", "sympy", "pyarrow", "matplotlib", "dask", "distributed"}


def test_the_wheel_works_with_nothing_but_what_it_requires(wheel: Path, tmp_path: Path) -> None:
    """The packages of a base install are linked into a folder of their own: that needs no network."""
    for name in base_packages(wheel):
        package = distribution(name)
        for top in {path.parts[0] for path in package.files or ()} - {"..", "__pycache__"}:
            (tmp_path / top).symlink_to(str(package.locate_file(top)))
    answer = subprocess.run(
        [sys.executable, "-S", "-c", "from archcalc.cli import main; main()", "table", "googlenet"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{wheel}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "1,582,671,872" in answer.stdout
