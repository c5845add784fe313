"""What `import archcalc` offers.

>>> import archcalc
>>> net = archcalc.load("googlenet")
>>> net.cost().params, net.cost().macs
(6998552, 1582671872)
>>> net.cost(input="227x227x3", batch=2).macs
3199768064
>>> net.frame().set_index("row").loc["3a", "verdict_params"]
'agrees'
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from archcalc import given, sources
from archcalc.costs import Cost, Layer, total
from archcalc.costs.counting import Conditions, Counting, Input, counting_of, entering, shape
from archcalc.environment import extras
from archcalc.errors import UsageError
from archcalc.graph import Graph, Network
from archcalc.notation.network import TableNetwork
from archcalc.report import Report
from archcalc.sizes.written import read_shape
from archcalc.sources import paper
from archcalc.table import LEVELS, Level, table

if TYPE_CHECKING:
    import pandas
    from torch import nn

    from archcalc.check.agreement import Check
    from archcalc.sweep import Sweep


ROW = "3a, as the table calls it"


class Architecture:
    """A network that was loaded: its costs, its table, its torch module, its check.

    Every method that counts takes the same conditions by their names: `input` ("224x224x3", (224, 224, 3),
    224 or a Shape; by default the network's own), `batch` (1), `count` ("macs" or "flops"), `bias` (True) and
    `heads` (False: without the side chains of training); or `counting`, a ready Counting that holds them all.
    Every method raises archcalc.ArchcalcError, whose text says what is wrong and what it takes.
    """

    def __init__(self, network: Network) -> None:
        if not hasattr(type(network), "graph"):
            raise UsageError(f"archcalc.load(name) makes an Architecture, not {given.shown(network)}")
        self.network = network

    @property
    def name(self) -> str:
        """The network's name as its document states it."""
        return self.network.name

    def graph(self, input: Input = None, *, heads: bool = False) -> Graph:
        """The primitive operations, in order, with their shapes."""
        return Counting(input, heads=heads).graph(self.network)

    def layers(self, input: Input = None, **conditions: Unpack[Conditions]) -> list[Layer]:
        """The costs of every primitive operation."""
        counting = counting_of(input, **conditions)
        return counting.layers(counting.graph(self.network))

    def cost(self, input: Input = None, **conditions: Unpack[Conditions]) -> Cost:
        """The costs of the whole network, as exact integers."""
        return total(self.layers(input, **conditions))

    def table(
        self,
        level: Level = "row",
        *,
        input: Input = None,
        check: bool = False,
        **conditions: Unpack[Conditions],
    ) -> Report:
        """The costs row by row, branch by branch or layer by layer, as a Report.

        A Report shows itself as a table in a notebook; `frame()` gives it as a pandas DataFrame and
        `archcalc.render(report, "markdown")` as text. `check` adds what the witnesses say of each line and
        needs the extra `torch`.
        """
        level, counting = given.choice("level", level, LEVELS), counting_of(input, **conditions)
        if given.flag("check", check):
            return checked_table(self.network, counting, level)[0]
        return table(self.network, counting, level)

    def frame(
        self, level: Level = "row", *, input: Input = None, **conditions: Unpack[Conditions]
    ) -> pandas.DataFrame:
        """The table as a pandas DataFrame, with the columns of the CSV export."""
        frame: pandas.DataFrame = self.table(level, input=input, **conditions).frame()
        return frame

    def torch_module(self, input: Input = None, *, heads: bool = False, device: str = "cpu") -> nn.Module:
        """The network as an ordinary torch module. Needs the extra `torch`."""
        graph = self.graph(input, heads=heads)
        with extras.needed("a torch module"):
            import torch

            from archcalc.torch_module import build
        try:
            torch.empty(0, device=given.text("device", device, "cpu, cuda or meta"))
        except (RuntimeError, AssertionError) as error:  # torch has no one error for what it lacks
            why = str(error).partition("\n")[0]
            raise UsageError(f"torch has no device {given.shown(device)}: {why}") from None
        return build(graph, device)

    def check(self, input: Input = None) -> list[Check]:
        """Check the calculator against the torch module, layer by layer. Needs the extra `torch`."""
        with extras.needed("a check"):
            from archcalc.check.agreement import check
        return check(self.network, entering(input, self.network))

    def audit(self) -> Report:
        """Every number that the paper printed: a verdict, the reading that gives it, its possible origin."""
        from archcalc.audit.findings import findings
        from archcalc.audit.report import report

        if not isinstance(self.network, TableNetwork):
            raise UsageError(f"{self.name} is no paper's table: it prints nothing that could be judged")
        return report([findings(self.network)])

    def explain(self, row: str, *, input: Input = None, **conditions: Unpack[Conditions]) -> Report:
        """How one row's cost comes about, written by the operations' own rules."""
        from archcalc.explain.derivation import explain

        row = given.text("row", row, ROW)
        return explain(self.network, row, counting_of(input, **conditions))

    def sweep(
        self,
        *vary: str,
        sample: int | None = None,
        seed: int = 0,
        where: str = "",
        pareto: str = "",
        top: int | None = None,
        by: str = "",
        solve: str = "",
        row: str | None = None,
        input: Input = None,
        **conditions: Unpack[Conditions],
    ) -> Sweep:
        """The network over a design space: `vary` are texts such as "input=128:512:32" and "3a.#3x3=64,96".

        `where` keeps what fits a condition; `pareto`, `top` with `by`, or `solve` choose among it. The Sweep
        is ready to run: `report()` and `frame()` answer it, without a choice with the first 100,000 points;
        `write(path)` writes all of them, however many there are. `row` names one of a file's alternatives.
        """
        from archcalc.sweep import Request, Sweep  # imported here: it needs numpy

        request = Request(vary, sample, seed, where, pareto, top, by, solve)
        network = self.network if row is None else self.network.alternative(given.text("row", row, ROW))
        return Sweep(network, request, counting_of(input, **conditions))

    def formula(
        self,
        input: Input = None,
        *,
        row: str | None = None,
        symbols: str | Sequence[str] = (),
        **conditions: Unpack[Conditions],
    ) -> Report:
        """What it costs at every size, as formulas. Needs the extra `formula`.

        `input` may hold names, "HxWx3", and is what enters the row where one is named; `symbols` are columns
        that stay symbols: "#3x3", "3a.#3x3", or "n=#3x3", which is one in all rows.
        """
        with extras.needed("a formula"):
            from archcalc.formula.network import formula
        counting, entered = self._symbolic(input, row, conditions)
        return formula(self.network, counting, entered, row, _columns(symbols))

    def break_even(
        self,
        column: str,
        *,
        input: Input = None,
        symbols: str | Sequence[str] = (),
        **conditions: Unpack[Conditions],
    ) -> Report:
        """Below which width of a column each alternative costs less than the first. Needs `formula`."""
        with extras.needed("a break-even"):
            from archcalc.formula.break_even import break_even
        counting, entered = self._symbolic(input, None, conditions)
        column = given.text("column", column, "#3x3")
        return break_even(self.network, counting, column, entered, _columns(symbols))

    def sensitivity(
        self, input: Input = None, *, row: str | None = None, **conditions: Unpack[Conditions]
    ) -> Report:
        """What one channel more in each column adds to the costs, the largest first. Needs `formula`."""
        with extras.needed("a sensitivity"):
            from archcalc.formula.sensitivity import sensitivity
        counting, entered = self._symbolic(input, row, conditions)
        return sensitivity(self.network, counting, entered, row)

    def _symbolic(self, input: Input, row: str | None, conditions: Conditions) -> tuple[Counting, str | None]:
        """The conditions, and the input as text: its sizes may be names, and it is what enters a row."""
        if row is not None:
            given.text("row", row, ROW)
        if isinstance(input, str) and input.strip() and read_shape(input) is None:  # it may hold names
            counting = counting_of(**conditions)
            if counting.input is not None:
                raise UsageError(f"give the input '{input}', or a counting that has one, not both")
            return counting, input
        counting = counting_of(input, **conditions)
        if counting.input is None:
            return counting, None
        return counting, str(counting.input if row else counting.entering(self.network))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        return f"<archcalc network '{self.network.key}', {len(self.network.own_rows)} rows>"


def checked_table(network: Network, counting: Counting, level: Level) -> tuple[Report, Check]:
    """A network's table with what the witnesses say of each line, and their check. Needs `torch`."""
    with extras.needed("a check"):
        from archcalc.check.agreement import check_graph
        from archcalc.check.report import sentence
    found = check_graph(network.key, counting.graph(network))
    report = table(network, counting, level, found.differing)
    return replace(report, notes=(sentence(found), *report.notes)), found


def networks() -> list[str]:
    """The names of the catalogue's networks."""
    return paper.names()


def load(name: str | os.PathLike[str]) -> Architecture:
    """The network of the catalogue that has this name, or the table in the `.md` or `.csv` file at this path.

    Raises archcalc.ArchcalcError, whose text says what is wrong, where, and what was meant.
    """
    return Architecture(_read(name))


def compare(
    *names: str | os.PathLike[str],
    stack: int | None = None,
    level: Level | None = None,
    align: bool = False,
    input: Input = None,
    **conditions: Unpack[Conditions],
) -> Report:
    """The alternatives of one file, or two networks or more, side by side.

    `stack` puts that many modules of each alternative in a row. `align` finds the rows of two networks that
    are each other's by what is done in them; the `level` "branch" or "layer" does so with branches or layers.
    """
    from archcalc.comparison import compare  # imported here: a table starts sooner without it

    if not names:
        raise UsageError("name a file of alternatives, such as naive-vs-v1, or two networks or more")
    counting = counting_of(input, **conditions)
    modules = None if stack is None else given.whole("stack", stack, least=1)
    meant = [each for name in names for each in sources.names(given.path("a network", name))]
    chosen = None if level is None else given.choice("level", level, LEVELS)
    networks = [_read(name) for name in meant]
    return compare(networks, counting, modules, chosen, given.flag("align", align))


def reconcile(claim: str, *names: str | os.PathLike[str], input: Input = None) -> Report:
    """The ways of counting that give a claimed number (6.8M) of one network, or a ratio (27x) of two."""
    from archcalc.reconciliation.search import reconcile  # imported here: a table starts sooner without it

    claim = given.text("claim", claim, "6.8M, or 27x of two networks")
    networks, entered = [_read(name) for name in names], shape(input)
    if networks:
        entered = entering(entered, networks[0])
    return reconcile(claim, networks, entered)


def _read(name: str | os.PathLike[str]) -> Network:
    return sources.load(given.path("a network", name))


def _columns(symbols: str | Sequence[str]) -> tuple[str, ...]:
    return given.texts("symbols", symbols, "#3x3 and n=#3x3")
