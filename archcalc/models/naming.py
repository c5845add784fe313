"""What a recorded call is called in a graph: the path of its module, and the row it stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archcalc.models.recorder import FunctionCall


class Names:
    """Names for calls: a module's path where that is its one call, else its function below it."""

    def __init__(self, calls: Sequence[FunctionCall]) -> None:
        runs = Counter((call.path, call.visit) for call in calls)
        several = {path for (path, _), count in runs.items() if count > 1}
        paths = {call.path for call in calls}
        inside = {prefix for path in paths for prefix in _prefixes(path)}
        self._shared = several | inside | {""}
        self._stages = inside | (several - {""})

    def of(self, call: FunctionCall) -> str:
        """The name of a call; calls that do not differ by it have the same."""
        return self.beside(call, call.function.strip("_")) if call.path in self._shared else call.path

    def beside(self, call: FunctionCall, what: str) -> str:
        """A name for something else in the module of a call."""
        path = call.path if call.path in self._shared else call.path.rpartition(".")[0]
        name = f"{path}.{what}" if path else what
        while name in self._stages:
            name += "_"
        return name

    def parameter(self, path: str) -> str:
        """The name for a parameter that is used as a value: its own path, beside what is a layer."""
        module, _, name = path.rpartition(".")
        while module and module not in self._stages:
            module, _, above = module.rpartition(".")
            name = f"{above}_{name}"
        name = f"{module}.{name}" if module else name
        while name in self._stages:
            name += "_"
        return name


def _prefixes(path: str) -> Iterable[str]:
    while path := path.rpartition(".")[0]:
        yield path


class Rows:
    """The rows of a model: the modules that it calls itself, each run of calls a row.

    What the model does between them belongs to the row before.
    """

    def __init__(self, calls: Sequence[FunctionCall]) -> None:
        self._root = _root([call.path for call in calls])
        self._names: dict[str, str] = {}
        self._counts = Counter[str]()
        self._now = self._last = ""

    def of(self, call: FunctionCall) -> str:
        """The row of the next call; calls are asked in order."""
        inside = call.path.removeprefix(self._root).lstrip(".")
        child = inside.partition(".")[0] if call.path.startswith(self._root) else call.path
        if not child and self._now:
            return self._now
        child = child or call.function.strip("_")
        if child != self._last:
            self._last = child
            self._counts[child] += 1
            count = self._counts[child]
            self._now = child if count == 1 else f"{child} ({count})"
        return self._now


def _root(paths: Sequence[str]) -> str:
    """The module that all calls stand in."""
    common = paths[0].split(".") if paths else []
    for path in paths:
        parts = path.split(".")
        while common and parts[: len(common)] != common:
            common.pop()
    return ".".join(common)
