"""The first answer of `archcalc reconcile`."""

from __future__ import annotations

from tests._cli import rows


def first(*arguments: str) -> dict[str, str]:
    return rows("reconcile", *arguments)[0]
