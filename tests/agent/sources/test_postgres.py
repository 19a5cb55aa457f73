"""A merchant's own PostgreSQL as a source, on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.errors import NotConfigured, Refused, Unavailable
from agent.ports import Shop
from agent.records.connections import Connection
from agent.resilience import Policy, Upstreams
from agent.resilience.waiting import Time
from agent.sources.connectors import Link
from agent.sources.postgres import CONNECTOR
from agent.sources.postgres import database as databases
from agent.warehouse import schema
from tests.clock import FrozenClock
from tests.servers import free_port

pytestmark = pytest.mark.server
SHOP = Shop("tea", "Tea", "EUR", "Europe/Berlin")
TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, created_at timestamptz NOT NULL,
  customer_id bigint, land text, kanal text, versand numeric(10,2), updated_at timestamptz);
CREATE TABLE shop.items (id bigserial PRIMARY KEY, order_id bigint, sku text, titel text,
  menge integer, preis numeric(12,4), steuer numeric(10,2), updated_at timestamptz);
CREATE TABLE shop.refunds (id bigserial PRIMARY KEY, order_id bigint, betrag numeric(10,2),
  am timestamptz, updated_at timestamptz);
INSERT INTO shop.orders VALUES
  (1, '2026-11-14 10:00+00', 7, 'DE', 'web', 4.90, '2026-11-14 10:00+00'),
  (2, '2026-11-15 23:30+00', 8, 'FR', 'web', 0, '2026-11-15 23:30+00'),
  (3, '2026-11-16 09:00+00', NULL, 'DE', 'pos', 0, '2026-11-16 09:00+00');
INSERT INTO shop.items (order_id, sku, titel, menge, preis, steuer, updated_at) VALUES
  (1, 'T-1', 'Assam', 2, 11.90, 3.80, '2026-11-14 10:00+00'),
  (1, 'T-2', 'Darjeeling', 1, 20, 3.19, '2026-11-14 10:00+00'),
  (2, 'T-1', 'Assam', 1, 11.90, 1.90, '2026-11-15 23:30+00');
INSERT INTO shop.refunds (order_id, betrag, am, updated_at) VALUES
  (1, 11.90, '2026-11-16 08:00+00', '2026-11-16 08:00+00');
"""
MAPPING = """
[orders]
table = "shop.orders"
updated_at = "updated_at"
[orders.columns]
order_id = "id"
placed_at = "created_at"
customer = "customer_id"
country = "land"
channel = "kanal"
shipping = "versand"
[lines]
table = "shop.items"
updated_at = "updated_at"
[lines.columns]
order_id = "order_id"
line_id = "id"
sku = "sku"
title = "titel"
quantity = "menge"
unit_price = "preis"
tax = "steuer"
[refunds]
table = "shop.refunds"
updated_at = "updated_at"
[refunds.columns]
order_id = "order_id"
refund_id = "id"
refunded_at = "am"
amount = "betrag"
"""


def products(table: str) -> str:
    columns = 'product_id = "product_id"\ntitle = "title"\n'
    return f'[products]\ntable = "{table}"\n[products.columns]\n{columns}'


@dataclass
class Desk:
    services: Any
    engine: sa.Engine
    url: str
    pauses: list[float]

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def link(
        self, mapping: str = MAPPING, typed: Mapping[str, str] | None = None, **more: str
    ) -> Link:
        given = {"mapping": mapping, "ssl": "disable", **more}
        count = len(self.services.records.connections.all())
        made = self.services.records.connections.add(
            Connection("", "postgres", f"Database {count}", SHOP.shop_id, given)
        )
        return Link(self.services, made, typed={"address": self.url, **(typed or {})})

    def rows(self, table: sa.Table, *order: str) -> list[dict[str, Any]]:
        columns = [c for c in table.columns if c.name not in ("batch_id", "shop_id")]
        return list(
            self.services.warehouse.read(
                sa.select(*columns).order_by(*(table.c[name] for name in order))
            ).to_pylist()
        )

    def sales(self) -> list[tuple[str, ...]]:
        return [
            (
                row["order_id"], row["line_id"], str(row["local_date"]), row["action"],
                row["line_type"], str(row["quantity"]),
                f"{row['gross'] + row['discount'] + row['reversal'] + row['shipping']:f}",
            )
            for row in self.rows(schema.SALES, "order_id", "line_id")
        ]  # fmt: skip


@pytest.fixture
def desk(services: Any, clock: FrozenClock, postgres_url: str) -> Iterator[Desk]:
    services.warehouse.put_shop(SHOP)
    pauses: list[float] = []

    def sleep(seconds: float, stopping: Any) -> None:
        pauses.append(seconds)

    time = Time(now=lambda: sum(pauses), monotonic=lambda: sum(pauses), sleep=sleep)
    quiet = replace(
        services, upstreams=Upstreams(clock, policies={"postgres": Policy()}, time=time)
    )
    engine = sa.create_engine(postgres_url)
    desk = Desk(quiet, engine, postgres_url.replace("+psycopg2", ""), pauses)
    desk.run(*TABLES.split(";\n")[:-1])
    yield desk
    desk.run("DROP SCHEMA shop CASCADE")
    engine.dispose()


def test_orders_lines_and_refunds_become_the_ledger(desk: Desk) -> None:
    done = CONNECTOR.sync(desk.link())
    assert done.rejected == 0
    assert desk.sales() == [
        ("1", "1", "2026-11-14", "ORDER", "PRODUCT", "2", "23.8000"),
        ("1", "2", "2026-11-14", "ORDER", "PRODUCT", "1", "20.0000"),
        ("1", "refund-1", "2026-11-16", "RETURN", "PRODUCT", "0", "-11.9000"),
        ("1", "shipping", "2026-11-14", "ORDER", "SHIPPING", "0", "4.9000"),
        ("2", "3", "2026-11-16", "ORDER", "PRODUCT", "1", "11.9000"),
        ("3", "-", "2026-11-16", "ORDER", "PRODUCT", "0", "0.0000"),
    ]
    orders = {row["order_id"]: row for row in desk.rows(schema.ORDERS, "order_id")}
    assert [orders[i]["customer_id"] for i in "123"] == ["7", "8", None]
    assert [orders[i]["country"] for i in "123"] == ["DE", "FR", "DE"]
    titles = {row["product_id"]: row["title"] for row in desk.rows(schema.PRODUCTS, "product_id")}
    assert titles == {"T-1": "Assam", "T-2": "Darjeeling"}


def test_a_second_sync_brings_what_moved_and_wakes_nobody_for_the_rest(desk: Desk) -> None:
    link = desk.link()
    CONNECTOR.sync(link)
    assert link.state("orders") == {"mark": "2026-11-16 09:00:00+00"}
    versions = desk.services.warehouse.versions(("tea",))
    assert CONNECTOR.sync(link).changed == 0
    assert desk.services.warehouse.versions(("tea",)) == versions
    desk.services.clock.advance(60)
    desk.run(
        "UPDATE shop.items SET menge = 3, updated_at = '2026-11-17 07:00+00' WHERE id = 3",
        "INSERT INTO shop.orders VALUES (4, '2026-11-17 06:00+00', 9, 'AT', 'web', 0,"
        " '2026-11-17 06:00+00')",
        "INSERT INTO shop.items (order_id, sku, titel, menge, preis, steuer, updated_at)"
        " VALUES (4, 'T-9', 'Sencha', 1, 8, 0, '2026-11-17 06:00+00')",
    )
    done = CONNECTOR.sync(link)
    assert done.changed > 0
    sales = {(row[0], row[1]): row for row in desk.sales()}
    assert sales["2", "3"][5:] == ("3", "35.7000")
    assert sales["4", "4"][6] == "8.0000"
    assert sales["1", "1"][6] == "23.8000"


def test_a_line_that_is_gone_leaves_the_ledger_with_its_order(desk: Desk) -> None:
    link = desk.link()
    CONNECTOR.sync(link)
    desk.services.clock.advance(60)
    desk.run(
        "DELETE FROM shop.items WHERE id = 2",
        "UPDATE shop.orders SET updated_at = '2026-11-17 07:00+00' WHERE id = 1",
    )
    CONNECTOR.sync(link)
    assert [row[1] for row in desk.sales() if row[0] == "1"] == ["1", "refund-1", "shipping"]


def test_many_orders_are_read_in_chunks_and_a_stop_resumes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.sources.postgres import reading

    monkeypatch.setattr(reading, "CHUNK", 7)
    desk.run(
        "INSERT INTO shop.orders SELECT n, '2026-11-10 10:00+00', n, 'DE', 'web', 0,"
        " '2026-11-10 10:00+00'::timestamptz + n / 10 * interval '1 minute'"
        " FROM generate_series(100, 120) n",
        "INSERT INTO shop.items (order_id, sku, titel, menge, preis, steuer, updated_at)"
        " SELECT n, 'T-1', 'Assam', 1, 5, 0, '2026-11-10 10:00+00'"
        " FROM generate_series(100, 120) n",
    )
    link = desk.link()
    seen: list[str] = []

    def stop(done: int, total: int, step: str) -> None:
        seen.append(step)
        if len(seen) == 3:
            link.watch.stopping.set()

    stopped = replace(link, watch=replace(link.watch, report=stop))
    with pytest.raises(Exception, match="stopped"):
        CONNECTOR.sync(stopped)
    assert link.state("orders")["mark"].startswith("2026-11-10")
    link.watch.stopping.clear()
    CONNECTOR.sync(link)
    ids = {row["order_id"] for row in desk.rows(schema.ORDERS, "order_id")}
    assert ids == {"1", "2", "3", *map(str, range(100, 121))}


def test_the_second_address_is_asked_where_the_first_is_away(desk: Desk) -> None:
    away = f"postgresql://postgres@127.0.0.1:{free_port()}/nothing"
    link = desk.link(typed={"address": away, "replica": desk.url})
    done = CONNECTOR.sync(link)
    assert done.notes == ("The second address is asked: The database 127.0.0.1 does not answer.",)
    assert len(desk.sales()) == 6
    with pytest.raises(Unavailable, match=r"The database 127\.0\.0\.1 does not answer"):
        CONNECTOR.sync(desk.link(typed={"address": away, "replica": away}))


def test_nothing_can_be_written_even_by_a_view(desk: Desk) -> None:
    desk.run(
        "CREATE TABLE shop.traces (n integer)",
        "CREATE FUNCTION shop.leave() RETURNS bigint LANGUAGE plpgsql VOLATILE AS"
        " $$ BEGIN INSERT INTO shop.traces VALUES (1); RETURN 1; END $$",
        "CREATE VIEW shop.sly AS SELECT shop.leave() AS product_id, 'Tea'::text AS title",
    )
    with pytest.raises(Refused, match="cannot execute INSERT in a read-only transaction"):
        CONNECTOR.sync(desk.link(products("shop.sly")))
    with desk.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shop.traces").scalar() == 0


def test_the_rules_hold_for_every_question(desk: Desk) -> None:
    engine = databases.opened(desk.url, "disable")
    database = databases.Database([engine], 7, lambda action: action())
    names = ("transaction_read_only", "statement_timeout", "lock_timeout", "application_name",
             "TimeZone", "transaction_isolation")  # fmt: skip
    shown = database.read(
        lambda c: [c.exec_driver_sql(f"SELECT current_setting('{n}')").scalar() for n in names]
    )
    assert shown == ["on", "7s", "5s", "royal-analytics", "UTC", "repeatable read"]
    database.close()


def test_a_question_ends_after_the_time_limit(desk: Desk) -> None:
    columns = "'x'::text AS product_id, pg_sleep(60)::text AS title"
    desk.run(f"CREATE VIEW shop.slow AS SELECT {columns}")
    with pytest.raises(Refused, match="needs longer than 1 s for a question"):
        CONNECTOR.sync(desk.link(products("shop.slow"), seconds="1"))


DAILY = """
[spend]
table = "werbung"
channel = "Plakat"
[spend.columns]
date = "tag"
campaign = "name"
amount = "euro"
"""


def test_spend_is_replaced_for_its_last_days(desk: Desk) -> None:
    desk.run(
        "CREATE TABLE werbung (tag date, name text, euro numeric)",
        "INSERT INTO werbung VALUES ('2026-01-02', 'Alt', 5), ('2026-11-10', 'A', 10.5),"
        " ('2026-11-16', 'B', 20), ('2026-11-16', 'B', 2.25)",
    )
    link = desk.link(DAILY)
    CONNECTOR.sync(link)

    def spent() -> list[tuple[str, str, str]]:
        rows = desk.rows(schema.SPEND, "local_date", "campaign")
        return [(str(r["local_date"]), r["campaign"], f"{r['amount']:f}") for r in rows]

    assert spent() == [
        ("2026-01-02", "Alt", "5.0000"), ("2026-11-10", "A", "10.5000"),
        ("2026-11-16", "B", "22.2500"),
    ]  # fmt: skip
    desk.services.clock.advance(60)
    desk.run(
        "UPDATE werbung SET euro = 11 WHERE name = 'A'", "DELETE FROM werbung WHERE euro = 2.25",
        "UPDATE werbung SET euro = 6 WHERE name = 'Alt'",
    )  # fmt: skip
    CONNECTOR.sync(link)
    assert spent() == [
        ("2026-01-02", "Alt", "5.0000"), ("2026-11-10", "A", "11.0000"),
        ("2026-11-16", "B", "20.0000"),
    ]  # fmt: skip
    CONNECTOR.backfill(link, date(2026, 1, 1), date(2026, 1, 31))
    assert spent()[0] == ("2026-01-02", "Alt", "6.0000")


def test_products_and_customers_are_what_the_database_says(desk: Desk) -> None:
    desk.run(
        "CREATE TABLE shop.products (sku text, name text, art text)",
        "INSERT INTO shop.products VALUES ('T-1', 'Assam, 100 g', 'Tea'), ('T-3', NULL, 'Tea')",
        "CREATE MATERIALIZED VIEW shop.groups AS SELECT 7 AS id, 'Champions'::text AS rfm",
    )
    more = """
[products]
table = "shop.products"
[products.columns]
product_id = "sku"
title = "name"
product_type = "art"
[customers]
table = "shop.groups"
[customers.columns]
customer_id = "id"
rfm_group = "rfm"
"""
    link = desk.link(MAPPING + more)
    done = CONNECTOR.sync(link)
    titles = {row["product_id"]: row["title"] for row in desk.rows(schema.PRODUCTS, "product_id")}
    assert titles["T-1"] == "Assam, 100 g"
    profiles = desk.rows(schema.PROFILES, "customer_id")
    assert [(r["customer_id"], r["rfm_group"]) for r in profiles] == [("7", "Champions")]
    assert done.rejected == 1
    assert CONNECTOR.sync(link).changed == 0


ABSENT = [
    (('"preis"', '"prise"'), "The table shop.items has no column prise."),
    (('"shop.items"', '"shop.item"'), "There is no table shop.item that this user may read."),
    (
        ('updated_at = "updated_at"\n[lines.columns]', 'updated_at = "sku"\n[lines.columns]'),
        "The column sku of shop.items cannot say what is new: it is text.",
    ),
    (
        ('table = "shop.items"', 'table = "shop.items; DROP TABLE shop.items"'),
        "There is no table shop.items; DROP TABLE shop.items that this user may read.",
    ),
    (
        ('"preis"', '"preis\\" FROM x --"'),
        'The table shop.items has no column preis" FROM x --.',
    ),
]


def test_what_is_not_there_is_said_and_nothing_moves(desk: Desk) -> None:
    for change, sentence in ABSENT:
        link = desk.link(MAPPING.replace(*change))
        with pytest.raises(Refused) as caught:
            CONNECTOR.sync(link)
        assert caught.value.message == sentence
        assert caught.value.hint
        assert desk.services.records.connections.states(link.connection.connection_id) == {}
    assert desk.sales() == []


def test_wrong_values_are_kept_aside_with_their_reason(desk: Desk) -> None:
    desk.run(
        "ALTER TABLE shop.items ALTER preis TYPE text",
        "UPDATE shop.items SET preis = 'free' WHERE id = 2",
        "UPDATE shop.items SET preis = '99999999999999' WHERE id = 3",
        "UPDATE shop.items SET titel = repeat('x', 3000000) WHERE id = 1",
    )
    link = desk.link()
    done = CONNECTOR.sync(link)
    rejects = desk.services.records.rejects.all(link.connection.connection_id)
    assert sorted(r.reason for r in rejects) == [
        "A field holds characters that no text has, or is too long.",
        "The amount is missing.",
        "The amount is not an amount with at most four decimals.",
    ]
    assert done.rejected >= 3
    assert all(len(r.document) <= 2_000 for r in rejects)
    assert not any("customer" in r.document for r in rejects)
    assert {row[0] for row in desk.sales()} == {"3"}
    desk.run("UPDATE shop.items SET preis = '20' WHERE id = 2")
    stream = rejects[0].stream
    two = [r.document for r in rejects if "T-2" in r.document]
    assert stream == "orders"
    desk.services.clock.advance(60)
    assert CONNECTOR.replay(link, stream, two) == [
        "A field holds characters that no text has, or is too long."
    ]
    desk.run("UPDATE shop.items SET titel = 'Assam' WHERE id = 1")
    assert CONNECTOR.replay(link, stream, two) == [""]
    assert [row[1] for row in desk.sales() if row[0] == "1"] == ["1", "2", "refund-1", "shipping"]


def test_when_nothing_can_be_used_the_sync_says_so_and_its_mark_stays(desk: Desk) -> None:
    link = desk.link(MAPPING.replace('placed_at = "created_at"', 'placed_at = "land"'))
    with pytest.raises(Refused, match=r"None of 5 rows of shop\.orders can be used: The placed_at"):
        CONNECTOR.sync(link)
    assert link.state("orders") == {}


def test_a_probe_lists_tables_and_shows_the_first_rows(desk: Desk) -> None:
    bare = CONNECTOR.probe(desk.link(""))
    facts = dict(bare.facts)
    assert facts["Tables"] == "3"
    assert facts["shop.refunds"].startswith("id (bigint), order_id (bigint), betrag (numeric)")
    shown = CONNECTOR.probe(desk.link())
    assert "gross" in shown.columns
    assert len(shown.rows) == 6
    assert desk.sales() == []


def test_only_tables_that_the_user_may_read_are_listed(desk: Desk) -> None:
    desk.run(
        "CREATE ROLE reader_of_one LOGIN", "GRANT USAGE ON SCHEMA shop TO reader_of_one",
        "GRANT SELECT ON shop.items TO reader_of_one",
    )  # fmt: skip
    try:
        probe = CONNECTOR.probe(
            desk.link("", {"address": desk.url.replace("postgres@", "reader_of_one@")})
        )
        assert [name for name, _ in probe.facts] == ["Tables", "shop.items"]
    finally:
        desk.run("DROP OWNED BY reader_of_one", "DROP ROLE reader_of_one")


@pytest.mark.parametrize(
    "address",
    ["mysql://a@b/c", "nonsense", "postgresql:///db", "postgresql://h/d?options=-csearch_path=x",
     "postgresql://h:port/d"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(Refused, match="address of the database") as caught:
        databases.opened(address, "disable")
    assert address not in str(caught.value)


def test_a_password_is_in_no_sentence(desk: Desk, tmp_path: Path) -> None:
    secret = "s3cr3t-pa55"
    away = f"postgresql://anna:{secret}@127.0.0.1:{free_port()}/db"
    with pytest.raises(Unavailable) as caught:
        CONNECTOR.sync(desk.link(typed={"address": away}))
    shown: list[str] = []
    error: BaseException | None = caught.value
    while error is not None:
        shown.append(f"{error!r} {error}")
        error = error.__cause__
    assert secret not in " ".join(shown)


def test_without_address_or_mapping_a_sentence_says_so(desk: Desk) -> None:
    with pytest.raises(NotConfigured, match="Address is missing"):
        CONNECTOR.sync(desk.link(typed={"address": ""}))
    with pytest.raises(NotConfigured, match="no mapping"):
        CONNECTOR.sync(desk.link(""))


WRONG: list[tuple[Callable[[str], str], str]] = [
    (lambda m: "[", "it is neither TOML nor JSON"),
    (lambda m: "{", "it is neither TOML nor JSON"),
    (lambda m: "overlap = 5", "it names no table"),
    (lambda m: m + "\n[more]\n", "'more' is no table that can be read"),
    (lambda m: m.replace('order_id = "id"', 'number = "id"'), "knows no 'number'"),
    (lambda m: m.replace('placed_at = "created_at"\n', ""), "must name placed_at"),
    (lambda m: m.replace('price = "preis"', 'price = 3'), "lines.unit_price is not a text"),
    (lambda m: m.replace('unit_price = "preis"\n', ""), "either unit_price or amount"),
    (lambda m: m.replace('quantity = "menge"\n', ""), "unit_price without quantity"),
    (lambda m: m[m.index("[lines]"):], "it has [lines] without [orders]"),
    (lambda m: "overlap = -1\n" + m, "overlap is not a whole number from 0"),
    (lambda m: m + "\n[options]\nwhere = '1=1'\n", "options.where is not one of"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_a_mapping_that_cannot_be_used_says_why(
    change: Callable[[str], str], sentence: str
) -> None:
    from agent.sources.postgres.mapping import parse

    with pytest.raises(Refused) as caught:
        parse(change(MAPPING))
    assert sentence in caught.value.message
    assert caught.value.message.startswith("The mapping cannot be used: ")


def test_a_database_can_begin_a_shop(desk: Desk) -> None:
    link = desk.link(shop="Ostfriesen Tee", currency="eur", timezone="Europe/Berlin")
    connections, key = desk.services.records.connections, link.connection.connection_id
    fresh = replace(link, connection=connections.change(key, shop_id=""))
    assert len(CONNECTOR.probe(fresh).rows) == 6
    assert [shop.name for shop in desk.services.warehouse.shops()] == ["Tea"]
    CONNECTOR.sync(fresh)
    assert connections.get(key).shop_id == "ostfriesen-tee"
    made = desk.services.shop("ostfriesen-tee")
    assert (made.name, made.currency, made.timezone) == ("Ostfriesen Tee", "EUR", "Europe/Berlin")
    tea = desk.link(shop="tea")
    key = tea.connection.connection_id
    CONNECTOR.sync(replace(tea, connection=connections.change(key, shop_id="")))
    assert connections.get(key).shop_id == "tea"
    for field, value, sentence in (
        ("shop", "Ostfriesen tee", "Ostfriesen Tee is kept in EUR, not in USD"),
        ("shop", "", "This connection has no shop"),
        ("currency", "EURO", "'EURO' is no currency"),
        ("timezone", "Berlin", "There is no time zone called 'Berlin'"),
        ("timezone", "", "There is no time zone"),
    ):
        given = {"shop": "Other", "currency": "USD", "timezone": "Europe/Berlin", field: value}
        wrong = desk.link(**given)
        wrong = replace(wrong, connection=replace(wrong.connection, shop_id=""))
        with pytest.raises(Refused, match=sentence):
            CONNECTOR.sync(wrong)
