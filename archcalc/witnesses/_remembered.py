"""Each operation of torch run once for the same sizes: a deep network asks for few different ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class Form(NamedTuple):
    """What a tensor is apart from its content."""

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: torch.dtype


class Outcome(NamedTuple):
    """What an operation gives: a tensor or several, and how much was counted."""

    is_one: bool
    forms: list[Form]
    counted: int


class Remembered(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not annotate its modes
    """Runs each operation on the meta device, and gives uninitialised outputs of the form that it found.

    The same operation on tensors of the same forms is not run again. `count` is a counter that rises while
    an operation runs; `counted` is what it rose by in all, for each operation that is not run again as much
    as in its first run. Operations that write into their inputs, that give views of them or numbers, or that
    have no rule on the meta device are run each time, and so are those on whole numbers, in which torch's
    tracer holds sizes.
    """

    def __init__(self, count: Callable[[], int] = lambda: 0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.counted = 0
        self._count = count
        self._known: dict[Hashable, Outcome] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        before = self._count()
        try:
            return self._outputs(func, args, kwargs or {})
        finally:
            self.counted += self._count() - before

    def _outputs(self, func: Any, args: Any, kwargs: Any) -> Any:
        tensors = [each for each in args if isinstance(each, Tensor)]
        if not tensors or not tensors[0].is_floating_point() or not _is_pure(func):
            return func(*args, **kwargs)
        key = func, _key(args), _key(tuple(kwargs.items()))
        try:
            known = self._known.get(key)
        except TypeError:  # an argument that cannot be hashed
            return func(*args, **kwargs)
        if known is None:
            try:
                known = self._known[key] = self._run(func, args, kwargs)
            except NotImplementedError:  # torch's own, for an operation without a rule on the meta device
                return func(*args, **kwargs)
        else:
            self.counted += known.counted
        device = tensors[0].device
        outputs = [_empty(form, device) for form in known.forms]
        return outputs[0] if known.is_one else tuple(outputs)

    def _run(self, func: Any, args: Any, kwargs: Any) -> Outcome:
        """Run an operation for the first time."""
        before = self._count()
        found = func(*_on_meta(args), **{name: _on_meta(value) for name, value in kwargs.items()})
        is_one = isinstance(found, Tensor)
        forms = [_form(each) for each in ((found,) if is_one else found)]
        return Outcome(is_one, forms, self._count() - before)


@cache
def _is_pure(func: Any) -> bool:
    """Whether an operation gives new tensors, and neither writes into its inputs nor gives views of them."""
    schema = func._schema
    return all(str(each.type) == "Tensor" for each in schema.returns) and not any(
        each.alias_info is not None for each in (*schema.arguments, *schema.returns)
    )


def _form(tensor: Tensor) -> Form:
    return Form(tuple(tensor.shape), tensor.stride(), tensor.dtype)


def _empty(form: Form, device: torch.device) -> Tensor:
    return torch.empty_strided(form.sizes, form.strides, dtype=form.dtype, device=device)


def _key(value: Any) -> Hashable:
    """An argument, a tensor by its form; 1, 1.0 and True are three."""
    if isinstance(value, Tensor):
        return _form(value)
    if isinstance(value, (tuple, list)):
        return tuple([_key(each) for each in value])
    return type(value), value


def _on_meta(value: Any) -> Any:
    """An argument, its tensors without their content."""
    if isinstance(value, Tensor):
        return value.to("meta")
    if isinstance(value, (tuple, list)):
        return type(value)([_on_meta(each) for each in value])
    return value
