"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from archcalc.environment import inputs
from archcalc.errors import OutputError


def write(path: Path, text: str) -> None:
    """Write a text file, replacing what is there. Raises OutputError, leaving nothing half-written."""
    write_all({path: text})


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file of bytes, replacing what is there. Raises OutputError, leaving nothing half-written."""
    write_all({path: data})


def write_all(texts: Mapping[Path, str | bytes]) -> None:
    """Write several files; none is replaced before all have been written beside their places.

    Raises OutputError, and UsageError where one of them is an input.
    """
    for path in texts:
        inputs.require_no_input(path)
    waiting: dict[Path, str] = {}
    path = Path()
    try:
        for path, text in texts.items():
            if _is_stream(path):
                _put(path, text)
            else:
                waiting[path] = _beside(path, text)
        for path, temporary in list(waiting.items()):
            os.replace(temporary, place_of(path))
            del waiting[path]
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(path, error)}") from error
    finally:
        for temporary in waiting.values():
            os.unlink(temporary)


def place_of(path: Path) -> str:
    """Where a file is written: a link stays, and leads to it. Raises OSError where links lead in a circle."""
    place = os.path.realpath(path)
    if os.path.islink(place):
        raise OSError(errno.ELOOP, "its links lead in a circle")
    return place


def require_place(path: Path, beside: str = "") -> None:
    """Raise OutputError where no file can have this path; `beside` is what the name of its helper ends in."""
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(None, "it is a folder")
        os.lstat(place_of(path) + beside)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(path, error)}") from error


def make_folder(path: Path) -> None:
    """Make a folder if it is not there; its parent must be. Raises OutputError."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(path, error)}") from error


def _is_stream(path: Path) -> bool:
    """Whether this is a device or a pipe, which is written to and must not be replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _beside(path: Path, text: str | bytes) -> str:
    """A temporary file in the same folder that holds the text, or the bytes."""
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    descriptor, temporary = tempfile.mkstemp(prefix=".archcalc-", dir=os.path.dirname(place_of(path)))
    try:
        _put(descriptor, text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _put(file: Path | int, text: str | bytes) -> None:
    # A file's name may hold bytes that are no text, and stand in the caption.
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    with open(file, "wb") as opened:
        opened.write(data)
        opened.flush()
        if isinstance(file, int):
            os.fsync(file)


def _reason(path: Path, error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
        return error.strerror or os.strerror(error.errno)
    if not path.parent.exists():
        return f"the folder '{path.parent}' does not exist"
    if not path.parent.is_dir():
        return f"'{path.parent}' is not a folder"
    return error.strerror or type(error).__name__
