"""Documents are regular files of a bounded size: a pipe or a device could be read for ever."""

from __future__ import annotations

import os
import stat
import sys
from functools import cache
from pathlib import Path

from archcalc.errors import InputError, shortened

MEGABYTES = 10
"""The size of the largest document, in millions of bytes; the catalogue's largest has 6 thousand."""
MOST = MEGABYTES * 10**6


def read(path: Path) -> bytes:
    """The bytes of a document. Raises InputError where it is no regular file, or too large, or not there."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{shortened(str(path))}: is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                f"{shortened(str(path))}: is not a regular file, but a pipe, a device or a socket"
            )
        with open(path, "rb") as opened:
            data = opened.read(MOST + 1)  # a file can grow while it is read
    except OSError as error:
        raise InputError(f"{shortened(str(path))}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL byte in its name
        raise InputError(f"{shortened(str(path))}: cannot be read: {error}") from error
    return _bounded(str(path), data)


@cache  # it can be read once, and be asked for by two commands' names
def stdin() -> bytes:
    """The bytes of a document on stdin. Raises InputError where it is closed, or too large."""
    if sys.stdin is None:
        raise InputError("standard input is closed, and '-' reads a document there")
    try:
        return _bounded("stdin", sys.stdin.buffer.read(MOST + 1))
    except OSError as error:
        raise InputError(f"stdin: cannot be read: {error.strerror}") from error


def _bounded(name: str, data: bytes) -> bytes:
    if len(data) > MOST:
        raise InputError(
            f"{shortened(name)}: is larger than {MEGABYTES} MB, the most that a document can have"
        )
    return data
