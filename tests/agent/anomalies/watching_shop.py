"""A shop's watched series at levels that were expected, until a test breaks them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from agent.anomalies.judged import Incident, Judged
from agent.anomalies.series import Series, Watched
from agent.anomalies.worth import Worth
from agent.forecasting.series import Floats, Panel, Step
from agent.metrics.catalogue import METRICS
from tests.almas_tea import SHOP

DAYS = 120
ROWS = (
    Series(METRICS["net_sales"]),
    Series(METRICS["orders"]),
    Series(METRICS["conversion_rate"]),
    Series(METRICS["net_sales"], "country", "DE"),
    Series(METRICS["net_sales"], "country", "AT"),
    Series(METRICS["cac"]),
    Series(METRICS["sales_reversals"]),
)
SALES, ORDERS, RATE, DE, AT, CAC, REVERSALS = range(len(ROWS))
LEVELS = np.array([1000.0, 10.0, 0.02, 700.0, 300.0, 30.0, -50.0])


def levels() -> Floats:
    return np.repeat(LEVELS[:, None], DAYS, axis=1)


def changed(*changes: tuple[int, float, int, int]) -> Floats:
    """Levels with rows multiplied from a first to a last column: (row, times, first, last)."""
    values = levels()
    for row, times, first, last in changes:
        values[row, first : last + 1] *= times
    return values


def incident(row: int, first: int, last: int, kind: str = "drop", **more: Any) -> Incident:
    made = Incident(row, kind, first, last, first, False, -1, 6.0, 0.0, 0.0, 0.0, 0.0)
    return replace(made, **more)


def seen(values: Floats, *incidents: Incident, step: Step = Step.DAY) -> Worth:
    level = levels()
    dates = np.datetime64("2026-11-16") + np.arange(1 - DAYS, 1)
    ids = tuple(row.name for row in ROWS)
    panel = Panel(ids, values, np.full(len(ROWS), dates[-1]), step, 7)
    blank = np.zeros(level.shape)
    tables = (level, 0.8 * level, 1.2 * level, blank, blank > 0, blank.astype(np.int8))
    judged = Judged(ids, *tables, np.ones(DAYS), incidents)
    return Worth(Watched(SHOP, ROWS, dates, panel, blank > 0, blank > 0), judged)
