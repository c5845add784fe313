"""Operations of ARCHCALC_PATH: what their methods raise or return is checked where they are called.

The methods of such a class are replaced once, when it is found. The package's own operations stay as they
are, and cost nothing more.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from archcalc.environment.plugins import said
from archcalc.errors import ArchcalcError, PluginError, Refused
from archcalc.sizes import RELATIONS, Requirement, Shape

Check: TypeAlias = Callable[[Any], str]
KINDS = ("weight", "bias", "norm", "table", "buffer")
ALWAYS = ("forward", "initial")
"""What the base class does for every operation can fail, too: it lies in what the others gave."""


class BrokenForward(RuntimeError):
    """A forward pass broke off. In a check that is evidence, as if torch had refused it, and not the end."""


def guard(op: type, base: type, file: str) -> None:
    """Let the methods of an operation answer rightly, or name the file that they stand in."""
    for name, check in CHECKS.items():
        owner = next(each for each in op.__mro__ if name in vars(each))
        if owner not in (base, object) or name in ALWAYS:
            written = inspect.getattr_static(op, name)
            if not hasattr(written, "_guarded_in"):
                setattr(op, name, _guarded(name, written, check, file))


def _guarded(name: str, written: Any, check: Check, file: str) -> Callable[..., object]:
    def method(self: Any, *given: object, **named: object) -> object:
        try:
            # A static method, or a number in its place, is called as Python would call it.
            bound = written.__get__(self, type(self)) if hasattr(written, "__get__") else written
            result = bound(*given, **named)
            if name in ("requirements", "weights") and result is not None:
                result = tuple(result)  # what a generator raises it raises here
            wrong = check(result)
        except (ArchcalcError, Refused, BrokenForward, KeyboardInterrupt):
            raise
        except BaseException as error:
            fault = f"{file}: operation '{type(self).name}': '{name}' fails: {said(error)}"
            raise (BrokenForward if name == "forward" else PluginError)(fault) from error
        if wrong:
            raise PluginError(f"{file}: operation '{type(self).name}': '{name}' gives {wrong}")
        return result

    method._guarded_in = file  # type: ignore[attr-defined]
    return functools.wraps(written)(method) if callable(written) else method


def _shape(result: object) -> str:
    if not isinstance(result, Shape):
        return f"{_named(result)}, not a Shape"
    if not isinstance(result.places, tuple):
        return f"a Shape whose places are {_named(result.places)}, not a tuple"
    return next((wrong for size in (*result.places, result.channels) if (wrong := _size(size, 1))), "")


def _size(result: object, least: int = 0) -> str:
    if isinstance(result, int) and not isinstance(result, bool):
        return "" if result >= least else f"{result}, a size below {least}"
    package = type(result).__module__.partition(".")[0]
    right = package in WHOLE and WHOLE[package](result)
    return "" if right else f"{_named(result)}, not a whole number"


WHOLE: dict[str, Callable[[Any], bool]] = {
    "numpy": lambda size: size.dtype.kind in "iuO",
    "sympy": lambda size: hasattr(size, "free_symbols") and not size.is_Float,
    "torch": lambda size: type(size).__name__ == "SymInt",
    "archcalc": lambda size: not isinstance(size, tuple),
}
"""Which results of a package are sizes."""


def _requirements(result: Iterable[object] | None) -> str:
    if result is None:
        return "None, not Requirements"
    for each in result:
        if not isinstance(each, Requirement):
            return f"{_named(each)} among its Requirements"
        if each.relation not in RELATIONS:
            return f"a Requirement whose relation is {each.relation!r}, not one of {', '.join(RELATIONS)}"
        if not (isinstance(each.fact, str) or callable(each.fact)):
            return f"a Requirement whose fact is {_named(each.fact)}, not a text"
        if wrong := _size(each.left, -(10**300)) or _size(each.right, -(10**300)):
            return f"a Requirement with {wrong}"
    return ""


def _tensors(result: Iterable[Any] | None) -> str:
    if result is None:
        return "None, not Tensors"
    for each in result:
        if type(each).__name__ != "Tensor":
            return f"{_named(each)} among its Tensors"
        if not isinstance(each.name, str) or each.kind not in KINDS:
            return f"a Tensor of kind {each.kind!r}, not one of {', '.join(KINDS)}"
        if not isinstance(each.sizes, tuple):
            return f"a Tensor whose sizes are {_named(each.sizes)}, not a tuple"
        if wrong := next((wrong for size in each.sizes if (wrong := _size(size))), ""):
            return f"a Tensor with {wrong}"
    return ""


def _module(result: object) -> str:
    return "" if result is None or callable(result) else f"{_named(result)}, not a torch module"


def _tensor(result: object) -> str:
    plain = result is None or isinstance(result, (str, bytes, int, float, list, tuple, dict, set))
    return f"{_named(result)}, not a tensor" if plain else ""


def _text(result: object) -> str:
    return "" if isinstance(result, str) else f"{_named(result)}, not a text"


def _anything(result: object) -> str:
    return ""


def _named(result: object) -> str:
    """What a wrong result is.

    >>> _named(None), _named(0.5), _named("5")
    ('None', 'a float', 'a str')
    """
    return "None" if result is None else f"a {type(result).__name__}"


CHECKS: dict[str, Check] = {
    "__init__": _anything,
    "__str__": _text,
    "out": _shape,
    "requirements": _requirements,
    "weights": _tensors,
    "macs": _size,
    "elementwise": _size,
    "connections": _size,
    "module": _module,
    "forward": _tensor,
    "initial": _tensor,
}
"""Each method, and what is wrong with what it gave; empty where nothing is."""
