"""Money in another currency: each row at the rate of its own day, against sums by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from agent.cache import MemoryCache
from agent.errors import Refused
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from agent.ports import RATES_SHOP, Batch, Shop
from agent.warehouse import schema
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, TWINS, empty
from tests.clock import FrozenClock

KIOSK = Shop("kiosk", "Kiosk", "USD", "Europe/Berlin", "test")
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 13)
SMALLEST = Decimal("0.0001")
NOVEMBER = "from=2026-11-01&to=2026-11-16&cmp=none"


def rate(currency: str, day: date) -> Decimal:
    """One euro in a currency; another every day, the last from then on."""
    step = (min(day, LAST) - FIRST).days
    start = {"EUR": "1", "USD": "1.0834567891", "JPY": "171.35", "GBP": "0.87123"}[currency]
    return Decimal(start) * (1 if currency == "EUR" else 1 + Decimal(step) / 1000)


def rates(
    currencies: Iterable[str] = ("USD", "JPY"), first: date = FIRST, last: date = LAST
) -> Batch:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [
        {
            "shop_id": RATES_SHOP.shop_id,
            "local_date": day,
            "currency": currency,
            "base": "EUR",
            "rate": rate(currency, day).quantize(Decimal("1e-10")),
            "quoted_on": day - timedelta(days=max(day.weekday() - 4, 0)),  # no quotes at weekends
            "revision": 0,
        }
        for currency in currencies
        for day in days
    ]
    name = f"{currencies} {first} {last}"
    return Batch(RATES_SHOP, "rates", name, {"rates": almas_tea.table(schema.RATES, rows)})


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, ROUND_HALF_UP)


def engine_on(warehouse: Any) -> Engine:
    return Engine(warehouse, MemoryCache(), FrozenClock())


def answer(engine: Engine, text: str, *shops: str) -> Frame:
    chosen = shops or (almas_tea.SHOP.shop_id,)
    return engine.answer(Question.parse(text, TODAY, chosen))


@pytest.fixture(scope="module", params=TWINS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Alma's Tea in euros and a kiosk in dollars with the same rows, and rates. To be read only."""
    with empty(request, tmp_path_factory) as warehouse:
        for batch in (almas_tea.batch(), almas_tea.batch(shop=KIOSK), rates()):
            warehouse.merge(batch)
        yield warehouse


def by_hand(
    warehouse: Any, currency: str, *shops: Shop, month: int = 11, name: str = "net"
) -> Decimal:
    """A sum over the ledger's rows of one month, each turned at its own day's rate, exactly."""
    columns = ("shop_id", "local_date", "line_type", "gross", "discount", "reversal", "tax")
    rows = warehouse.read(sa.select(*(schema.SALES.c[n] for n in columns))).to_pylist()
    own = {shop.shop_id: shop.currency for shop in shops}
    total = Decimal(0)
    for row in rows:
        day = row["local_date"]
        if row["shop_id"] not in own or (day.year, day.month) != (2026, month) or day.day > 16:
            continue
        net = row["gross"] + row["discount"] + row["reversal"]
        amount = row["tax"] if name == "tax" else net * (row["line_type"] == "PRODUCT")
        quoted = rate(own[row["shop_id"]], day).quantize(Decimal("1e-10"))
        total += amount * rate(currency, day).quantize(Decimal("1e-10")) / quoted
    return total


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_each_row_has_the_rate_of_its_own_day(both: Any, currency: str) -> None:
    frame = answer(engine_on(both), f"metrics=net_sales,taxes&currency={currency}&{NOVEMBER}")
    expected = by_hand(both, currency, almas_tea.SHOP)
    assert frame.total("net_sales") == rounded(expected)
    taxes = by_hand(both, currency, almas_tea.SHOP, name="tax")
    assert frame.total("taxes") == rounded(taxes)
    assert frame.receipt.currency == currency
    assert frame.receipt.rates == "Rates of 2026-10-30 to 2026-11-13, base EUR"


@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY"])
def test_shops_of_several_currencies_add_up_in_one(both: Any, currency: str) -> None:
    engine = engine_on(both)
    shops = (almas_tea.SHOP, KIOSK)
    ids = tuple(shop.shop_id for shop in shops)
    frame = answer(engine, f"metrics=net_sales,orders&by=shop&currency={currency}&{NOVEMBER}", *ids)
    found = dict(zip(frame.values("shop"), frame.values("net_sales"), strict=True))
    for shop in shops:
        assert found[shop.shop_id] == rounded(by_hand(both, currency, shop))
    assert frame.total("net_sales") == rounded(by_hand(both, currency, *shops))
    assert frame.total("orders") == 2 * 9


def test_the_ledger_and_its_daily_sums_agree(both: Any) -> None:
    engine = engine_on(both)
    daily = answer(engine, f"metrics=net_sales,total_sales&by=day&currency=USD&{NOVEMBER}")
    ledger = answer(
        engine, f"metrics=net_sales,total_sales&by=day&not_product=none&currency=USD&{NOVEMBER}"
    )
    assert daily.data.equals(ledger.data)
    assert "daily_sales" in daily.receipt.sql[0]
    assert "daily_sales" not in ledger.receipt.sql[0]


def test_a_refund_keeps_its_own_days_rate_wherever_it_stands(both: Any) -> None:
    """All of the ledger, so that only the rates of rows could differ."""
    text = "metrics=net_sales&currency=USD&from=2026-10-01&to=2026-11-16&cmp=none"
    engine = engine_on(both)
    processed = answer(engine, text)
    assert processed.total("net_sales") == answer(engine, text + "&refunds=order_day").total(
        "net_sales"
    )


def test_days_after_the_last_rate_have_the_last(both: Any) -> None:
    text = "metrics=gross_sales,net_sales&from=2026-11-14&to=2026-11-16&cmp=none&currency=USD"
    frame = answer(engine_on(both), text)
    # 8.00 added on the 14th, 4.00 credited on the 15th.
    assert frame.total("net_sales") == rounded(4 * rate("USD", LAST))
    assert frame.receipt.rates == "Rates of 2026-11-13, base EUR"


def test_a_day_before_the_first_rate_is_refused(fresh: Any) -> None:
    fresh.merge(rates(first=date(2026, 11, 3)))
    engine = engine_on(fresh)
    with pytest.raises(Refused, match="begin on 2026-11-03, and there is money from 2026-11-01 on"):
        answer(engine, f"metrics=net_sales&currency=USD&{NOVEMBER}")
    late = "metrics=net_sales&currency=USD&from=2026-11-03&to=2026-11-09"
    with pytest.raises(Refused, match="leave the comparison out") as refused:
        answer(engine, f"{late}&cmp=prev")
    assert "2026-11-03" in refused.value.message
    assert answer(engine, f"{late}&cmp=none").total("net_sales")


def test_money_that_begins_after_the_first_rate_may_be_asked_for_from_earlier(fresh: Any) -> None:
    fresh.merge(rates(first=date(2025, 11, 10), last=date(2025, 11, 12)))
    frame = answer(
        engine_on(fresh), "metrics=net_sales&currency=USD&from=2025-01-01&to=2025-11-30&cmp=none"
    )
    assert frame.total("net_sales") == rounded(
        8 * rate("USD", date(2025, 11, 10)).quantize(Decimal("1e-10"))
    )


def test_a_page_drops_a_comparison_from_before_the_first_rate(fresh: Any) -> None:
    fresh.merge(rates(first=date(2026, 11, 3)))
    engine = engine_on(fresh)
    text = "from=2026-11-03&to=2026-11-09&currency=USD&metrics=net_sales"
    scope = Question.parse(text, TODAY, (almas_tea.SHOP.shop_id,)).scope
    assert engine.comparable(scope).compare == "none"
    assert engine.comparable(scope.during(date(2026, 11, 10), date(2026, 11, 12))).compare == "prev"


@pytest.mark.parametrize(
    ("batch", "sentence"),
    [(None, "No exchange rates are kept."), (rates(), "There are no exchange rates of GBP.")],
)
def test_without_rates_it_is_refused_with_what_to_do(
    fresh: Any, batch: Batch | None, sentence: str
) -> None:
    if batch:
        fresh.merge(batch)
    with pytest.raises(Refused) as refused:
        answer(engine_on(fresh), f"metrics=net_sales&currency=GBP&{NOVEMBER}")
    assert refused.value.message == sentence
    assert "app.py import" in refused.value.hint


def test_rates_with_a_hole_are_refused(fresh: Any) -> None:
    """Importing fills days without quotes; a batch from elsewhere may not have."""
    fresh.merge(rates(first=date(2026, 10, 1), last=date(2026, 10, 20)))
    fresh.merge(rates(first=date(2026, 10, 22), last=date(2026, 11, 13)))
    with pytest.raises(Refused, match="of USD miss days between 2026-10-01 and 2026-11-13"):
        answer(engine_on(fresh), f"metrics=net_sales&currency=USD&{NOVEMBER}")


def test_what_needs_no_rates_asks_for_none(fresh: Any) -> None:
    """Counts, and money that is in the currency already."""
    engine = engine_on(fresh)
    assert answer(engine, f"metrics=orders&currency=GBP&{NOVEMBER}").total("orders") == 9
    own = answer(engine, f"metrics=net_sales&currency=EUR&{NOVEMBER}")
    assert own.totals == answer(engine, f"metrics=net_sales&{NOVEMBER}").totals
    assert own.receipt.rates == ""
    assert own.receipt.currency == "EUR"


def test_several_currencies_without_one_to_report_in_are_refused(both: Any) -> None:
    engine, ids = engine_on(both), (almas_tea.SHOP.shop_id, KIOSK.shop_id)
    with pytest.raises(Refused) as refused:
        answer(engine, f"metrics=net_sales&{NOVEMBER}", *ids)
    assert "currency=EUR" in refused.value.hint
    assert answer(engine, f"metrics=orders&{NOVEMBER}", *ids).total("orders") == 18


def test_other_rates_are_another_answer(fresh: Any) -> None:
    """The cache must not give the old one."""
    fresh.merge(rates())
    engine, text = engine_on(fresh), f"metrics=net_sales&currency=USD&{NOVEMBER}"
    before = answer(engine, text).total("net_sales")
    rows = rates().tables["rates"].to_pylist()
    changed = [row | {"rate": row["rate"] * 2, "revision": 1} for row in rows]
    table = almas_tea.table(schema.RATES, changed)
    fresh.merge(Batch(RATES_SHOP, "rates", "doubled", {"rates": table}))
    after = answer(engine, text).total("net_sales")
    assert abs(Decimal(str(after)) - 2 * Decimal(str(before))) <= SMALLEST


def test_tiers_are_in_shop_money(both: Any) -> None:
    engine = engine_on(both)
    text = f"metrics=orders&by=value_tier&{NOVEMBER}"
    plain, yen = answer(engine, text), answer(engine, f"{text}&currency=JPY")
    assert plain.data.equals(yen.data)


def test_spend_and_costs_are_turned_too(fresh: Any) -> None:
    day, shop = date(2026, 11, 5), KIOSK.shop_id
    fresh.merge(rates())
    own = {"shop_id": shop, "local_date": day, "amount": Decimal("100"), "revision": 0}
    spent = own | {"channel": "ads", "campaign": "", "impressions": 10, "clicks": 2}
    spent["attributed_revenue"] = Decimal("250")
    owed = own | {"cost_id": "c1", "order_id": None, "kind": "shipping"}
    tables = {
        "spend": almas_tea.table(schema.SPEND, [spent]),
        "costs": almas_tea.table(schema.COSTS, [owed]),
    }
    fresh.merge(Batch(KIOSK, "test", "spend", tables))
    names = "marketing_spend,attributed_revenue,roas,clicks,shipping_cost"
    frame = answer(engine_on(fresh), f"metrics={names}&currency=EUR&{NOVEMBER}", KIOSK.shop_id)
    dollar = 1 / rate("USD", day).quantize(Decimal("1e-10"))
    assert frame.total("marketing_spend") == rounded(100 * dollar)
    assert frame.total("attributed_revenue") == rounded(250 * dollar)
    assert frame.total("shipping_cost") == rounded(100 * dollar)
    assert frame.total("clicks") == 2
    assert frame.total("roas") == pytest.approx(2.5)
