"""A finding of Alma's Tea, as tests need it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from agent.anomalies.around import Around
from agent.records.findings import Finding

FOUND = datetime(2026, 11, 12, 0, 14, tzinfo=UTC)


def around(first: str = "2026-10-14", days: int = 34, dip: int = 28) -> Around:
    """Days of 100 with one of 62, of which 100 was expected, usually between 80 and 120."""
    dates = np.datetime64(first, "h") + np.arange(days) * np.timedelta64(24, "h")
    values = np.full(days, 100.0)
    values[dip] = 62.0
    level = np.full(days, 100.0)
    return Around(dates, values, level, 0.8 * level, 1.2 * level)


def finding(**more: Any) -> Finding:
    """Net sales fell 38% below expected on Wednesday 11 November."""
    made = Finding(
        shop_id="almas-tea",
        metric="net_sales",
        step="day",
        kind="drop",
        severity="critical",
        first="2026-11-11",
        last="2026-11-11",
        over=True,
        actual=62.0,
        expected=100.0,
        low=80.0,
        high=120.0,
        score=4.0,
        content={"around": around().to_json()},
        found_at=FOUND,
    )
    return replace(made, **more)
