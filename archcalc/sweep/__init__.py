"""A network over a design space: millions of candidates counted by the rules that count one.

The rules run once, on recorded sizes (`recording`); what they computed is run again on chunks of numpy
arrays (`program`) over points made by arithmetic (`space`); `selection` says which are kept, `parts` keeps
finished blocks on disk, `cluster` runs blocks elsewhere, `results` writes the answer. numpy is at home here
and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from archcalc import given
from archcalc.costs.counting import Counting
from archcalc.environment import extras, files, inputs
from archcalc.errors import ClusterError, OutputError, UsageError, nearest
from archcalc.graph import Network
from archcalc.numerals import whole
from archcalc.recorded.recording import Recorded, Term, reached
from archcalc.report import Report, render
from archcalc.sweep import progress, results
from archcalc.sweep.checkpoints import Folder
from archcalc.sweep.design import design
from archcalc.sweep.expressions import parse, parse_number
from archcalc.sweep.program import require_64_bits
from archcalc.sweep.run import Chosen, Engine, Memory, Runner, Summary, chosen, one_by_one, run
from archcalc.sweep.selection import Points, Selection
from archcalc.sweep.space import Axis, Space, parse_axis
from archcalc.version import VERSION

if TYPE_CHECKING:
    import pandas

__all__ = ["EXTRA_FORMATS", "LISTED", "SHOWN", "Request", "Sweep", "progress", "runner"]

LISTED = 100_000
"""The most points that a report lists where nothing chooses among them."""
SHOWN = 1_000
"""The most that a terminal is shown."""
EXTRA_FORMATS = {".parquet": "parquet"}
"""What a sweep can write that no other report can."""
STREAMED = (".csv", ".parquet")
"""The files that take points of any number."""


@dataclass(frozen=True)
class Request:
    """What is asked of a sweep, as the command line writes it.

    `vary`: `input=128:512:32`, `3a.#3x3=64,96`, `width=0.25:2:0.05`, `batch=1:8`. `sample` points are drawn
    with `seed`, by default all are taken. `where` is a condition; `pareto` columns or formulas, separated by
    commas, each the smaller the better; `top` points whose `by` is largest; `solve` a varied column, of which
    the largest value that fits `where` is kept.
    """

    vary: tuple[str, ...]
    sample: int | None = None
    seed: int = 0
    where: str = ""
    pareto: str = ""
    top: int | None = None
    by: str = ""
    solve: str = ""

    def __post_init__(self) -> None:
        for text in self.vary:
            given.text("what varies", text, "input=128:512:32")
        given.whole("seed", self.seed)
        for name, count in (("sample", self.sample), ("top", self.top)):
            if count is not None:
                given.whole(name, count)
        for name, such_as in (
            ("where", "macs<1.5G"),
            ("pareto", "params,macs"),
            ("by", "-macs"),
            ("solve", "width"),
        ):
            given.text(name, getattr(self, name), such_as, empty=True)


def runner(address: str | None, workers: int | None) -> AbstractContextManager[Runner]:
    """What runs a sweep's blocks: a Dask cluster, processes of this machine, or where neither is named this
    process. Raises MissingExtra, or ClusterError where a cluster cannot be reached.
    """
    if address is None and workers is None:
        return nullcontext(one_by_one)
    from archcalc.sweep.cluster import connected  # imported here: it needs Dask

    return connected(address, workers)


class Sweep:
    """One network's sweep, ready to run.

    Raises archcalc.ArchcalcError where the request is malformed or the network cannot be swept.
    """

    def __init__(self, network: Network, request: Request, counting: Counting) -> None:
        self.request = request
        _require_sense(request)
        axes = [parse_axis(text) for text in request.vary]
        self.space = Space(axes, request.sample, request.seed)
        self.design = design(network, counting, axes)
        columns = self.design.columns
        wheres: list[Term] = [parse(request.where, each) if request.where else True for each in columns]
        selections = [_selection(request, self.design.axes, each) for each in columns]
        self.selection = selections[0]
        require_64_bits("a number in --where", *wheres)
        keys = (key for selection in selections for key in selection.keys)
        require_64_bits("a number in --pareto, --by or --solve", *keys)
        self.engine = Engine(self.design, self.space, wheres, selections)

    @property
    def everything(self) -> bool:
        """Whether nothing chooses among the points."""
        return self.selection.kind == "all"

    def report(
        self,
        listed: int = LISTED,
        tell: Callable[[int], None] = lambda done: None,
        runner: Runner = one_by_one,
    ) -> Report:
        """Run in memory; where nothing chooses among the points, the first of them are listed."""
        memory = Memory(self.engine, listed)
        run(self.engine, memory, tell, runner)
        return self._report(memory.chosen)

    def frame(self) -> pandas.DataFrame:
        """The report as a pandas DataFrame."""
        frame: pandas.DataFrame = self.report().frame()
        return frame

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def some(self, count: int) -> Report:
        """A sample of the points that fit, whatever is chosen among them."""
        request = replace(self.request, pareto="", top=None, by="", solve="", sample=count)
        return Sweep(self.design.network, request, self.design.counting).report()

    def write(
        self,
        output: str | os.PathLike[str],
        format_name: str,
        resume: bool = False,
        tell: Callable[[int], None] = lambda done: None,
        runner: Runner = one_by_one,
    ) -> tuple[str, ...]:
        """Run with finished blocks kept beside the output, and write it in a format, or as "parquet".

        The sentences under the report are returned. Raises OutputError, or ClusterError of a `runner` on a
        cluster: what was finished is kept, and `resume` goes on with it.
        """
        output = Path(given.path("an output", output))
        inputs.require_no_input(output)
        files.require_place(output, beside=".parts")
        stream = self.everything and f".{format_name}" in STREAMED
        if self.everything and not stream and self.space.points > LISTED:
            raise UsageError(
                f"{whole(self.space.points)} points are more than a {format_name} file should hold: "
                "write a .csv or .parquet file, or choose with --pareto, --top or --solve"
            )
        if format_name == "parquet":
            with extras.needed("a Parquet file"):
                import pyarrow  # noqa: F401 -- asked for before the points are computed
        if output.exists() and not output.is_file() and not output.is_dir():
            if stream:
                raise OutputError(f"{output}: is no file, and a sweep's points need one")
            files.write(output, render(self.report(LISTED, tell, runner), format_name))
            return ()
        with Folder(output, self.statement(), resume) as folder:
            try:
                run(self.engine, folder, tell, runner)
                report = (self._stream if stream else self._choose)(folder, output, format_name)
            except (KeyboardInterrupt, ClusterError) as stopped:
                kept = f"'{folder.path}' keeps what was finished: --resume goes on with it"
                raise type(stopped)(f"{stopped}; {kept}" if str(stopped) else kept) from None
            folder.remove()
        return report.notes

    def _choose(self, folder: Folder, output: Path, format_name: str) -> Report:
        """Write what is kept of all points; the report is that of these."""
        kept = chosen(self.engine, folder.parts())
        report = self._report(kept)
        if format_name == "parquet":
            results.write_parquet(self.design, [kept.points()], output, folder.temporary(".parquet"))
        else:
            files.write(output, render(report, format_name))
        return report

    def _stream(self, folder: Folder, output: Path, format_name: str) -> Report:
        """Write all points, a part in memory at a time; the report is that of none of them."""
        if format_name == "csv":
            results.write_csv(self.design, folder.parts(), folder, output)
        else:
            points = (part.points for part in folder.parts())
            results.write_parquet(self.design, points, output, folder.temporary(".parquet"))
        summary = results.summary_of([part.summary for part in folder.parts()])
        none = {name: column[:0] for name, column in next(folder.parts()).points.items()}
        return self._titled(none, summary._replace(kept=0))

    def _report(self, kept: Chosen) -> Report:
        return self._titled(kept.points(), kept.summary)

    def _titled(self, points: Points, summary: Summary) -> Report:
        return results.report(self.design, self.space, self.selection, points, summary, self._title())

    def _title(self) -> str:
        request, counting = self.request, self.design.counting
        varied = " and ".join(request.vary)
        words = f"{self.design.network.name}, {varied}"
        if "batch" not in {axis.name for axis in self.space.axes}:
            words += f", batch {counting.batch}"
        if request.where:
            words += f", where {request.where}"
        if request.pareto:
            return f"{words}: the Pareto front of {request.pareto}"
        if request.top:
            return f"{words}: the top {whole(request.top)} by {request.by}"
        return f"{words}: the largest {request.solve} that fits" if request.solve else words

    def statement(self) -> dict[str, object]:
        """What makes this sweep the one it is: its request, and what is computed."""
        asked = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self.request).items()
        }
        return {
            "archcalc": VERSION,
            "network": self.design.network.key,
            **asked,
            "blocks": self.space.blocks,
            "computed": _fingerprint(self.engine),
        }


def _require_sense(request: Request) -> None:
    """Refuse options that contradict one another or lack another."""
    if not request.vary:
        raise UsageError("a sweep varies something: --vary input=128:512:32, --vary '3a.#3x3=64:256:16'")
    if sum(map(bool, (request.pareto, request.top is not None, request.solve))) > 1:
        raise UsageError("--pareto, --top and --solve choose differently: give one of them")
    if (request.top is not None) != bool(request.by):
        raise UsageError("--top N and --by COLUMN belong together")
    if request.solve and not request.where:
        raise UsageError("--solve finds the largest value that fits: say into what with --where")
    for name, count, least in (
        ("--sample", request.sample, 1),
        ("--top", request.top, 1),
        ("--seed", request.seed, 0),
    ):
        if count is not None and count < least:
            raise UsageError(f"{name} is {least} or more, not {count}")


def _selection(request: Request, axes: Sequence[Axis], columns: Mapping[str, Term]) -> Selection:
    """What is kept, and the numbers that decide it."""
    if request.pareto:
        names = request.pareto.split(",")
        return Selection("pareto", tuple(parse_number(name, columns, "--pareto") for name in names))
    if request.top is not None:
        return Selection("top", (parse_number(request.by, columns, "--by"),), request.top)
    if request.solve:
        varied = [axis.name for axis in axes]
        if request.solve not in varied:
            raise UsageError(f"--solve '{request.solve}' is not varied{nearest(request.solve, varied)}")
        return Selection("solve", (columns[request.solve],), 0, varied.index(request.solve))
    return Selection()


def _fingerprint(engine: Engine) -> str:
    """A digest of every term that is computed: a changed network or rule is another sweep."""
    masks = (each.value for own in engine.design.structures for each in own.conditions)
    terms = (*chain.from_iterable(engine.outputs), *masks)
    numbers = {term.number: index for index, term in enumerate(reached(terms))}

    def name(each: object) -> str:
        return f"#{numbers[each.number]}" if isinstance(each, Recorded) else str(each)

    lines = [f"{term.operation} {term.name}{' '.join(map(name, term.operands))}" for term in reached(terms)]
    lines += [name(term) for term in terms]
    lines += [f"{key} {index} {table.tolist()}" for key, (index, table) in engine.design.tables.items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
