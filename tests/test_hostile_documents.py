"""Whatever is given as a document, the answer is a table or one line, in bounded time and memory."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from archcalc.environment.reading import MEGABYTES
from archcalc.errors import LONGEST_MESSAGE
from archcalc.notation.loading import MOST_VARIANTS
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


def doubling(count: int, reads: str = "") -> str:
    """Blocks of which each uses the one before it twice."""
    lines = [f"b0 = conv 3x3 {reads or 8}", *(f"b{n} = b{n - 1} -> b{n - 1}" for n in range(1, count + 1))]
    return "\n".join(lines)


@pytest.mark.parametrize("count", [20, 30, 60, 90])
def test_blocks_that_double_are_counted_before_they_are_built(count: int) -> None:
    rows = f"| type | width |\n|---|---|\n| b{count} | 8 |\n"
    said = refused(table(document(doubling(count, "{width}"), rows)))
    assert said == f"net.md:{count + 11}, row 'b{count}': the network has more than 100,000 layers"


@pytest.mark.parametrize("repeat", [100_001, 249_999, 999_999])
def test_repeats_are_counted_before_they_are_built(repeat: int) -> None:
    rows = f"| type | repeat |\n|---|---|\n| relu | {repeat} |\n"
    assert refused(table(document(rows=rows))).endswith("the network has more than 100,000 layers")


def test_layers_are_counted_over_all_rows() -> None:
    rows = "| type | repeat |\n|---|---|\n| a | 300 |\n| b | 99900 |\n"
    said = refused(table(document("a = relu\nb = relu", rows)))
    assert said == "net.md:13, row 'b': the network has more than 100,000 layers"


def test_names_are_counted_before_they_are_built() -> None:
    # Each layer's name repeats the names of the blocks it stands in.
    blocks = f"{LONG} = relu -> relu\nb = {LONG}"
    rows = "| type | repeat |\n|---|---|\n| b | 9999 |\n"
    fact = "the names of the row's layers have more than 50,000,000 characters together"
    assert refused(table(document(blocks, rows))) == f"net.md:12, row 'b': {fact}"


def variants(count: int) -> Answer:
    Path("v0.md").write_text(document())
    for number in range(1, count + 1):
        Path(f"v{number}.md").write_text(f"---\nvariant of: v{number - 1}\n---\n")
    return archcalc("table", f"v{count}.md")


def test_variants_of_variants_have_an_end() -> None:
    assert variants(MOST_VARIANTS).code == 0
    said = refused(variants(500))
    assert said == f"v450.md:2: variants are variants of one another more than {MOST_VARIANTS} deep"


SCALES = {
    "a heading of spaces": lambda n: document(f"a{' ' * n}b"),
    "braces of spaces": lambda n: document(f"a = conv 3x3 {{b{' ' * n}c}}", ROWS.replace("relu", "a")),
    "a step of words": lambda n: document(f"a = {'b ' * n}"),
    "a step of braces": lambda n: document(f"a = {'{ ' * n}"),
    "a line of blocks that never ends": lambda n: document(
        "a = relu" + "\n-> relu" * (n // 10), "| type |\n"
    ),
    "a cell of footnote marks": lambda n: document(rows=ROWS.replace("relu", "[^" * n)),
    "a cell of brackets": lambda n: document(rows=ROWS.replace("relu", "(" * n)),
    "a side chain's heading of spaces": lambda n: document(rows=f"heads: from{' ' * n}a\nb\n===\n"),
    "a quotation of commas": lambda n: document(settings=f"quoted params: {', ' * n}\n"),
    "a quotation of spaces": lambda n: document(settings=f"quoted params: 5M{' ' * n}x\n"),
    "empty lines": lambda n: document(rows="\n" * n),
    "quotes in quotes": lambda n: document(rows="> " * n + "\n"),
    "lists in lists": lambda n: document(rows="- " * n + "\n"),
    "tables of prose": lambda n: document(rows="| a |\n|---|\n\n" * (n // 50)),
    "fences": lambda n: document(rows="```\n```\n" * (n // 10)),
    "side chains": lambda n: document(rows=ROWS + f"\n## heads: from x\n\n{ROWS}" * (n // 50)),
    "steps": lambda n: document("a = " + " -> ".join(["relu"] * (n // 10)), ROWS.replace("relu", "a (b")),
    "branches": lambda n: document("a = add\n" + "| relu\n" * (n // 10), ROWS.replace("relu", "a (b")),
    "blocks": lambda n: document(
        "\n".join(f"a{i} = relu" for i in range(n // 10)), ROWS.replace("relu", "a0 (")
    ),
}


@pytest.mark.parametrize("name", SCALES)
def test_the_time_it_takes_grows_as_the_document_does(name: str) -> None:
    def seconds(size: int) -> float:
        text = SCALES[name](size)
        times = []
        for _ in range(3):
            start = time.process_time()
            refused(table(text))
            times.append(time.process_time() - start)
        return min(times)

    # Eight times the document: a quadratic reading would take 64 times as long.
    assert seconds(32_000) < 25 * seconds(4_000)


NINES = "9" * 5000


@pytest.mark.parametrize(
    "after", ["", " -> pad channels 5", " -> conv 1x1 5"], ids=["the-end", "a-requirement", "a-layer"]
)
def test_channels_that_double_without_end(after: str) -> None:
    blocks = "twice = concat\n| identity\n| identity\nrow = " + " -> ".join(["twice"] * 15_000) + after
    said = refused(table(document(blocks, ROWS.replace("relu", "row"))))
    fact = "'concat' in row 'row' (line 14): the channels are a number of more than 300 digits"
    assert said == f"net.md:6: {fact}"


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (document(f"a = conv 3x3 {NINES}"), "found"),
        (document(f"a = conv {NINES}x3 8"), "expected a"),
        (document(f"a = conv 3x3/{NINES} 8"), "expected a whole number of at most 100 digits, found"),
        (document(f"a = conv 3x3 8 groups {NINES}"), "expected a whole number of at most 100 digits, found"),
        (document(f"a = conv 3x3 {{{NINES}*in}}"), "no column that blocks read"),
        (document(f"a = conv 3x3 {{in/{NINES}}}"), "and no column"),
        (document(settings=f"quoted ops: {NINES}\n"), "a number has at most 300 digits"),
        (document().replace("8x8x3", f"{NINES}x8x3"), "expected an input with sizes of 1 or more"),
        (document(rows=f"| type | repeat |\n|---|---|\n| relu | {NINES} |\n"), "a number from 1 to 999999"),
    ],
)
def test_numbers_of_more_digits_than_python_reads(text: str, fact: str) -> None:
    said = refused(table(text.replace("| relu |\n", "| a    |\n") if "a = " in text else text))
    assert len(said) < 700
    assert fact in said


def test_a_claim_of_more_digits_than_python_reads() -> None:
    text = document(rows=f"| type | params | ops |\n|---|---|---|\n| relu | {NINES} | 0.{NINES} |\n")
    assert "a printed cell has at most 300 characters" in refused(table(text))
    assert archcalc("audit", "net.md").code == 3
    assert archcalc("reconcile", NINES, "googlenet").code == 2
