"""What was forecast of days that have come since: the other side of "why is it not that"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from agent.errors import Refused
from agent.forecasting import keeping
from agent.forecasting.foreseen import adds
from agent.metrics.questions import Scope
from agent.records.forecasts import Forecast, Key
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services


@dataclass(frozen=True)
class Foretold:
    """What a metric was forecast to add up to, by the forecast of which last known day."""

    value: float
    origin: date
    made_at: datetime | None


def foretold(services: Services, scope: Scope, name: str) -> Foretold:
    """By the newest forecast that was made before the scope's first day and reaches its last one.
    Raises Refused where there is none, where the metric does not add up over days, for days that
    are not over, and within filters, of which no forecast is kept."""
    metric = services.catalogue().get(name)
    if metric is None:
        raise Refused(t("There is no metric called {name!r}.", name=name))
    if not adds(metric):
        raise Refused(t("{metric} does not add up over days.", metric=t(metric.label)))
    if scope.filters or len(scope.shops) != 1 or scope.currency:
        raise Refused(t("Forecasts are kept of a whole shop in its own currency."))
    if scope.end >= services.today(services.shop(scope.shops[0])):
        raise Refused(t("These days are not over yet."))
    for one in services.records.forecasts.of(Key(scope.shops[0], name)):
        value = _sum(one, scope)
        if value is not None:
            return Foretold(value, _day(one), one.made_at)
    raise Refused(
        t("No forecast was made of these days before they came."),
        hint=t("Say what was expected, or compare with the period before."),
    )


def _sum(one: Forecast, scope: Scope) -> float | None:
    origin = _day(one)
    first, last = (scope.start - origin).days, (scope.end - origin).days
    if first < 1 or not keeping.reaches(one, last) or one.refusal:
        return None
    point = np.asarray(keeping.point(one)[first - 1 : last], np.float64)
    return float(point.sum()) if np.isfinite(point).all() else None


def _day(one: Forecast) -> date:
    return date.fromisoformat(one.origin[:10])
