"""Targets on the screen: a monthly sum pro-rated to the days shown, a rate as it is, and how far one is from it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.metrics import formats
from agent.metrics.catalogue import METRICS, Metric
from agent.metrics.frames import Number
from agent.records.targets import Target

State = Literal["good", "near", "bad", ""]
LOW, HIGH = 0.60, 1.15
PER_BUCKET = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 91.3125}


@dataclass(frozen=True)
class Judged:
    """`track` is the value's place and `tick` the target's on a bar from 60 % to 115 % of the target, both in percent."""

    text: str
    state: State
    track: float
    tick: float
    target: float


def judge(
    target: Target, value: Number, start: date, end: date, currency: str, locale: str
) -> Judged | None:
    """How a period's value stands to its target; None while the value is unknown."""
    metric = METRICS[target.metric]
    wanted = target.target * share(metric, start, end)
    if value is None or wanted <= 0:
        return None
    now = float(value)
    state = _state(target, now, wanted, metric)
    verb = {"good": "Meets", "near": "Near", "bad": "Misses"}[state or "good"]
    shown = formats.number(wanted, metric.unit, currency, locale=locale)
    place = max(0.0, min(100.0, (now / wanted - LOW) / (HIGH - LOW) * 100))
    return Judged(
        f"{verb} {shown} target", state, place, (1 - LOW) / (HIGH - LOW) * 100, wanted
    )


def per_bucket(target: Target, metric: Metric, start: date, end: date, grain: str) -> float:
    """The level of a chart's target line: per day, week, month for sums, the rate itself for rates."""
    if not summed(metric):
        return target.target
    days = (end - start).days + 1
    return target.target * share(metric, start, end) / days * PER_BUCKET.get(grain, 365.25)


def share(metric: Metric, start: date, end: date) -> float:
    """How many months' worth of target a period has: 1 for a whole month, 16/30 for the first 16 days of November."""
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
    return not metric.denominator


def _state(target: Target, now: float, wanted: float, metric: Metric) -> State:
    scale = wanted / target.target
    sign = 1 if metric.good_up else -1
    if now * sign >= wanted * sign:
        return "good"
    warning = (target.warning if target.warning is not None else target.target * 0.95) * scale
    return "near" if now * sign >= warning * sign else "bad"
