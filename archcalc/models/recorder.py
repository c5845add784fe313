"""What a model does when it runs: each call of a torch function, and the operations that torch ran for it.

Two modes, one above the other. The upper one sees what Python asked for (`conv2d` with its stride and
padding), the lower one what torch ran, which gives the multiply-accumulates by torch's own formulas. What
torch runs outside of any call is recorded as a call of its own. Nothing is put on the model.

>>> model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
>>> record = recorded(model, (torch.ones(1, 3),))
>>> [(call.function, call.path, call.macs) for call in record.calls]
[('linear', '0', 6), ('relu', '1', 0)]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from archcalc.errors import shortened
from archcalc.models._torch_ops import CONTENTLESS, decomposed, flops_of, name_of, written_by
from archcalc.models._values import ACTIVATION, CONSTANT, INPUT, TracedValue, Values, each_tensor

if TYPE_CHECKING:
    from torch._ops import OpOverload

Arguments = tuple[object, ...]
Named = Mapping[str, object] | None


class Broken(Exception):
    """A run broke off; its text says where, its cause is what was raised."""


class Aten(NamedTuple):
    """An operation that torch ran, and its FLOPs by torch's own formula."""

    name: str
    flops: int


@dataclass(eq=False)
class FunctionCall:
    """A call of a torch function by a module.

    In `arguments` and `named` each tensor is its TracedValue; `inputs` and `outputs` are those in order, and
    `through` are values that reached it through a tensor that shares their memory. `path` is the module, and
    `visit` counts its runs from 1. `direct` says that torch ran it outside of any function.
    """

    function: str
    path: str
    visit: int
    atens: list[Aten] = field(default_factory=list)
    arguments: Arguments = ()
    named: Mapping[str, object] = field(default_factory=dict)
    inputs: tuple[TracedValue, ...] = ()
    outputs: tuple[TracedValue, ...] = ()
    through: tuple[TracedValue, ...] = ()
    direct: bool = False

    @property
    def flops(self) -> int:
        """FLOPs by torch's own formulas."""
        return sum(aten.flops for aten in self.atens)

    @property
    def macs(self) -> int:
        """Multiply-accumulates: half of the FLOPs."""
        return self.flops // 2

    def argument(self, place: int, name: str, default: object = None) -> object:
        """An argument by its place or by its name, as it was given."""
        return self.arguments[place] if place < len(self.arguments) else self.named.get(name, default)


@dataclass
class Record:
    """A run: its calls in order, the values that entered, that left, and that no call read."""

    calls: list[FunctionCall]
    inputs: tuple[TracedValue, ...]
    outputs: tuple[TracedValue, ...]
    parameters: Mapping[str, TracedValue]

    @property
    def macs(self) -> int:
        """All multiply-accumulates by torch's own formulas."""
        return sum(call.flops for call in self.calls) // 2

    @property
    def used(self) -> set[TracedValue]:
        """What a call read or the run gave."""
        return {value for call in self.calls for value in call.inputs} | set(self.outputs)

    @property
    def unused(self) -> list[str]:
        """The parameters that no call read, by name."""
        used = self.used
        return [name for name, value in self.parameters.items() if value not in used]


def recorded(model: nn.Module, ordered: Arguments, named: Named = None) -> Record:
    """Run a model once and record it.

    Raises Broken where it raises anything but KeyboardInterrupt.
    """
    recording = _Recording(model)
    entering = recording.values.entering((ordered, dict(named or {})))
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), recording.modules(), recording.functions, recording.dispatched:
            result = model(*ordered, **(named or {}))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Broken(recording.where(error)) from error
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    leaving = tuple(recording.values.of(tensor) for tensor in each_tensor(result))
    return Record(recording.calls, entering, leaving, recording.values.parameters)


class _Recording:
    """What one run has shown so far."""

    def __init__(self, model: nn.Module) -> None:
        self.calls: list[FunctionCall] = []
        self.values = Values(model)
        self.now: FunctionCall | None = None
        self.functions = _Functions(self)
        self.dispatched = _Dispatched(self)
        self._names = {module: path for path, module in model.named_modules()}
        self._visits = Counter[str]()
        self._stack: list[tuple[str, int]] = [("", 1)]
        self._error: BaseException | None = None
        self._where = ("", "")

    @contextmanager
    def modules(self) -> Iterator[None]:
        """Know which module runs."""
        begun = register_module_forward_pre_hook(self._enter)
        ended = register_module_forward_hook(self._leave, always_call=True)
        try:
            yield
        finally:
            begun.remove()
            ended.remove()

    def _enter(self, module: nn.Module, given: object) -> None:
        path = self._names.get(module, self._stack[-1][0])
        if module in self._names:
            self._visits[path] += 1
        self._stack.append((path, self._visits[path] or 1))

    def _leave(self, module: nn.Module, given: object, result: object) -> None:
        self.blame(sys.exc_info()[1])
        self._stack.pop()

    def begin(self, name: str) -> FunctionCall:
        """A call by the module that runs."""
        path, visit = self._stack[-1]
        self.values.written.clear()
        return FunctionCall(name, path, visit)

    def blame(self, error: BaseException | None, function: str = "") -> None:
        """Remember where an error arose first."""
        if error is not None and error is not self._error:
            self._error, self._where = error, (self._stack[-1][0], function)

    def where(self, error: BaseException) -> str:
        """Where an error arose, in words; empty where that is not known."""
        path, function = self._where if error is self._error else ("", "")
        return ", ".join(part for part in (f"in '{shortened(path)}'" if path else "", function) if part)

    def end(self, call: FunctionCall, arguments: Arguments, named: Named, result: object) -> None:
        """Keep a call if it gives or changes tensors."""
        given = list(each_tensor((arguments, named)))
        written = self.values.written
        changed = [tensor for tensor in given if self.values.memory(tensor) in written] if written else []
        gives = list(each_tensor(result))
        if not (gives or changed or call.flops):
            return
        values = self.values
        call.inputs = tuple(values.of(tensor) for tensor in given)
        call.through = tuple(values.writers(given))
        call.arguments = values.replaced(arguments)
        call.named = values.replaced(dict(named or {}))
        seen = () if call.function in CONTENTLESS else (*call.inputs, *call.through)
        varies = any(value.kind in (INPUT, ACTIVATION) for value in seen)
        outputs = [tensor for tensor in changed if all(tensor is not each for each in gives)]
        kind = ACTIVATION if varies else CONSTANT
        call.outputs = tuple(values.made(tensor, kind) for tensor in (*gives, *outputs))
        if changed:
            values.write(changed)
        self.calls.append(call)


class _Functions(TorchFunctionMode):
    """Sees what Python asks torch for; what a function calls inside is not seen."""

    def __init__(self, recording: _Recording) -> None:
        super().__init__()
        self.recording = recording

    def __torch_function__(
        self, func: Callable[..., object], types: object, args: Arguments = (), kwargs: Named = None
    ) -> object:
        name = name_of(func)
        if not name:
            return func(*args, **(kwargs or {}))
        recording = self.recording
        call = recording.begin(name)
        before, recording.now = recording.now, call
        try:
            result = func(*args, **(kwargs or {}))
        except BaseException as error:
            recording.blame(error, name)
            raise
        finally:
            recording.now = before
        recording.end(call, args, kwargs, result)
        return result


class _Dispatched(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees what torch runs, and counts it as torch.utils.flop_counter does."""

    def __init__(self, recording: _Recording) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.recording = recording

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: Arguments = (), kwargs: Named = None
    ) -> object:
        named = kwargs or {}
        if decomposed(func):
            with self:
                parts = func.decompose(*args, **named)
                if parts is not NotImplemented:
                    return parts
        result: object = func(*args, **named)
        recording = self.recording
        call = recording.now or recording.begin(func._schema.name.partition("::")[2])
        call.atens.append(Aten(func._schema.name, flops_of(func, args, named, result)))
        recording.values.note(written_by(func, args, named))
        if recording.now is None:
            call.direct = True
            recording.end(call, args, kwargs, result)
        return result
