"""stdout and stderr when they are full or closed: the first is an error, the second changes no answer."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO, cast

from archcalc.errors import OutputError


def guard() -> None:
    """Let complaints that cannot be written be lost, and a stdout that is closed refuse what is written."""
    sys.stderr = cast(TextIO, _Lossy(sys.stderr))
    if sys.stdout is None:
        sys.stdout = _Closed()


def write(text: str = "") -> None:
    """Write to stdout, with what already waits there. A reader that has left (`| head -1`) is no error.

    Raises OutputError.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        _lost(error)
    except OSError as error:
        raise _lost(error) from error


def _lost(error: OSError) -> OutputError:
    """What to say of a stdout that cannot be written; nothing more is written to it."""
    if isinstance(sys.stdout, _Closed):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 -- it is open until the end
        return OutputError("standard output is closed")
    # Python would complain again when it flushes stdout on its way out.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OutputError(f"standard output: cannot be written: {error.strerror}")


class _Lossy:
    """A stream that loses what it cannot write; one that is not there loses everything."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or io.StringIO()

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _Closed(io.StringIO):
    """A stdout that is closed: it takes what is written, and cannot pass it on."""

    def flush(self) -> None:
        if self.tell():
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
