"""Pictures show the calculator's numbers, are the same bytes each time, and appear whole or not at all."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.font_manager import FontProperties, findfont, fontManager

import archcalc
from archcalc.pictures import bars, canvas
from archcalc.report import Column, Report
from tests._cli import Answer
from tests._cli import archcalc as command

SWEEP = ("sweep", "googlenet", "--vary", "width=0.5,1,2", "--vary", "input=224:512:32")


def bar_widths(svg: str) -> list[float]:
    """The widths of the picture's bars, in its own units, in order."""
    paths = re.findall(r'<path d="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \nL [^"]*z\n" clip-path', svg)
    return [abs(float(end) - float(begin)) for begin, end in paths]


def test_bars_are_as_long_as_the_costs(tmp_path: Path) -> None:
    picture = tmp_path / "costs.svg"
    assert command("table", "googlenet", "--plot", str(picture)) == command("table", "googlenet")
    rows = archcalc.load("googlenet").table().rows
    costs = [[row[key] for row in rows if row["params"] or row["macs"]] for key in ("params", "macs")]
    widths = bar_widths(picture.read_text())
    assert len(widths) == 2 * len(costs[0]) == 24
    for drawn, counted in zip((widths[:12], widths[12:]), costs, strict=True):
        unit = max(drawn) / max(counted)
        assert drawn == pytest.approx([unit * each for each in counted], abs=0.01)
    assert "Most params: inception (5b), 20.6% (and 4.5% of the MACs)." in picture.read_text()


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
def test_bars_at_every_level(tmp_path: Path, level: str) -> None:
    picture = tmp_path / "costs.svg"
    answer = command("table", "googlenet", "--level", level, "--plot", str(picture))
    assert answer == command("table", "googlenet", "--level", level)
    rows = archcalc.load("googlenet").table(level).rows  # type: ignore[arg-type]
    assert len(bar_widths(picture.read_text())) == 2 * sum(bool(row["params"] or row["macs"]) for row in rows)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--pareto", "macs,-params"), "Pareto front"),
        (("--pareto", "macs,-input,-params"), "input height and width (pixels)"),
        ((), "From input 224 to 512, width 2.0: 8.83x the params and 5.26x the MACs."),
    ],
)
def test_sweeps(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    texts = []
    for name in ("one.svg", "two.svg"):
        answer = command(*SWEEP, *options, "--plot", str(tmp_path / name))
        assert answer == command(*SWEEP, *options)
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1]
    assert said.replace("2.0", "2") in texts[0]
    ElementTree.fromstring(texts[0])


def test_the_picture_of_the_readme_is_fresh(tmp_path: Path) -> None:
    written = re.search(
        r"archcalc (sweep .*?) --plot", Path("Makefile").read_text().replace("\\\n", ""), re.DOTALL
    )
    assert written
    arguments = [word.strip("'") for word in written[1].split()]
    assert command(*arguments, "-f", "csv", "--plot", str(tmp_path / "pareto.svg")).code == 0
    assert (tmp_path / "pareto.svg").read_text() == Path("docs/pareto.svg").read_text()


def test_names_are_text(tmp_path: Path) -> None:
    table = tmp_path / "odd.md"
    table.write_text(
        "---\ninput: 8x8x3\n---\n\n```blocks\nstem = conv 3x3 {width}\n```\n\n"
        "| type | width |\n|---|---|\n| stem ($\\frac$ <script>) | 4 |\n"
    )
    answer = command("table", str(table), "--plot", str(tmp_path / "odd.svg"))
    assert answer.code == 0, answer.err
    text = (tmp_path / "odd.svg").read_text()
    assert "<script" not in text
    assert r"$\frac$ &lt;script&gt;" in text


HEAD = "---\ninput: 8x8x3\n---\n\n```blocks\nstem = conv 3x3 {width}\n```\n\n| type | width |\n|---|---|\n"


def plotted(tmp_path: Path, rows: str, ending: str = "svg") -> tuple[Answer, str]:
    """What `table --plot` answers for a table of these rows, and the picture's text."""
    table, picture = tmp_path / "rows.md", tmp_path / f"rows.{ending}"
    table.write_text(HEAD + rows)
    answer = command("table", str(table), "-o", str(tmp_path / "rows.json"), "--plot", str(picture))
    return answer, picture.read_text() if picture.exists() and ending == "svg" else ""


def test_huge_numbers(tmp_path: Path) -> None:
    answer, text = plotted(tmp_path, "".join(f"| stem ({n}) | {10**99 + n} |\n" for n in (1, 2, 3)))
    assert answer.code == 0, answer.err
    assert "params (in units of 1e196)" in text
    widths = bar_widths(text)
    assert widths[1] == pytest.approx(widths[2], abs=0.01)
    assert widths[0] == pytest.approx(0, abs=0.01)


def test_numbers_beyond_floats() -> None:
    huge = 3 * 10**400
    assert bars.sentence([{"params": huge, "macs": huge}], ["fc"], "macs").startswith(
        "Most params: fc, 100% (and 100% of the MACs)."
    )
    assert canvas.drawable([huge, 0], "MACs") == ([300, 0], "MACs (in units of 1e398)")


def test_the_largest_of_many_rows(tmp_path: Path) -> None:
    answer, text = plotted(tmp_path, "".join(f"| stem ({n}) | {n + 1} |\n" for n in range(500)))
    assert answer.code == 0, answer.err
    assert len(bar_widths(text)) == 2 * bars.MOST
    assert "The 60 rows that cost most, of 500." in " ".join(
        " ".join(re.findall(r">([^<>]+)<", text)).split()
    )
    assert ">stem (499)<" in text
    assert ">stem (439)<" not in text


def test_a_table_of_no_costs_is_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "empty.svg"
    bars.draw(Report("nothing", (Column("type", "type"),), ()), picture, "macs")
    assert "No row costs anything." in picture.read_text()


def test_axes_write_numbers_as_tables_do(tmp_path: Path) -> None:
    picture = tmp_path / "costs.svg"
    assert command("table", "squeezenet", "--plot", str(picture)).code == 0
    texts = re.findall(r">([^<>]+)</text>", picture.read_text())
    assert any(re.fullmatch(r"[0-9.]+K", text) for text in texts)
    assert not any(re.fullmatch(r"[0-9.]+k", text) for text in texts)


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
@pytest.mark.filterwarnings("error")
def test_names_in_a_font_that_has_their_signs(tmp_path: Path, ending: str) -> None:
    lacking = canvas._signs(findfont(FontProperties(family=canvas.FONT)))
    sign = next(
        sign
        for path, name in canvas._installed()
        if name.startswith("STIX")
        for sign in sorted(canvas._signs(path) - lacking)
        if sign.isalpha()
    )
    answer, text = plotted(tmp_path, f"| stem ({sign}) | 4 |\n", ending)
    assert (answer.code, answer.err) == (0, "")
    assert ending != "svg" or f"stem ({sign})" in text


def test_a_font_that_was_installed_since_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib keeps its list of fonts from one run to the next."""
    path = next(path for path, name in canvas._installed() if name == "STIXGeneral")
    monkeypatch.setattr(
        fontManager, "ttflist", [each for each in fontManager.ttflist if not each.name.startswith("STIX")]
    )
    monkeypatch.setattr(canvas, "findSystemFonts", list)
    assert path not in dict(canvas._installed())
    monkeypatch.setattr(canvas, "findSystemFonts", lambda: [path, "/dev/null"])
    assert dict(canvas._installed())[path] == "STIXGeneral"


@pytest.mark.filterwarnings("error")
def test_names_that_no_font_can_draw_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = [each for each in fontManager.ttflist if each.name == canvas.FONT or "Last" in each.name]
    monkeypatch.setattr(fontManager, "ttflist", own)
    monkeypatch.setattr(canvas, "findSystemFonts", list)
    answer, _ = plotted(tmp_path, "| stem (畳み込み) | 4 |\n")
    said = (
        "archcalc: --plot: no installed font can draw 'み畳込': install one that can, such as Noto Sans CJK\n"
    )
    assert (answer.code, answer.err) == (3, said)
    assert [each.name for each in tmp_path.iterdir()] == ["rows.md"]


@pytest.mark.parametrize("pareto", [(), ("--pareto", "macs,-params")])
def test_a_sweep_without_points(tmp_path: Path, pareto: tuple[str, ...]) -> None:
    picture = str(tmp_path / "x.svg")
    answer = command(*SWEEP, "--where", "macs<1", *pareto, "--plot", picture)
    assert (answer.code, answer.out) == (2, "")
    assert "--plot has nothing to draw: no point that is kept can be built" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("table", "googlenet", "--plot", "x.gif"), 2, "--plot 'x.gif' is no picture (.svg, .png, .pdf)"),
        (("table", "googlenet", "--plot", "/no/such/x.svg"), 3, "the folder '/no/such' does not exist"),
        ((*SWEEP, "--plot", "x.gif"), 2, "--plot 'x.gif' is no picture (.svg, .png, .pdf)"),
        (("sweep", "googlenet", "--vary", "batch=1:9", "--vary", "input=224:280", "--plot", "x.svg"),
         2, "--plot draws at most 6 lines, not 9: vary less, or use --pareto"),
        ((*SWEEP, "--pareto", "macs+params,-input", "--plot", "x.svg"),
         2, "--plot draws a Pareto front of two columns, not of 'macs+params,-input'"),
    ],
)  # fmt: skip
def test_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = command(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert not list(tmp_path.iterdir())


def test_a_missing_matplotlib_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith(("archcalc.pictures", "matplotlib"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = command("table", "googlenet", "--plot", str(tmp_path / "x.svg"))
    assert answer.code == 2
    assert "install it with: pip install 'archcalc[plot]'" in answer.err


def test_a_table_without_costs() -> None:
    assert bars.sentence([], [], "macs") == "No row costs anything."
