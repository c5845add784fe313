"""The cache of the catalogue's documents: never trusted where it could be wrong, never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archcalc.environment.inputs import PACKAGE
from archcalc.notation import kept, reader
from archcalc.notation.reader import read

CATALOGUE = [*(PACKAGE / "networks").glob("*.md"), *(PACKAGE / "blocks").glob("*.md")]
GOOGLENET = PACKAGE / "networks" / "googlenet.md"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("ARCHCALC_CACHE", str(folder))
    return folder


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.name)
def test_a_document_from_the_cache_is_the_document(path: Path, cache: Path) -> None:
    assert kept.document(path) is None
    first = read(path)
    assert kept.document(path) == first == read(path)
    assert len(list(cache.iterdir())) == 1


def test_a_document_from_the_cache_needs_no_markdown(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(GOOGLENET)
    monkeypatch.setattr(reader, "_markdown", lambda: pytest.fail("Markdown was read"))
    assert read(GOOGLENET) == first


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one network, so that its document can be changed."""
    (tmp_path / "networks").mkdir()
    path = tmp_path / "networks" / "googlenet.md"
    path.write_bytes(GOOGLENET.read_bytes())
    monkeypatch.setattr(kept, "PACKAGE", tmp_path)
    return path


def test_a_changed_document_is_read_anew_whatever_its_time(cache: Path, package: Path) -> None:
    before, status = read(package), package.stat()
    package.write_bytes(package.read_bytes().replace(b"| 128 ", b"| 129 ", 1))
    os.utime(package, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert package.stat().st_size == status.st_size
    assert kept.document(package) is None
    assert read(package) != before


def test_other_code_reads_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(GOOGLENET)
    monkeypatch.setattr(kept, "_reader", lambda: b"another version")
    assert kept.document(GOOGLENET) is None


BROKEN = [
    b"",
    b"null",
    b"[]",
    b'["x", [[], [], [], [], [], [], []]]',
    b"\xff\xfe",
    b"[" * 100_000,
    b"1" * 10_000,
    b"0" * (kept.LARGEST + 1),
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_cache_is_ignored_and_mended(data: bytes, cache: Path) -> None:
    first = read(GOOGLENET)
    (file,) = cache.iterdir()
    right = file.read_bytes()
    file.write_bytes(data)
    assert kept.document(GOOGLENET) is None
    assert read(GOOGLENET) == first
    assert file.read_bytes() == right


SAID: list[object] = [
    None, 7, "", [], [[]] * 7, [[]] * 9, [[[1, "x", 2]], *[[]] * 7], [[], [["x", "y"]], *[[]] * 6],
    [[], [], [], [[["type"], 1, "", [[2, "conv", [3, ""]]]]], [], [], [], []], [*[[]] * 7, [1]],
    [[], [], [], [[["type"], 1, "", [[2, "conv", ["x", ""], ["y", ""]]]]], [], [], [], []],
]  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_data_of_another_form_is_ignored_though_its_key_is_right(said: object, cache: Path) -> None:
    first = read(GOOGLENET)
    (file,) = cache.iterdir()
    key, _ = json.loads(file.read_bytes())
    file.write_text(json.dumps([key, said]), encoding="utf-8")
    assert kept.document(GOOGLENET) is None
    assert read(GOOGLENET) == first


def test_what_is_no_file_of_the_users_own_is_ignored(cache: Path) -> None:
    first = read(GOOGLENET)
    (file,) = cache.iterdir()
    file.chmod(0o666)
    assert kept.document(GOOGLENET) is None
    file.unlink()
    os.mkfifo(file)
    assert read(GOOGLENET) == first
    file.unlink()
    file.mkdir()
    assert read(GOOGLENET) == first


@pytest.mark.parametrize("named", ["", "/dev/null/cache", "a relative path", "/proc/nowhere"])
def test_without_a_place_nothing_is_kept(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHCALC_CACHE", named)
    assert read(GOOGLENET) == read(GOOGLENET)
    assert list(tmp_path.iterdir()) == []


def test_a_document_of_the_users_own_is_never_kept(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_bytes(GOOGLENET.read_bytes())
    read(path)
    assert not cache.exists()


def test_by_default_the_cache_is_in_the_users_own_folder(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "ARCHCALC_CACHE"}
    environment["XDG_CACHE_HOME"] = str(tmp_path)
    run = "import archcalc; archcalc.load('googlenet')"
    subprocess.run([sys.executable, "-c", run], env=environment, check=True)
    assert (tmp_path / "archcalc" / "networks-googlenet.json").is_file()
    assert (tmp_path / "archcalc").stat().st_mode & 0o777 == 0o700
