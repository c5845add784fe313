"""Under which conditions does a formula hold? What a graph left open, as few sentences as say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy

from archcalc.formula.congruences import reduced, words
from archcalc.formula.expression import terms_of, text


def sentences(conditions: Iterable[sympy.Basic]) -> list[str]:
    """Conditions in words, each once; of lower bounds of one symbol the highest alone, and one congruence.

    >>> H = sympy.Symbol("H", integer=True, positive=True)
    >>> sentences([sympy.Le(1, H), sympy.Le(7, sympy.floor((H + 1) / 32)), sympy.Eq(sympy.Mod(H, 2), 0)])
    ['H >= 224', 'H is a multiple of 2']
    """
    bounds: dict[sympy.Symbol, int] = {}
    others: list[str] = []
    congruences, left = reduced(dict.fromkeys(conditions))
    for condition in left:
        if condition == sympy.true:
            continue
        bound = _lower_bound(condition)
        if bound is None:
            others += [said for said in _words(condition) if said not in others]
        else:
            name, least = bound
            bounds[name] = max(bounds.get(name, 1), least)
    periodic = [said for name, each in congruences.items() for said in words(name, each)]
    firsts = {name: each.least(1) for name, each in congruences.items()}
    said = []
    for name, least in sorted(bounds.items(), key=lambda item: item[0].name):
        first = congruences[name].least(least) if name in congruences else least
        if first > firsts.get(name, 1):  # the least of those that there are
            said.append(f"{name} >= {first}")
    return said + periodic + others


def _lower_bound(condition: sympy.Basic) -> tuple[sympy.Symbol, int] | None:
    """A condition that one symbol is at least a number; for a whole n, floor(x) >= n is x >= n."""
    if not isinstance(condition, (sympy.Le, sympy.Ge)):
        return None
    number, rest = (condition.gts - condition.lts).as_coeff_Add()
    factor, name = rest.as_coeff_Mul()
    if isinstance(name, sympy.floor) and factor.is_positive and number.is_Rational:
        number, rest = -sympy.ceiling(-number / factor), name.args[0]
        more, rest = rest.as_coeff_Add()
        number += more
        factor, name = rest.as_coeff_Mul()
    if not isinstance(name, sympy.Symbol) or not factor.is_positive or not number.is_Rational:
        return None
    return name, int(sympy.ceiling(-number / factor))


def _words(condition: sympy.Basic) -> Iterator[str]:
    if (
        isinstance(condition, sympy.Eq)
        and isinstance(condition.lhs, sympy.Mod)
        and condition.lhs.args[1] == 1
    ):
        return  # of a divided width, which a condition of its own says is whole
    if isinstance(condition, sympy.And):
        for each in condition.args:
            yield from _words(each)
    elif isinstance(condition, sympy.Or):
        yield " or ".join(said for each in condition.args for said in _words(each))
    elif isinstance(condition, sympy.Eq) and isinstance(condition.lhs, sympy.Mod) and condition.rhs == 0:
        yield f"{text(condition.lhs.args[0])} is a multiple of {text(condition.lhs.args[1])}"
    elif isinstance(condition, (sympy.Le, sympy.Ge)) and not _always(condition):
        yield f"{text(condition.gts)} >= {text(condition.lts)}"
    elif isinstance(condition, sympy.Eq):
        yield f"{text(condition.lhs)} = {text(condition.rhs)}"
    elif not isinstance(condition, (sympy.Le, sympy.Ge)):
        yield text(condition)


def _always(condition: sympy.Basic) -> bool:
    """Whether a bound holds at the smallest sizes and, growing in every symbol, at all others."""
    difference = sympy.expand(condition.gts - condition.lts)
    number, rest = difference.as_coeff_Add()
    terms = [term.as_coeff_Mul() for term in terms_of(rest)]
    if any(
        factor.is_negative or not part.is_polynomial() or part.atoms(sympy.floor) for factor, part in terms
    ):
        return False
    return bool(number + sum(factor for factor, _ in terms) >= 0)
