"""How an audit is shown: one line for each printed cell, and what is said of whole columns below."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.audit.findings import Finding, Findings
from archcalc.claims import Word
from archcalc.report import Column, Report, Value

ORIGINS = (
    "established: the document's footnote says why. hypothesis: a search found it (another reading; one "
    "changed width of the row; cells that follow from each other; another way of counting). unexplained: the "
    "search found nothing."
)


def report(audits: Sequence[Findings]) -> Report:
    """Every printed cost of the networks, and every other printed cell that does not agree."""
    columns = (
        Column("network", "network", audience="all" if len(audits) > 1 else "machines"),
        Column("row", "row", audience="machines"),
        Column("title", "row", audience="people"),
        Column("claim", "claim"),
        Column("printed", "printed", audience="machines"),
        Column("cell", "printed", audience="people"),
        Column("computed", "computed", "count", priority=2),
        Column("verdict", "verdict", "mark", audience="machines"),
        Column("shown", "verdict", "mark", audience="people", wrap=True),
        Column("reading", "agrees if read as", priority=1, wrap=True),
        Column("origin", "where it could have come from", wrap=True),
    )
    names = [found.network.name for found in audits]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    cells = [cell for found in audits for cell in found.cells]
    listed = sum(len(found.listed) for found in audits)
    wrong = sum(cell.verdict.word is Word.DIFFERS for cell in cells)
    agreeing = len(cells) - listed
    notes = [f"{_of(found, audits)}{sentence}" for found in audits for sentence in found.readings]
    if agreeing:
        notes.append(f"{agreeing} printed sizes and depths agree and are not listed.")
    return Report(
        caption=f"Audit of {', '.join(names[:3])}{more}: {wrong} of {len(cells)} printed cells differ",
        columns=columns,
        rows=tuple(_line(found, cell) for found in audits for cell in found.listed),
        footnotes=tuple(
            (_of(found, audits) + mark, text) for found in audits for mark, text in found.audit.footnotes()
        ),
        notes=(*notes, ORIGINS),
        head={
            "networks": [found.network.key for found in audits],
            "differs": wrong,
            "agree unlisted": agreeing,
        },
    )


def _of(found: Findings, audits: Sequence[Findings]) -> str:
    """What a sentence begins with where it must say which network it is about."""
    return f"{found.network.key} " if len(audits) > 1 else ""


def _line(found: Findings, finding: Finding) -> dict[str, Value]:
    cell, known = finding.cell, found.audit.known(finding.cell)
    return {
        "network": found.network.key,
        "row": finding.row.name,
        "title": finding.row.title,
        "claim": finding.claim,
        "printed": cell.text,
        "cell": f"{cell.text} [{cell.footnote}]" if known else cell.text,
        "computed": finding.computed if isinstance(finding.computed, int) else None,
        "verdict": str(finding.verdict.word),
        "shown": finding.verdict.text,
        "reading": finding.reading or None,
        "origin": finding.origin or None,
    }
