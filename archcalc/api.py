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

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from archcalc.costs import Cost, Layer
from archcalc.costs.counting import Counting
from archcalc.environment import extras
from archcalc.errors import UsageError
from archcalc.graph import Graph
from archcalc.notation.loading import catalogue
from archcalc.notation.network import TableNetwork
from archcalc.report import Report
from archcalc.sizes import Shape, parse_shape
from archcalc.sources.paper import load as _load
from archcalc.table import Level, table

if TYPE_CHECKING:
    import pandas
    from torch import nn

    from archcalc.check.agreement import Check
    from archcalc.sweep import Request, Sweep


class Architecture:
    """A network that was loaded: its costs, its table, its torch module, its check.

    Wherever an `input` is taken it is a text such as "224x224x3" or a Shape; without one the network's own
    is used.
    """

    def __init__(self, network: TableNetwork) -> None:
        self.network = network

    @property
    def name(self) -> str:
        """The network's name as its document states it."""
        return self.network.name

    def graph(self, input: str | Shape | None = None, heads: bool = False) -> Graph:
        """The primitive operations, in order, with their shapes."""
        return self.network.graph(shape(input), heads)

    def layers(
        self, input: str | Shape | None = None, batch: int = 1, bias: bool = True, heads: bool = False
    ) -> list[Layer]:
        """The costs of every primitive operation."""
        counting = Counting(shape(input), batch, bias=bias, heads=heads)
        return counting.layers(counting.graph(self.network))

    def cost(
        self, input: str | Shape | None = None, batch: int = 1, bias: bool = True, heads: bool = False
    ) -> Cost:
        """The costs of the whole network, as exact integers."""
        return sum((layer.cost for layer in self.layers(input, batch, bias, heads)), Cost())

    def table(
        self,
        level: Level = "row",
        input: str | Shape | None = None,
        batch: int = 1,
        count: Literal["macs", "flops"] = "macs",
        bias: bool = True,
        heads: bool = False,
        check: bool = False,
    ) -> Report:
        """The costs row by row, branch by branch or layer by layer, as a Report.

        A Report shows itself as a table in a notebook; `frame()` gives it as a pandas DataFrame and
        `archcalc.render(report, "markdown")` as text. `check` adds what the witnesses say of each line and
        needs the extra `torch`.
        """
        return self.report(Counting(shape(input), batch, count, bias, heads), level, check)

    def report(self, counting: Counting, level: Level = "row", check: bool = False) -> Report:
        """The table under conditions that stand in one object."""
        if check:
            return checked_table(self.network, counting, level)[0]
        return table(self.network, counting, level)

    def frame(self, level: Level = "row") -> pandas.DataFrame:
        """The costs as a pandas DataFrame, with the columns of the CSV export."""
        frame: pandas.DataFrame = self.table(level).frame()
        return frame

    def torch_module(
        self, input: str | Shape | None = None, heads: bool = False, device: str = "cpu"
    ) -> nn.Module:
        """The network as an ordinary torch module. Needs the extra `torch`."""
        with extras.needed("a torch module"):
            from archcalc.torch_module import build
        return build(self.graph(input, heads), device)

    def check(self, input: str | Shape | None = None) -> list[Check]:
        """Check the calculator against the torch module, layer by layer. Needs the extra `torch`."""
        with extras.needed("a check"):
            from archcalc.check.agreement import check
        return check(self.network, shape(input))

    def audit(self) -> Report:
        """Every number that the paper printed: a verdict, the reading that gives it, its possible origin."""
        return audit(self.network)

    def explain(self, row: str, counting: Counting = Counting()) -> Report:  # noqa: B008 -- it is frozen
        """How one row's cost comes about, written by the operations' own rules."""
        from archcalc.explain.derivation import explain

        return explain(self.network, row, counting)

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
        input: str | Shape | None = None,
        batch: int = 1,
        count: Literal["macs", "flops"] = "macs",
        bias: bool = True,
        heads: bool = False,
        row: str = "",
    ) -> Report:
        """The network over a design space: `vary` are texts such as "input=128:512:32" and "3a.#3x3=64,96".

        `where` keeps what fits a condition; `pareto`, `top` with `by`, or `solve` choose among it; without
        them the first 100,000 points are listed. `sweeping` gives a sweep that writes files of any length.
        """
        from archcalc.sweep import Request  # imported here: it needs numpy

        request = Request(vary, sample, seed, where, pareto, top, by, solve)
        return self.sweeping(request, Counting(shape(input), batch, count, bias, heads), row).report()

    def sweeping(self, request: Request, counting: Counting = Counting(), row: str = "") -> Sweep:  # noqa: B008 -- it is frozen
        """A sweep that is ready to run: `report()` answers it, `write(path, format)` writes it."""
        from archcalc.sweep import Sweep  # imported here: it needs numpy

        return Sweep(self.network.alternative(row) if row else self.network, request, counting)

    def formula(
        self,
        input: str | None = None,
        row: str | None = None,
        symbols: Sequence[str] = (),
        counting: Counting = Counting(),  # noqa: B008 -- it is frozen
    ) -> Report:
        """What it costs at every size, as formulas. Needs the extra `formula`.

        `input` may hold names, "HxWx3", and is what enters the row where one is named; `symbols` are columns
        that stay symbols: "#3x3", "3a.#3x3", "n=#3x3".
        """
        with extras.needed("a formula"):
            from archcalc.formula.network import formula
        return formula(self.network, counting, input, row, symbols)

    def break_even(
        self,
        column: str,
        input: str | None = None,
        symbols: Sequence[str] = (),
        counting: Counting = Counting(),  # noqa: B008 -- it is frozen
    ) -> Report:
        """Below which width of a column each alternative costs less than the first. Needs `formula`."""
        with extras.needed("a break-even"):
            from archcalc.formula.break_even import break_even
        return break_even(self.network, counting, column, input, symbols)

    def sensitivity(
        self,
        input: str | None = None,
        row: str | None = None,
        counting: Counting = Counting(),  # noqa: B008 -- it is frozen
    ) -> Report:
        """What one channel more in each column adds to the costs, the largest first. Needs `formula`."""
        with extras.needed("a sensitivity"):
            from archcalc.formula.sensitivity import sensitivity
        return sensitivity(self.network, counting, input, row)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        return f"<archcalc network '{self.network.key}', {len(self.network.own_rows)} rows>"


def checked_table(network: TableNetwork, counting: Counting, level: Level) -> tuple[Report, Check]:
    """A network's table with what the witnesses say of each line, and their check. Needs `torch`."""
    with extras.needed("a check"):
        from archcalc.check.agreement import check_graph
        from archcalc.check.report import sentence
    found = check_graph(network.key, counting.graph(network))
    report = table(network, counting, level, found.differing)
    return replace(report, notes=(sentence(found), *report.notes)), found


def networks() -> list[str]:
    """The names of the catalogue's networks."""
    return list(catalogue())


def load(name: str) -> Architecture:
    """The network of the catalogue called so, or the table in the `.md` or `.csv` file at that path.

    Raises archcalc.ArchcalcError, whose text says what is wrong, where, and what was meant.
    """
    return Architecture(_load(name))


def audit(*networks: str | TableNetwork) -> Report:
    """The printed numbers of networks, against what their tables imply; one that prints none has no line."""
    from archcalc.audit.findings import findings
    from archcalc.audit.report import report

    return report([findings(_load(each) if isinstance(each, str) else each) for each in networks])


def compare(
    *names: str,
    input: str | Shape | None = None,
    batch: int = 1,
    count: Literal["macs", "flops"] = "macs",
    bias: bool = True,
    stack: int | None = None,
) -> Report:
    """The alternatives of one file, or two networks or more, side by side."""
    return compare_networks(names, Counting(shape(input), batch, count, bias), stack)


def compare_networks(names: Iterable[str], counting: Counting, stack: int | None = None) -> Report:
    """The comparison under conditions that stand in one object."""
    from archcalc.comparison import compare  # imported here: a table starts sooner without it

    return compare([_load(name) for name in names], counting, stack)


def reconcile(claim: str, *names: str, input: str | Shape | None = None) -> Report:
    """The ways of counting that give a claimed number (6.8M) of one network, or a ratio (27x) of two."""
    from archcalc.reconciliation.search import reconcile  # imported here: a table starts sooner without it

    return reconcile(claim, [_load(name) for name in names], shape(input))


def shape(input: str | Shape | None) -> Shape | None:
    """An input as a Shape; None stays None. Raises UsageError where the text is none."""
    if input is None or isinstance(input, Shape):
        return input
    parsed = parse_shape(input.replace("\N{MULTIPLICATION SIGN}", "x"))
    if parsed is None:
        raise UsageError(f"an input is HxWxC with sizes of 1 or more, such as 224x224x3, not '{input}'")
    return parsed
