from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from agent.errors import NotFound, Refused
from agent.ports import Batch, Shop
from agent.services import Services, SystemClock
from agent.warehouse.schema import ORDERS, SALES, arrow_schema
from tests import almas_tea, servers
from tests.clock import FrozenClock

ALMA = Shop("almas-tea", "Alma's Tea", "GBP", "Europe/London")
KIWI = Shop("kiwi", "Kiwi Kites", "NZD", "Pacific/Auckland")
LA = Shop("la", "kiwi", "USD", "America/Los_Angeles")
Opener = Callable[..., Services]


def sold(shop: Shop, units: int) -> Batch:
    """One order of one line, at 5.00 a piece, placed at noon UTC on 16 November 2026."""
    at = datetime(2026, 11, 16, 12, tzinfo=UTC).replace(tzinfo=None)
    order = {"order_id": "1", "name": "#1", "placed_at": at, "placed": True, "country": "GB"}
    money = dict.fromkeys(("discount", "reversal", "tax", "shipping", "duty", "fee"), Decimal(0))
    sale = {"sale_id": "1", "order_id": "1", "line_id": "1", "product_id": None}
    sale |= {"happened_at": at, "action": "ORDER", "line_type": "PRODUCT", "quantity": units}
    sale |= {"gross": Decimal(5 * units), "unit_cost": None} | money
    rows = {"orders": (ORDERS, order), "sales": (SALES, sale)}
    when = {"local_at": at, "local_date": at.date(), "revision": 1, "shop_id": shop.shop_id}
    tables = {
        name: pa.Table.from_pylist([row | when], schema=arrow_schema(table))
        for name, (table, row) in rows.items()
    }
    return Batch(shop, "test", f"one order of {units}", tables)


# Shops, days, questions.


def test_no_shop_yet(services: Services) -> None:
    with pytest.raises(NotFound, match="There is no shop yet"):
        services.shop()
    with pytest.raises(NotFound, match="There is no shop yet"):
        services.scope("period=last_7_days")


def test_a_shop_by_id_or_name_in_any_case(services: Services, clock: FrozenClock) -> None:
    for shop in (ALMA, KIWI, LA):
        services.warehouse.put_shop(shop)
        clock.advance(1)
    for name in ("almas-tea", "ALMAS-TEA", "alma's tea", " Alma's Tea "):
        assert services.shop(name) == ALMA
    assert services.shop("kiwi") == KIWI, "an id wins over another shop's name"
    with pytest.raises(NotFound) as unknown:
        services.shop("nobody")
    assert str(unknown.value) == ("There is no shop called 'nobody'. Known: almas-tea, kiwi, la.")


def test_without_a_name_the_first_shop_that_has_sales(
    services: Services, clock: FrozenClock
) -> None:
    for shop in (ALMA, KIWI, LA):
        services.warehouse.put_shop(shop)
        clock.advance(1)
    assert services.shop() == ALMA
    services.warehouse.merge(sold(KIWI, 2))
    assert services.shop() == KIWI
    services.warehouse.merge(sold(ALMA, 1))
    assert services.shop() == ALMA


def test_today_is_the_shops(services: Services, clock: FrozenClock) -> None:
    clock.set(datetime(2026, 11, 17, 7, 41, tzinfo=UTC))
    assert services.today(ALMA) == date(2026, 11, 17)
    assert services.today(LA) == date(2026, 11, 16)
    clock.set(datetime(2026, 11, 17, 11, 30, tzinfo=UTC))
    assert services.today(KIWI) == date(2026, 11, 18)


@pytest.mark.parametrize("form", ["text", "mapping", "pairs", "once"])
def test_a_scope_is_read_with_the_shops_own_day(
    services: Services, clock: FrozenClock, form: str
) -> None:
    for shop in (ALMA, LA):
        services.warehouse.put_shop(shop)
        clock.advance(1)
    pairs = [("shop", "LA"), ("period", "today"), ("country", "DE")]
    args: Any = {
        "text": "?shop=LA&period=today&country=DE",
        "mapping": dict(pairs),
        "pairs": pairs,
        "once": iter(pairs),
    }[form]
    scope = services.scope(args)
    assert scope.shops == ("la",)
    assert (scope.start, scope.end) == (date(2026, 11, 16), date(2026, 11, 16))
    assert [(f.dimension, f.values) for f in scope.filters] == [("country", ("DE",))]
    assert services.scope("period=today").shops == ("almas-tea",)
    assert services.scope("period=today").start == date(2026, 11, 17)


def test_names_become_ids_and_two_names_of_one_shop_one(
    services: Services, clock: FrozenClock
) -> None:
    for shop in (ALMA, KIWI):
        services.warehouse.put_shop(shop)
        clock.advance(1)
    scope = services.scope([("shop", "Alma's Tea"), ("shop", "kiwi"), ("shop", "almas-tea")])
    assert scope.shops == ("almas-tea", "kiwi")
    with pytest.raises(NotFound):
        services.scope("shop=kiwi&shop=nobody")
    with pytest.raises(Refused):
        services.question("shop=kiwi&metrics=nonsense")


def test_a_question_is_answered(services: Services) -> None:
    services.warehouse.put_shop(ALMA)
    services.warehouse.merge(sold(ALMA, 3))
    asked = "shop=Alma's Tea&metrics=gross_sales,units&from=2026-11-01&to=2026-11-17"
    frame = services.answer(services.question(asked))
    assert frame.total("gross_sales") == Decimal("15")
    assert frame.total("units") == 3
    assert services.cache.counts()["misses"] == 1
    assert services.answer(services.question(asked)).total("units") == 3
    assert services.cache.counts()["hits"] == 1


@pytest.mark.server
def test_answers_go_on_while_redis_is_frozen(
    opened: Opener, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    monkeypatch.setattr("agent.resilience.redis_server.ANSWER_SECONDS", 1.0)
    services = opened(REDIS_URL=redis_url)
    services.warehouse.put_shop(ALMA)
    services.warehouse.merge(sold(ALMA, 3))
    question = services.question("metrics=units&from=2026-11-01&to=2026-11-17")
    assert services.answer(question).total("units") == 3
    with redis.Redis.from_url(redis_url) as client:
        process = client.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        assert services.answer(question).total("units") == 3
        # This one is not near: it waits for Redis, once.
        other = services.question("metrics=units&from=2026-11-02&to=2026-11-17")
        assert services.answer(other).total("units") == 3
        health = services.health()
    finally:
        os.kill(process, signal.SIGCONT)
    assert health["warehouse"] == health["records"] == health["mail"] == "ok"
    assert health["cache"].startswith("Redis does not answer. This process caches for itself.")
    assert health["bus"].startswith("Redis does not answer. Live messages stay")


# Health.


def test_health_names_what_does_not_work(opened: Opener, tmp_path: Path) -> None:
    services = opened(SMTP_URL=f"smtp://anna:hunter2@127.0.0.1:{servers.free_port()}")
    for probe in services.probes.values():  # a busy machine answers later than health waits
        probe.ask().result(60)
    health = services.health()
    assert set(health) == {"warehouse", "records", "cache", "bus", "mail"}
    assert health.pop("mail").startswith("The mail server 127.0.0.1:")
    assert set(health.values()) == {"ok"}
    assert "hunter2" not in repr(services)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert now.utcoffset() is not None
    assert abs((datetime.now(UTC) - now).total_seconds()) < 5
    assert str(now.tzinfo) == "UTC"


def test_a_history_that_ended_long_ago_opens_on_its_last_weeks(services: Services) -> None:
    shop = replace(almas_tea.SHOP, shop_id="old", name="Old shop")
    services.warehouse.merge(almas_tea.batch("#12", name="old", shop=shop))
    scope = services.scope("shop=old")
    assert (scope.start, scope.end) == (date(2025, 10, 14), date(2025, 11, 10))
    assert services.scope(scope.query_string()) == scope
    asked = services.scope("shop=old&period=last_28_days")
    assert (asked.start, asked.end) == (date(2026, 10, 20), date(2026, 11, 16))
