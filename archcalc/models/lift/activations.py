"""Functions of each element, softmax, and dropout, which does nothing when a model only answers."""

from __future__ import annotations

from archcalc.models.lift._lifted import FIRST, Lift, Lifted, one, real, tensor, whole
from archcalc.models.recorder import FunctionCall
from archcalc.ops import Op
from archcalc.ops.activations import (
    Elu,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Mish,
    Prelu,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
)
from archcalc.ops.identity import Dropout
from archcalc.ops.softmax import Softmax

PLAIN: dict[str, type[Op]] = {
    "relu": Relu,
    "relu6": Relu6,
    "silu": Silu,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "hardswish": HardSwish,
    "hardsigmoid": HardSigmoid,
    "mish": Mish,
}
"""Functions that take nothing but their input."""


def _plain(kind: type[Op]) -> Lift:
    return lambda call: one(call, kind())


def _gelu(call: FunctionCall) -> Lifted | None:
    return one(call, Gelu(tanh=call.argument(1, "approximate", "none") == "tanh"))


def _elu(call: FunctionCall) -> Lifted | None:
    return one(call, Elu()) if call.argument(1, "alpha", 1.0) == 1.0 else None


def _leaky_relu(call: FunctionCall) -> Lifted | None:
    return one(call, LeakyRelu(slope=real(call.argument(1, "negative_slope"), 0.01)))


def _softplus(call: FunctionCall) -> Lifted | None:
    usual = call.argument(1, "beta", 1) == 1 and call.argument(2, "threshold", 20) == 20
    return one(call, Softplus()) if usual else None


def _clamped(low: str, high: str) -> Lift:
    def lift(call: FunctionCall) -> Lifted | None:
        return one(call, Relu6()) if (call.argument(1, low), call.argument(2, high)) == (0, 6) else None

    return lift


def _prelu(call: FunctionCall) -> Lifted | None:
    return one(call, Prelu(), FIRST, weight=tensor(call, 1, "weight"))


def _softmax(call: FunctionCall) -> Lifted | None:
    axis = whole(call.argument(1, "dim"))
    lifted = None if axis is None else one(call, Softmax(), axis)
    return lifted and lifted._replace(exact=True)


def _dropout(call: FunctionCall) -> Lifted | None:
    if call.argument(2, "training", True) is not False:
        return None
    return one(call, Dropout(share=real(call.argument(1, "p"), 0.5)))


LIFTS: dict[str, Lift] = {
    **{name: _plain(kind) for name, kind in PLAIN.items()},
    "gelu": _gelu,
    "elu": _elu,
    "leaky_relu": _leaky_relu,
    "softplus": _softplus,
    "hardtanh": _clamped("min_val", "max_val"),
    "clamp": _clamped("min", "max"),
    "prelu": _prelu,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "dropout": _dropout,
    "dropout1d": _dropout,
    "dropout2d": _dropout,
    "dropout3d": _dropout,
    "alpha_dropout": _dropout,
}
