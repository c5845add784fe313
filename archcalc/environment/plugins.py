"""What goes wrong inside a file that a user added is said in one line that names the file.

Such a file can raise anything, leave Python (`SystemExit`) or recurse without end. Only the code that calls
it can tell its faults from archcalc's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, TracebackType

from archcalc.errors import ArchcalcError, PluginError, shortened

OUTSIDE = "archcalc_path."
"""What the names of modules begin with that come from a folder of ARCHCALC_PATH."""


class BrokenForward(RuntimeError):
    """A forward pass broke off. In a check that is evidence, as if torch had refused it, and not the end."""


def is_outside(module: str) -> bool:
    """Whether a module of this name comes from a folder of ARCHCALC_PATH."""
    return module.startswith(OUTSIDE)


def said(error: BaseException) -> str:
    """The kind of an error and the first line of what it says, which may itself be broken."""
    try:
        text = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001 -- whatever a plugin's error raises when it is asked what it says
        text = ""
    return f"{type(error).__name__}: {shortened(text)}" if text else type(error).__name__


def located(error: BaseException, file: str) -> str:
    """A file with the line of it in which an error arose: the innermost that was running, if one was."""
    if isinstance(error, SyntaxError) and error.filename in (file, os.path.abspath(file)) and error.lineno:
        return f"{file}:{error.lineno}"
    whole = os.path.abspath(file)
    lines = [line for path, line, _ in _running(error.__traceback__) if os.path.abspath(path) == whole]
    return f"{file}:{lines[-1]}" if lines else file


def fault(error: BaseException, but: str = "") -> PluginError | None:
    """An error that arose while a line of a file of ARCHCALC_PATH was running, as that file's.

    None where no line was, or of the file `but` alone.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        outside = [each for each in _running(cause.__traceback__) if each[2] and each[0] != but]
        if outside:
            file, line, function = outside[-1]
            return PluginError(f"{file}:{line}: '{function}' fails: {said(cause)}")
        cause = cause.__cause__ or cause.__context__
    return None


def loaded() -> list[str]:
    """The files of ARCHCALC_PATH that were loaded."""
    folders = [
        os.path.abspath(each) for each in os.environ.get("ARCHCALC_PATH", "").split(os.pathsep) if each
    ]
    files = [str(module.__file__) for name, module in list(sys.modules.items()) if is_outside(name)]
    return [file for file in files if any(os.path.abspath(file).startswith(each) for each in folders)]


def _running(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    """The lines that were running, outermost first: file, line, and the function if the file is outside."""
    while trace is not None:
        code = trace.tb_frame.f_code
        outside = is_outside(str(trace.tb_frame.f_globals.get("__name__")))
        yield code.co_filename, trace.tb_lineno, code.co_name if outside else ""
        trace = trace.tb_next


@contextmanager
def blamed(module: ModuleType, what: str) -> Iterator[None]:
    """Run code of a module. Raises PluginError where a module of ARCHCALC_PATH fails; `what` is its part."""
    try:
        yield
    except (ArchcalcError, KeyboardInterrupt):
        raise
    except BaseException as error:
        if not is_outside(module.__name__):
            raise
        where = located(error, str(module.__file__))
        raise PluginError(f"{where}: {what} fails: {said(error)}") from error


def complete(module: ModuleType, kind: str, texts: tuple[str, ...], function: str) -> None:
    """Refuse a module of ARCHCALC_PATH that lacks a text or the function that its kind needs."""
    if not is_outside(module.__name__):
        return
    for name in texts:
        if not isinstance(getattr(module, name, None), str):
            raise PluginError(f"{module.__file__}: {kind} states its {name}, a text, and this one does not")
    if not callable(getattr(module, function, None)):
        raise PluginError(f"{module.__file__}: {kind} has a function '{function}', and this one has none")
