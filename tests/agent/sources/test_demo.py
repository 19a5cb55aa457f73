"""The demo shop's tables, looked at as a merchant would: with DuckDB, from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from agent.sources import demo
from agent.sources.demo_shop.days import as_day, day_number
from agent.sources.demo_shop.story import thanksgiving
from agent.warehouse import schema
from tests.clock import START

NAMES = ("orders", "sales", "products", "sessions", "spend", "inventory", "events", "costs")
MONEY = "(gross + discount + reversal + tax + shipping + duty + fee)"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.Table]:
    return demo.build(START)


@pytest.fixture(scope="module")
def ask(shop: dict[str, pa.Table]) -> Iterator[Any]:
    with duckdb.connect() as database:
        for name, table in shop.items():
            database.register(name, table)
        yield lambda text: database.execute(text).fetchall()


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_exactly_the_columns_of_the_warehouse(
    name: str, shop: dict[str, pa.Table]
) -> None:
    table = shop[name]
    assert table.schema.equals(schema.arrow_schema(schema.METADATA.tables[name]))
    for field in table.schema:
        assert field.nullable or table[field.name].null_count == 0, field.name
    keys = [column.name for column in schema.METADATA.tables[name].primary_key.columns]
    assert table.group_by(keys).aggregate([]).num_rows == table.num_rows


def test_the_same_seed_and_day_give_the_same_bytes(shop: dict[str, pa.Table]) -> None:
    again = demo.build(START)
    assert set(again) == set(shop) == set(NAMES)
    for name in NAMES:
        assert again[name].equals(shop[name]), name
    assert not demo.build(START, seed=2)["orders"].equals(shop["orders"])


def test_the_size_is_that_of_a_real_shop(ask: Any) -> None:
    ((orders, first, last),) = ask("SELECT count(*), min(local_date), max(local_date) FROM orders")
    assert 55_000 <= orders <= 70_000
    assert (first, last) == (date(2024, 10, 17), date(2026, 11, 17))
    assert 110_000 <= ask("SELECT count(*) FROM sales")[0][0] <= 145_000
    assert 60 <= ask("SELECT count(*) FROM products")[0][0] <= 420
    ((value,),) = ask("""SELECT sum(gross + discount) / (SELECT count(*) FROM orders)
        FROM sales WHERE line_type = 'PRODUCT' AND action = 'ORDER'""")
    assert 80 < value < 100
    ((net,),) = ask("""SELECT sum(gross + discount + reversal) FROM sales
        WHERE line_type = 'PRODUCT' AND local_date BETWEEN '2026-10-20' AND '2026-11-16'""")
    assert 320_000 < net < 450_000


def test_every_order_has_lines_and_every_line_an_order(ask: Any) -> None:
    assert ask("SELECT count(*) FROM orders ANTI JOIN sales USING (order_id)") == [(0,)]
    assert ask("SELECT count(*) FROM sales ANTI JOIN orders USING (order_id)") == [(0,)]
    assert ask("""SELECT count(*) FROM sales JOIN orders USING (order_id)
        WHERE action = 'ORDER' AND happened_at <> placed_at""") == [(0,)]


def test_order_numbers_run_without_a_gap_in_the_order_of_time(ask: Any) -> None:
    rows = ask("SELECT name, placed_at FROM orders ORDER BY placed_at, CAST(name[2:] AS INT)")
    numbers = [int(name[1:]) for name, _ in rows]
    assert numbers == list(range(10_001, 10_001 + len(numbers)))


def test_money_stands_where_the_ledger_wants_it(ask: Any) -> None:
    assert ask("""SELECT count(*) FROM sales WHERE line_type IN ('PRODUCT', 'SHIPPING') AND (
        (action = 'ORDER' AND reversal <> 0) OR (action <> 'ORDER' AND gross <> 0)
        OR (action <> 'ORDER' AND discount <> 0))""") == [(0,)]
    assert ask("""SELECT count(*) FROM sales WHERE discount > 0
        OR (action = 'ORDER' AND discount < -gross)""") == [(0,)]
    assert ask("""SELECT count(*) FROM sales WHERE line_type = 'SHIPPING'
        AND (gross <> 0 OR quantity <> 0 OR product_id IS NOT NULL)""") == [(0,)]
    kinds = dict(ask("SELECT line_type, count(*) FROM sales GROUP BY 1"))
    assert set(kinds) == {"PRODUCT", "SHIPPING", "GIFT_CARD", "TIP", "ADJUSTMENT"}
    assert min(kinds.values()) > 200
    assert ask(f"SELECT count(*) FROM sales WHERE {MONEY} * 100 % 1 <> 0") == [(0,)]


def test_taxes_are_those_of_the_country_to_the_cent(ask: Any) -> None:
    american, german, british = (
        ask(f"""SELECT presentment_amount * 100, tax * 100, (gross + discount) * 100
            FROM sales JOIN orders USING (order_id)
            WHERE action = 'ORDER' AND line_type = 'PRODUCT' AND {where} LIMIT 2000""")
        for where in ("city = 'Chicago'", "country = 'DE'", "country = 'GB'")
    )
    for paid, tax, net in american:
        assert paid == net + tax
        assert abs(float(tax) - float(net) * 0.1025) <= 0.5001
    for rows, rate in ((german, 0.19), (british, 0.20)):
        for paid, tax, net in rows:
            # Two roundings: the tax in the buyer's cents, then both parts at the day's rate.
            assert abs(float(tax) - float(net) * rate) <= 1.7, (paid, tax, net)


def test_an_order_is_paid_in_its_own_currency_at_the_days_rate(ask: Any) -> None:
    rows = ask(f"""SELECT country, min(rate), max(rate) FROM (
        SELECT country, sum({MONEY}) / sum(presentment_amount) AS rate FROM sales
        JOIN orders USING (order_id) WHERE action = 'ORDER' AND presentment_amount > 50
        GROUP BY ALL) GROUP BY 1 ORDER BY 1""")
    assert [country for country, _, _ in rows] == ["DE", "GB", "US"]
    spread = ask(f"""SELECT country, max(rate) - min(rate) FROM (
        SELECT country, sales.local_date, {MONEY} / presentment_amount AS rate FROM sales
        JOIN orders USING (order_id) WHERE action = 'ORDER' AND presentment_amount > 200)
        GROUP BY country, local_date""")
    assert max(width for _, width in spread) < 0.0003
    assert ask("""SELECT DISTINCT country, sales.presentment_currency FROM sales
        JOIN orders USING (order_id) ORDER BY 1""") == [("DE", "EUR"), ("GB", "GBP"), ("US", "USD")]


def test_a_refund_follows_its_order_and_never_exceeds_what_was_paid(ask: Any) -> None:
    assert ask("""SELECT count(*) FROM sales JOIN orders USING (order_id)
        WHERE action <> 'ORDER' AND happened_at <= placed_at""") == [(0,)]
    for amount in (MONEY, "presentment_amount", "tax", "shipping", "quantity"):
        over = ask(
            f"SELECT count(*) FROM (SELECT 1 FROM sales GROUP BY order_id HAVING sum({amount}) < 0)"
        )
        assert over == [(0,)], amount
    lines = ask(f"""SELECT count(*) FROM (SELECT 1 FROM sales WHERE line_type = 'PRODUCT'
        GROUP BY line_id HAVING sum({MONEY}) < 0 OR sum(quantity) < 0)""")
    assert lines == [(0,)]
    days = ask("""SELECT count(*),
        quantile_cont(sales.local_date - orders.local_date, [0.1, 0.5, 0.9])
        FROM sales JOIN orders USING (order_id)
        WHERE action = 'RETURN' AND cancelled_at IS NULL AND line_type = 'PRODUCT'""")
    assert days[0][0] > 3000
    assert days[0][1][0] >= 4 and 8 <= days[0][1][1] <= 20


def test_a_cancelled_order_is_taken_back_to_the_cent(ask: Any) -> None:
    left = ask(f"""SELECT count(*), sum(abs(total)) FROM (SELECT sum({MONEY}) AS total FROM sales
        JOIN orders USING (order_id) WHERE cancelled_at IS NOT NULL GROUP BY order_id)""")
    assert left[0][0] > 800 and left[0][1] == 0
    assert ask("""SELECT count(*) FROM orders WHERE cancelled_at IS NOT NULL AND (revision <> 2
        OR cancelled_at < placed_at OR cancelled_at > placed_at + INTERVAL 61 HOUR)""") == [(0,)]
    edits = ask("SELECT sum(quantity > 0), sum(quantity < 0) FROM sales WHERE action = 'UPDATE'")
    assert min(edits[0]) > 200


def test_the_day_is_the_shops_day(shop: dict[str, pa.Table]) -> None:
    for name, moment in (("orders", "placed_at"), ("sales", "happened_at")):
        table = shop[name]
        for row in table.take(list(range(0, table.num_rows, 97))).to_pylist():
            local = row[moment].replace(tzinfo=UTC).astimezone(NEW_YORK)
            assert row["local_at"] == local.replace(tzinfo=None)
            assert row["local_date"] == local.date()


def test_black_friday_is_the_highest_day_of_each_year(ask: Any) -> None:
    rows = ask("""SELECT year(local_date), arg_max(local_date, n) FROM
        (SELECT local_date, count(*) AS n FROM orders GROUP BY 1) GROUP BY 1 ORDER BY 1""")
    assert rows[:2] == [(2024, date(2024, 11, 29)), (2025, date(2025, 11, 28))]
    assert thanksgiving(2026) == date(2026, 11, 26)


def test_weeks_years_and_days_have_their_shape(ask: Any) -> None:
    week = dict(ask("SELECT isodow(local_date), count(*) FROM orders GROUP BY 1"))
    assert min(week[7], week[1]) > max(week[d] for d in (3, 4, 5, 6))
    months = dict(
        ask(
            """SELECT month(local_date), count(*) FROM orders
            WHERE local_date BETWEEN '2024-12-01' AND '2026-11-01' GROUP BY 1"""
        )
    )
    assert (
        1.2 * months[7] < months[10]
        and 1.2 * months[2] < months[10]
        and months[11] < 2 * months[10]
    )
    hours = dict(ask("SELECT hour(local_at), count(*) FROM orders WHERE country = 'US' GROUP BY 1"))
    assert hours[20] > 1.2 * hours[15] > 5 * hours[3]
    ((growth,),) = ask("""SELECT count(*) FILTER (local_date BETWEEN '2025-11-16' AND '2026-11-15')
        / count(*) FILTER (local_date BETWEEN '2024-11-16' AND '2025-11-15') FROM orders""")
    assert 1.18 < growth < 1.33


def test_customers_come_back_like_people(ask: Any) -> None:
    ((customers, repeat),) = ask("""SELECT count(*), avg(CAST(n > 1 AS INT)) FROM
        (SELECT count(*) AS n FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id)""")
    assert customers > 25_000 and 0.35 < repeat < 0.42
    ((guests,),) = ask("SELECT avg(CAST(customer_id IS NULL AS INT)) FROM orders")
    assert 0.03 < guests < 0.05
    assert ask(
        """SELECT count(*) FROM (SELECT 1 FROM orders WHERE customer_id IS NOT NULL
            GROUP BY customer_id HAVING count(DISTINCT city) > 1)"""
    ) == [(0,)]
    cohort = dict(
        ask("""WITH first AS (SELECT customer_id, min(local_date) AS day FROM orders
        WHERE customer_id IS NOT NULL GROUP BY 1) SELECT datediff('month', day, local_date),
        count(DISTINCT customer_id) FROM orders JOIN first USING (customer_id)
        WHERE day BETWEEN '2025-01-01' AND '2025-01-31' GROUP BY 1""")
    )
    assert cohort[0] > 3 * cohort[1] and cohort[1] > 1.2 * cohort[6] > 1.2 * cohort[16] > 0


def test_countries_and_channels(ask: Any) -> None:
    share = dict(
        ask("SELECT country, count(*) / (SELECT count(*) FROM orders) FROM orders GROUP BY 1")
    )
    assert set(share) == {"US", "DE", "GB"} and 0.55 < share["US"] < 0.62
    channels = dict(ask("SELECT channel, count(*) FROM orders GROUP BY 1"))
    assert len(channels) == 8 and min(channels.values()) > 300


def test_sales_have_a_heavy_tail_and_costs_have_gaps(ask: Any) -> None:
    sold = [
        n
        for (n,) in ask(
            """SELECT sum(gross) FROM sales WHERE line_type = 'PRODUCT'
            GROUP BY product_id ORDER BY 1 DESC"""
        )
    ]
    assert 0.35 < sum(sold[:15]) / sum(sold) < 0.75
    ((covered,),) = ask(
        """SELECT sum(gross) FILTER (unit_cost IS NOT NULL) / sum(gross) FROM sales
            WHERE line_type = 'PRODUCT'"""
    )
    assert 0.75 < covered < 0.97
    ((costs,),) = ask(
        "SELECT max(n) FROM (SELECT count(DISTINCT unit_cost) AS n FROM sales GROUP BY product_id)"
    )
    assert costs >= 3
    ((margin,),) = ask(
        """SELECT sum(unit_cost * quantity) / sum(gross + discount) FROM sales
            WHERE action = 'ORDER' AND unit_cost IS NOT NULL"""
    )
    assert 0.3 < margin < 0.6


def test_the_checkout_fault_cost_a_good_third_of_its_day(ask: Any) -> None:
    ((starts, ends),) = ask("SELECT starts_at, ends_at FROM events WHERE kind = 'outage'")
    assert (START.replace(tzinfo=None) - starts).days in (9, 10)
    day = starts.date()
    ((there,),) = ask(f"SELECT count(*) FROM orders WHERE local_date = '{day}'")
    ((usual,),) = ask(f"""SELECT count(*) / 4 FROM orders WHERE local_date IN
        ('{day}'::DATE - 14, '{day}'::DATE - 7, '{day}'::DATE + 7, '{day}'::DATE - 21)""")
    assert 0.5 < there / usual < 0.72
    ((during,),) = ask(
        f"SELECT count(*) FROM orders WHERE placed_at BETWEEN '{starts}' AND '{ends}'"
    )
    assert during < 0.05 * usual
    ((tried, bought),) = ask(f"""SELECT sum(reached_checkout), sum(purchases) FROM sessions
        WHERE local_at BETWEEN '{day} 11:00' AND '{day} 15:00'""")
    assert tried > 10 * bought


def test_the_sideboard_is_out_of_stock_and_does_not_sell(ask: Any) -> None:
    ((product,),) = ask("SELECT product_id FROM products WHERE title = 'Walnut sideboard'")
    sold = (
        f"SELECT count(*) FROM sales WHERE product_id = '{product}' AND quantity > 0 AND local_date"
    )
    assert ask(f"{sold} >= '2026-11-09'") == [(0,)]
    assert ask(f"{sold} BETWEEN '2026-10-01' AND '2026-11-08'")[0][0] > 10
    levels = dict(
        ask(f"SELECT local_date, available FROM inventory WHERE product_id = '{product}'")
    )
    assert [levels[as_day(day_number(date(2026, 11, 9)) + n)] for n in range(9)] == [0] * 9
    assert levels[date(2026, 11, 8)] > 0
    assert ask("SELECT ends_at FROM events WHERE title = 'Out of stock: Walnut sideboard'") == [
        (None,)
    ]
    assert ask("SELECT min(available) FROM inventory")[0][0] == 0


def test_the_press_lifts_the_arc_lamp_most_of_all_in_germany(ask: Any) -> None:
    rows = ask("""SELECT country,
        sum(quantity) FILTER (sales.local_date BETWEEN '2026-11-01' AND '2026-11-14'),
        sum(quantity) FILTER (sales.local_date BETWEEN '2026-09-06' AND '2026-10-31') / 4
        FROM sales JOIN orders USING (order_id) JOIN products USING (product_id)
        WHERE title = 'Arc floor lamp' AND action = 'ORDER' GROUP BY 1""")
    lift = {country: after / before for country, after, before in rows}
    assert lift["DE"] > 2.5 and lift["DE"] > lift["US"]


def test_sessions_are_a_funnel_that_ends_in_the_orders(ask: Any) -> None:
    assert ask("""SELECT count(*) FROM sessions WHERE NOT (sessions >= product_views
        AND product_views >= add_to_cart AND add_to_cart >= reached_checkout
        AND reached_checkout >= purchases AND purchases >= 0)""") == [(0,)]
    assert ask("""SELECT count(*) FROM (
        SELECT date_trunc('hour', local_at) AS local_at, channel, country, count(*) AS n
        FROM orders WHERE local_at < '2026-11-17 02:00' GROUP BY ALL) AS o
        FULL JOIN (FROM sessions WHERE purchases > 0) AS s USING (local_at, channel, country)
        WHERE n IS DISTINCT FROM purchases""") == [(0,)]
    ((rate,),) = ask("SELECT sum(purchases) / sum(sessions) FROM sessions")
    assert 0.021 < rate < 0.026
    assert ask("SELECT CAST(max(local_at) AS VARCHAR) FROM sessions") == [("2026-11-17 01:00:00",)]


def test_a_new_customer_costs_about_thirty_dollars(ask: Any) -> None:
    ((spent,),) = ask("SELECT sum(amount) FROM spend WHERE local_date > '2025-11-16'")
    ((new,),) = ask("""SELECT count(*) FROM (SELECT min(local_date) AS day FROM orders
        WHERE customer_id IS NOT NULL GROUP BY customer_id) WHERE day > '2025-11-16'""")
    assert 25 < spent / new < 36
    assert ask("SELECT count(*) FROM spend WHERE amount <= 0 OR clicks > impressions") == [(0,)]


def test_platforms_claim_ten_to_forty_per_cent_more_than_their_channels_sold(ask: Any) -> None:
    rows = ask("""WITH real AS (SELECT channel, month(sales.local_date) AS m,
            sum(gross + discount) AS net FROM sales JOIN orders USING (order_id)
            WHERE line_type = 'PRODUCT' AND action = 'ORDER'
            AND year(sales.local_date) = 2025 GROUP BY ALL),
        claimed AS (SELECT channel, month(local_date) AS m, sum(attributed_revenue) AS said
            FROM spend WHERE year(local_date) = 2025 GROUP BY ALL)
        SELECT channel, min(said / net), max(said / net), count(*) FROM real JOIN claimed
        USING (channel, m) WHERE channel IN ('Paid search', 'Paid social', 'Email') GROUP BY 1""")
    assert {months for *_, months in rows} == {12} and len(rows) == 3
    for channel, low, high, _ in rows:
        assert 1.10 < low <= high < 1.40, channel
    campaigns = dict(ask("SELECT channel, count(DISTINCT campaign) FROM spend GROUP BY 1"))
    assert campaigns["Paid search"] == 4 and campaigns["Paid social"] == 3
    assert ask("SELECT count(*) FROM spend WHERE attributed_revenue IS NULL") == [(0,)]


def test_parcels_and_payments_cost_what_they_cost_in_life(ask: Any) -> None:
    assert ask("SELECT count(*) FROM costs ANTI JOIN orders USING (order_id)") == [(0,)]
    assert ask("""SELECT count(*) FROM costs JOIN orders USING (order_id)
        WHERE costs.local_date <> orders.local_date OR amount <= 0""") == [(0,)]
    ((parcels, share),) = ask("""SELECT count(*) / (SELECT count(*) FROM orders), avg(amount)
        FROM costs WHERE kind = 'shipping'""")
    assert 0.95 < parcels < 1 and 7 < share < 14
    # 2.9 % of the whole order and 30 cents, rounded once.
    assert ask(f"""SELECT count(*) FROM costs JOIN (SELECT order_id, sum({MONEY}) AS paid
        FROM sales WHERE action = 'ORDER' GROUP BY 1) USING (order_id)
        WHERE kind = 'payment' AND abs(amount - 0.30 - paid * 0.029) > 0.005""") == [(0,)]
    assert ask("""SELECT count(*) FROM costs JOIN orders USING (order_id)
        WHERE kind = 'payment' AND channel = 'Wholesale'""") == [(0,)]


def test_some_products_come_in_sizes_or_colours_and_a_return_is_of_the_same(ask: Any) -> None:
    counts = dict(
        ask("""SELECT n, count(*) FROM (SELECT count(DISTINCT variant) AS n FROM sales
        WHERE line_type = 'PRODUCT' GROUP BY product_id) GROUP BY 1""")
    )
    assert set(counts) == {0, 2, 3, 4} and min(counts.values()) > 10
    assert ask("""SELECT count(*) FROM (SELECT 1 FROM sales WHERE line_type = 'PRODUCT'
        GROUP BY line_id HAVING count(DISTINCT variant) > 1
        OR count(variant) NOT IN (0, count(*)))""") == [(0,)]
    assert ask("SELECT count(*) FROM sales WHERE line_type <> 'PRODUCT' AND variant <> ''") == [
        (0,)
    ]
    first = ask("""SELECT variant FROM sales JOIN products USING (product_id)
        WHERE title = 'Linen duvet set' AND variant <> '' GROUP BY 1 ORDER BY count(*) DESC""")
    assert first == [("Queen",), ("King",), ("Double",), ("Single",)]


def test_a_country_has_regions_and_a_region_cities(ask: Any) -> None:
    rows = ask(
        "SELECT country, count(DISTINCT region), count(DISTINCT city) FROM orders GROUP BY 1"
    )
    assert all(regions >= 4 and cities > regions for _, regions, cities in rows) and len(rows) == 3


def test_the_calendar_tells_the_story(ask: Any) -> None:
    kinds = {kind for (kind,) in ask("SELECT DISTINCT kind FROM events")}
    assert kinds == {"campaign", "stock-out", "outage", "press", "price", "shipping"}
    assert ask("SELECT count(*) FROM events WHERE starts_at > '2026-11-17 07:41'") == [(0,)]
