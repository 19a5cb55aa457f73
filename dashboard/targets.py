"""Targets on the screen: a monthly sum pro-rated to the days shown, a rate as it is, and how far
one is from it.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.metrics import formats
from agent.metrics.catalogue import METRICS, Metric
from agent.metrics.frames import Number
from agent.metrics.questions import Scope
from agent.records.targets import Target

Standing = Literal["meets", "near", "misses"]
VERBS: dict[Standing, str] = {"meets": "Meets", "near": "Near", "misses": "Misses"}
NEAR = 0.95
PER_BUCKET = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 91.3125}


@dataclass(frozen=True)
class Judged:
    """`target` is what the period should have reached, in the metric's own unit."""

    text: str
    standing: Standing
    target: float


def judge(target: Target, value: Number, scope: Scope, currency: str, locale: str) -> Judged | None:
    """How a period's value stands to its target; None while the value is unknown."""
    metric = METRICS[target.metric]
    wanted = target.target * share(metric, scope.start, scope.end)
    if value is None or wanted <= 0:
        return None
    standing = _standing(target, float(value), wanted, metric)
    shown = formats.number(wanted, metric.unit, currency, locale=locale)
    return Judged(f"{VERBS[standing]} {shown} target", standing, wanted)


def per_bucket(target: Target, metric: Metric, scope: Scope, grain: str) -> float:
    """The level of a chart's target line: per bucket for sums, the rate itself for rates."""
    if not summed(metric):
        return target.target
    monthly = share(metric, scope.start, scope.end) / scope.days
    return target.target * monthly * PER_BUCKET.get(grain, 365.25)


def share(metric: Metric, start: date, end: date) -> float:
    """How many months' worth of target a period has: 1 for a whole month, 16/30 for the first 16
    days of November.
    """
    if not summed(metric):
        return 1.0
    total, day = 0.0, start
    while day <= end:
        length = calendar.monthrange(day.year, day.month)[1]
        last = min(end, day.replace(day=length))
        total += ((last - day).days + 1) / length
        day = last + timedelta(days=1)
    return total


def summed(metric: Metric) -> bool:
    """Whether a longer period has more of it."""
    return not metric.ratio


def _standing(target: Target, now: float, wanted: float, metric: Metric) -> Standing:
    sign = 1 if metric.good_up else -1
    if now * sign >= wanted * sign:
        return "meets"
    # Where lower is better, near means a little above the target.
    usual = target.target * (NEAR if metric.good_up else 2 - NEAR)
    warning = (usual if target.warning is None else target.warning) * wanted / target.target
    return "near" if now * sign >= warning * sign else "misses"
