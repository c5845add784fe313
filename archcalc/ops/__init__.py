"""Primitive operations: one operation, or one close family, a file.

An operation is a frozen dataclass (`@operation` makes one; without fields of its own it needs no
decorator). Its fields are its notation (`kernel()`, `number()`, `flag()`,
`option()` say how each is written in a block) and its methods are everything archcalc knows of it:

    out(x)          the shape it gives for the shape it takes
    requirements(x) what must hold for it to exist, as data
    weights(x)      its weight tensors, named as torch names them; parameters are their products
    macs(x)         multiply-accumulates of one forward pass, batch 1
    elementwise(x)  every other arithmetic operation of one forward pass, batch 1
    connections(x)  links between units, where they are not its MACs and its biases
    effect(x)       what it does there, where that can be written in several ways
    module(torch, x)  the torch module that does it

The rules see only shapes and run alike on ints, arrays and symbols. An operation that takes several
inputs (a join) sets `joins = True` and takes one shape each.

An operation that torch has no module for writes, in the place of `module`,

    forward(torch, *tensors, **own)     what it does to its inputs; `own` are the tensors that `weights` names
    initial(torch, tensor)              the values a tensor of its own begins with, where torch's are not apt

A file of this folder, or of `ops/` in a folder of ARCHCALC_PATH, is found by being there.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias, TypeVar, dataclass_transform

from archcalc.environment import folders
from archcalc.environment.plugins import is_outside
from archcalc.errors import InputError, PluginError
from archcalc.ops._effect import Effect as Effect
from archcalc.ops._fields import Notation as Notation
from archcalc.ops._fields import each_place, written
from archcalc.ops._fields import flag as flag
from archcalc.ops._fields import is_unwritten as is_unwritten
from archcalc.ops._fields import kernel as kernel
from archcalc.ops._fields import number as number
from archcalc.ops._fields import option as option
from archcalc.ops._fields import pair_option as pair_option
from archcalc.ops._fields import places as places
from archcalc.ops._fields import places_option as places_option
from archcalc.ops._fields import real_number as real_number
from archcalc.ops._fields import real_option as real_option
from archcalc.ops._fields import stride as stride
from archcalc.ops._fields import window as window
from archcalc.ops._guard import file_of as file_of
from archcalc.ops._guard import guard
from archcalc.ops._needs import need_map as need_map
from archcalc.ops._needs import need_no_sequence as need_no_sequence
from archcalc.ops._torch import Module as Module
from archcalc.ops._torch import Torch as Torch
from archcalc.ops._torch import Values as Values
from archcalc.ops._words import answer
from archcalc.sizes import Requirement, Shape, Size, as_int, product

TensorKind: TypeAlias = Literal["weight", "bias", "norm", "table", "buffer"]
Fields: TypeAlias = tuple[dataclasses.Field[Any], ...]
_Op = TypeVar("_Op")
_Given = TypeVar("_Given")


class Tensor(NamedTuple):
    """One tensor of an operation: its name in the torch module, its sizes, how it is counted.

    A `norm` is a normalisation's scale or shift. A `table` is learned too, but nothing is summed with it:
    it is counted among the weights, and makes no layer of depth. A `buffer` is kept but not learned.
    """

    name: str
    sizes: tuple[Size, ...]
    kind: TensorKind


def _of_one_or_more(rule: Callable[[_Op, Shape], _Given]) -> Callable[[_Op, Shape], _Given]:
    """Let an operation that joins write `*x: Shape` in the place of a rule, and any other `x: Shape`."""
    return rule


def _of_any(rule: Callable[..., _Given]) -> Callable[..., _Given]:
    """Let an operation say itself what it takes beside torch."""
    return rule


@dataclasses.dataclass(frozen=True, repr=False)
class Op:
    """The rules that hold for an operation unless it says otherwise: shape kept, nothing counted."""

    name: ClassVar[str] = ""
    """How blocks write it; empty for classes that only share code."""
    also: ClassVar[tuple[str, ...]] = ()
    """What other tools call it, for an answer to whoever writes that."""
    joins: ClassVar[bool] = False
    """Whether it takes several inputs."""
    nests: ClassVar[bool] = False
    """Whether a join of joins of its kind does what one join of all their inputs does."""
    products: ClassVar[str] = ""
    """What its MACs are called, beside those of convolutions and linear layers."""
    nouns: ClassVar[tuple[str, str]] = ("", "")
    """What one and several are called in a sentence, where that is not the name and its plural."""

    @cached_property
    def plain(self) -> bool:
        """Whether it is written with plain numbers alone: the same inputs then give the same."""
        return all(_is_plain(getattr(self, field.name)) for field in dataclasses.fields(self))

    @_of_one_or_more
    def out(self, *x: Shape) -> Shape:
        """The shape of its output."""
        return x[0]

    @_of_one_or_more
    def requirements(self, *x: Shape) -> Sequence[Requirement]:
        """What must hold of its inputs and fields."""
        return ()

    @_of_one_or_more
    def weights(self, *x: Shape) -> Sequence[Tensor]:
        """Its tensors, in torch's order."""
        return ()

    @_of_one_or_more
    def macs(self, *x: Shape) -> Size:
        """Multiply-accumulates of one forward pass."""
        return 0

    @_of_one_or_more
    def elementwise(self, *x: Shape) -> Size:
        """Other arithmetic of one forward pass."""
        return 0

    @_of_one_or_more
    def connections(self, *x: Shape) -> Size:
        """Links of its units to inputs or biases (LeCun et al. 1998): MACs and, for each place, biases."""
        biases = sum(product(tensor.sizes) for tensor in self.weights(*x) if tensor.kind == "bias")
        return self.macs(*x) + biases * product(self.out(*x).places)

    @_of_one_or_more
    def effect(self, *x: Shape) -> Effect | None:
        """What it does at inputs of plain sizes, the same for all that does the same; None for nothing."""
        return Effect(self.name, {field.name: getattr(self, field.name) for field in notation(type(self))})

    @property
    def kinds(self) -> tuple[str, ...]:
        """What all operations like it are called together: by its name, and by its name and kernel."""
        fields = [field.name for field in notation(type(self)) if field.metadata["notation"].form == "kernel"]
        return (self.name, *(f"{self.name} {each_place(getattr(self, field))}" for field in fields))

    @_of_any
    def module(self, torch: Torch, *x: Shape) -> Module | None:
        """The torch module that does it; None where `forward` does."""
        return None

    @_of_any
    def forward(self, torch: Torch, *tensors: Values, **own: Values) -> Values:
        """What it does to tensors, with its own by name, for operations without a module."""
        raise AssertionError(f"{type(self).__name__} writes neither module nor forward")

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        """The values one of its own tensors begins with, for operations without a module.

        As in torch's layers: weights lie between +-1/sqrt(inputs), where an output has several, scales
        are 1 and biases 0.
        """
        inputs = tensor.sizes[1:]
        if inputs:
            reach = as_int(product(inputs)) ** -0.5
            return torch.empty(tensor.sizes).uniform_(-reach, reach)
        return torch.full(tensor.sizes, 0.0 if tensor.name == "bias" else 1.0)

    def __str__(self) -> str:
        """The operation as a block writes it.

        >>> from archcalc.ops.conv import Conv
        >>> str(Conv(kernel=(3, 3), channels=64, stride=(2, 2), bias=False))
        'conv 3x3/2 64 no bias'
        """
        words = [self.name]
        for field in notation(type(self)):
            words += written(field, getattr(self, field.name))
        return " ".join(words).replace(" /", "/")


def _is_plain(value: object) -> bool:
    if type(value) is tuple:
        return all(_is_plain(each) for each in value)
    return type(value) in (int, bool, float, str, type(None))


@dataclass_transform(frozen_default=True, kw_only_default=True)
def operation(cls: type[_Op]) -> type[_Op]:
    """Make a class with notation fields an operation: a frozen dataclass with keyword fields."""
    return dataclasses.dataclass(frozen=True, kw_only=True, repr=False)(cls)


def notation(cls: type[Op]) -> Fields:
    """The fields of an operation that a block writes, in order."""
    return tuple(field for field in dataclasses.fields(cls) if "notation" in field.metadata)


@cache
def operations() -> dict[str, type[Op]]:
    """Every operation by its name; one of a later folder replaces one of an earlier.

    Raises InputError where two files of one folder claim one name.
    """
    found: dict[str, type[Op]] = {}
    files: dict[str, Path] = {}
    for module in folders.modules("ops"):
        file = Path(str(module.__file__))
        for member in _members(module):
            if is_outside(module.__name__):
                _check_name(member, file)
                guard(member, Op, str(file))
            if member.name in found and files[member.name].parent == file.parent:
                both = f"'{files[member.name].name}' and '{file.name}'"
                raise InputError(f"two operations of '{file.parent}' are called '{member.name}': in {both}")
            found[member.name], files[member.name] = member, file
    return found


def _check_name(op: type[Op], file: Path) -> None:
    """Refuse a name that no block could write."""
    name: object = op.name
    if not (isinstance(op.also, tuple) and all(isinstance(word, str) for word in op.also)):
        raise PluginError(f"{file}: operation {op.__name__}: its other names 'also' are no tuple of texts")
    if not (isinstance(name, str) and re.fullmatch(r"[^\s{}=|]+( [^\s{}=|]+)*", name) and "->" not in name):
        raise PluginError(f"{file}: operation {op.__name__}: its name {name!r} cannot be written in a block")


def otherwise(word: str) -> str:
    """The clause that answers another tool's word for an operation; empty where no operation has that word.

    >>> otherwise("fc")
    "; that is written 'linear' here"
    """
    return answer(word, {name: op.also for name, op in operations().items()})


def _members(module: ModuleType) -> Iterator[type[Op]]:
    """The operations that a file makes: classes of its own with a name of their own."""
    for member in vars(module).values():
        own = isinstance(member, type) and issubclass(member, Op) and member.__module__ == module.__name__
        if own and "name" in vars(member):
            yield member
