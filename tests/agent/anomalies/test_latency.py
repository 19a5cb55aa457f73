"""How soon a broken checkout is told: a shop with weeks of orders by the hour whose checkout stops
at 14:00, looked at as the job does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from agent.anomalies import fitted
from agent.anomalies.series import watched
from agent.anomalies.watching import look
from agent.fitting.parcels import pack, unpack
from agent.forecasting.series import Step
from agent.ports import Batch
from agent.records.connections import Connection
from agent.records.findings import Finding
from agent.services import Services
from agent.warehouse import schema
from tests import almas_tea
from tests.agent.forecasting.small_shop import SHOP
from tests.clock import FrozenClock

TODAY = date(2026, 11, 17)
"""A Tuesday."""
DAYS = 21
AHEAD = 1
"""Hours that Berlin is before UTC, from the last Sunday of October on."""
OPEN = range(8, 22)
BREAKS = 14


class Fits:
    """A fitting in this process: the real judge, without a process."""

    def run(self, name: str, asked: Any, **_: Any) -> Any:
        assert name == fitted.NAME
        return unpack(pack(fitted.judged(unpack(pack(asked)), watch=lambda *_: None)))

    def close(self) -> None: ...


def batch(first: date, last: date, until: int = 24) -> Batch:
    """Some orders in each open hour of these days, on the last one those before `until`."""
    rows = list(_rows(first, last, until))
    tables = {
        "orders": almas_tea.table(schema.ORDERS, [order for order, _ in rows]),
        "sales": almas_tea.table(schema.SALES, [sale for _, sale in rows]),
    }
    return Batch(SHOP, "test", f"{first}{last}{until}", tables)


def _rows(first: date, last: date, until: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        chance = np.random.default_rng(day.toordinal())
        for hour in OPEN:
            for which in range(int(chance.poisson(8))):
                if day == last and hour >= until:
                    continue
                order = f"{day}{hour}{which}"
                at = f"{day}T{hour - AHEAD:02}:{which:02}"
                row = (order, None, at, "DE", "web", True, "EUR")
                line = (order, order, None, at, "ORDER", "PRODUCT", 1, {"gross": "50.00"})
                yield almas_tea.order(row, SHOP), almas_tea.sale(line, SHOP)


@pytest.fixture
def shop(services: Services, clock: FrozenClock) -> Services:
    """Looked at for the last time at 13:05 of its day, as the sync before it brought it."""
    clock.set(at_wall(13, 5))
    services.warehouse.merge(batch(TODAY - timedelta(days=DAYS), TODAY, 13))
    services.records.connections.add(Connection("one", "shopify", "Alder", SHOP.shop_id, {}, ""))
    services.records.connections.note_sync("one")
    ours = replace(services, fitting=Fits())  # type: ignore[arg-type]
    look(ours, SHOP)
    return ours


def at_wall(hour: int, minute: int, days: int = 0) -> datetime:
    return datetime(2026, 11, 17 + days, hour - AHEAD, minute, tzinfo=UTC)


def synced(shop: Services, clock: FrozenClock, moment: datetime, until: int) -> list[Finding]:
    """What is open after a sync at this moment, and the look that follows it."""
    clock.set(moment)
    shop.warehouse.merge(batch(TODAY, TODAY, until))
    shop.records.connections.note_sync("one")
    look(shop, SHOP)
    return [one for one in shop.records.findings.all(SHOP.shop_id) if one.first >= str(TODAY)]


def test_by_the_hour_it_is_told_within_an_hour_of_the_end_of_its_first(
    shop: Services, clock: FrozenClock
) -> None:
    assert synced(shop, clock, at_wall(14, 5), BREAKS) == []
    (one,) = synced(shop, clock, at_wall(15, 5), BREAKS)
    assert (one.metric, one.first, one.severity) == ("net_sales", "2026-11-17T14", "critical")
    assert one.content["also"] == [["orders", "", "", -1.0]]
    (still,) = synced(shop, clock, at_wall(16, 5), BREAKS)
    assert (still.finding_id, still.last, still.over) == (one.finding_id, "2026-11-17T15", False)
    # The day that the hours have told of is no second finding.
    (after,) = synced(shop, clock, at_wall(4, 5, days=1), BREAKS)
    assert (after.finding_id, after.step) == (one.finding_id, "hour")


@pytest.mark.parametrize(("until", "kind"), [(13, "drop"), (0, "missing")])
def test_by_the_day_it_is_told_by_the_look_after_the_next_sync(
    services: Services, clock: FrozenClock, until: int, kind: str
) -> None:
    """A source that knows the days of its orders only, and brings each day in the night."""
    clock.set(at_wall(4, 5))
    ours = replace(services, fitting=Fits())  # type: ignore[arg-type]
    services.warehouse.merge(of_days(TODAY - timedelta(days=2 * DAYS), TODAY - timedelta(days=1)))
    services.records.connections.add(Connection("one", "shopify", "Alder", SHOP.shop_id, {}, ""))
    services.records.connections.note_sync("one")
    look(ours, SHOP)
    assert watched(ours, SHOP, Step.HOUR) is None
    assert ours.records.findings.all(SHOP.shop_id) == ()
    clock.set(at_wall(4, 5, days=1))
    if until:
        services.warehouse.merge(of_days(TODAY, TODAY, until))
    services.records.connections.note_sync("one")
    look(ours, SHOP)
    (one,) = ours.records.findings.all(SHOP.shop_id)
    assert (one.step, one.first, one.kind) == ("day", str(TODAY), kind)
    assert one.severity == "critical"


def of_days(first: date, last: date, until: int = 24) -> Batch:
    """The orders of a day at its midnight."""
    made = batch(first, last, until)
    tables = {name: at_midnight(table) for name, table in made.tables.items()}
    return replace(made, tables=tables)


def at_midnight(table: Any) -> Any:
    days = table.column("local_date").cast("timestamp[us]")
    for name in ("local_at", "placed_at", "happened_at"):
        if name in table.column_names:
            place = table.column_names.index(name)
            kind = table.schema.field(name).type
            table = table.set_column(place, name, days.cast(kind))
    return table
