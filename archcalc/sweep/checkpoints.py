"""The parts of a sweep on disk: a folder beside the output, one file a finished block.

A part is written beside its place and renamed when it is whole, so that whatever ends a sweep leaves whole
parts behind. `sweep.json` in the folder says which sweep they belong to.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy

from archcalc.errors import InputError, OutputError, UsageError
from archcalc.sweep.run import Part, Summary

NAME = "sweep.json"


def folder_of(output: Path) -> Path:
    """Where the parts of an output are kept."""
    return output.with_name(output.name + ".parts")


class Folder:
    """The parts of one sweep, in the folder beside its output.

    `statement` says what the sweep is. Raises UsageError where the folder holds parts and `resume` was not
    asked for, or holds those of another sweep; OutputError where it cannot be made or written.
    """

    def __init__(self, output: Path, statement: Mapping[str, Any], resume: bool) -> None:
        self.path = folder_of(output)
        self._statement = dict(statement)
        self._count = int(statement["blocks"])
        if self.path.exists():
            self._require_same(resume, output)
        with writing(output):
            if output.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self.path.mkdir(exist_ok=True)
            self._put(NAME, lambda file: file.write(json.dumps(self._statement, indent=1).encode()))

    def _require_same(self, resume: bool, output: Path) -> None:
        if not resume:
            raise UsageError(
                f"'{self.path}' holds an unfinished sweep: --resume continues it; "
                "remove that folder to begin anew"
            )
        try:
            before = json.loads((self.path / NAME).read_text())
        except (OSError, ValueError):
            if any(self.path.glob("*.npz")):
                raise InputError(f"'{self.path / NAME}' cannot be read: which sweep is that?") from None
            return
        for key, value in self._statement.items():
            if before.get(key) != value:
                raise UsageError(
                    f"'{self.path}' holds another sweep, which differs in {key} "
                    f"({before.get(key)} there, {value} here)"
                )

    def done(self, number: int) -> bool:
        """Whether this block's part is there, and whole."""
        if not self._file(number).exists():
            return False
        try:
            self._load(number)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return False
        return True

    def add(self, number: int, part: Part) -> None:
        """Write a part. Raises OutputError."""
        summary = part.summary
        arrays: dict[str, Any] = {f"point {name}": column for name, column in part.points.items()}
        arrays["counts"] = numpy.array([summary.points, summary.buildable, summary.kept])
        arrays["reasons"], arrays["examples"] = summary.reasons, summary.examples
        with writing(self._file(number)):
            self._put(self._file(number).name, lambda file: numpy.savez(file, **arrays))

    def parts(self) -> Iterator[Part]:
        """All parts, one in memory at a time."""
        return map(self._load, range(self._count))

    def temporary(self, name: str) -> Path:
        """A place in the folder where an output can be written before it is renamed."""
        return self.path / f"whole{name}"

    def remove(self) -> None:
        """Remove the folder, when the output is whole."""
        shutil.rmtree(self.path)

    def _file(self, number: int) -> Path:
        return self.path / f"{number:06d}.npz"

    def _load(self, number: int) -> Part:
        with open(self._file(number), "rb") as file, numpy.load(file, allow_pickle=False) as arrays:
            points = {
                name.removeprefix("point "): arrays[name]
                for name in arrays.files
                if name.startswith("point ")
            }
            count, buildable, kept = (int(each) for each in arrays["counts"])
            return Part(points, Summary(count, buildable, kept, arrays["reasons"], arrays["examples"]))

    def _put(self, name: str, write: Any) -> None:
        temporary = self.path / f"{name}.{os.getpid()}"
        try:
            with open(temporary, "wb") as file:
                write(file)
            os.replace(temporary, self.path / name)
        finally:
            temporary.unlink(missing_ok=True)


class writing:
    """While this lasts, an error of the file system is an OutputError that names a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            where = self.path.parent
            reason = error.strerror or str(error)
            if not where.exists():
                reason = f"the folder '{where}' does not exist"
            raise OutputError(f"{self.path}: cannot be written: {reason}") from error
