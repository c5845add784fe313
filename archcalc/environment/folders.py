"""Where networks, blocks, operations, witnesses and report formats are found.

Each kind is a folder that is scanned: the package's own and the one of the same name in every folder
of ARCHCALC_PATH (separated as PATH is). A file whose name begins with `_` is a helper, not a member.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from archcalc.environment import inputs
from archcalc.environment.plugins import OUTSIDE, located, said
from archcalc.errors import InputError, PluginError

PACKAGE = inputs.PACKAGE


def folders(kind: str) -> list[Path]:
    """The folders of one kind ('networks', 'ops', ...), the package's own first."""
    outside = [Path(entry) for entry in os.environ.get("ARCHCALC_PATH", "").split(os.pathsep) if entry]
    all_of_kind = (PACKAGE / kind, *(entry / kind for entry in outside))
    return [folder for folder in all_of_kind if os.path.isdir(folder)]


def files(kind: str, *endings: str) -> dict[str, Path]:
    """The files of one kind by their name without its ending; a later folder replaces an earlier one."""
    found: dict[str, Path] = {}
    for folder in folders(kind):
        try:
            members = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise InputError(f"{folder}: cannot be read: {error.strerror}") from error
        for entry in members:  # every command lists several folders: a path is made for what fits alone
            stem, ending = os.path.splitext(entry.name)
            path = folder / entry.name if ending in endings else None
            if path and not stem.startswith(("_", ".")) and os.path.isfile(path):
                found[stem] = path
    return found


def modules(kind: str) -> Iterator[ModuleType]:
    """Import and yield every Python file of one kind."""
    for name, path in files(kind, ".py").items():
        yield _module(kind, name, path)


def module(kind: str, name: str) -> ModuleType | None:
    """Import one Python file of one kind; None where there is none of that name."""
    path = files(kind, ".py").get(name)
    return _module(kind, name, path) if path else None


def _module(kind: str, name: str, path: Path) -> ModuleType:
    if path.parent == PACKAGE / kind:
        return importlib.import_module(f"archcalc.{kind}.{name}")
    unique = f"{OUTSIDE}{kind}.{path.resolve()}"
    if unique in sys.modules:
        return sys.modules[unique]
    inputs.note(path)
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: cannot be imported")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[unique] = loaded  # dataclasses look their module up by name while it is executed
    try:
        spec.loader.exec_module(loaded)
    except BaseException as error:
        sys.modules.pop(unique, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise PluginError(f"{located(error, str(path))}: cannot be imported: {said(error)}") from error
    return loaded
