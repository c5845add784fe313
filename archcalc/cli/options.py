"""What the commands take: arguments and options that several share, and how they are completed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archcalc import given
from archcalc.cli import completion
from archcalc.costs.counting import UNITS, Counting


def path(text: str) -> Path:
    """What an output is called. Raises typer.BadParameter where that is nothing, as of a variable not set."""
    if not text:
        raise typer.BadParameter("the name is empty")
    return Path(text)


NetworkName = Annotated[
    str,
    typer.Argument(
        metavar="NETWORK",
        help="A name from 'archcalc list', the path of a .md or .csv table, or -.",
        autocompletion=completion.networks,
        show_default=False,
    ),
]
NetworkNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NETWORK",
        help="Names from 'archcalc list', paths of .md or .csv tables, or -.",
        autocompletion=completion.networks,
        show_default=False,
    ),
]
Input = Annotated[
    str | None,
    typer.Option(
        "--input", metavar="HxWxC", help="The input, 224x224x3 or 224; by default the network's own."
    ),
]
Row = Annotated[
    str,
    typer.Argument(
        metavar="ROW",
        help="A row, a branch or a layer, as 'archcalc table' shows it.",
        autocompletion=completion.rows,
    ),
]
Level = Annotated[
    str,
    typer.Option(
        "--level", metavar="row|branch|layer", help="One line for each.", autocompletion=completion.levels
    ),
]
Stack = Annotated[
    int | None,
    typer.Option("--stack", min=1, metavar="N", help="N modules of each alternative in a row."),
]
ComparedLevel = Annotated[
    str | None,
    typer.Option(
        "--level",
        metavar="row|branch|layer",
        help="One line for each: of two networks, found by what is done in them.",
        autocompletion=completion.levels,
    ),
]
Align = Annotated[
    bool, typer.Option("--align", help="Find the rows of two networks by what is done in them, not by name.")
]
SymbolicInput = Annotated[
    str | None,
    typer.Option("--input", metavar="HxWxC", help="Numbers, or names for what is to stay open: HxWx3."),
]
Symbols = Annotated[
    str,
    typer.Option(
        "--symbols",
        metavar="COLUMN,...",
        help="Columns that stay symbols: '#3x3', '3a.#3x3', 'n=#3x3' one for all rows, or all.",
        autocompletion=completion.symbols,
    ),
]
Batch = Annotated[int, typer.Option("--batch", min=1, metavar="N", help="Images in one forward pass.")]
Count = Annotated[
    str,
    typer.Option(
        "--count",
        metavar="macs|flops",
        help="The unit of work; 1 MAC = 2 FLOPs.",
        autocompletion=completion.units,
    ),
]
Bias = Annotated[bool, typer.Option("--bias/--no-bias", help="Whether biases are counted.")]
Heads = Annotated[bool, typer.Option("--heads", help="Count the side chains of training too.")]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="terminal, csv, markdown, json, latex, html or python; by default FILE's, else terminal.",
        autocompletion=completion.formats,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", parser=path, help="Write to a file.")
]
Shown = Annotated[
    str,
    typer.Option(
        "--columns", metavar="COLUMN,...", help="The columns to show, in this order, by key or heading."
    ),
]
Sort = Annotated[
    str, typer.Option("--sort", metavar="COLUMN", help="Sort the rows by a column; -COLUMN: largest first.")
]
Total = Annotated[bool, typer.Option("--total", help="Add the total line to CSV.")]


OneRow = Annotated[
    str | None,
    typer.Option(
        "--row",
        metavar="ROW",
        help="One row alone; --input is what enters it.",
        autocompletion=completion.rows,
    ),
]
BreakEven = Annotated[
    str,
    typer.Option(
        "--solve",
        metavar="COLUMN",
        help="Up to which width of the column does each alternative pay?",
        autocompletion=completion.columns,
    ),
]
Sensitivity = Annotated[
    bool, typer.Option("--sensitivity", help="Which column moves the costs most per channel?")
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="NAME=VALUES",
        help="input=128:512:32, 3a.#3x3=64,96, width=0.5:2:0.25.",
        autocompletion=completion.axes,
    ),
]
Sample = Annotated[int | None, typer.Option("--sample", metavar="N", help="Draw N of the points.")]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help="Which N of them.")]
Where = Annotated[
    str, typer.Option("--where", metavar="CONDITION", help="Keep what fits: 'macs<1.5G and params<7M'.")
]
Pareto = Annotated[
    str, typer.Option("--pareto", metavar="A,B", help="Keep what no other point beats: params,macs.")
]
Top = Annotated[
    int | None, typer.Option("--top", metavar="N", help="Keep the N points with the largest --by.")
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="A column or formula; -macs: least first.",
        autocompletion=completion.amounts,
    ),
]
Largest = Annotated[
    str,
    typer.Option(
        "--solve",
        metavar="NAME",
        help="Keep the largest value that fits --where.",
        autocompletion=completion.varied,
    ),
]
Alternative = Annotated[
    str | None,
    typer.Option(
        "--row",
        metavar="ROW",
        help="One row of a file of alternatives.",
        autocompletion=completion.rows,
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", parser=path, help="Draw it too: FILE.svg, FILE.png or FILE.pdf."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="Run on N processes of this machine.")
]
ClusterAddress = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:8786.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what FILE's sweep has finished.")]


def counting_of(input: str | None, batch: int, count: str, bias: bool, heads: bool = False) -> Counting:
    """The conditions that the options state. Raises UsageError where one is malformed."""
    return Counting(input, batch, given.choice("--count", count, UNITS), bias, heads)
