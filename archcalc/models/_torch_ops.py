"""What the recorder has to know of torch's functions and operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.flop_counter import flop_registry

if TYPE_CHECKING:
    from torch._ops import OpOverload

# fmt: off
SILENT = frozenset(
    {
        "size", "shape", "stride", "dim", "ndim", "ndimension", "dtype", "device", "layout",
        "numel", "nelement", "storage_offset", "is_contiguous", "is_cuda", "is_cpu", "is_meta",
        "is_sparse", "is_quantized", "is_floating_point", "is_complex", "is_leaf", "requires_grad",
        "requires_grad_", "grad", "grad_fn", "data_ptr", "element_size", "untyped_storage", "names",
        "is_nested", "__len__", "__hash__", "__repr__", "__format__", "is_mkldnn", "is_xpu",
        "is_mps", "is_inference", "is_conj", "is_neg", "get_device", "has_names", "__bool__",
        "itemsize", "nbytes",
    }
)
# fmt: on
"""Functions and properties that say something of a tensor and make none."""


CONTENTLESS = frozenset(
    f"{kind}{what}{like}"
    for kind, like in (("new_", ""), ("", "_like"))
    for what in ("zeros", "ones", "empty", "full", "tensor", "rand", "randn")
)
"""Functions that take a tensor's sizes and type, and not its content."""


@cache
def name_of(function: Callable[..., object]) -> str:
    """What a function or property of torch is called; empty where it makes no tensor."""
    name = str(getattr(function, "__name__", function))
    if name in ("__get__", "__set__"):
        owner: object = getattr(function, "__self__", None)
        name = str(getattr(owner, "__name__", name))
    return "" if name in SILENT else NAMES.get(name, name.removeprefix("__").removesuffix("__"))


NAMES = {
    "__add__": "add",
    "__radd__": "add",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__iadd__": "add_",
    "__imul__": "mul_",
    "__sub__": "sub",
    "__rsub__": "rsub",
    "__isub__": "sub_",
    "__truediv__": "div",
    "__itruediv__": "div_",
    "__rtruediv__": "rdiv",
    "__matmul__": "matmul",
    "__rmatmul__": "rmatmul",
    "__pow__": "pow",
    "__rpow__": "rpow",
    "__neg__": "neg",
    "__eq__": "eq",
    "__ne__": "ne",
    "true_divide": "div",
    "divide": "div",
    "multiply": "mul",
    "subtract": "sub",
    "concat": "cat",
    "concatenate": "cat",
}
"""Functions that do the same under another name."""


@cache
def decomposed(operation: OpOverload) -> bool:
    """Whether torch's counter looks inside an operation that reaches it whole."""
    key = torch._C.DispatchKey.CompositeImplicitAutograd
    if not hasattr(operation, "py_kernels") or operation.namespace == "prim":
        return False
    name: str = operation.name()  # type: ignore[no-untyped-call]
    has_kernel: bool = torch._C._dispatch_has_kernel_for_dispatch_key(name, key)
    return key in operation.py_kernels or has_kernel


def flops_of(
    operation: OpOverload, arguments: tuple[object, ...], named: Mapping[str, object], result: object
) -> int:
    """The FLOPs of an operation by torch's own formula; 0 where it has none."""
    packet = operation._overloadpacket
    formula = flop_registry.get(_AS.get(packet, packet))
    return 0 if formula is None else int(formula(*arguments, **named, out_val=result))


ATEN = torch.ops.aten
_AS = {ATEN._scaled_dot_product_flash_attention_for_cpu: ATEN._scaled_dot_product_flash_attention}
"""Operations that torch has no formula for, and those that do the same and have one."""


@cache
def _writes(operation: OpOverload) -> tuple[tuple[int, str], ...]:
    """The arguments that an operation changes, each by its place and name."""
    schema = operation._schema
    if not schema.is_mutable:
        return ()
    arguments = enumerate(schema.arguments)
    return tuple((at, one.name) for at, one in arguments if one.alias_info and one.alias_info.is_write)


def written_by(
    operation: OpOverload, arguments: tuple[object, ...], named: Mapping[str, object]
) -> Iterator[Tensor]:
    """The tensors that an operation changed."""
    for place, name in _writes(operation):
        tensor = arguments[place] if place < len(arguments) else named.get(name)
        if isinstance(tensor, Tensor):
            yield tensor
