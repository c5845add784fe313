"""Operations of ARCHCALC_PATH: what their methods raise or return is checked where they are called.

The methods of such a class are replaced once, when it is found. The package's own operations stay as they
are, and cost nothing more.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from archcalc.environment.plugins import BrokenForward, located, said
from archcalc.errors import ArchcalcError, PluginError, Refused
from archcalc.sizes import RELATIONS, Requirement, Shape

Check: TypeAlias = Callable[[Any], str]
KINDS = ("weight", "bias", "norm", "table", "buffer")
RULES = ("out", "requirements", "weights", "macs", "elementwise")
LARGEST = 10**1000
"""Beyond all that networks of channels of 300 digits need, and short enough to be written."""
ALWAYS = ("forward", "initial")
"""What the base class does for every operation can fail, too: it lies in what the others gave."""


def guard(op: type, base: type, file: str) -> None:
    """Let the methods of an operation answer rightly, or name the file that they stand in."""
    for name, check in CHECKS.items():
        owner = next(each for each in op.__mro__ if name in vars(each))
        if owner not in (base, object) or name in ALWAYS:
            written = inspect.getattr_static(op, name)
            if not hasattr(written, "_guarded_in"):
                setattr(op, name, _guarded(name, written, check, file))
    op._guarded_in = file  # type: ignore[attr-defined]


def _guarded(name: str, written: Any, check: Check, file: str) -> Callable[..., object]:
    def method(self: Any, *given: object, **named: object) -> object:
        try:
            # A static method, or a number in its place, is called as Python would call it.
            bound = written.__get__(self, type(self)) if hasattr(written, "__get__") else written
            result = bound(*given, **named)
            if name in ("requirements", "weights") and result is not None:
                result = tuple(result)  # what a generator raises it raises here
            wrong = check(result) or (_foreign(result, self, given) if name in RULES else "")
        except (ArchcalcError, Refused, BrokenForward, KeyboardInterrupt):
            raise
        except BaseException as error:
            where = located(error, file)
            fault = f"{where}: operation '{type(self).name}': '{name}' fails: {said(error)}"
            raise (BrokenForward if name == "forward" else PluginError)(fault) from error
        if wrong:
            where = f"{file}:{_first_line(written)}" if _first_line(written) else file
            raise PluginError(f"{where}: operation '{type(self).name}': '{name}' gives {wrong}")
        if name == "requirements":
            return tuple(each._replace(fact=_Fact(each, type(self).name, file)) for each in result)
        return result

    method._guarded_in = file  # type: ignore[attr-defined]
    return functools.wraps(written)(method) if callable(written) else method


class _Fact(NamedTuple):
    """What a requirement says where it does not hold; it is written then, and can fail."""

    requirement: Requirement
    operation: str
    file: str

    def __call__(self) -> str:
        try:
            text: object = str(self.requirement)
        except Exception as error:
            where = located(error, self.file)
            fact = f"operation '{self.operation}': the fact of a Requirement fails: {said(error)}"
            raise PluginError(f"{where}: {fact}") from error
        return str(text)


def file_of(op: type) -> str:
    """The file of ARCHCALC_PATH that an operation comes from; empty for the package's own."""
    return str(getattr(op, "_guarded_in", ""))


def _first_line(written: Any) -> int:
    """The line in which a method begins; 0 where it is none."""
    function = getattr(written, "__func__", written)
    return getattr(getattr(function, "__code__", None), "co_firstlineno", 0)


def _foreign(result: object, op: object, given: tuple[object, ...]) -> str:
    """What is wrong with sizes of another kind than those that a rule was given, or those of its fields."""
    known = {_package(size) for size in (*_sizes(given), *_sizes(tuple(vars(op).values())))}
    other = next((size for size in _sizes(result) if _package(size) not in {*known, "builtins"}), None)
    return "" if other is None else f"{_named(other)}, and no size that it was given is one"


def _sizes(result: object) -> Iterator[object]:
    """The sizes in what a rule takes or gives: in Shapes, Requirements, Tensors and several of them."""
    if isinstance(result, Requirement):
        result = (result.left, result.right)
    if isinstance(result, tuple):
        for each in result:
            yield from _sizes(each)
    else:
        yield result


def _package(size: object) -> str:
    return type(size).__module__.partition(".")[0]


def _shape(result: object) -> str:
    if not isinstance(result, Shape):
        return f"{_named(result)}, not a Shape"
    if not isinstance(result.places, tuple):
        return f"a Shape whose places are {_named(result.places)}, not a tuple"
    return next((wrong for size in (*result.places, result.channels) if (wrong := _size(size, 1))), "")


def _size(result: object, least: int = 0) -> str:
    if type(result) is int:
        if abs(result) > LARGEST:
            return "a number of more than 1,000 digits"
        return "" if result >= least else f"{result}, a size below {least}"
    package = _package(result)
    right = package in WHOLE and WHOLE[package](result)
    return "" if right else f"{_named(result)}, not a whole number"


WHOLE: dict[str, Callable[[Any], bool]] = {
    "numpy": lambda size: size.dtype.kind in "iuO",
    "sympy": lambda size: hasattr(size, "is_number") and (size.is_integer or not size.is_number),
    "torch": lambda size: type(size).__name__ == "SymInt",
    "archcalc": lambda size: type(size).__name__ == "Recorded" and size.whole,
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
    names = [each.name for each in result]
    odd = next((name for name in names if not name or "." in name or names.count(name) > 1), None)
    return "" if odd is None else f"a Tensor called {odd!r}, which is no name of its own in a torch module"


def _effect(result: object) -> str:
    right = result is None or type(result).__name__ == "Effect"
    return "" if right else f"{_named(result)}, not an Effect"


def _module(result: object) -> str:
    right = result is None or (hasattr(result, "named_parameters") and not isinstance(result, type))
    return "" if right else f"{_named(result)}, not a torch module"


def _tensor(result: object) -> str:
    return "" if hasattr(result, "detach") else f"{_named(result)}, not a tensor"


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
    "effect": _effect,
    "module": _module,
    "forward": _tensor,
    "initial": _tensor,
}
"""Each method, and what is wrong with what it gave; empty where nothing is."""
