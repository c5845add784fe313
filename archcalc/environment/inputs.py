"""No output replaces an input: which files a command reads, and which it is to write.

Whoever reads a file notes it here, and whoever is to write one asks here. A file that is both is refused,
however it is spelled: a link, a hard link and another case of the name are the same file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from archcalc.errors import UsageError

PACKAGE = Path(__file__).parents[1]
STDIN, STDOUT = Path("/dev/stdin"), Path("/dev/stdout")
"""The files that stand for the streams: they lead to the file that a shell redirects."""

_inputs: set[str] = set()
_outputs: list[Path] = []


def note(path: Path) -> None:
    """Note a file that is about to be read. Raises UsageError where it is to be written too."""
    read = os.path.abspath(path)
    _inputs.add(read)
    for output in filter(_is_file, _outputs):
        _require_another(output, read)


@contextmanager
def kept_from(*outputs: Path) -> Iterator[None]:
    """While this lasts, a file that is one of these outputs, or that stdout goes to, cannot be read.

    Raises UsageError where two outputs are one file, or one is an input already.
    """
    for one, other in combinations(outputs, 2):
        if os.path.realpath(one) == os.path.realpath(other) or (_is_file(one) and _is_same(one, other)):
            raise UsageError(f"'{one}' and '{other}' are one file: give each output its own")
    for output in outputs:
        require_no_input(output)
    before = _outputs[:]
    _outputs.extend((*outputs, STDOUT))
    try:
        yield
    finally:
        _outputs[:] = before


def require_no_input(output: Path) -> None:
    """Raise UsageError where a file that is to be written has been read, or is part of archcalc."""
    if not _is_file(output):  # what is not there is no input, and a pipe or a device holds none
        return
    if Path(os.path.realpath(output)).is_relative_to(os.path.realpath(PACKAGE)):
        raise UsageError(f"'{output}' is a file of archcalc itself: no output replaces it")
    for read in _inputs:
        _require_another(output, read)


def _require_another(output: Path, read: str) -> None:
    """Raise UsageError where a file that is to be written is this one that is read."""
    if not _is_same(read, output):
        return
    if output == STDOUT:
        raise UsageError(f"standard output goes into '{read}', which is an input")
    also = "" if os.path.abspath(output) == read else f" '{read}' by another name"
    raise UsageError(f"'{output}' is the input{also}: no output replaces an input")


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _is_same(one: Path | str, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False
