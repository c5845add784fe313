"""Sweeps made in this process, and columns of their points."""

from __future__ import annotations

from typing import Any

from archcalc.costs.counting import Counting
from archcalc.report import Report
from archcalc.sources.paper import load
from archcalc.sweep import Request, Sweep


def sweep(*vary: str, network: str = "googlenet", **options: Any) -> Sweep:
    return Sweep(load(network), Request(vary, **options), Counting())


def points(report: Report, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in report.rows]
