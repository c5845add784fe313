"""What differs between two aligned graphs, said in sentences: differences of one kind together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from archcalc import numerals
from archcalc.alignment import INPUTS, Alignment, Change, Pair
from archcalc.alignment.steps import Placed

Titles: TypeAlias = Callable[[Placed], str]
KERNEL, BIAS = "kernel", "bias"
WINDOW = (KERNEL, "stride", "padding", "dilation", "ceil", "count_padding", "output_padding")
"""The facts that change together where a kernel does."""
LINES, VALUES, KINDS = 12, 3, 6
"""As many sentences on changes, values of one fact in different sentences, kinds in one sentence."""
SAME = "No difference in structure."


class Group(NamedTuple):
    """Pairs that differ in the same way: what they are called, what differs and, where it is one, how."""

    nouns: tuple[str, str]
    facts: tuple[str, ...]
    pairs: list[Pair]
    changes: list[tuple[Change, ...]]

    @property
    def values(self) -> list[tuple[Change, ...]]:
        """Each way in which they differ, the most frequent first."""
        return [value for value, _ in Counter(self.changes).most_common()]


def sentences(found: Alignment, title: Titles) -> tuple[str, ...]:
    """How many operations are alike, and the differences, those first that most operations have.

    `title` is what the row of one of the first graph's operations is called.
    """
    if not any(pair.differs for pair in found.every):
        return (SAME,)
    several = [_changed(group, title) for group in _groups(found.pairs)]
    said = [sentence for _, sentence in sorted(several, key=lambda each: -each[0])]
    if len(said) > LINES:
        rest = len(said) - LINES + 1
        said = [*said[: LINES - 1], f"{rest} other kinds of changes, which --level layer lists."]
    said += [
        f"{_listed(steps)} only in the {which}."
        for which, steps in (("first", found.only_first), ("second", found.only_second))
        if steps
    ]
    return (_overview(found), *said)


def change_text(pair: Pair) -> str:
    """What differs between the two of one pair; empty for nothing."""
    if not pair.first or not pair.second:
        return f"only in the {'first' if pair.first else 'second'}"
    if pair.replaced:
        return f"{pair.first.nouns[0]} -> {pair.second.nouns[0]}"
    return ", ".join(map(_fact, pair.changes))


def _overview(found: Alignment) -> str:
    paired = len(found.pairs)
    ours, theirs = paired + len(found.only_first), paired + len(found.only_second)
    return (
        f"Aligned by structure: {paired} of the first's {ours} and the second's {theirs} operations are"
        f" each other's, and {found.alike} of these do the same."
    )


def _groups(pairs: Iterable[Pair]) -> list[Group]:
    """Changes of one kind together; where they have few values, each value by itself."""
    found: dict[object, Group] = {}
    for pair in pairs:
        for changes in _together(pair):
            nouns, facts = _nouns(pair), tuple(change.fact for change in changes)
            group = found.setdefault((nouns, facts), Group(nouns, facts, [], []))
            group.pairs.append(pair)
            group.changes.append(changes)
    return [part for group in found.values() for part in _parted(group)]


def _nouns(pair: Pair) -> tuple[str, str]:
    return pair.first.nouns if pair.first else ("", "")


def _together(pair: Pair) -> list[tuple[Change, ...]]:
    """The changes of a pair that are one: those of a window whose kernel changed."""
    if pair.replaced and pair.first and pair.second:
        became = Change("", pair.first.nouns[0], pair.second.nouns[0])
        return [(became,), *((each,) for each in pair.changes)]
    window = tuple(sorted((each for each in pair.changes if each.fact in WINDOW), key=_place))
    others: list[tuple[Change, ...]] = [(each,) for each in pair.changes if each.fact not in WINDOW]
    if not window or window[0].fact == KERNEL:
        return [window, *others] if window else others
    strides = tuple(each for each in window if each.fact == "stride")
    rest = tuple(each for each in window if each.fact != "stride")
    return [part for part in (strides, rest) if part] + others


def _place(change: Change) -> int:
    return WINDOW.index(change.fact)


def _parted(group: Group) -> list[Group]:
    if len(group.values) > VALUES and group.facts != ("",):
        return [group]
    return [
        Group(
            group.nouns,
            group.facts,
            [pair for pair, value in zip(group.pairs, group.changes, strict=True) if value == each],
            [each],
        )
        for each in group.values
    ]


def _changed(group: Group, title: Titles) -> tuple[int, str]:
    """How many pairs a group has, and its sentence."""
    count, values = len(group.pairs), group.values
    noun = _counted(count, group.nouns)
    where = _where([pair.first for pair in group.pairs if pair.first], title)
    if len(values) > 1:
        return count, f"{noun}: {_several(group)}{where}."
    changes = values[0]
    if changes[0].fact != KERNEL:
        kernels = {_kernel(pair.first) for pair in group.pairs if pair.first}
        noun = f"{noun} {kernels.pop()}".rstrip() if len(kernels) == 1 else noun
    first, beside = changes[0], ", ".join(map(_fact, changes[1:]))
    if first.fact == "":
        return count, f"{noun} became {first.second}{where}."
    if first.fact == KERNEL:
        then = f" ({beside})" if beside else ""
        return (
            count,
            f"{noun} {_value(first.first, KERNEL)} became {_value(first.second, KERNEL)}{then}{where}.",
        )
    if first.fact == BIAS:
        lost = f"lost {'its' if count == 1 else 'their'} bias" if first.first else "gained a bias"
        return count, f"{noun} {lost}{where}."
    if first.fact == INPUTS and not first.first:
        return count, f"{noun} {'has' if count == 1 else 'have'} other inputs{where}."
    return count, f"{noun}: {', '.join(map(_fact, changes))}{where}."


def _several(group: Group) -> str:
    """One fact with several values; how many times as many, where that is the same for all."""
    values = group.values
    if len(group.facts) > 1:
        return f"{', '.join(map(_word, group.facts))} in {len(values)} ways"
    [fact], changes = group.facts, [value[0] for value in values]
    shown = ", ".join(map(_values, changes[:VALUES]))
    shown += _and_others(len(values) - VALUES)
    ratios = {_ratio(each) for each in changes}
    ratio = ratios.pop() if len(ratios) == 1 else None
    if ratio is None:
        return f"{_word(fact)} {shown}"
    return f"{numerals.decimal(ratio, 2, trim=True)} times the {_word(fact)} ({shown})"


def _ratio(change: Change) -> Fraction | None:
    if type(change.first) is not int or type(change.second) is not int or not change.first:
        return None
    return Fraction(change.second, change.first)


def _where(steps: Sequence[Placed], title: Titles) -> str:
    """The row that all of them are in, or the branch."""
    if len({step.node.row for step in steps}) == 1:
        return f" ({title(steps[0])})" if title(steps[0]) else ""
    branches = {step.node.branch for step in steps}
    return f", all in {branches.pop()}" if len(branches) == 1 and "" not in branches else ""


def _listed(steps: Sequence[Placed]) -> str:
    """How many operations there are of each kind, the most frequent first."""
    kinds = Counter((step.nouns, _kernel(step)) for step in steps)
    shown = [
        f"{_counted(count, nouns)} {kernel}".rstrip() for (nouns, kernel), count in kinds.most_common(KINDS)
    ]
    rest = len(steps) - sum(count for _, count in kinds.most_common(KINDS))
    if rest:
        return ", ".join(shown) + _and_others(rest)
    *before, last = shown
    return f"{', '.join(before)} and {last}" if before else last


def _counted(count: int, nouns: tuple[str, str]) -> str:
    return f"{numerals.whole(count)} {nouns[count > 1]}"


def _and_others(count: int) -> str:
    return f" and {numerals.whole(count)} other{'s' if count > 1 else ''}" if count > 0 else ""


def _kernel(step: Placed) -> str:
    """The window of an operation, where it is written with one."""
    kernel = step.effect.facts.get(KERNEL, "")
    return _value(kernel, KERNEL) if isinstance(kernel, tuple) else ""


def _fact(change: Change) -> str:
    if change.fact == INPUTS and not change.first:
        return "other inputs"
    return f"{_word(change.fact)} {_values(change)}"


def _values(change: Change) -> str:
    return f"{_value(change.first, change.fact)} -> {_value(change.second, change.fact)}"


def _word(fact: str) -> str:
    return fact.replace("_", " ")


def _value(value: Any, fact: str = "") -> str:
    """A fact's value; of sizes that are the same for each place, but for a kernel's, one.

    >>> _value((2, 2), "kernel"), _value((2, 2), "padding"), _value((1, 0)), _value(True), _value(0.4)
    ('2x2', '2', '1x0', 'yes', '0.4')
    """
    if isinstance(value, tuple):
        if fact != KERNEL and len(set(value)) == 1:
            return str(value[0])
        return "x".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return numerals.setting(value)
    return "none" if value is None else str(value)
