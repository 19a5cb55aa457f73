"""What recent sales still have before them is worked out once, and outlives the warehouse."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from agent.errors import Refused, Unavailable
from agent.forecasting import settling as room
from agent.forecasting.settling import note, of_triangle, refunded, settling
from agent.metrics.catalogue import METRICS
from agent.services import Services
from tests import almas_tea
from tests.agent.forecasting.test_maturity import UNTIL, shop
from tests.clock import FrozenClock

SHOP = almas_tea.SHOP
LATELY = (UNTIL - timedelta(days=9), UNTIL)


@pytest.fixture
def reads(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A shop of which a fifth comes back; the days at which it was read."""
    services.warehouse.merge(almas_tea.batch())
    now, _ = shop(200, 0.2, 1)
    asked: list[date] = []

    def read(*given: Any) -> Any:
        asked.append(given[2])
        return now

    monkeypatch.setattr(room, "read", read)
    return asked


def test_recent_days_have_most_of_their_refunds_before_them() -> None:
    now, _ = shop(200, 0.2, 1)
    found = of_triangle(now, UNTIL)
    back, share = found.to_come(*LATELY)
    assert share == pytest.approx(0.19, abs=0.015)
    assert back == pytest.approx(share * 10 * 20 * 50.0)
    assert found.to_come(UNTIL - timedelta(days=120), UNTIL - timedelta(days=100))[1] < 0.001
    assert found.to_come(date(2020, 1, 1), date(2020, 1, 9)) == (0.0, 0.0)
    assert [one.first for one in found.months] == [
        date(2026, 11, 1),
        date(2026, 10, 1),
        date(2026, 9, 1),
    ]


def test_it_is_said_where_it_is_worth_saying() -> None:
    now, _ = shop(200, 0.2, 1)
    found = of_triangle(now, UNTIL)
    said = found.sentence(UNTIL - timedelta(days=9), UNTIL + timedelta(days=30), "EUR")
    assert said.startswith("Refunds of orders of 7 – 16 Nov are still coming: about €1.8k")
    assert said.endswith("of their sales, is expected back.")
    assert found.sentence(date(2026, 5, 1), date(2026, 5, 31), "EUR") == ""


def test_a_young_shop_says_how_long_it_takes() -> None:
    now, _ = shop(40, 0.2, 1)
    with pytest.raises(Refused, match="Too little is known of refunds yet"):
        of_triangle(now, UNTIL)


def test_it_is_read_once_for_the_same_figures(
    services: Services, reads: list[date], clock: FrozenClock
) -> None:
    assert settling(services, SHOP) == settling(services, SHOP)
    assert reads == [UNTIL]
    assert "still coming" in note(services, SHOP, LATELY)
    assert reads == [UNTIL]
    clock.advance(days=1)
    settling(services, SHOP)
    assert reads == [UNTIL, UNTIL + timedelta(days=1)]


def test_what_was_last_known_stands_in(
    services: Services, reads: list[date], clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = settling(services, SHOP)

    def away(*given: Any) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(type(services.warehouse), "versions", away)
    clock.advance(hours=5)
    assert settling(services, SHOP) == before
    services.cache.clear("*")
    with pytest.raises(Unavailable):
        settling(services, SHOP)
    assert note(services, SHOP, LATELY) == ""


def test_which_metrics_refunds_change() -> None:
    told = {name for name, row in METRICS.items() if refunded(row)}
    assert {"net_sales", "sales_reversals", "gross_profit", "net_sales_per_customer"} <= told
    assert not {"orders", "gross_sales", "average_order_value", "sessions"} & told
