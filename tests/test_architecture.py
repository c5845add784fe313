"""How the house is built: imports run one way, torch stays in its rooms, and a walk names no operation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import archcalc
from archcalc.ops import operations

PACKAGE = Path(archcalc.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
FLOORS = (  # what stands lower is imported by what stands higher; every room has its floor
    {"numerals", "version"},
    {"errors"},
    {"given", "sizes"},
    {"environment", "claims"},
    {"recorded", "ops", "report"},
    {"applied"},
    {"graph"},
    {"models", "notation", "costs", "torch_module"},
    {"sources", "witnesses"},
    {"alignment", "departures"},
    {"audit", "check", "comparison", "formula", "reconciliation", "sweep"},
    {"explain", "pictures", "table"},
    {"catalogue"},
    {"api"},
    {"__init__"},
    {"cli"},
)
MAY_ASK = {  # which capability asks which other; every other answer is put together above them
    "table": {"audit"},
    "explain": {"audit"},
    "catalogue": {"audit", "check", "comparison", "explain", "formula", "reconciliation", "sweep", "table"},
}
CAPABILITIES = {*MAY_ASK, *MAY_ASK["catalogue"]}
ANY_LIMIT = 7
"""How often a thousand lines may say Any; the number only falls."""
HEAVY = {"torch", "numpy", "sympy", "fvcore", "pandas"}


def room(module: str) -> str:
    """The folder, or the file, that a module of the package is in."""
    return module.partition(".")[0]


def floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


def imports(module: str, whole: bool = True) -> Iterator[str]:
    """What a file imports by its full name; without `whole` only what is imported with it.

    What stands under `if TYPE_CHECKING` is never imported.
    """
    waiting: list[ast.AST] = [ast.parse(FILES[module].read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.FunctionDef) and not whole:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports say the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)


def needed(module: str) -> set[str]:
    """The files of the package that a file imports, at once or while it runs."""
    found = set()
    for name in imports(module):
        if name.partition(".")[0] == "archcalc":
            inside = name.partition(".")[2]
            known = inside if inside in FILES else inside.rpartition(".")[0]
            found.add(known or "__init__")
    return found - {module}


def test_the_package_was_found() -> None:
    assert {
        "graph",
        "ops",
        "ops.conv",
        "costs",
        "notation.loading",
        "report.csv",
        "witnesses.tensors",
        "cli",
    } <= set(FILES)


def test_every_room_has_its_floor() -> None:
    named = [name for rooms in FLOORS for name in rooms]
    assert sorted(named) == sorted({room(module) for module in FILES})


@pytest.mark.parametrize("module", FILES)
def test_imports_run_one_way(module: str) -> None:
    for other in needed(module):
        assert room(other) == room(module) or floor(other) < floor(module), f"{module} imports {other}"


@pytest.mark.parametrize("module", [module for module in FILES if room(module) in CAPABILITIES])
def test_a_capability_stands_alone(module: str) -> None:
    others = {room(other) for other in needed(module)} & CAPABILITIES - {room(module)}
    assert others <= MAY_ASK.get(room(module), set())


def test_no_file_imports_itself_through_others() -> None:
    order = list(TopologicalSorter({module: needed(module) for module in FILES}).static_order())
    assert set(order) == set(FILES)


@pytest.mark.parametrize("module", [module for module in FILES if room(module) == "report"])
def test_a_report_knows_no_network(module: str) -> None:
    assert {room(other) for other in needed(module)} <= {
        "report",
        "sizes",
        "errors",
        "environment",
        "version",
        "numerals",
    }


@pytest.mark.parametrize("module", FILES)
def test_nothing_heavy_is_imported_at_once(module: str) -> None:
    """What is heavy is imported where it is needed; torch, sympy and numpy are at home in few rooms."""
    home = {"torch", "fvcore"} if room(module) in ("torch_module", "witnesses", "models") else set()
    home |= {"sympy"} if room(module) == "formula" else set()
    home |= {"numpy"} if room(module) == "sweep" else set()
    assert {name.partition(".")[0] for name in imports(module, whole=False)} & HEAVY <= home


@pytest.mark.parametrize("module", [name for name in FILES if room(name) in ("recorded", "report")])
def test_what_is_recorded_or_reported_needs_no_numpy(module: str) -> None:
    assert "numpy" not in {name.partition(".")[0] for name in imports(module)}


@pytest.mark.parametrize("module", FILES)
def test_nothing_is_imported_by_a_string(module: str) -> None:
    """Such an import is seen by no checker; code that a user names cannot be imported otherwise."""
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(FILES[module].read_text()))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    by_string = {"__import__", "import_module", "exec_module", "run_module", "run_path"}
    assert not used & by_string or module in ("environment.folders", "environment.code")


@pytest.mark.parametrize("module", [name for name in FILES if room(name) not in ("numerals", "report")])
def test_a_number_becomes_text_in_one_place(module: str) -> None:
    nodes = list(ast.walk(ast.parse(FILES[module].read_text())))
    written = [
        ast.unparse(node.format_spec)
        for node in nodes
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None
    ]
    called = {
        node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not [spec for spec in written if re.search("[,_eEfFgGn%]'$", spec)]
    assert not called & {"round", "format"}


@pytest.mark.parametrize("module", FILES)
def test_a_file_answers_one_question(module: str) -> None:
    assert len(FILES[module].read_text().splitlines()) <= 300


def test_a_file_of_tests_holds_one_promise() -> None:
    files = Path(__file__).parent.glob("*.py")
    assert not [path.name for path in files if len(path.read_text().splitlines()) > 300]


def test_the_root_reads_as_a_table_of_contents() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 14


def test_a_public_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[str]] = {}
    for module, path in FILES.items():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    assert not {name: modules for name, modules in homes.items() if len(modules) > 1}


def test_types_say_what_they_know() -> None:
    texts = [path.read_text() for path in FILES.values()]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    said = sum(isinstance(node, ast.Name) and node.id == "Any" for node in nodes)
    lines = sum(len(text.splitlines()) for text in texts)
    assert 1000 * said <= ANY_LIMIT * lines, f"{1000 * said / lines:.1f} in a thousand lines"


@pytest.mark.parametrize(
    "module", [module for module in FILES if room(module) in ("ops", "notation", "graph")]
)
def test_an_operation_is_given_torch(module: str) -> None:
    assert not {"torch", "fvcore"} & {name.partition(".")[0] for name in imports(module)}


WALKS = [
    module
    for module in FILES
    if room(module) != "ops"
    and module != "witnesses.fvcore"  # fvcore's own names of what it counts
    and not module.startswith("models.")  # torch's functions by name, and which operation each is
]


@pytest.mark.parametrize("module", WALKS)
def test_a_walk_names_no_operation(module: str) -> None:
    """Nothing outside `ops/` may ask which operation it has: no name as a string, no class."""
    names = set(operations()) | {name.replace(" ", "_") for name in operations()}
    classes = {operation.__name__ for operation in operations().values()}
    tree = ast.parse(FILES[module].read_text())
    used = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip() in names:
            used.append((node.lineno, node.value))
        elif isinstance(node, ast.alias) and node.name in classes:
            used.append((node.lineno, node.name))
        elif isinstance(node, ast.Attribute) and node.attr in classes:
            used.append((node.lineno, node.attr))
    assert used == []
    assert not [other for other in needed(module) if other.startswith("ops.")]


@pytest.mark.parametrize("module", [name for name in FILES if room(name) in ("ops", "graph", "costs")])
def test_a_rule_makes_no_size_an_int(module: str) -> None:
    """One cast would close the door to arrays and symbols."""
    called = [
        node.func for node in ast.walk(ast.parse(FILES[module].read_text())) if isinstance(node, ast.Call)
    ]
    names = {function.id for function in called if isinstance(function, ast.Name)}
    assert names & {"int", "float", "round", "min", "divmod"} == set()
