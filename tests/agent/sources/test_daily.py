"""Spend, visits and costs of plain rows: what is read, added up, converted, refused, restated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from agent.errors import BadFile, Refused
from agent.ports import RATES_SHOP, Batch, Shop
from agent.sources import daily, restating
from agent.sources.daily import Written
from agent.sources.differing import differing
from agent.sources.landing import Plain, land
from agent.sources.plain import as_text, refused
from agent.warehouse import schema

SHOP = Shop("tea", "Tea", "EUR", "Europe/Berlin")
NOW = datetime(2026, 11, 17, 7, 41, tzinfo=UTC)


def rows(**columns: list[Any]) -> pa.Table:
    return pa.table(columns)


def test_spend_is_added_up_by_day_channel_and_campaign() -> None:
    given = rows(
        Date=["20261101", "2026-11-01", "01.11.2026", "2026-11-02"],
        channel=["Meta", "Meta", " Meta ", "Meta"],
        campaign=["A", "A", "A", None],
        amount=["1.5", "2.25", "-0.75", "0"],
        clicks=["1", None, "2", "0"],
        attributed_revenue=[None, "7", None, None],
    )
    table, checks = daily.spend_table(SHOP, given)
    assert checks.rows() == []
    assert table.schema.equals(schema.arrow_schema(schema.SPEND))
    assert [
        (str(r["local_date"]), r["campaign"], r["amount"], r["clicks"], r["attributed_revenue"])
        for r in table.to_pylist()
    ] == [
        ("2026-11-01", "A", Decimal("3.0000"), 3, Decimal("7.0000")),
        ("2026-11-02", "(none)", Decimal("0.0000"), 0, None),
    ]


def test_typed_columns_are_read_as_they_are() -> None:
    given = rows(
        date=[date(2026, 11, 1), date(2026, 11, 2)],
        channel=pa.array(["Meta", "Meta"]).dictionary_encode(),
        amount=[0.1, 1e-3],
        impressions=[10, 20],
        clicks=[1.0, 2.0],
    )
    table, checks = daily.spend_table(SHOP, given)
    assert checks.rows() == []
    assert table["amount"].to_pylist() == [Decimal("0.1000"), Decimal("0.0010")]
    assert table["clicks"].to_pylist() == [1, 2]
    decimals = pa.array([Decimal("1E+3"), Decimal("0.000000001")], pa.decimal128(38, 9))
    assert as_text(decimals).to_pylist() == ["1000.000000000", "0.000000001"]
    assert as_text(pa.array([float("nan"), float("inf")])).to_pylist() == ["NaN", "Infinity"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"date": None}, "The date is missing."),
        ({"date": "2026-02-30"}, "The date is not a day from 1990 to today."),
        ({"date": "2027-01-01"}, "The date is not a day from 1990 to today."),
        ({"channel": " "}, "The channel is missing."),
        ({"amount": "1,5"}, "The amount is not an amount with at most four decimals."),
        ({"amount": "1.23456"}, "The amount is not an amount with at most four decimals."),
        ({"amount": None}, "The amount is missing."),
        ({"amount": "99999999999"}, "The amount is too large to be real."),
        ({"clicks": "-1"}, "The clicks is not a whole number."),
        ({"clicks": "4294967296"}, "The clicks is not a whole number."),
        ({"campaign": "a\x00b"}, "A field holds characters that no text has, or is too long."),
        ({"campaign": "x" * 3_000}, "A field holds characters that no text has, or is too long."),
    ],
)
def test_a_row_that_cannot_be_used_says_why(change: dict[str, Any], reason: str) -> None:
    good = {"date": "2026-11-01", "channel": "Meta", "campaign": "A", "amount": "1", "clicks": "1"}
    given = pa.table({name: [value, change.get(name, value)] for name, value in good.items()})
    given = given.cast(pa.schema([(name, pa.string()) for name in good]))
    table, checks = daily.spend_table(SHOP, given, Written(latest=NOW))
    assert checks.rows() == [(1, reason)]
    assert table["amount"].to_pylist() == [Decimal("1.0000")]
    [(document, why)] = refused(given, checks)
    assert why == reason
    assert document.isprintable()
    assert len(document) <= 2_000


def test_hours_are_moved_to_the_clocks_of_the_shop() -> None:
    given = rows(
        date=["2026110123", "20261101", "2026-11-01T23:30:00Z", "2026-11-01"],
        hour=[None, "23", None, None],
        sessions=["1", "2", "4", "8"],
        country=["DE", "DE", "DE", "DE"],
    )
    table, checks = daily.sessions_table(SHOP, given, Written(timezone="America/New_York"))
    assert checks.rows() == []
    assert [
        (str(r["local_at"]), str(r["local_date"]), r["sessions"]) for r in table.to_pylist()
    ] == [
        ("2026-11-01 00:00:00", "2026-11-01", 8),
        ("2026-11-02 00:00:00", "2026-11-02", 4),
        ("2026-11-02 05:00:00", "2026-11-02", 3),
    ]
    own, _ = daily.sessions_table(SHOP, given)
    assert str(own["local_at"][-1].as_py()) == "2026-11-02 00:00:00"
    _, checks = daily.sessions_table(SHOP, rows(date=["2026-11-01"], hour=["24"], sessions=["1"]))
    assert checks.rows() == [(0, "The hour is not a whole number from 0 to 23.")]


def test_costs_are_known_by_their_day_kind_and_order() -> None:
    given = rows(
        date=["2026-11-01"] * 4, kind=["Shipping", "payment", "payment", "gift"],
        amount=["5", "1", "2", "3"], order_id=["9", None, None, None],
    )  # fmt: skip
    table, checks = daily.costs_table(SHOP, given)
    assert checks.rows() == [(3, "The kind is none of shipping, payment.")]
    assert [(r["cost_id"], r["order_id"], r["amount"]) for r in table.to_pylist()] == [
        ("2026-11-01:payment:", None, Decimal("3.0000")),
        ("2026-11-01:shipping:9", "9", Decimal("5.0000")),
    ]


def test_what_is_no_table_of_its_kind_is_said() -> None:
    with pytest.raises(BadFile, match="There is no column channel, amount") as caught:
        daily.spend_table(SHOP, rows(date=["2026-11-01"]))
    assert caught.value.hint == "Found: date."
    many = rows(
        date=["2026-11-01"] * 20_000, channel=["A"] * 20_000, amount=["9999999999"] * 20_000
    )
    with pytest.raises(BadFile, match="add up to more than can be kept"):
        daily.spend_table(SHOP, many)
    empty = daily.spend_table(SHOP, pa.table({n: pa.array([], pa.string()) for n in daily.SPEND}))
    assert len(empty[0]) == 0


@pytest.fixture
def priced(duckdb_warehouse: Any) -> Any:
    """A warehouse with a rate of the dollar from 10 to 12 November."""
    duckdb_warehouse.put_shop(SHOP)
    given = rows(
        date=["2026-11-10", "2026-11-12"], base=["EUR"] * 2, currency=["USD"] * 2,
        rate=["1.25", "1.6"],
    )  # fmt: skip
    landed = land(duckdb_warehouse, SHOP, Plain("rates", given), NOW)
    duckdb_warehouse.merge(Batch(RATES_SHOP, "test", "rates", landed.tables))
    return duckdb_warehouse


def test_amounts_are_converted_at_the_rate_of_their_day(priced: Any) -> None:
    given = rows(
        date=["2026-11-09", "20261110", "2026-11-11", "2026-11-16", "2026-11-16", "2026-11-16"],
        channel=["A"] * 6, campaign=list("abcdef"), amount=["10", "10", "10", "10", "10", "x"],
        currency=["USD", "usd", None, "USD", "EUR", "ZZZ"], clicks=["1"] * 6,
    )  # fmt: skip
    landed = land(priced, SHOP, Plain("spend", given, currency="USD"), NOW)
    found = {r["campaign"]: f"{r['amount']:f}" for r in landed.tables["spend"].to_pylist()}
    assert found == {"b": "8.0000", "c": "8.0000", "d": "6.2500", "e": "10.0000"}
    assert [reason for _, reason in landed.rejects] == [
        "There is no exchange rate from USD to EUR for this day.",
        "The currency is none of ISO 4217.",
    ]


def spend(warehouse: Any) -> list[tuple[str, str, str]]:
    columns = (schema.SPEND.c.local_date, schema.SPEND.c.channel, schema.SPEND.c.amount)
    found = warehouse.read(sa.select(*columns).order_by(*columns)).to_pylist()
    return [(str(r["local_date"]), r["channel"], f"{r['amount']:f}") for r in found]


def table(*found: tuple[str, str, str]) -> pa.Table:
    days, channels, amounts = zip(*found, strict=True) if found else ((), (), ())
    columns = {"date": days, "channel": channels, "amount": amounts}
    given = pa.table({name: pa.array(list(c), pa.string()) for name, c in columns.items()})
    return daily.spend_table(SHOP, given)[0]


def test_days_that_are_stated_anew_take_the_place_of_the_old(warehouse: Any) -> None:
    def say(found: pa.Table, revision: int, *channels: str) -> bool:
        batch = restating.restated(
            SHOP, "test", "spend", found, first=date(2026, 11, 1), last=date(2026, 11, 16),
            where=[{"channel": name} for name in channels], revision=revision,
        )  # fmt: skip
        if not restating.changes(warehouse, batch):
            return False
        warehouse.merge(batch)
        return True

    warehouse.put_shop(SHOP)
    first = table(("2026-10-31", "A", "9"), ("2026-11-01", "A", "1"), ("2026-11-16", "B", "2"))
    assert say(first, 1, "A", "B")
    assert spend(warehouse) == [("2026-11-01", "A", "1.0000"), ("2026-11-16", "B", "2.0000")]
    assert not say(first, 2, "A", "B")
    assert say(table(("2026-11-02", "A", "3")), 3, "A")
    assert spend(warehouse) == [("2026-11-02", "A", "3.0000"), ("2026-11-16", "B", "2.0000")]
    # What was said once before is said again: the newest word stands.
    assert say(first, 4, "A", "B")
    assert spend(warehouse) == [("2026-11-01", "A", "1.0000"), ("2026-11-16", "B", "2.0000")]
    assert say(table(), 5, "A")
    assert spend(warehouse) == [("2026-11-16", "B", "2.0000")]


def test_only_what_differs_is_said_again(warehouse: Any) -> None:
    warehouse.put_shop(SHOP)

    def products(*titles: str) -> pa.Table:
        count = len(titles)
        columns = {
            "shop_id": ["tea"] * count, "product_id": [f"P{n}" for n in range(count)],
            "title": list(titles), "product_type": [None] * count, "vendor": [None] * count,
            "sku": [None] * count, "revision": [1] * count,
        }  # fmt: skip
        return pa.table(columns, schema=schema.arrow_schema(schema.PRODUCTS))

    warehouse.merge(Batch(SHOP, "test", "one", {"products": products("Assam", "Sencha")}))
    fresh = products("Assam", "Gyokuro", "Mate")
    found = differing(warehouse, "tea", schema.PRODUCTS, fresh, "product_id")
    assert found["title"].to_pylist() == ["Gyokuro", "Mate"]


def test_a_mapping_of_lines_that_makes_no_sense_is_refused(duckdb_warehouse: Any) -> None:
    duckdb_warehouse.put_shop(SHOP)
    given = rows(order_id=["1"], placed_at=["2026-11-01"])
    with pytest.raises((BadFile, Refused), match="must name either unit_price or amount"):
        land(duckdb_warehouse, SHOP, Plain("orders", given), NOW)
