"""Which parts of two networks, such as rows, are each other's: those that most of their operations say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from archcalc.alignment import Alignment
from archcalc.alignment.steps import Placed

Parts: TypeAlias = Mapping[str, Sequence[str]]
"""The paths of the operations of each part, by its name."""


class Together(NamedTuple):
    """Parts that stand in one line: one of each network, several of one, or of one alone."""

    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()


def together(found: Alignment, ours: Parts, theirs: Parts) -> list[Together]:
    """All parts of both, in order. A part stands with the one that most of its operations are paired with.

    Where that one has another for which it is the better, both stand with it, if they hold to it by more
    than half of their operations: a row that is three modules elsewhere.
    """
    first, second = _part_of(ours), _part_of(theirs)
    counts = Counter(
        (first[pair.first.node.name], second[pair.second.node.name])
        for pair in found.pairs
        if pair.first and pair.second
    )
    best = _best(counts, list(ours), 0), _best(counts, list(theirs), 1)
    lines = {mine: Together((mine,), (its,)) for mine, its in best[0].items() if best[1][its] == mine}
    by_second = {line.second[0]: mine for mine, line in lines.items()}
    sizes = Counter(first[step.node.name] for step in _steps(found, 0))
    for mine, its in best[0].items():
        if mine not in lines and its in by_second and 2 * counts[mine, its] > sizes[mine]:
            kept = by_second[its]
            lines[kept] = lines[kept]._replace(first=_in_order((*lines[kept].first, mine), ours))
    sizes = Counter(second[step.node.name] for step in _steps(found, 1))
    for its, mine in best[1].items():
        if its not in by_second and mine in lines and 2 * counts[mine, its] > sizes[its]:
            lines[mine] = lines[mine]._replace(second=_in_order((*lines[mine].second, its), theirs))
    return list(_merged(list(lines.values()), list(ours), list(theirs)))


def _part_of(parts: Parts) -> dict[str, str]:
    return {path: name for name, paths in parts.items() for path in paths}


def _steps(found: Alignment, side: int) -> Iterator[Placed]:
    for pair in found.every:
        step = pair[side]
        if isinstance(step, Placed):
            yield step


def _best(counts: Counter[tuple[str, str]], order: Sequence[str], side: int) -> dict[str, str]:
    """For each part of one network the part of the other that it has most pairs with, or the first."""
    best: dict[str, tuple[int, str]] = {}
    for both, count in counts.items():
        name, other = both[side], both[1 - side]
        if count > best.get(name, (0, ""))[0]:
            best[name] = (count, other)
    return {name: best[name][1] for name in order if name in best}


def _in_order(names: Sequence[str], parts: Parts) -> tuple[str, ...]:
    return tuple(name for name in parts if name in names)


def _merged(lines: Sequence[Together], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Together]:
    """The lines in the first's order; a part of the second alone before the next that is not."""
    by_first = {name: line for line in lines for name in line.first}
    partnered = {name for line in lines for name in line.second}
    waiting = list(theirs)
    done: set[Together] = set()
    for name in ours:
        line = by_first.get(name, Together((name,)))
        if line in done:
            continue
        done.add(line)
        while line.second and line.second[0] in waiting:
            its = waiting.pop(0)
            if its == line.second[0]:
                break
            if its not in partnered:
                yield Together((), (its,))
        yield line
    yield from (Together((), (its,)) for its in waiting if its not in partnered)
