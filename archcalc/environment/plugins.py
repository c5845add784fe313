"""What goes wrong inside a file that a user added is said in one line that names the file.

Such a file can raise anything, leave Python (`SystemExit`) or recurse without end. Only the code that calls
it can tell its faults from archcalc's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from archcalc.errors import ArchcalcError, PluginError, shortened

OUTSIDE = "archcalc_path."
"""What the names of modules begin with that come from a folder of ARCHCALC_PATH."""


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
        raise PluginError(f"{module.__file__}: {what} fails: {said(error)}") from error


def complete(module: ModuleType, kind: str, texts: tuple[str, ...], function: str) -> None:
    """Refuse a module of ARCHCALC_PATH that lacks a text or the function that its kind needs."""
    if not is_outside(module.__name__):
        return
    for name in texts:
        if not isinstance(getattr(module, name, None), str):
            raise PluginError(f"{module.__file__}: {kind} states its {name}, a text, and this one does not")
    if not callable(getattr(module, function, None)):
        raise PluginError(f"{module.__file__}: {kind} has a function '{function}', and this one has none")
