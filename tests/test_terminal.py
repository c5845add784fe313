"""What the command shows where: a terminal, a pipe, a reader that leaves, an encoding that lacks signs."""

from __future__ import annotations

import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

from tests._cli import archcalc

COMMAND = str(Path(sys.executable).with_name("archcalc"))
PLAIN = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What a terminal of that many columns is sent."""
    screen, keyboard = pty.openpty()
    ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    with subprocess.Popen(
        [COMMAND, *arguments], stdin=keyboard, stdout=keyboard, env={**PLAIN, "TERM": "xterm", **environment}
    ) as process:
        os.close(keyboard)
        sent = b""
        try:
            while piece := os.read(screen, 65536):
                sent += piece
        except OSError:  # the other end is closed
            pass
    os.close(screen)
    assert process.returncode == 0
    return sent.decode().replace("\r\n", "\n")


def piped(*arguments: str, **environment: str) -> bytes:
    """What a pipe is sent."""
    done = subprocess.run([COMMAND, *arguments], capture_output=True, env={**PLAIN, **environment})
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def plain(text: str) -> str:
    """A text without its colours and the spaces they hold at the end of lines."""
    return re.sub(" +$", "", ESCAPE.sub("", text), flags=re.MULTILINE)


def lines_of_table(text: str) -> list[str]:
    """The lines between the caption and the notes."""
    return plain(text).split("\n\n")[1].split("\n")


def test_a_narrow_terminal_is_not_overrun() -> None:
    shown = on_terminal(80, "table", "googlenet")
    assert max(len(ESCAPE.sub("", line)) for line in shown.split("\n")) <= 80
    assert "…" not in shown
    assert "Left out at 80 columns wide: " in shown
    for text in ("inception (3a)", "28x28x256", "128,049,152", "1,582,671,872", "6,998,552"):
        assert text in shown


def test_a_wide_terminal_shows_what_a_pipe_is_sent() -> None:
    whole = lines_of_table(piped("table", "googlenet").decode())
    for columns in (max(map(len, whole)), 250):
        assert lines_of_table(on_terminal(columns, "table", "googlenet")) == whole


def test_colour_stands_on_terminals_and_nowhere_else() -> None:
    colourful = on_terminal(120, "table", "googlenet")
    assert ESCAPE.search(colourful)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert on_terminal(120, "table", "googlenet", **environment) == plain(colourful)
    assert b"\x1b" not in piped("table", "googlenet", FORCE_COLOR="1", CLICOLOR_FORCE="1")


def test_a_pipe_is_sent_every_column_whatever_its_width() -> None:
    texts = {
        piped("table", "googlenet", NO_COLOR="1", COLUMNS=columns) for columns in ("20", "80", "1000", "x")
    }
    assert len(texts) == 1
    text = texts.pop().decode()
    assert "…" not in text
    assert "\x1b" not in text
    heading, *rows = (
        re.split(" {2,}", line.strip()) for line in lines_of_table(text) if "inception (" in line
    )
    assert len(rows) == 8
    assert {len(row) for row in rows} == {len(heading)}


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-16", "ascii:strict"])
@pytest.mark.parametrize("arguments", ["table googlenet", "compare naive-vs-v1", "list"])
def test_every_encoding_can_print(arguments: str, encoding: str) -> None:
    text = piped(*arguments.split(), PYTHONIOENCODING=encoding).decode(encoding.partition(":")[0])
    numbers = re.findall("[0-9][0-9,]*", archcalc(*arguments.split()).out)
    assert re.findall("[0-9][0-9,]*", text) == numbers


@pytest.mark.parametrize(
    "arguments", ["table googlenet", "table googlenet --format csv", "list", "compare naive-vs-v1"]
)
def test_a_reader_that_has_left_is_no_error(arguments: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([COMMAND, *arguments.split()], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_of_one_line_leaves_the_command_quiet(tmp_path: Path) -> None:
    rows = "\n".join("| relu |" for _ in range(3000))  # more than a pipe holds
    (tmp_path / "net.md").write_text(f"---\ninput: 8x8x3\n---\n\n| type |\n|------|\n{rows}\n")
    with subprocess.Popen(
        [COMMAND, "table", "net.md"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "net at 8x8x3, batch 1\n"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_disk_that_is_full_is_told() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([COMMAND, "table", "googlenet"], stdout=full, stderr=subprocess.PIPE, text=True)
    fact = "archcalc: standard output: cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (3, fact)


def test_a_closed_stdout_is_told() -> None:
    done = subprocess.run(f"'{COMMAND}' table googlenet >&-", shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "archcalc: standard output is closed\n")


@pytest.mark.parametrize("seconds", [0, 1], ids=["while-torch-is-imported", "while-it-checks"])
def test_interrupting_a_check_is_quiet(seconds: float) -> None:
    with subprocess.Popen(
        [COMMAND, "check", *["googlenet"] * 50], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        memory = Path(f"/proc/{process.pid}/maps")
        while process.poll() is None and "libtorch" not in memory.read_text():
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
