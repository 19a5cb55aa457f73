"""Why a metric changed, with the holidays of both periods: as pages, files, mails and the API ask
for it."""

from __future__ import annotations

from datetime import date

from agent.forecasting.given import given
from agent.metrics.questions import Scope
from agent.services import Services
from agent.why import kept
from agent.why.explanation import Explanation
from agent.why.matching import Holiday


def explain(
    services: Services, scope: Scope, name: str, expected: float | None = None
) -> Explanation:
    """As `agent.why.kept.explain`. Nobody waits for public holidays: until the process that fits
    has read them, feasts are named alone."""

    def holidays(first: date, last: date) -> tuple[Holiday, ...]:
        shops = dict.fromkeys(scope.shops)
        found = dict.fromkeys(
            day
            for shop in shops
            for day in given(services, services.shop(shop), first, last, wait=False).days
        )
        return tuple(Holiday(one.day, one.name, one.country, dict(one.also)) for one in found)

    return kept.explain(services, scope, name, expected, holidays)
