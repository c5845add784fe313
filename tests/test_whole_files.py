"""A file that a command writes appears whole or not at all, in the format of its ending."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests._cli import Answer, archcalc, run


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("missing/table.csv", "the folder 'missing' does not exist"),
        ("folder.csv", "it is a folder"),
        ("file/table.csv", "'file' is not a folder"),
        ("x" * 300 + ".csv", "File name too long"),
    ],
    ids=["folder-missing", "onto-a-folder", "under-a-file", "name-too-long"],
)
def test_an_output_that_cannot_be_written(
    output: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.csv").mkdir()
    Path("file").write_text("kept")
    fact = f"archcalc: {output}: cannot be written: {reason}\n"
    assert archcalc("table", "googlenet", "-o", output) == Answer(3, "", fact)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder.csv"]
    assert Path("file").read_text() == "kept"


@pytest.mark.parametrize("existing", [True, False], ids=["replacing", "new"])
def test_a_full_disk_leaves_the_old_file_whole(existing: bool, tmp_path: Path) -> None:
    import resource  # no file may grow beyond 1000 bytes, as on a disk that is full

    if existing:
        (tmp_path / "out.csv").write_text("old\n")
    done = run(
        "table", "googlenet", "-o", "out.csv", cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        env={"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    fact = "archcalc: out.csv: cannot be written: File too large\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", fact)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old\n"] * existing


def test_a_rename_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "out.csv").write_text("old\n")
    monkeypatch.setattr(os, "replace", refuse)
    answer = archcalc("table", "googlenet", "-o", str(tmp_path / "out.csv"))
    assert answer.err == f"archcalc: {tmp_path / 'out.csv'}: cannot be written: Permission denied\n"
    assert answer.code == 3
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old\n"]


def test_an_output_keeps_links_modes_and_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kept.csv").write_text("old\n")
    Path("kept.csv").chmod(0o640)
    Path("link.csv").symlink_to("kept.csv")
    assert archcalc("table", "googlenet", "-o", "link.csv").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("kept.csv").read_text() == archcalc("table", "googlenet", "--format", "csv").out
    assert Path("kept.csv").stat().st_mode & 0o777 == 0o640
    os.mkfifo("pipe.csv")
    with subprocess.Popen(["cat", "pipe.csv"], stdout=subprocess.PIPE, text=True) as reader:
        assert archcalc("table", "googlenet", "-o", "pipe.csv").code == 0
        assert reader.communicate()[0] == Path("kept.csv").read_text()
    assert Path("pipe.csv").is_fifo()


@pytest.mark.parametrize(
    ("ending", "format_name"),
    [
        ("csv", "csv"),
        ("md", "markdown"),
        ("json", "json"),
        ("tex", "latex"),
        ("html", "html"),
        ("txt", "terminal"),
    ],
)
def test_the_ending_of_an_output_chooses_its_format(ending: str, format_name: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{ending}"
    assert archcalc("table", "googlenet", "-o", str(path)) == Answer(0, "", "")
    assert path.read_text() == archcalc("table", "googlenet", "--format", format_name).out


def test_a_format_that_is_named_beats_the_ending(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert archcalc("table", "googlenet", "-o", str(path), "--format", "json").code == 0
    assert path.read_text().startswith("{")


@pytest.mark.parametrize(
    ("folder", "reason"),
    [("missing/reports", "the folder 'missing' does not exist"), ("file", "File exists")],
)
def test_a_folder_of_reports_that_cannot_be_made(
    folder: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("kept")
    fact = f"archcalc: {folder}: cannot be written: {reason}\n"
    assert archcalc("report", "naive-vs-v1", "-o", folder) == Answer(3, "", fact)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
