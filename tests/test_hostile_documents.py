"""Whatever is given as a document, the answer is a table or one line, in bounded time and memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from archcalc.environment.reading import MEGABYTES
from archcalc.errors import LONGEST_MESSAGE
from tests._cli import Answer, archcalc

HEAD = "---\ninput: 8x8x3\n---\n\n"
ROWS = "| type |\n|------|\n| relu |\n"
LONG = "x" * 100_000


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def document(blocks: str = "", rows: str = ROWS, settings: str = "") -> str:
    """A document with these blocks, rows and settings."""
    fence = f"```blocks\n{blocks}\n```\n\n" if blocks else ""
    return f"---\ninput: 8x8x3\n{settings}---\n\n{fence}{rows}"


def table(text: str, *options: str) -> Answer:
    """What `archcalc table` says of a document."""
    Path("net.md").write_text(text, encoding="utf-8")
    return archcalc("table", "net.md", *options)


def refused(answer: Answer) -> str:
    """The one line that a command refuses its input with."""
    assert (answer.code, answer.out) == (3, ""), answer
    assert answer.err.startswith("archcalc: "), answer.err
    assert answer.err.count("\n") == 1, answer.err
    return answer.err.removeprefix("archcalc: ").removesuffix("\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(document(rows=ROWS.replace("relu", LONG)), id="a-type"),
        pytest.param(document(rows=ROWS.replace("relu", f"relu ({LONG}")), id="a-label"),
        pytest.param(document(rows=ROWS.replace("type", LONG)), id="a-heading"),
        pytest.param(
            document(rows=f"| type | {LONG} | {LONG} |\n|---|---|---|\n| relu |"), id="two-headings"
        ),
        pytest.param(document(rows=f"| type | width |\n|---|---|\n| relu | {LONG} |"), id="a-cell"),
        pytest.param(document(rows=f"| type | repeat |\n|---|---|\n| relu | {LONG} |"), id="a-repeat"),
        pytest.param(document(f"a = {LONG}"), id="a-step"),
        pytest.param(document(f"a = conv 3x3 {LONG}", ROWS.replace("relu", "a")), id="an-argument"),
        pytest.param(document(f"a = conv 3x3 {{{LONG}}}", ROWS.replace("relu", "a")), id="braces"),
        pytest.param(document(f"a {{{LONG}}} = relu", ROWS.replace("relu", "a")), id="a-parameter"),
        pytest.param(document(f"{LONG}"), id="a-line-of-blocks"),
        pytest.param(document(f"{LONG} = {LONG}"), id="a-block-that-reaches-itself"),
        pytest.param(document(f"| {LONG}"), id="a-branch"),
        pytest.param(document(f"a = relu\nb = conv {{{LONG}"), id="a-brace"),
        pytest.param(document(settings=f"{LONG}: 1\n"), id="a-setting"),
        pytest.param(document(settings=f"{LONG}\n"), id="a-setting-without-a-colon"),
        pytest.param(document(settings=f"notation: {LONG}\n"), id="a-value"),
        pytest.param(document(settings=f"columns: {LONG}\n"), id="columns"),
        pytest.param(document(settings=f"uses: {LONG}\n"), id="uses"),
        pytest.param(document(settings=f"variant of: {LONG}\n"), id="a-parent"),
        pytest.param(document(settings=f"quoted params: {LONG}\n"), id="a-quotation"),
        pytest.param(document(settings=f"every {LONG}: relu\n"), id="every"),
        pytest.param(document(settings=f"every conv: {LONG}\n"), id="what-every-adds"),
        pytest.param(document().replace("8x8x3", LONG), id="an-input"),
        pytest.param(document(rows=f"{ROWS}\n## heads: from {LONG}\n\n{ROWS}"), id="a-side-chain"),
        pytest.param(
            document(rows="| type | " + " | ".join(f"c{number}" for number in range(9999)) + " |\n|--|"),
            id="many-headings",
        ),
    ],
)
def test_a_message_repeats_at_most_a_little_of_what_was_given(text: str) -> None:
    assert len(refused(table(text))) < 1500


def test_no_message_is_longer_than_a_screen() -> None:
    assert len(archcalc("table", "googlenet", "--input", LONG).err) < LONGEST_MESSAGE + 50


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        pytest.param("", "no network is called ''; known: ", id="nothing"),
        pytest.param(".", ".: is a folder, not a table", id="this-folder"),
        pytest.param("out.parts", "out.parts: is a folder, not a table", id="a-folder"),
        pytest.param("folder.md", "folder.md: is a folder, not a table", id="a-folder-with-an-ending"),
        pytest.param("\0", "no network is called '?'", id="a-nul-byte"),
        pytest.param("a\0b.md", "a?b.md: cannot be read: embedded null byte", id="a-nul-byte-in-a-file"),
        pytest.param("\udcff.md", "?.md: cannot be read: No such file or directory", id="not-utf-8"),
        pytest.param("\udcff", "no network is called '?'", id="not-utf-8-and-no-file"),
        pytest.param("a" * 300 + ".md", ".md (303 characters): cannot be read: File name too long", id="300"),
        pytest.param("a" * 5000 + ".csv", "... (5,004 characters): cannot be read: ", id="5000"),
        pytest.param("a" * 5000, "... (5,000 characters)'", id="5000-and-no-file"),
        pytest.param("a/" * 2500, "... (5,000 characters)'", id="a-deep-path"),
    ],
)
def test_a_name_that_is_no_network(name: str, fact: str) -> None:
    Path("out.parts").mkdir()
    Path("folder.md").mkdir()
    said = refused(archcalc("table", name))
    assert fact.removeprefix(".md (303 characters)") in said
    assert len(said) < 600


def test_a_network_of_the_catalogue_is_found_beside_a_folder_of_its_name() -> None:
    Path("googlenet").mkdir()
    assert archcalc("table", "googlenet").code == 0


def test_a_table_whose_blocks_have_a_name_that_is_too_long() -> None:
    name = "a" * 250 + ".csv"
    Path(name).write_text("type\nrelu\n")
    assert "its settings and blocks are expected beside it" in refused(archcalc("table", name))


def test_a_file_whose_name_is_no_text() -> None:
    name = os.fsdecode(b"\xff\xfe.md")
    Path(name).write_text(document())
    assert archcalc("table", name).code == 0
    Path(name).write_text(document(rows=ROWS.replace("relu", "rulu")))
    assert refused(archcalc("table", name)).startswith("??.md:7, row 'rulu'")


@pytest.mark.parametrize("name", ["net.md", "net.csv"])
@pytest.mark.parametrize("kind", ["a pipe", "a device", "a link to a device"])
def test_only_a_regular_file_is_read(name: str, kind: str) -> None:
    # It would wait for ever, or read for ever, if it were opened.
    Path("net.blocks.md").write_text("---\ninput: 8x8x3\n---\n")
    if kind == "a pipe":
        os.mkfifo(name)
    else:
        Path(name).symlink_to("/dev/zero" if kind == "a device" else Path("link"))
        Path("link").symlink_to("/dev/zero")
    assert not stat.S_ISREG(os.stat(name).st_mode)
    fact = f"{name}: is not a regular file, but a pipe, a device or a socket"
    assert refused(archcalc("table", name)) == fact


@pytest.mark.parametrize("name", ["net.md", "net.csv", "net.blocks.md"])
def test_a_document_has_a_largest_size(name: str) -> None:
    Path("net.csv").write_text("type\nrelu\n")
    Path("net.blocks.md").write_text("---\ninput: 8x8x3\n---\n")
    with open(name, "wb") as opened:  # a file with a hole: it takes no room on the disk
        opened.truncate(100 * 10**6)
    asked = name.replace("net.blocks.md", "net.csv")
    fact = f"{name}: is larger than {MEGABYTES} MB, the most that a document can have"
    assert refused(archcalc("table", asked)) == fact
