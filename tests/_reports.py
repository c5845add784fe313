"""Reports to be rendered: one with all that is hard in its cells, and an empty one."""

from __future__ import annotations

from fractions import Fraction

from archcalc.report import Column, Report, find_format, format_names
from archcalc.report._text import sheet_of
from archcalc.sizes import Shape

HUGE = 10**40 + 1
PEOPLE = [name for name in format_names() if find_format(name).AUDIENCE == "people"]
COLUMNS = (
    Column("row", "row"),
    Column("output", "output size", priority=1),
    Column("params", "params", "count"),
    Column("share", "share", "share", audience="people", priority=3),
    Column("biases", "biases", "count", priority=3),
    Column("ratio", "against v1", "ratio", priority=2),
    Column("unused", "unused", "count", audience="people"),
    Column("printed_params", "params", spanner="paper"),
    Column("printed_ops", "ops", spanner="paper"),
    Column("verdict_params", "verdict", "mark", spanner="paper"),
    Column("elements", "elements", "count", audience="machines"),
)
NASTY = Report(
    caption="Nasty | <b>net</b> at 224x224x3, batch 1 [red]& 100% $x_1$",
    columns=COLUMNS,
    rows=(
        {
            "row": "=cmd()",
            "output": Shape((112, 112), 64),
            "params": 9408,
            "share": Fraction(248, 1000),
            "printed_params": "2.7K [1]",
            "verdict_params": "known erratum",
            "elements": 802816,
        },
        {
            "row": "<script>alert(1)</script>",
            "output": Shape((28, 28), 256),
            "params": (16384, 110592),
            "share": Fraction(1, 3),
            "biases": 0,
            "ratio": Fraction(315, 100),
            "printed_params": "159K",
            "printed_ops": "128M",
            "verdict_params": "agrees",
        },
        {"row": "a|b_{x}", "params": HUGE, "share": Fraction(1, 10**40), "verdict_params": "differs"},
        {"row": "入口层 (1)", "params": 448, "ratio": Fraction(1, 3), "verdict_params": "off by one"},
        {"row": "\x1b[31mred\x1b[0m\nnext", "params": 7, "verdict_params": "truncated to 7"},
        {
            "row": "[bold]markup[/bold]",
            "output": Shape((), 1000),
            "printed_params": "-1",
            "share": Fraction(0),
        },
        {"row": "#1x1 7x7/2 inception_3a", "params": 1, "printed_ops": "a\\b*c*`d`~e~ \\"},
    ),
    total={"params": HUGE + 136832, "share": Fraction(1), "ratio": Fraction(5, 2)},
    groups=("stem", "inception (3)", "inception (3)", "", "", "*tail*", "*tail*"),
    footnotes=(("[1]", "printed so; a 7x7 over 3 channels has 9,408 weights."),),
    notes=("1 MAC = one multiply and one add.", "# <i>no</i> heading\nand 1 line"),
    head={"network": "nasty", "input": "224x224x3", "batch": 1, "counting": {"bias": True, "unit": "MACs"}},
)
EMPTY = Report("Nothing here", columns=(Column("row", "row"), Column("params", "params", "count")), rows=())


def expected_lines(total: bool = True) -> list[list[str]]:
    """The cells that people must be shown, group names as lines of one cell."""
    sheet = sheet_of(NASTY)
    lines = [cells for line in sheet.lines for cells in ([[line.group]] * bool(line.group)) + [[*line.cells]]]
    return lines + [[*sheet.total]] * total


HOSTILE = "a\x07\x1b[2J\x9b\u202eb\u2066\u061c"
