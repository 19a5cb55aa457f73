"""Which series of a shop are watched, and up to when."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agent.anomalies.series import watched
from agent.forecasting.series import Step
from agent.records.connections import Connection
from agent.records.events import Event
from agent.services import Services
from tests.agent.forecasting.small_shop import LAST, SHOP, batch
from tests.clock import FrozenClock


@pytest.fixture
def shop(services: Services) -> Services:
    services.warehouse.merge(batch(LAST - timedelta(days=119), LAST))
    return services


def test_a_day_that_a_silent_source_has_not_told_of_is_not_judged(
    shop: Services, clock: FrozenClock
) -> None:
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    assert str(seen.dates[-1]) == "2026-11-16"
    clock.advance(days=3)
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    assert str(seen.dates[-1]) == "2026-11-16"
    made = Connection("one", "shopify", "Alder", SHOP.shop_id, {}, "")
    shop.records.connections.add(made)
    shop.records.connections.note_sync("one")
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    assert str(seen.dates[-1]) == "2026-11-19"


def test_the_series_are_the_key_figures_and_the_largest_parts(shop: Services) -> None:
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    names = [row.name for row in seen.rows]
    assert names[:3] == ["net_sales||", "orders||", "average_order_value||"]
    assert "net_sales|country|DE" in names
    assert "net_sales|channel|web" in names
    assert not [name for name in names if name.startswith("sessions")]  # it has none
    assert seen.panel.values.shape == seen.left_out.shape == (len(names), seen.dates.size)
    hours = watched(shop, SHOP, Step.HOUR)
    assert hours is not None
    assert [row.name for row in hours.rows] == ["orders||", "net_sales||"]


def test_only_what_was_expected_may_be_so_again(shop: Services) -> None:
    """An outage is left out of its own days, and of no other series than its part's; a deploy is
    not, for it may be what broke."""
    day = LAST - timedelta(days=20)
    deployed = day + timedelta(days=4)
    told = [
        Event(SHOP.shop_id, "New checkout", "deploy", deployed, deployed),
        Event(SHOP.shop_id, "Checkout down", "outage", day, day),
        Event(SHOP.shop_id, "Press", "expected", day + timedelta(days=1), day + timedelta(days=2)),
        Event(SHOP.shop_id, "No post", "outage", LAST, LAST, {"country": "DE"}),
        Event(SHOP.shop_id, "Sale", "promotion", LAST, LAST, {"country": "DE"}, {"discount": 0.2}),
    ]
    shop.records.events.put_all(told)
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    rows = {row.name: place for place, row in enumerate(seen.rows)}
    whole, german, web = (
        rows[name] for name in ("net_sales||", "net_sales|country|DE", "net_sales|channel|web")
    )
    marked = np.flatnonzero(seen.left_out[whole]) - seen.dates.size
    assert marked.tolist() == [-21, -20, -19]
    assert (np.flatnonzero(seen.foreseen[whole]) - seen.dates.size).tolist() == [-20, -19]
    assert seen.left_out[german, -1] and not seen.left_out[web, -1]
    assert not seen.foreseen[:, -1].any()
    assert (seen.panel.known["promotion"][[whole, german, web], -1] == 0.2).all()


def test_a_file_says_nothing_of_the_days_after_its_last(shop: Services, clock: FrozenClock) -> None:
    """Of a shop that nothing is connected to."""
    clock.advance(days=9)
    shop.warehouse.merge(batch(LAST, LAST, "the same file again"))
    seen = watched(shop, SHOP, Step.DAY)
    assert seen is not None
    assert str(seen.dates[-1]) == "2026-11-16"
