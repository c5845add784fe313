"""How a check reads: one line a network and input, one column a witness, every mismatch below."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc import witnesses
from archcalc.check.agreement import Check, Testimony
from archcalc.costs import total
from archcalc.numerals import whole
from archcalc.report import Column, Mark, Report, Value

MEASURES = ("shapes", "tensors", "macs")
"""What a witness may have compared, as `Testimony` names it."""
UNSEEN = "unseen"
"""And how many layers it has no means to look into."""


def report(checks: Sequence[Check]) -> Report:
    """The checks of networks at inputs; witnesses' counts are columns of their own for machines."""
    found = witnesses.witnesses()
    columns = [
        Column("network", "network"),
        Column("input", "input"),
        Column("side_chains", "side chains", "count", priority=3),
        Column("layers", "layers", "count", priority=2),
        Column("params", "params", "count"),
        Column("macs", "MACs", "count"),
    ]
    for name in found:
        columns.append(Column(name, name, "mark", audience="machines"))
        columns.append(Column(f"{name}_said", _title(name), "mark", audience="people", wrap=True))
        columns += [
            Column(f"{name}_{measure}", f"{name} {measure}", "count", audience="machines")
            for measure in MEASURES
            if any(getattr(each, measure) is not None for each in _testimonies(checks, name))
        ]
        if any(each.unseen for each in _testimonies(checks, name)):
            columns.append(Column(f"{name}_{UNSEEN}", f"{name} {UNSEEN}", "count", audience="machines"))
    wrong = [f"{each.network} at {each.input}: {mismatch}" for each in checks for mismatch in each.mismatches]
    impossible = [
        f"{each.network} cannot exist at {each.input}: {each.impossible}"
        for each in checks
        if each.impossible
    ]
    unseen = any(testimony.unseen for each in checks for testimony in each.testimonies)
    agreed = "every layer agrees with every witness" + unseen * " that can see it"
    verdict = f"{len(wrong)} mismatches" if wrong else agreed
    return Report(
        caption=f"Check: {verdict}, {_inputs(checks)}",
        columns=tuple(columns),
        rows=tuple(_line(each) for each in checks),
        notes=(*wrong, *impossible, *(_asked(checks, name, each.COUNTS) for name, each in found.items())),
        head={
            "agrees": not wrong,
            "mismatches": wrong,
            "inputs": sum(not each.impossible for each in checks),
            "impossible": impossible,
            "witnesses": {name: witness.COUNTS for name, witness in found.items()},
        },
    )


def _inputs(checks: Sequence[Check]) -> str:
    """At how many inputs networks were checked, and at how many they could not be."""
    checked, networks = [each for each in checks if not each.impossible], {each.network for each in checks}
    count = f"at {len(checked)} input{'s' * (len(checked) != 1)}"
    of = f" of {len(networks)} networks" if len(networks) > 1 else ""
    left = len(checks) - len(checked)
    return f"{count}{of}; {left} could not be built" if left else count + of


def _testimonies(checks: Sequence[Check], name: str) -> list[Testimony]:
    return [testimony for each in checks for testimony in each.testimonies if testimony.witness == name]


def _line(check: Check) -> dict[str, Value]:
    line: dict[str, Value] = {"network": check.network, "input": check.input.alone or str(check.input)}
    if check.impossible:
        return line
    line["side_chains"] = len({layer.node.head for layer in check.layers} - {""}) or None
    cost = total(check.layers)
    line |= {"layers": len(check.layers), "params": cost.params, "macs": cost.macs}
    for testimony in check.testimonies:
        name = testimony.witness
        line[name] = str(_mark(testimony))
        line[f"{name}_said"] = _said(testimony)
        line |= {f"{name}_{measure}": getattr(testimony, measure) for measure in (*MEASURES, UNSEEN)}
    return line


def _said(testimony: Testimony) -> str:
    """What one witness said, in a cell for people."""
    counts = {"MACs" if measure == "macs" else measure: getattr(testimony, measure) for measure in MEASURES}
    amount = ", ".join(f"{whole(count)} {what}" for what, count in counts.items() if count is not None)
    amount += f", {_unseen(testimony)}" if testimony.unseen else ""
    if testimony.mismatches:
        return f"{Mark.MISMATCH} in {len(testimony.mismatches)}: {amount}"
    if testimony.stopped:
        return f"{Mark.BROKEN_OFF} by torch: {testimony.stopped}"
    return f"{Mark.OK}: {amount}"


def _unseen(testimony: Testimony) -> str:
    return f"{whole(testimony.unseen)} layer{'s' * (testimony.unseen > 1)} not seen"


def _mark(testimony: Testimony) -> Mark:
    if testimony.mismatches:
        return Mark.MISMATCH
    return Mark.BROKEN_OFF if testimony.stopped else Mark.OK


def _asked(checks: Sequence[Check], name: str, counts: str) -> str:
    """What a witness counts, and what it passed over."""
    skipped = max((testimony.skipped for testimony in _testimonies(checks, name)), key=len, default="")
    return f"{_title(name)}: {counts}; {skipped}." if skipped else f"{_title(name)}: {counts}."


def _title(name: str) -> str:
    return name.replace("_", " ")


def sentence(check: Check) -> str:
    """What a column of marks in a table means."""
    names = ", ".join(_title(testimony.witness) for testimony in check.testimonies)
    found = f"{len(check.mismatches)} mismatches" if check.mismatches else "all agree"
    found += "".join(
        f"; {_title(each.witness)}: {_unseen(each)}" for each in check.testimonies if each.unseen
    )
    return (
        f"Check: shapes, tensors and MACs of {len(check.layers)} layers against a built torch model, "
        f"by {names}: {found}."
    )
