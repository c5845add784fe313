"""The command line: exit codes, messages and streams."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from archcalc import api, cli
from archcalc.report import format_names
from tests._cli import Answer, archcalc, run

FORMATS = format_names()
ONE_DESIGN = "holds one design; name two networks or more, or a file of alternatives"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("table googlnet", 3, "no network is called 'googlnet'; did you mean 'googlenet'?"),
        ("table GoogLeNet", 3, "no network is called 'GoogLeNet'; did you mean 'googlenet'?"),
        ("compare googlenet naive-v1", 3, "no network is called 'naive-v1'; did you mean 'naive-vs-v1'?"),
        ("check googlnet", 3, "no network is called 'googlnet'; did you mean 'googlenet'?"),
        ("report googlnet", 3, "no network is called 'googlnet'; did you mean 'googlenet'?"),
        ("table googlenet --format markdwon", 2, "no format is called 'markdwon'; did you mean 'markdown'?"),
        ("table googlenet --format xls", 2, f"no format is called 'xls'; known: {', '.join(FORMATS)}"),
        ("table googlenet --level rows", 2, "--level is row, branch, layer, not 'rows'; did you mean 'row'?"),
        ("table googlenet --count flop", 2, "--count is macs or flops, not 'flop'; did you mean 'flops'?"),
        ("compare", 2, "name a file of alternatives, such as naive-vs-v1, or two networks or more"),
        ("compare googlenet", 2, f"'googlenet' {ONE_DESIGN}"),
        ("check", 2, "name a network, or check --all"),
        ("table missing.md", 3, "missing.md: cannot be read: No such file or directory"),
        ("table missing.csv", 3, "missing.csv: cannot be read: No such file or directory"),
        ("table folder.md", 3, "folder.md: is a folder, not a table"),
        ("table folder", 3, "folder: is a folder, not a table"),
        ("table notes.txt", 3, "notes.txt: a network is a '.md', '.csv' or '.tsv' file"),
    ],
)  # fmt: skip
def test_messages(
    arguments: str, code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.md").mkdir()
    Path("folder").mkdir()
    Path("notes.txt").write_text("Conv, pool, conv.\n")
    assert archcalc(*arguments.split()) == Answer(code, "", f"archcalc: {message}\n")


def test_a_name_longer_than_any_file_s() -> None:
    assert archcalc("table", "a" * 5000).code == 3
    assert "File name too long" in archcalc("table", "a" * 5000 + ".md").err


@pytest.mark.parametrize("text", ["0x224x3", "-1x2x3", "1.5x2x3", "abc", "", "1x2x3x4x5", "2e2x3"])
def test_a_malformed_input_is_wrong_usage(text: str) -> None:
    fact = f"an input is HxWxC with sizes of 1 or more, such as 224x224x3, not '{text}'"
    assert archcalc("table", "googlenet", "--input", text) == Answer(2, "", f"archcalc: {fact}\n")


@pytest.mark.parametrize(
    "text",
    [
        "224x224x3".replace("x", "\N{MULTIPLICATION SIGN}"),
        "224 x 224 x 3",
        "224,224,3",
        "224, 224, 3",
        "224x224",
        "224",
    ],
)
def test_an_input_as_people_write_it(text: str) -> None:
    assert archcalc("table", "googlenet", "--input", text) == archcalc("table", "googlenet")


@pytest.mark.parametrize("command", ["table", "check", "compare googlenet-naive", "formula", "reconcile 7M"])
def test_channels_come_last(command: str) -> None:
    fact = "channels come last: '3x225x226' has them first; did you mean 225x226x3?"
    answer = archcalc(*command.split(), "googlenet", "--input", "3x225x226")
    assert answer == Answer(2, "", f"archcalc: {fact}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("tabel googlenet", "No such command 'tabel'. Did you mean 'table'?"),
        ("table googlenet --inptu 8x8x3", "No such option: --inptu"),
        ("table", "Missing argument 'NETWORK'"),
        ("table googlenet --batch 0", "Invalid value for '--batch'"),
        ("table googlenet --batch 1.5", "Invalid value for '--batch'"),
        ("compare naive-vs-v1 --stack 0", "Invalid value for '--stack'"),
        ("table googlenet googlenet-naive", "unexpected extra argument"),
    ],
)
def test_wrong_usage(arguments: str, said: str) -> None:
    answer = archcalc(*arguments.split())
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize("command", ["", "list", "table", "compare", "check", "report"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_every_command(command: str, option: str) -> None:
    answer = archcalc(*command.split(), option)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Usage:")


def test_version() -> None:
    done = run("--version")
    assert re.fullmatch(r"archcalc \d+\.\d+\.\d+\S*\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\n\nsys.modules['torch'] = None\n")
    fact = "needs torch, which is not installed; install it with: pip install 'archcalc[torch]'\n"
    for arguments in ("check googlenet", "check --all", "table googlenet --check"):
        done = run(*arguments.split(), env={"PYTHONPATH": str(tmp_path)})
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"archcalc: a check {fact}")
    assert run("table", "googlenet", env={"PYTHONPATH": str(tmp_path)}).returncode == 0


def fail(*_: object, **__: object) -> None:
    raise KeyError("lost")


def test_a_fault_of_archcalc_s_own_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "load", fail)
    monkeypatch.setattr(sys, "argv", ["archcalc", "table", "googlenet"])
    monkeypatch.delenv("ARCHCALC_DEBUG", raising=False)
    with pytest.raises(SystemExit) as left:
        cli.main()
    fact = "archcalc: a fault in archcalc itself: KeyError: 'lost' (ARCHCALC_DEBUG=1 shows where)\n"
    assert (left.value.code, *capsys.readouterr()) == (70, "", fact)
    monkeypatch.setenv("ARCHCALC_DEBUG", "1")
    with pytest.raises(SystemExit) as left:
        cli.main()
    shown = capsys.readouterr().err
    assert left.value.code == 70
    assert shown.startswith("Traceback")
    assert shown.endswith("KeyError: 'lost'\n")


def test_the_summary_of_every_command_is_whole() -> None:
    lines = archcalc("--help").out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(cli.COMMANDS)
    assert not [line for line in lines if "..." in line or not line.endswith(".")]


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_the_help_of_every_command_shows_an_example_and_no_type(command: str) -> None:
    said = archcalc(command, "--help").out
    assert f"archcalc {command}" in said.partition("For example:\n")[2]
    assert not re.findall(r"<[a-z\[]+.*?>", said)
    assert max(map(len, said.splitlines())) <= 80
    if "--format" in said:
        assert all(name in said for name in FORMATS)
