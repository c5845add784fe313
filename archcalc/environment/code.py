"""Python code that a user names: imported by its module's name, or from its file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from archcalc.environment.plugins import OUTSIDE, located, said
from archcalc.errors import InputError, shortened


@contextmanager
def searched(folder: Path) -> Iterator[None]:
    """Let a folder's files be imported, as those beside a program are."""
    before = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = before


def imported(name: str) -> ModuleType:
    """The module of that name, of an installed package or of the working folder.

    Raises InputError where there is none, or where its code fails.

    >>> imported("json.decoder").__name__
    'json.decoder'
    """
    try:
        with searched(Path.cwd()):
            return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name != missing and not name.startswith(f"{missing}."):
            raise InputError(f"{shortened(name)}: cannot be imported: {said(error)}") from error
        top = missing.partition(".")[0]
        why = "it is not installed, and not in this folder" if missing == top else f"'{top}' has no such part"
        raise InputError(f"no Python module is called '{shortened(missing)}': {why}") from error
    except BaseException as error:
        raise InputError(f"{shortened(name)}: cannot be imported: {said(error)}") from error


def run(path: Path) -> ModuleType:
    """Run a Python file as a module. Raises InputError where it cannot be read, or where its code fails."""
    if not path.is_file():
        raise InputError(f"{shortened(str(path))}: there is no such file")
    unique = f"{OUTSIDE}models.{path.resolve()}"
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{shortened(str(path))}: is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module  # dataclasses look their module up by name while it is executed
    try:
        with searched(path.resolve().parent):
            spec.loader.exec_module(module)
    except BaseException as error:
        sys.modules.pop(unique, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise InputError(f"{located(error, str(path))}: cannot be imported: {said(error)}") from error
    return module
