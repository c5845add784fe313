"""Who else counts. Each witness is one file here, or in `witnesses/` of a folder of ARCHCALC_PATH.

A witness measures a built torch model and knows nothing of archcalc's cost rules. Its file defines

    COUNTS                            what it counts and how, one sentence
    measure(graph, model) -> Measured

The model is on the meta device, where tensors have sizes and no content, and in eval mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

from archcalc.environment import folders
from archcalc.environment.plugins import BrokenForward, blamed, complete, fault, is_outside
from archcalc.errors import PluginError
from archcalc.graph import Graph, Node
from archcalc.ops import file_of
from archcalc.sizes import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Measured:
    """What a witness saw, by node: output shapes, its tensors' sizes, MACs; None where it does not look.

    `macs` of nodes that share weights may be counted together, at the first. `unseen` are nodes whose MACs
    the witness has no means to see: they are not compared, and the check says how many there are. `skipped`
    says what the witness passed over. `stopped` says why torch broke the run off, where it did: what it had
    not reached by then is missing.
    """

    shapes: Mapping[str, Shape] | None = None
    tensors: Mapping[str, Mapping[str, tuple[int, ...]]] | None = None
    macs: Mapping[str, int] | None = None
    unseen: frozenset[str] = frozenset()
    skipped: str = ""
    stopped: str = ""


class Witness(Protocol):
    """What a file of this folder offers."""

    COUNTS: str

    def measure(self, graph: Graph, model: nn.Module) -> Measured: ...


@dataclass(frozen=True)
class Passage:
    """Hooks for one forward pass, called with a node's name at each of its calls.

    `enters` is given the tensors that enter it, `after` the one that it gives.
    """

    before: Callable[[str], object] = field(default=lambda name: None)
    after: Callable[[str, Tensor], object] = field(default=lambda name, result: None)
    enters: Callable[[str, tuple[Tensor, ...]], object] = field(default=lambda name, tensors: None)

    def begin(self, name: str, tensors: tuple[Tensor, ...]) -> None:
        """A call begins."""
        self.before(name)
        self.enters(name, tensors)


BREAKS = (RuntimeError, ValueError, TypeError, IndexError, OverflowError, MemoryError)
"""What torch raises where it cannot do what a model asks of it."""


def why(error: Exception, but: str = "") -> str:
    """The first line of what torch says, or which file of ARCHCALC_PATH, other than `but`, failed."""
    own = None if isinstance(error, BrokenForward) else fault(error, but)
    if own is not None:
        return str(own)
    return str(error).strip().partition("\n")[0] or type(error).__name__


@dataclass
class Attempt:
    """A run that torch may break off: why it did, empty where it did not."""

    stopped: str = ""


@contextmanager
def attempt() -> Iterator[Attempt]:
    """Let torch break off: what was measured until then counts."""
    run = Attempt()
    try:
        yield run
    except BREAKS as error:
        run.stopped = why(error)


def witnesses() -> dict[str, Witness]:
    """Every witness by its file's name."""
    found: dict[str, Witness] = {}
    for module in folders.modules("witnesses"):
        complete(module, "a witness", ("COUNTS",), "measure")
        name = Path(str(module.__file__)).stem
        found[name] = _Guarded(module) if is_outside(module.__name__) else cast(Witness, module)
    return found


class _Guarded:
    """A witness of ARCHCALC_PATH: what it raises or gives wrongly is its own fault, not torch's."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self.COUNTS: str = module.COUNTS

    def measure(self, graph: Graph, model: nn.Module) -> Measured:
        """What the witness measured. Raises PluginError, or what torch raised."""
        with blamed(self._module, "'measure'"):
            try:
                measured = self._module.measure(graph, model)
            except BREAKS as error:
                if _raised_in(error) != self._module.__file__ and not isinstance(error, RecursionError):
                    return Measured(stopped=why(error, but=str(self._module.__file__)))
                raise
            _check(measured)
            return cast(Measured, measured)


def _raised_in(error: Exception) -> str:
    """The file of the line of Python that an error was raised in."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace is not None else ""


def _check(measured: object) -> None:
    """Raise TypeError where a witness gives what is no measurement."""
    if not isinstance(measured, Measured):
        raise TypeError(f"it gives a {type(measured).__name__}, not Measured(...)")
    kinds = {"shapes": Shape, "tensors": Mapping, "macs": int}
    for what, kind in kinds.items():
        values = getattr(measured, what)
        if values is None:
            continue
        if not isinstance(values, Mapping):
            raise TypeError(f"its {what} are a {type(values).__name__}, not a mapping by node")
        for value in values.values():
            if not isinstance(value, kind):
                raise TypeError(f"its {what} hold a {type(value).__name__}, not a {kind.__name__}")


@contextmanager
def watched(graph: Graph, model: nn.Module, passage: Passage) -> Iterator[None]:
    """Follow a model's forward pass node by node; nothing is left on the model afterwards.

    A module that several nodes share is called once for each, in their order.
    """
    names: dict[nn.Module, list[str]] = {}
    for node in graph:
        names.setdefault(model.get_submodule(node.name), []).append(node.name)

    def leaves(name: str, result: Tensor) -> None:
        _require_tensor(graph.nodes[name], result)
        passage.after(name, result)

    handles = []
    for module, nodes in names.items():
        waiting, called = iter(nodes), iter(nodes)
        handles.append(module.register_forward_pre_hook(lambda m, x, it=waiting: passage.begin(next(it), x)))
        handles.append(module.register_forward_hook(lambda m, x, y, it=called: leaves(next(it), y)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _require_tensor(node: Node, result: object) -> None:
    """Raise PluginError where a layer of a file of ARCHCALC_PATH gives what has no shape of an activation."""
    file = file_of(type(node.op))
    if file and len(getattr(result, "shape", ())) < 2:
        what = "a tensor without channels" if hasattr(result, "shape") else f"a {type(result).__name__}"
        raise PluginError(f"{file}: operation '{node.op.name}': its module gives {what}, not an activation")


@contextmanager
def with_heads(graph: Graph, model: nn.Module) -> Iterator[None]:
    """Let a model in eval mode run its side chains, if the graph has any: only its outermost stage asks."""
    mode = model.training
    model.training = bool(graph.heads)
    try:
        yield
    finally:
        model.training = mode
