"""Forecasts made up for tests: a level week after week, with what a test wants changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import Assumption, Made, Outlook, Sums, Track
from agent.forecasting.series import Step
from agent.metrics.catalogue import METRICS
from agent.ports import Shop

ORIGIN = date(2026, 11, 16)
SHOP = Shop("tea", "Alma's Tea", "USD", "America/New_York")
FRIDAY = Assumption("feast", "Black Friday", date(2026, 11, 27), date(2026, 11, 27), "From 2025.")
LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])


def sums(point: np.ndarray, spread: float) -> Sums:
    """Quantiles of the sums: `spread` below and above the middle at 10 and 90 %."""
    middle = np.cumsum(point)
    steps = np.arange(1, point.size + 1)
    off = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])[:, None] * spread * steps[None, :]
    return Sums(middle, steps, LEVELS, off)


def made(miss: float = 0.06, scored: int = 28, **more: Any) -> Made:
    return Made(date(2026, 10, 19), 28, scored, miss, 0.12, 24, 27, **more)


def track(**more: Any) -> Track:
    return replace(Track((made(), made(0.08)), 0.07, 0.12, (48, 56), (54, 56)), **more)


def outlook(level: float = 100.0, steps: int = 28, past: int = 120, **more: Any) -> Outlook:
    """`level` a day ahead after a past at 100 a day; bands 10 and 20 wide to each side."""
    wanted = more.pop("wanted", Wanted(more.pop("shop", SHOP), "net_sales"))
    end = np.datetime64(more.pop("origin", ORIGIN))
    point = more.pop("point", np.full(steps, level))
    made_up = Outlook(
        wanted=wanted,
        metric=METRICS[wanted.metric],
        made_at=datetime(2026, 11, 17, 6, 10, tzinfo=UTC),
        origin=end.item(),
        method="theta 60%, naive 40%",
        past_dates=np.arange(end - past + 1, end + 1),
        past=np.full(past, 100.0),
        dates=np.arange(end + 1, end + 1 + point.size),
        point=point,
        bounds={
            0.5: (point - 5, point + 5),
            0.8: (point - 10, point + 10),
            0.95: (point - 20, point + 20),
        },
        naive=np.full(point.size, 90.0),
        track=track(),
        sums=sums(point, 2.0),
    )
    return replace(made_up, **more)


def friday(steps: int = 28) -> Outlook:
    """Black Friday brings five days' worth, and its neighbours twice a day's."""
    point = np.full(steps, 100.0)
    point[9:12] = 200.0
    point[10] = 500.0
    return outlook(point=point, assumes=(FRIDAY,))


def product(key: str, units: float, spread: float = 0.2, steps: int = 28) -> Outlook:
    point = np.full(steps, units)
    wanted = Wanted(SHOP, "units", Step.DAY, "product")
    return outlook(wanted=wanted, point=point, sums=sums(point, spread), member=key)
