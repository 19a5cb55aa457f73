"""Where a month ends: what is there already, and what its other days are likely to bring."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from agent.forecasting.asking import BELOW, Wanted, history
from agent.forecasting.foreseen import Landing, Outlook
from agent.metrics.questions import Ask, Scope

if TYPE_CHECKING:
    from agent.services import Services

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
LATELY = 28
"""Days whose mean stands for what a ratio is divided by in the days to come."""


def of(services: Services, found: Outlook, month: date, left: int) -> Landing:
    """`found` tells of at least the `left` last days of the month, the present one included."""
    to_date = _to_date(services, found, month)
    weight = _weight(services, found, month, left) if found.metric.ratio else 1.0
    kept = to_date * (1 - weight) if found.metric.ratio else to_date

    def at(level: float) -> float:
        return kept + weight * found.total(left, level)

    plan = services.records.targets.of(found.wanted.shop.shop_id)
    target = plan.of_month(found.metric.name, month)
    chance = None
    if target is not None and weight > 0:
        reached = found.chance(left, (target.target - kept) / weight)
        chance = reached if found.metric.good_up else 1 - reached
    return Landing(
        found.metric,
        month,
        to_date,
        at(LOW),
        at(MIDDLE),
        at(HIGH),
        None if target is None else target.target,
        chance,
    )


def _to_date(services: Services, found: Outlook, month: date) -> float:
    """The month's full days so far; nothing on its first day."""
    if found.origin < month:
        return 0.0
    wanted = found.wanted
    scope = Scope((wanted.shop.shop_id,), month, found.origin, "none", wanted.filters)
    frame = services.answer(Ask((wanted.metric,)).within(scope), told=False)
    return float(frame.total(wanted.metric) or 0.0)


def _weight(services: Services, found: Outlook, month: date, left: int) -> float:
    """How much the days to come count in a month's ratio: by what it is divided by."""
    wanted = Wanted(found.wanted.shop, found.wanted.metric, filters=found.wanted.filters)
    seen = history(services, wanted)
    below = seen.parts.get(BELOW)
    days = (found.origin - month).days + 1
    if below is None:
        return left / max(left + days, 1)
    passed = float(np.nansum(below[0, -days:])) if days > 0 else 0.0
    usual = float(np.nan_to_num(np.nanmean(below[0, -LATELY:]))) if below.size else 0.0
    ahead = usual * left
    return ahead / (passed + ahead) if passed + ahead > 0 else 1.0


def ends_of(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
