"""A Python file of ARCHCALC_PATH that fails is named in one line, whatever it does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcalc.ops import operations
from tests._cli import archcalc
from tests._plugins import NETWORK, operation, plugin, refused


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHCALC_PATH", str(tmp_path))
    (tmp_path / "net.md").write_text(NETWORK)
    operations.cache_clear()
    yield
    operations.cache_clear()


RAISES = {
    "raise SystemExit(7)": "SystemExit: 7",
    "raise SystemExit": "SystemExit",
    "raise GeneratorExit": "GeneratorExit",
    "raise BaseException('no\\nend')": "BaseException: no",
    "raise KeyError('width')": "KeyError: 'width'",
    "assert False": "AssertionError",
    "1 / 0": "ZeroDivisionError: division by zero",
    "raise ValueError('x' * 10**6)": "ValueError: " + "x" * 200 + "... (1,000,000 characters)",
    "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})": "Mute",
    "(lambda f: f(f))(lambda f: f(f))": "RecursionError: maximum recursion depth exceeded",
}


@pytest.mark.parametrize("statement", RAISES)
@pytest.mark.parametrize("kind", ["ops", "report", "witnesses"])
def test_what_an_import_raises(kind: str, statement: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, kind, statement + "\n")
    asked = {
        "ops": ("table", "googlenet"),
        "report": ("table", "googlenet", "-f", "odd"),
        "witnesses": ("check", "lenet-5"),
    }
    fact = f"{path}: cannot be imported: {RAISES[statement]}"
    assert refused(*asked[kind]).startswith(fact)


@pytest.mark.parametrize("statement", RAISES)
@pytest.mark.parametrize("method", ["out", "macs"])
def test_what_a_rule_raises(method: str, statement: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", operation(f"def {method}(self, x):\n    {statement}"))
    assert refused("table", "net.md").startswith(
        f"{path}: operation 'odd': '{method}' fails: {RAISES[statement]}"
    )


WRONG = [
    ("out", "return None", "None, not a Shape"),
    ("out", "return '8x8x3'", "a str, not a Shape"),
    ("out", "return (8, 8, 3)", "a tuple, not a Shape"),
    ("out", "return Shape([8, 8], 3)", "a Shape whose places are a list, not a tuple"),
    ("out", "return Shape((8, 8.0), 3)", "a float, not a whole number"),
    ("out", "return Shape((8, 8), -3)", "-3, a size below 1"),
    ("out", "return Shape((8, 8), None)", "None, not a whole number"),
    ("macs", "return '5'", "a str, not a whole number"),
    ("macs", "return None", "None, not a whole number"),
    ("macs", "return 0.5", "a float, not a whole number"),
    ("macs", "return -5", "-5, a size below 0"),
    ("macs", "return x", "a Shape, not a whole number"),
    ("macs", "return 10**5000", "a number of more than 1,000 digits"),
    ("macs", "return type('N', (int,), {})(5)", "a N, not a whole number"),
    ("macs", "import sympy; return sympy.Symbol('q')", "a Symbol, and no size that it was given is one"),
    ("macs", "import sympy; return sympy.nan", "a NaN, not a whole number"),
    ("macs", "import sympy; return sympy.Rational(1, 2)", "a Half, not a whole number"),
    ("macs", "import numpy; return numpy.arange(3)", "a ndarray, and no size that it was given is one"),
    ("out", "import numpy; return Shape((numpy.int64(8), 8), 3)", "a int64, and no size that it was given"),
    ("macs", "import numpy; return numpy.float64(2)", "a float64, not a whole number"),
    ("elementwise", "return [1]", "a list, not a whole number"),
    ("weights", "return None", "None, not Tensors"),
    ("weights", "return ('weight',)", "a str among its Tensors"),
    ("weights", "yield Tensor('weight', (3, 0.5), 'weight')", "a Tensor with a float, not a whole number"),
    ("weights", "return [Tensor('weight', (3,), 'kernel')]", "a Tensor of kind 'kernel', not one of"),
    ("weights", "return [Tensor('weight', 3, 'weight')]", "a Tensor whose sizes are a int, not a tuple"),
    (
        "weights",
        "return [Tensor('a.b', (3,), 'weight')]",
        "a Tensor called 'a.b', which is no name of its own",
    ),
    (
        "weights",
        "return 2 * [Tensor('w', (3,), 'weight')]",
        "a Tensor called 'w', which is no name of its own",
    ),
    ("requirements", "return None", "None, not Requirements"),
    ("requirements", "return (True,)", "a bool among its Requirements"),
    (
        "requirements",
        "return [Requirement(1, '<', 2, '')]",
        "a Requirement whose relation is '<', not one of",
    ),
    (
        "requirements",
        "return [Requirement(1, '<=', 2, None)]",
        "a Requirement whose fact is None, not a text",
    ),
    (
        "requirements",
        "return [Requirement('1', '<=', 2, '')]",
        "a Requirement with a str, not a whole number",
    ),
]


@pytest.mark.parametrize(("method", "body", "fact"), WRONG, ids=lambda text: text.replace(" ", "-"))
def test_what_a_rule_gives_has_the_right_type(method: str, body: str, fact: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", operation(f"def {method}(self, x):\n    {body}"))
    assert refused("table", "net.md").startswith(f"{path}: operation 'odd': '{method}' gives {fact}")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (
            operation("def requirements(self, x):\n    yield 1 / 0"),
            "operation 'odd': 'requirements' fails: Zero",
        ),
        (operation("out = 5"), "operation 'odd': 'out' fails: TypeError: 'int' object is not callable"),
        (operation("def out(self):\n    return 1"), "operation 'odd': 'out' fails: TypeError"),
        (operation("def __post_init__(self):\n    1 / 0"), "operation 'odd': '__init__' fails: ZeroDivision"),
        (operation(name="5"), "operation Odd: its name 5 cannot be written in a block"),
        (operation(name="'a -> b'"), "operation Odd: its name 'a -> b' cannot be written in a block"),
    ],
    ids=["a-generator", "no-method", "no-input", "a-field", "a-number-as-name", "an-arrow-as-name"],
)
def test_what_an_operation_is(text: str, fact: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", text)
    assert refused("table", "net.md").startswith(f"{path}: {fact}")


@pytest.mark.parametrize(
    ("method", "fact"),
    [
        ("def module(self, torch, x):\n    1 / 0", "'module' fails: ZeroDivisionError"),
        ("def module(self, torch, x):\n    raise SystemExit", "'module' fails: SystemExit"),
        ("def module(self, torch, x):\n    return 5", "'module' gives a int, not a torch module"),
        (
            "def module(self, torch, x):\n    return torch.relu",
            "'module' gives a builtin_function_or_method, not",
        ),
        ("def forward(self, torch, x):\n    return object()", "'forward' gives a object, not a tensor"),
        ("def forward(self, torch, x):\n    return None", "'forward' gives None, not a tensor"),
        ("def forward(self, torch, x):\n    return {}['x']", "'forward' fails: KeyError: 'x'"),
        ("def forward(self, torch, x):\n    raise SystemExit", "'forward' fails: SystemExit"),
        (
            "def forward(self, torch, x):\n    return self.forward(torch, x)",
            "'forward' fails: RecursionError",
        ),
        ("joins = False", "'forward' fails: AssertionError: Odd writes neither module nor forward"),
    ],
)
def test_what_torch_is_asked_to_do(method: str, fact: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", operation(method))
    assert f"{path}: operation 'odd': {fact}" in refused("check", "net.md")


FORMAT = "ENDING = '.odd'\nAUDIENCE = 'people'\ndef render(report, target):\n    "


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (
            "AUDIENCE = 'people'\ndef render(r, t): return ''",
            "a format states its ENDING, a text, and this one",
        ),
        (
            "ENDING = '.odd'\ndef render(r, t): return ''",
            "a format states its AUDIENCE, a text, and this one",
        ),
        ("ENDING = '.odd'\nAUDIENCE = 'people'", "a format has a function 'render', and this one has none"),
        (FORMAT + "return None", "'render' fails: TypeError: it gives a NoneType, not a text"),
        (FORMAT + "return b''", "'render' fails: TypeError: it gives a bytes, not a text"),
        (FORMAT + "raise SystemExit(0)", "'render' fails: SystemExit: 0"),
        (FORMAT + "return render(report, target)", "'render' fails: RecursionError"),
    ],
)
def test_a_format(text: str, fact: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "report", text + "\n")
    assert refused("table", "lenet-5", "--format", "odd").startswith(f"{path}: {fact}")


WITNESS = "from archcalc.witnesses import Measured\nCOUNTS = 'nothing'\ndef measure(graph, model):\n    "


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("def measure(graph, model): pass", "a witness states its COUNTS, a text, and this one does not"),
        ("COUNTS = 'all'", "a witness has a function 'measure', and this one has none"),
        (WITNESS + "return None", "'measure' fails: TypeError: it gives a NoneType, not Measured(...)"),
        (
            WITNESS + "return Measured(macs=[1])",
            "'measure' fails: TypeError: its macs are a list, not a mapping",
        ),
        (
            WITNESS + "return Measured(macs={'x': None})",
            "'measure' fails: TypeError: its macs hold a NoneType",
        ),
        (
            WITNESS + "return Measured(shapes={'x': 5})",
            "'measure' fails: TypeError: its shapes hold a int, not",
        ),
        (WITNESS + "raise SystemExit(0)", "'measure' fails: SystemExit: 0"),
        (WITNESS + "return 1 + None", "'measure' fails: TypeError: unsupported operand"),
        (WITNESS + "return {}['x']", "'measure' fails: KeyError: 'x'"),
        (WITNESS + "return measure(graph, model)", "'measure' fails: RecursionError"),
    ],
)
def test_a_witness(text: str, fact: str, tmp_path: Path) -> None:
    path = plugin(tmp_path, "witnesses", text + "\n")
    assert refused("check", "lenet-5").startswith(f"{path}: {fact}")


def test_the_installed_command_says_the_same(tmp_path: Path) -> None:
    path = plugin(tmp_path, "ops", "raise SystemExit(0)\n")
    command = Path(sys.executable).with_name("archcalc")
    environment = {**os.environ, "ARCHCALC_PATH": str(tmp_path)}
    done = subprocess.run([command, "table", "googlenet"], env=environment, capture_output=True, text=True)
    fact = f"archcalc: {path}:1: cannot be imported: SystemExit: 0\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", fact)


def test_the_rules_of_a_plugin_still_work_on_arrays_and_symbols(tmp_path: Path) -> None:
    rules = """
def out(self, x):
    return Shape(x.places, 2 * x.channels)
def weights(self, x):
    yield Tensor('weight', (x.channels, 3), 'weight')
@staticmethod
def macs(x):
    return 3 * x.elements
"""
    plugin(tmp_path, "ops", operation(rules))
    assert archcalc("formula", "net.md", "--input", "HxWxC").code == 0
    swept = archcalc("sweep", "net.md", "--vary", "input=8:16:8", "-o", "out.csv")
    assert swept.code == 0, swept
