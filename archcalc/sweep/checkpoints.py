"""The parts of a sweep on disk: a folder beside the output, one file a finished block.

A part is written beside its place and renamed when it is whole, so that whatever ends a sweep leaves whole
parts behind. `sweep.json` in the folder says which sweep they belong to. Each part ends with a checksum of
that sweep, of its own number and of its bytes: a part that was shortened, or copied over another, is computed
again. One process at a time has the folder: the kernel holds its lock, and releases it when the process ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Self

import numpy

from archcalc.errors import InputError, OutputError, UsageError
from archcalc.sweep.run import BlockResult, Summary

NAME = "sweep.json"
LOCK = "lock"
OWN = re.compile(r"([0-9]{6,}\.npz|sweep\.json)(\.[0-9]+)?|lock|whole\.(csv|parquet)", re.ASCII)
"""The files that a sweep makes in its folder, and removes when its output is whole."""
LARGEST = 2**30
"""No part and no statement has as many bytes: what is larger is not read."""
QUOTED = 200
"""Characters that a message quotes of a value."""


def folder_of(output: Path) -> Path:
    """Where the parts of an output are kept."""
    return output.with_name(output.name + ".parts")


class Folder:
    """The parts of one sweep, in the folder beside its output, which is locked until the end of a `with`.

    `statement` says what the sweep is. Raises UsageError where the folder holds parts and `resume` was not
    asked for, or holds those of another sweep; InputError where another process has the folder, or it is a
    link or holds no readable statement; OutputError where it cannot be made or written.
    """

    def __init__(self, output: Path, statement: Mapping[str, object], resume: bool) -> None:
        self.path = folder_of(output)
        self._statement = dict(statement)
        self._count = int(str(statement["blocks"]))
        text = json.dumps(self._statement, indent=1)
        self._sweep = hashlib.sha256(text.encode()).digest()
        with writing(output):
            if output.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            if self.path.is_symlink():
                raise InputError(f"'{self.path}' is a link; a sweep needs a folder of its own there")
            new = _made(self.path)
            self._lock = _locked(self.path)
        try:
            if not new:
                self._require_same(resume)
            with writing(output):
                self._put(NAME, lambda file: file.write(text.encode()))
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._lock)

    def _require_same(self, resume: bool) -> None:
        """Refuse a folder whose parts are not wanted, or are of another sweep."""
        if not resume:
            raise UsageError(
                f"'{self.path}' holds an unfinished sweep: --resume continues it; "
                "remove that folder to begin anew"
            )
        if not (self.path / NAME).exists() and not any(self.path.glob("*.npz")):
            return  # what made the folder was ended before it wrote anything
        try:
            before = json.loads(_bytes_of(self.path / NAME))
        except (OSError, ValueError, RecursionError):
            before = None
        if not isinstance(before, dict):
            raise InputError(f"'{self.path / NAME}' does not say which sweep the folder belongs to")
        for key, value in self._statement.items():
            if before.get(key) != value:
                there, here = f"{before.get(key)}"[:QUOTED], f"{value}"[:QUOTED]
                raise UsageError(
                    f"'{self.path}' holds another sweep, which differs in {key} ({there} there, {here} here)"
                )

    def done(self, number: int) -> bool:
        """Whether this block's part is there, and is what was written."""
        try:
            self._payload(number)
        except (OSError, ValueError):
            return False
        return True

    def add(self, number: int, part: BlockResult) -> None:
        """Write a part. Raises OutputError."""
        summary = part.summary
        arrays: dict[str, Any] = {f"point {name}": column for name, column in part.points.items()}
        arrays["counts"] = numpy.array([summary.points, summary.buildable, summary.kept])
        arrays["reasons"], arrays["examples"] = summary.reasons, summary.examples
        held = io.BytesIO()
        numpy.savez(held, **arrays)
        payload = held.getvalue()
        with writing(self._file(number)):
            sealed = payload + self._checksum(number, payload)
            self._put(self._file(number).name, lambda file: file.write(sealed))

    def parts(self) -> Iterator[BlockResult]:
        """All parts, one in memory at a time. Raises InputError where one has changed meanwhile."""
        return map(self._load, range(self._count))

    def temporary(self, name: str) -> Path:
        """A place in the folder where an output can be written before it is renamed. Raises OutputError."""
        path = self.path / f"whole{name}"
        with writing(path):
            path.unlink(missing_ok=True)  # left by a sweep that was killed, or a pipe, which would not end
        return path

    def remove(self) -> None:
        """Remove what the sweep made, when the output is whole; the folder too if nothing else is in it."""
        with writing(self.path):
            for path in self.path.iterdir():
                if OWN.fullmatch(path.name):
                    path.unlink()
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def _file(self, number: int) -> Path:
        return self.path / f"{number:06d}.npz"

    def _checksum(self, number: int, payload: bytes) -> bytes:
        return hashlib.sha256(self._sweep + number.to_bytes(8) + payload).digest()

    def _payload(self, number: int) -> bytes:
        """A part's bytes. Raises OSError where it cannot be read, ValueError where it is not as written."""
        sealed = _bytes_of(self._file(number))
        size = len(self._sweep)
        if sealed[-size:] != self._checksum(number, sealed[:-size]):
            raise ValueError("it is not what was written")
        return sealed[:-size]

    def _load(self, number: int) -> BlockResult:
        try:
            payload = self._payload(number)
        except (OSError, ValueError) as error:
            raise InputError(
                f"'{self._file(number)}' was changed while the sweep ran: --resume computes it again"
            ) from error
        with numpy.load(io.BytesIO(payload), allow_pickle=False) as arrays:
            points = {
                name.removeprefix("point "): arrays[name]
                for name in arrays.files
                if name.startswith("point ")
            }
            count, buildable, kept = (int(each) for each in arrays["counts"])
            return BlockResult(points, Summary(count, buildable, kept, arrays["reasons"], arrays["examples"]))

    def _put(self, name: str, write: Callable[[IO[bytes]], object]) -> None:
        temporary = self.path / f"{name}.{os.getpid()}"
        temporary.unlink(missing_ok=True)
        try:
            with open(temporary, "xb") as file:
                write(file)
            os.replace(temporary, self.path / name)
        finally:
            temporary.unlink(missing_ok=True)


def _made(path: Path) -> bool:
    """Whether a folder had to be made. Raises OSError where it cannot be made."""
    try:
        path.mkdir()
    except FileExistsError:
        if not path.is_dir():
            raise
        return False
    return True


def _locked(path: Path) -> int:
    """The lock of a folder, as an open file. Raises InputError where another process holds it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    lock = os.open(path / LOCK, flags, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another sweep may have removed the folder between the two lines above.
        if not os.path.samestat(os.fstat(lock), os.stat(path / LOCK)):
            raise BlockingIOError
    except BlockingIOError:
        os.close(lock)
        raise InputError(
            f"another process sweeps into '{path}': wait until it ends, or name another output"
        ) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


def _bytes_of(path: Path) -> bytes:
    """What a regular file holds. Raises OSError for a pipe, which would not end, and for a huge file."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise OSError(f"{path} is not a file that a sweep wrote")
    return path.read_bytes()


class writing:
    """While this lasts, an error of the file system is an OutputError that names a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            where = self.path.parent
            reason = error.strerror or str(error)
            if not where.exists():
                reason = f"the folder '{where}' does not exist"
            raise OutputError(f"{self.path}: cannot be written: {reason}") from error
