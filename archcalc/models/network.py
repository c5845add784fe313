"""A torch model as a network: what every question is asked of, with the model's children as rows.

>>> from archcalc.models.locate import locate
>>> network = ModelNetwork(locate("torchvision:resnet18"))
>>> [row.name for row in network.rows][:5], str(network.inputs)
(['conv1', 'bn1', 'relu', 'maxpool', 'layer1'], '224x224x3')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from archcalc import numerals
from archcalc.errors import InputError, Refused, UnknownName, listed, nearest, quoted
from archcalc.graph import Graph, Width
from archcalc.models import graph as graphs
from archcalc.models.inputs import default_inputs, given_inputs
from archcalc.models.locate import Located
from archcalc.models.trace import Trace, traced_located
from archcalc.sizes import Size
from archcalc.sizes.inputs import Entering, Inputs

SHOWN = 5
"""How many names a remark lists before it counts the rest."""


class ModelRow(NamedTuple):
    """One child of a model: what it calls its module, and where the layers of that stand."""

    name: str
    type: str
    path: str

    @property
    def title(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        return self.name

    @property
    def repeat(self) -> int:
        return 1

    @property
    def head(self) -> str:
        return ""

    def said(self, column: str) -> str | None:
        """A model says nothing in columns."""
        return None


class ModelRun(NamedTuple):
    """One recorded run, and the graph that it is."""

    trace: Trace
    model: graphs.ModelGraph


class ModelNetwork:
    """A network that a torch model is, by what it did in a run on inputs without content."""

    def __init__(self, located: Located) -> None:
        self._located = located
        self._runs: dict[str, ModelRun] = {}
        self._latest: str | None = None
        self._beyond = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self._located.key

    @property
    def key(self) -> str:
        """What a command calls it."""
        return self._located.key

    @property
    def source(self) -> str:
        """What it was read from."""
        return self._located.key

    @cached_property
    def inputs(self) -> Inputs | None:
        """What its library says enters it; None where it does not say."""
        try:
            default_inputs(self._located)
        except InputError:
            return None
        return self._run(None).model.graph.inputs

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    @property
    def heads(self) -> Mapping[str, str]:
        return {}

    @property
    def alternatives(self) -> bool:
        return False

    @property
    def width_multiple(self) -> int:
        return 1

    @cached_property
    def rows(self) -> Sequence[ModelRow]:
        """The modules that the model calls itself, in the order of its own run."""
        return tuple(_rows(self._run(self._latest).model.graph))

    @property
    def own_rows(self) -> Sequence[ModelRow]:
        return self.rows

    @property
    def rows_stand_alone(self) -> bool:
        return False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What its run says beside the counts: where sizes come from, what has no rule, what was not read."""
        run = self._run(self._latest)
        found = [f"The input is {run.trace.inputs.words()}."] if run.trace.inputs.why else []
        found += [run.trace.note] if run.trace.note else []
        if run.model.unlifted:
            reasons = dict.fromkeys(run.model.unlifted.values())
            found.append(
                f"Recorded as torch counts them, by one witness: {_some(list(run.model.unlifted))} "
                f"({listed(list(reasons)[:SHOWN])})."
            )
        if run.model.unused:
            count = numerals.whole(sum(run.model.unused.values()))
            found.append(
                f"Not used in this pass, and not counted: {count} params, in {_some(_modules(run))}."
            )
        if self._beyond:
            found.append(
                "At other sizes: by the rules of this run's operations. That the model's code does the same "
                "there is not proved."
            )
        return tuple(found)

    def row(self, name: str) -> ModelRow:
        """The row of that name. Raises UnknownName."""
        known = {row.name: row for row in self.rows}
        if name not in known:
            raise UnknownName(f"{self.name}: no row is called {quoted(name)}{nearest(name, known)}")
        return known[name]

    def alternative(self, name: str, stack: int = 1) -> ModelNetwork:
        """A model's part is no network of its own. Raises InputError."""
        raise InputError(f"{self.name}: a part of a torch model is not counted by itself: ask for the whole")

    def widths(self) -> Iterator[Width]:
        """A model's sizes stand in its code: none can be replaced."""
        return iter(())

    def depths(self) -> Iterator[tuple[str, str]]:
        """A model's depth stands in its code."""
        return iter(())

    def deepened(self, times: Mapping[tuple[str, str], int]) -> ModelNetwork:
        """The same model: it has no depths that could be others."""
        return self

    def graph(
        self,
        input: Entering | None = None,
        heads: bool = False,
        cells: Mapping[tuple[str, str], Size] | None = None,
    ) -> Graph:
        """The model at its library's input, or at others, where it is run anew.

        At symbols or arrays the operations of the last run are asked. Raises InputError where it cannot run.
        """
        if input is None:
            self._latest = None
            return self._run(None).model.graph
        inputs = Inputs.of(input)
        if _is_plain(inputs):
            self._latest = str(inputs)
            return self._run(self._latest).model.graph
        self._beyond = True
        try:
            return graphs.at(self._run(self._latest).model.graph, inputs)
        except Refused as refused:
            raise InputError(f"{self.name}: {refused} (at the input {inputs})") from None

    def _run(self, stated: str | None) -> ModelRun:
        """The run at an input, made once."""
        key = stated or ""
        if key not in self._runs:
            located = self._located
            inputs = given_inputs(stated, located.model) if stated else default_inputs(located)
            trace = traced_located(located, inputs)
            twice = traced_located(located, inputs, batch=2)
            self._runs[key] = ModelRun(trace, graphs.graph_of(trace.record, twice.record))
        return self._runs[key]


def _rows(graph: Graph) -> Iterator[ModelRow]:
    paths: dict[str, list[str]] = {}
    for node in graph:
        paths.setdefault(node.row, []).append(node.name)
    for name, nodes in paths.items():
        kind = name.partition(" (")[0]
        inside = all(node == kind or node.startswith(f"{kind}.") for node in nodes)
        yield ModelRow(name, kind, kind if inside else nodes[0])


def _modules(run: ModelRun) -> list[str]:
    """The modules whose parameters no call reads."""
    return list(dict.fromkeys(name.partition(".")[0] for name in run.model.unused))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _is_plain(inputs: Inputs) -> bool:
    return all(type(size) is int for shape in inputs.values() for size in (*shape.places, shape.channels))
