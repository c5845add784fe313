"""Files appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from archcalc.errors import OutputError


def write(path: Path, text: str) -> None:
    """Write a text file, replacing what is there. Raises OutputError, leaving nothing half-written."""
    write_all({path: text})


def write_all(texts: Mapping[Path, str]) -> None:
    """Write several text files; none is replaced before all have been written beside their places.

    Raises OutputError.
    """
    waiting: dict[Path, str] = {}
    path = Path()
    try:
        for path, text in texts.items():
            waiting[path] = _beside(path, text)
        for path, temporary in list(waiting.items()):
            os.replace(temporary, path)
            del waiting[path]
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(path, error)}") from error
    finally:
        for temporary in waiting.values():
            os.unlink(temporary)


def make_folder(path: Path) -> None:
    """Make a folder if it is not there; its parent must be. Raises OutputError."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(path, error)}") from error


def _beside(path: Path, text: str) -> str:
    """A temporary file in the same folder that holds the text."""
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _reason(path: Path, error: OSError) -> str:
    if not path.parent.is_dir():
        return f"the folder '{path.parent}' does not exist"
    return error.strerror or type(error).__name__
