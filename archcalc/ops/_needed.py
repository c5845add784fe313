"""A requirement, stated only where it is not known to hold."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.sizes import Relation, Requirement, Size, verdict


def needed(
    left: Size, relation: Relation, right: Size, fact: str | Callable[[], str]
) -> tuple[Requirement, ...]:
    """A requirement, or none where plain ints are known to hold it: nearly always.

    >>> needed(1, "<=", 5, "there is none")
    ()
    >>> needed(7, "<=", 5, "it does not fit")
    (Requirement(left=7, relation='<=', right=5, fact='it does not fit'),)
    """
    if type(left) is int and type(right) is int and verdict(left, relation, right):
        return ()
    return (Requirement(left, relation, right, fact),)
