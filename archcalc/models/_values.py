"""The tensors of a run as numbered values: which is which, what kind it is, and who wrote it last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

INPUT, PARAMETER, BUFFER, CONSTANT, ACTIVATION = "input", "parameter", "buffer", "constant", "activation"
"""What a value is: a constant is made of no input, an activation of one."""
T = TypeVar("T")


@dataclass(eq=False)
class TracedValue:
    """A tensor at one moment of a run; a tensor that is changed in place becomes another value.

    `name` is a parameter's or buffer's path in the model, or an input's name.
    """

    number: int
    sizes: tuple[int, ...]
    dtype: torch.dtype
    kind: str
    name: str = ""

    def __repr__(self) -> str:
        return f"{self.name or self.kind} {self.number} {'x'.join(map(str, self.sizes))}"


def each_tensor(thing: object) -> Iterator[Tensor]:
    """The tensors in what a function takes or gives, however it is nested."""
    if isinstance(thing, Tensor):
        yield thing
    elif isinstance(thing, (str, int, float)) or thing is None:
        return
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from each_tensor(each)
    elif isinstance(thing, (tuple, list, set)):
        for each in thing:
            yield from each_tensor(each)
    elif isinstance(thing, slice):
        yield from each_tensor((thing.start, thing.stop, thing.step))
    elif is_dataclass(thing) and not isinstance(thing, type):
        for one in fields(thing):
            yield from each_tensor(getattr(thing, one.name))


class Values:
    """Every tensor of a run by its identity. All are kept: no other tensor can then take one's identity."""

    def __init__(self, model: nn.Module) -> None:
        self.count = 0
        self.kept: list[Tensor] = []
        self.written: set[int] = set()
        """The memory that the call that runs has changed so far."""
        self._by_id: dict[int, TracedValue] = {}
        self._last: dict[int, TracedValue] = {}
        self.parameters = {name: self._new(each, PARAMETER, name) for name, each in model.named_parameters()}
        self.buffers = {name: self._new(each, BUFFER, name) for name, each in model.named_buffers()}

    def entering(self, arguments: tuple[tuple[object, ...], Mapping[str, object]]) -> tuple[TracedValue, ...]:
        """The values of a model's arguments."""
        ordered, named = arguments
        values = [self._new(tensor, INPUT, "") for tensor in each_tensor(ordered)]
        for name, given in named.items():
            values += [self._new(tensor, INPUT, name) for tensor in each_tensor(given)]
        return tuple(values)

    def _new(self, tensor: Tensor, kind: str, name: str = "") -> TracedValue:
        self.count += 1
        value = TracedValue(self.count, tuple(tensor.shape), tensor.dtype, kind, name)
        self._by_id[id(tensor)] = value
        self.kept.append(tensor)
        return value

    def of(self, tensor: Tensor) -> TracedValue:
        """A tensor's value; what was not seen before was there before the run: a constant."""
        return self._by_id.get(id(tensor)) or self._new(tensor, CONSTANT)

    def made(self, tensor: Tensor, kind: str) -> TracedValue:
        """A new value: of what a function gave, or of what it changed."""
        return self._new(tensor, kind)

    def replaced(self, thing: T) -> T:
        """Arguments with values in the place of tensors."""
        changed: object = thing
        if isinstance(thing, Tensor):
            changed = self.of(thing)
        elif type(thing) in (tuple, list):
            assert isinstance(thing, tuple | list)
            changed = type(thing)(map(self.replaced, thing))
        elif isinstance(thing, dict):
            changed = {key: self.replaced(each) for key, each in thing.items()}
        return changed  # type: ignore[return-value]  # of the same form

    @staticmethod
    def memory(tensor: Tensor) -> int:
        """What tells a tensor's memory from every other's, also where nothing is kept in it."""
        try:
            return int(tensor.untyped_storage()._cdata)
        except (NotImplementedError, RuntimeError):  # sparse ones have several
            return -id(tensor)

    def note(self, written: Iterable[Tensor]) -> None:
        """Tensors that the call that runs has changed."""
        self.written.update(map(self.memory, written))

    def write(self, changed: Iterable[Tensor]) -> None:
        """A call is over: what shares memory with what it changed is from now on of its making."""
        latest = {id(tensor): self._by_id[id(tensor)] for tensor in changed}
        for tensor in changed:
            self._last[self.memory(tensor)] = latest[id(tensor)]

    def writers(self, tensors: Iterable[Tensor]) -> Iterator[TracedValue]:
        """Who changed these tensors' memory since they were made, through another tensor."""
        if not self._last:
            return
        for tensor in tensors:
            mine = self.of(tensor)
            writer = self._last.get(self.memory(tensor))
            if writer is not None and writer.number > mine.number:
                yield writer
