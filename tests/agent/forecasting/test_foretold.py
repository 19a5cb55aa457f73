"""What was forecast of days that have come: by the newest forecast made before them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.errors import Refused
from agent.forecasting.foretold import foretold
from agent.forecasting.keeping import FORM
from agent.metrics.questions import Scope
from agent.records.forecasts import Forecast, Key
from agent.services import Services
from tests import almas_tea

SHOP = almas_tea.SHOP.shop_id
SCOPE = Scope((SHOP,), date(2026, 11, 3), date(2026, 11, 5))


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    return services


def keep(services: Services, origin: str, *point: float, refusal: str = "") -> None:
    content: dict[str, Any] = {"form": FORM, "point": list(point)}
    one = Forecast(Key(SHOP, "net_sales"), origin, 1, "mean", 7, content, refusal)
    services.records.forecasts.keep([one])


def test_the_newest_before_the_days_says_it(tea: Services) -> None:
    keep(tea, "2026-10-30", 1, 2, 3, 4, 5, 6, 7)
    keep(tea, "2026-11-01", 10, 20, 30, 40)
    # Too short, made in the days themselves, refused.
    keep(tea, "2026-11-02", 100, 200)
    keep(tea, "2026-11-03", 1000, 2000, 3000)
    keep(tea, "2026-10-31", refusal="Too short.")
    found = foretold(tea, SCOPE, "net_sales")
    assert (found.value, found.origin) == (20 + 30 + 40, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("scope", "metric"),
    [
        (SCOPE, "net_sales"),
        (SCOPE, "average_order_value"),
        (SCOPE, "luck"),
        (SCOPE.where("country", "DE"), "net_sales"),
        (SCOPE.during(date(2026, 11, 3), date(2026, 12, 5)), "net_sales"),
    ],
)
def test_what_nobody_forecast_is_refused(tea: Services, scope: Scope, metric: str) -> None:
    keep(tea, "2026-10-01", *[5.0] * 20)
    with pytest.raises(Refused):
        foretold(tea, scope, metric)
