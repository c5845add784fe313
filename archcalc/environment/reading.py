"""Documents are regular files of a bounded size: a pipe or a device could be read for ever."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from archcalc.errors import InputError, shortened

MEGABYTES = 10
"""The size of the largest document, in millions of bytes; the catalogue's largest has 6 thousand."""


def read(path: Path) -> bytes:
    """The bytes of a document. Raises InputError where it is no regular file, or too large, or not there."""
    most = MEGABYTES * 10**6
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{shortened(str(path))}: is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                f"{shortened(str(path))}: is not a regular file, but a pipe, a device or a socket"
            )
        with open(path, "rb") as opened:
            data = opened.read(most + 1)  # a file can grow while it is read
    except OSError as error:
        raise InputError(f"{shortened(str(path))}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL byte in its name
        raise InputError(f"{shortened(str(path))}: cannot be read: {error}") from error
    if len(data) > most:
        raise InputError(
            f"{shortened(str(path))}: is larger than {MEGABYTES} MB, the most that a document can have"
        )
    return data
