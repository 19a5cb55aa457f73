"""Targets against figures: what a period should have brought, and how far one is from it.

A sum has a month's target, pro-rated to the days shown; a rate has its target however long the
period is.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from operator import mul

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.records.targets import Plan, Target, check_levels
from agent.words import mark, n, t

NEAR = 0.95
PER_BUCKET = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 91.3125}
YEAR = 365.25


class Status(Enum):
    """How a figure stands to its target; the value is what a person reads, `t(status.value)`.

    A warning level says what is near; without one it is NEAR of the target.
    """

    ON = mark("Meets target")
    NEAR = mark("Near target")
    OFF = mark("Misses target")
    WARNING = mark("Warning")
    CRITICAL = mark("Critical")
    NONE = mark("No data")


@dataclass(frozen=True)
class Judged:
    """`text` is the status with the target, `target` what the period should have reached, in the
    metric's own unit; `note` says where it is only part of a month's."""

    text: str
    target: float
    status: Status
    note: str = ""


def over(plan: Plan, metric: Metric, start: date, end: date) -> Target | None:
    """The target of a period, first and last day included: of sums each month's own share added
    up, of rates their mean by days. None where a month of it has none; a threshold only where all
    months have one.
    """
    parts = list(months(start, end))
    found = [plan.of_month(metric.name, month) for month, _, _ in parts]
    kept = [target for target in found if target is not None]
    if len(kept) < len(found) or not found:
        return None
    days = sum(days for _, days, _ in parts)
    shares = [part / (days if metric.ratio else length) for _, part, length in parts]

    def level(levels: list[float | None]) -> float | None:
        known = [value for value in levels if value is not None]
        return sum(map(mul, known, shares)) if len(known) == len(shares) else None

    return Target(
        metric.name,
        level([target.target for target in kept]) or 0.0,
        level([target.warning for target in kept]),
        level([target.critical for target in kept]),
        all(target.shipped for target in kept),
    )


def months(start: date, end: date) -> Iterator[tuple[date, int, int]]:
    """Every month that a period touches: its first day, its days in the period, its length."""
    day = start
    while day <= end:
        length = calendar.monthrange(day.year, day.month)[1]
        last = min(end, day.replace(day=length))
        yield day.replace(day=1), (last - day).days + 1, length
        day = last + timedelta(days=1)


def status(target: Target | None, value: Number, good_up: bool = True) -> Status:
    """Where a figure stands; a threshold that is just reached is not missed."""
    if target is None or value is None:
        return Status.NONE
    sign = 1 if good_up else -1
    now = float(value) * sign
    if now >= target.target * sign:
        return Status.ON
    if target.critical is not None and now < target.critical * sign:
        return Status.CRITICAL
    if target.warning is not None:
        return Status.WARNING if now < target.warning * sign else Status.NEAR
    # Where lower is better, near means a little above the target.
    close = target.target * (NEAR if good_up else 2 - NEAR)
    return Status.NEAR if now >= close * sign else Status.OFF


def judge(plan: Plan, metric: Metric, value: Number, scope: Scope, currency: str) -> Judged | None:
    """How a period's value stands to its target; None where either is unknown or nothing.

    A scope that is not over yet is judged by the days so far: see `so_far`.
    """
    target = over(plan, metric, scope.start, scope.end)
    if value is None or target is None or target.target <= 0 or _converted(metric, scope):
        return None
    found = status(target, value, metric.good_up)
    shown = formats.number(target.target, metric.unit, currency)
    note = prorated(metric, scope.start, scope.end)
    return Judged(t(_SAID[found], target=shown), target.target, found, note)


def so_far(scope: Scope, today: date) -> Scope:
    """A period up to today, where it goes on beyond."""
    return scope if scope.end <= today or scope.start > today else scope.during(scope.start, today)


def prorated(metric: Metric, start: date, end: date) -> str:
    """In words, how much of its months a period is; empty for whole months and for rates."""
    parts = list(months(start, end))
    days, whole = sum(part for _, part, _ in parts), sum(length for _, _, length in parts)
    if metric.ratio or days == whole:
        return ""
    if len(parts) > 1:
        words = n("Pro-rated to {days} day", "Pro-rated to {days} days", days, days=days)
    else:
        words = t("Pro-rated to {days} of {length} days", days=days, length=whole)
    return words


def per_bucket(plan: Plan, metric: Metric, scope: Scope, grain: str) -> float | None:
    """The level of a chart's target line: per bucket for sums, the rate itself for rates. None
    where there is no target."""
    target = over(plan, metric, scope.start, scope.end)
    if target is None or _converted(metric, scope):
        return None
    if metric.ratio:
        return target.target
    return target.target / scope.days * PER_BUCKET.get(grain, YEAR)


def check(metric: Metric, target: float, warning: float | None, critical: float | None) -> None:
    """Raises Refused where a level is no number or stands on the wrong side of the target."""
    check_levels(target, warning, critical)
    worse = [level for level in (warning, critical) if level is not None]
    sign = 1 if metric.good_up else -1
    if any(level * sign > target * sign for level in worse):
        sentence = (
            t("For {label} higher is better: warning and critical lie below the target.")
            if metric.good_up
            else t("For {label} lower is better: warning and critical lie above the target.")
        )
        raise Refused(sentence.format(label=t(metric.label)))


_SAID: Mapping[Status, str] = {
    Status.ON: mark("Meets {target} target"),
    Status.NEAR: mark("Near {target} target"),
    Status.OFF: mark("Misses {target} target"),
    Status.WARNING: mark("Warning, target {target}"),
    Status.CRITICAL: mark("Critical, target {target}"),
}


def _converted(metric: Metric, scope: Scope) -> bool:
    """Whether money is shown in another currency than the shop's, in which targets are kept."""
    return metric.unit == "money" and bool(scope.currency)
