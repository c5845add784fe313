"""The documentation is true: its sessions, examples, files and tables are run, read and compared."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import archcalc
from archcalc import witnesses
from archcalc.cli import application
from archcalc.errors import Place, Refused
from archcalc.notation.arguments import bind
from archcalc.notation.arithmetic import Given
from archcalc.notation.block import Vocabulary, parse_fences
from archcalc.notation.document import SETTINGS, Fence
from archcalc.ops import Op, notation, operations
from archcalc.report import format_names
from archcalc.sizes import Requirement
from archcalc.sizes.written import parse_shape
from archcalc.sources.paper import load
from archcalc.table import LEVELS
from tests._cli import rows
from tests._documents import PATHS, ROOT, Document, run, same, write

DOCUMENTS = {path.name: Document(path) for path in PATHS}
KINDS = {"console", "python", "markdown", "csv", "blocks", "text", "sh"}
PACKAGE = ROOT / "archcalc"

each_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


@each_document
def test_sessions_show_what_the_commands_show(
    document: Document, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With --refresh-golden the sessions are written anew, but for those cut with `...`."""
    write(document, tmp_path)
    commands = document.commands
    answers = run([command.text for command in commands], tmp_path)
    assert len(answers) == len(commands)
    if request.config.getoption("--refresh-golden"):
        document.path.write_text(document.refreshed(answers), encoding="utf-8")
        return
    for command, answer in zip(commands, answers, strict=True):
        where = f"{document.name}:{command.line}: $ {command.text}"
        assert same(command.shown, answer), f"{where}\nnow shows:\n{answer}"


@each_document
def test_python_examples(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(document, tmp_path)
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    complaints: list[str] = []
    names: dict[str, object] = {}
    for fence in document.fences:
        if fence.kind != "python" or fence.file:
            continue
        if ">>>" not in fence.text:
            exec(compile(fence.text, f"{document.name}:{fence.line}", "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(
            fence.text, names, document.name, document.name, fence.line - 1
        )
        runner.run(test, out=complaints.append, clear_globs=False)
        names.update(test.globs)
    assert not complaints, "".join(complaints)


@each_document
def test_networks_can_be_used_or_their_error_is_shown(document: Document, tmp_path: Path) -> None:
    write(document, tmp_path)
    names = []
    for fence in document.fences:
        # A document without rows is a file of blocks: the networks that use it are tried.
        if fence.kind == "markdown" and fence.text.startswith("---") and "| type" in fence.text:
            names.append(fence.file or f"line-{fence.line}.md")
            (tmp_path / names[-1]).write_text(fence.text)
    answers = run([f"ARCHCALC_PATH=. archcalc table {name} --format csv" for name in names], tmp_path)
    shown = [line for command in document.commands for line in command.shown]
    for name, answer in zip(names, answers, strict=True):
        assert answer.startswith("row,") or answer.strip() in shown, f"{document.name}: {name}: {answer}"


@each_document
def test_blocks_follow_the_grammar(document: Document) -> None:
    for fence in document.fences:
        if fence.kind == "blocks":
            assert parse_fences([Fence(fence.text, document.name, fence.line)], ())


def test_googlenets_blocks_are_shown_as_they_are() -> None:
    shown = next(fence for fence in DOCUMENTS["notation.md"].fences if "{pool proj}" in fence.text)
    assert shown.text in (PACKAGE / "networks" / "googlenet.md").read_text()


@each_document
def test_every_fence_is_of_a_kind_that_is_tested(document: Document) -> None:
    assert {fence.kind for fence in document.fences} <= KINDS


@each_document
def test_links_lead_somewhere(document: Document) -> None:
    for link in document.links:
        if link.startswith("http"):
            continue
        file, _, anchor = link.partition("#")
        target = (document.path.parent / file).resolve() if file else document.path
        assert target.exists(), f"{document.name}: {link}"
        if anchor:
            assert anchor in Document(target).anchors, f"{document.name}: {link}"


@each_document
def test_nothing_is_left_to_do(document: Document) -> None:
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|TBD|WIP)\b", document.text)


class NoColumns:
    """What braces ask in an example: there are no columns."""

    def __call__(self, name: str) -> Given:
        raise Refused(f"an example names no column: {name}")

    def require(self, requirement: Requirement) -> None:
        raise Refused(f"an example requires nothing of a column: {requirement}")


def read_step(text: str) -> Op:
    """The operation that a block's step writes."""

    step = Vocabulary(()).step(text, Place("docs"))
    return bind(operations()[step.name], step.arguments, NoColumns())


def test_the_notation_of_every_operation() -> None:
    """Each operation has a line; its example is one; each of its words is named."""
    lines = DOCUMENTS["operations.md"].table("operation", "example", "also written", "what it does")
    assert [line["operation"] for line in lines] == sorted(operations())
    for line in lines:
        op = read_step(line["example"])
        assert op.name == line["operation"]
        for field in notation(type(op)):
            words = field.metadata["notation"].words
            assert words in line["example"] + line["also written"], (op.name, words)


def test_the_work_of_every_operation() -> None:
    lines = DOCUMENTS["counting.md"].table("step", "input", "MACs", "elementwise", "why")
    assert {read_step(line["step"]).name for line in lines} == set(operations())
    for line in lines:
        op, read = read_step(line["step"]), map(parse_shape, line["input"].split(", "))
        inputs = [shape for shape in read if shape is not None]
        inputs = 2 * inputs if op.joins and len(inputs) == 1 else inputs
        counted = (f"{op.macs(*inputs):,}", f"{op.elementwise(*inputs):,}")
        assert counted == (line["MACs"], line["elementwise"]), line["step"]


def test_every_setting() -> None:
    lines = DOCUMENTS["notation.md"].table("setting", "value", "meaning")
    assert [line["setting"] for line in lines] == [*SETTINGS, "every OPERATION"]


def _columns() -> Iterator[tuple[str, str]]:
    """Every column of the machine formats, with where it stands."""
    network = load("googlenet")
    for level in LEVELS:
        for column in rows("table", "googlenet", "--level", level)[0]:
            if column not in network.read_columns:
                yield f"table --level {level}", column
    varied = ["sweep", "googlenet", "--vary", "batch=1:2"]
    for command in (["list"], ["check", "naive-vs-v1"], ["reconcile", "1K", "naive-vs-v1"], varied):
        for column in rows(*command)[0]:
            yield command[0], column
    for options in ([], ["--solve", "#3x3 reduce"], ["--sensitivity"]):
        for column in rows("formula", "naive-vs-v1", *options)[0]:
            yield "formula", column
    by_structure = [["vgg16", "alexnet", "--level", level] for level in LEVELS]
    for designs in (["naive-vs-v1"], ["googlenet-naive", "googlenet"], *by_structure):
        for column in rows("compare", *designs)[0]:
            yield (
                "compare",
                re.sub(r"^(googlenet-naive|googlenet|naive|v1|vgg16|alexnet)_", "DESIGN_", column),
            )


def _commands() -> Iterator[tuple[str, str]]:
    """Every command and option, with where it stands."""
    group = typer.main.get_command(application())
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        yield "a command", name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                for option in (*parameter.opts, *parameter.secondary_opts):
                    yield name, option
    for parameter in group.params:
        yield "archcalc", parameter.opts[0]


def _environment() -> Iterator[tuple[str, str]]:
    """Every environment variable that the package reads."""
    for path in PACKAGE.rglob("*.py"):
        for name in re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", path.read_text()):
            yield path.name, name


def _interface() -> Iterator[tuple[str, str]]:
    """Everything public that `import archcalc` offers."""
    for name in archcalc.__all__:
        yield "archcalc", name
    for name in vars(archcalc.Architecture):
        if not name.startswith("_") or name == "_repr_html_":
            yield "Architecture", name


@pytest.mark.parametrize(
    ("file", "members"),
    [
        pytest.param("formats.md", _columns, id="columns"),
        pytest.param("formats.md", lambda: (("format", name) for name in format_names()), id="formats"),
        pytest.param("formats.md", _commands, id="commands"),
        pytest.param("formats.md", _environment, id="environment"),
        pytest.param(
            "counting.md", lambda: (("witness", name) for name in witnesses.witnesses()), id="witnesses"
        ),
        pytest.param("python.md", _interface, id="interface"),
    ],
)
def test_everything_is_named(file: str, members: object) -> None:
    """What can be asked for stands in its document, as code."""
    said = set(re.findall(r"[\w/-]+", " ".join(re.findall(r"`([^`\n]+)`", DOCUMENTS[file].text))))
    found = set(members())  # type: ignore[operator]
    assert found
    assert {name for _, name in found} <= said, sorted(pair for pair in found if pair[1] not in said)


def _imported(path: Path) -> set[str]:
    """The rooms of the package that a file names in its imports, wherever they stand."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "archcalc":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archcalc."):
            found.add(str(node.module).split(".")[1])
    return found


def test_the_map_of_the_code() -> None:
    """Every room is on the map, and imports those below it alone."""
    rooms = [line["room"] for line in DOCUMENTS["extending.md"].table("room", "the question it answers")]
    there = {path.name + "/" * path.is_dir() for path in PACKAGE.iterdir()}
    assert set(rooms) == there - {"__init__.py", "__pycache__/", "py.typed"}
    names = [room.removesuffix(".py").rstrip("/") for room in rooms]
    for place, room in enumerate(rooms):
        files = [PACKAGE / room] if room.endswith(".py") else (PACKAGE / room).glob("*.py")
        for file in files:
            assert _imported(file) <= set(names[place:]), f"{file.name} imports from above"
