"""Which of a paper's printed numbers are true? Every cell with its verdict, reading and origin."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.audit.origins import origin
from archcalc.audit.readings import fitting, stated, tally
from archcalc.audit.verdicts import COSTS, Audit, audit, claiming
from archcalc.costs import Cost, Section
from archcalc.costs.counting import Counting
from archcalc.notation.network import TOTAL, TableNetwork, TableRow
from archcalc.report import Column, Report, Value


def audit_report(networks: Sequence[TableNetwork]) -> Report:
    """Every printed cost of the networks, and every other printed cell that does not agree.

    Networks are audited at their own input, side chains included. Raises DocumentError where one cannot
    exist.
    """
    columns = [
        Column("network", "network", audience="all" if len(networks) > 1 else "machines"),
        Column("row", "row", audience="machines"),
        Column("title", "row", audience="people"),
        Column("claim", "claim"),
        Column("printed", "printed", audience="machines"),
        Column("cell", "printed", audience="people"),
        Column("computed", "computed", "count", priority=2),
        Column("verdict", "verdict", "mark", audience="machines"),
        Column("shown", "verdict", "mark", audience="people"),
        Column("reading", "is so as", priority=1),
        Column("origin", "where it could have come from", priority=3),
    ]
    rows: list[dict[str, Value]] = []
    notes: list[str] = []
    footnotes: list[tuple[str, str]] = []
    agreeing = 0
    for network in networks:
        of = f"{network.key} " if len(networks) > 1 else ""
        found = audit(network, Counting(heads=True).graph(network))
        parts = _parts(found)
        rows += [line for row in claiming(network) for line in _lines(found, row, parts)]
        notes += [of + sentence for sentence in _readings(found, parts)]
        footnotes += [(of + mark, text) for mark, text in found.footnotes()]
        agreeing += sum(
            claim not in COSTS and each.word == "agrees" for (_, claim), each in found.verdicts.items()
        )
    if agreeing:
        notes.append(f"{agreeing} printed sizes and depths agree and are not listed.")
    wrong = sum(line["verdict"] == "differs" for line in rows)
    more = f" and {len(networks) - 3} more" if len(networks) > 3 else ""
    return Report(
        caption=f"Audit of {', '.join(network.name for network in networks[:3])}{more}: "
        f"{wrong} of {len(rows) + agreeing} printed cells differ",
        columns=tuple(columns),
        rows=tuple(rows),
        footnotes=tuple(footnotes),
        notes=(*notes, ORIGINS),
        head={
            "networks": [network.key for network in networks],
            "differs": wrong,
            "agree unlisted": agreeing,
        },
    )


ORIGINS = (
    "established: the document's footnote says why. hypothesis: found by search (another reading; one "
    "changed width of the row; cells that follow from each other). unexplained: the search found nothing."
)


def unexpected(report: Report) -> bool:
    """Whether a cell differs and is no known erratum, which has a footnote beside it."""
    return any(row["verdict"] == "differs" and row["cell"] == row["printed"] for row in report.rows)


def _parts(found: Audit) -> dict[str, Section]:
    """What each claiming row is of."""
    return {**{section.name: section for section in found.sections}, TOTAL: found.whole}


def _lines(found: Audit, row: TableRow, parts: dict[str, Section]) -> list[dict[str, Value]]:
    section, whole = parts[row.name], parts[TOTAL].cost
    lines = []
    for claim, cell in row.claims.items():
        verdict = found.verdicts.get((row.name, claim))
        if verdict is None or (claim not in COSTS and verdict.word == "agrees"):
            continue
        known = f" [{cell.footnote}]" if cell.footnote in found.network.document.footnotes else ""
        line: dict[str, Value] = {
            "network": found.network.key,
            "row": row.name,
            "title": row.title,
            "claim": claim,
            "printed": cell.text,
            "cell": cell.text + known,
            "verdict": verdict.word,
            "shown": verdict.text,
            "origin": origin(found, row, claim, section, whole) or None,
        }
        if claim in COSTS:
            computed = stated(found.network, claim).value(section.cost, whole)
            line["computed"] = computed if isinstance(computed, int) else None
            line["reading"] = _reading(found.network, cell.text, claim, section.cost, whole)
        lines.append(line)
    return lines


def _reading(network: TableNetwork, printed: str, claim: str, cost: Cost, whole: Cost) -> str | None:
    fit = fitting(network, printed, claim, cost, whole)
    if fit is None:
        return None
    reading, verdict = fit
    return f"{reading}, cut" if verdict.word == "truncated" else str(reading)


def _readings(found: Audit, parts: dict[str, Section]) -> list[str]:
    """Which reading of each column fits most of its cells."""
    sentences = []
    whole = parts[TOTAL].cost
    for claim in COSTS:
        cells = [
            (row.claims[claim].text, parts[row.name].cost, whole)
            for row in claiming(found.network)
            if claim in row.claims and row.claims[claim].text
        ]
        if len(cells) < 2:  # of a single cell its own line says as much
            continue
        (own, score), *others = tally(found.network, claim, cells)
        told = "; ".join(f"{count} as {reading}" for reading, count in others if count)
        sentence = f"{claim}: of {len(cells)} cells {score} agree as {own}, which is how they are read"
        sentences.append(f"{sentence}; {told}." if told else f"{sentence}.")
    return sentences
