"""What only the PostgreSQL warehouse must stand: a server that goes away, several processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from agent.errors import BadSetting, Failure, Unavailable
from agent.warehouse import postgres
from agent.warehouse.postgres import PostgresWarehouse
from agent.warehouse.schema import DAILY_SALES, ORDERS, SALES
from tests import servers
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, order, places, rows_of, sale

pytestmark = pytest.mark.server


def test_it_recovers_by_itself_when_the_server_was_away(
    postgres_server: servers.PostgresServer, postgres_url: str
) -> None:
    name = sa.make_url(postgres_url).database
    warehouse = PostgresWarehouse(postgres_url)
    warehouse.merge(batch("a", sales=[sale("1", "1", "1")]))
    postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres_server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    for call in (warehouse.ping, warehouse.shops, lambda: warehouse.merge(batch("b", sales=[]))):
        with pytest.raises(Unavailable, match="does not answer"):
            call()
    postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    warehouse.ping()
    assert len(rows_of(warehouse, SALES)) == 1
    warehouse.merge(batch("b", sales=[sale("2", "1", "1")]))
    warehouse.close()


@pytest.mark.timeout(90)
def test_a_large_second_shop_is_not_joined_line_by_line(postgres_url: str) -> None:
    """The planner knows a table as it was: for a shop that is new to it, it expects one row."""
    warehouse = PostgresWarehouse(postgres_url)
    for shop, orders in ((ALMA, 20_000), (BRUNO, 30_000)):
        papers = [order(str(n), f"c{n % 900}", "2026-03-01T10:00") for n in range(orders)]
        lines = [sale(str(n), str(n % orders), "1") for n in range(2 * orders)]
        warehouse.merge(batch("all", shop, orders=papers, sales=lines))
        _analyze(postgres_url)
    found = warehouse.read(
        sa.select(sa.cast(sa.func.sum(DAILY_SALES.c.quantity), sa.BigInteger).label("n")).where(
            DAILY_SALES.c.shop_id == BRUNO.shop_id
        )
    )
    assert found.to_pylist() == [{"n": 60_000}]
    warehouse.close()


def _analyze(url: str) -> None:
    """What the server does by itself, some time after each of these."""
    database = sa.create_engine(url)
    with database.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    database.dispose()


def test_no_server_is_one_sentence_without_the_password() -> None:
    port = servers.free_port()
    with pytest.raises(Unavailable) as failure:
        PostgresWarehouse(f"postgresql://me:secret@127.0.0.1:{port}/shop")
    assert f"127.0.0.1:{port}/shop" in str(failure.value)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_spellings_of_the_address_work(postgres_url: str, scheme: str) -> None:
    warehouse = PostgresWarehouse(postgres_url.replace("postgresql+psycopg2", scheme))
    warehouse.ping()
    warehouse.close()


@pytest.mark.parametrize("url", ["mysql://host/shop", "no address"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(BadSetting, match="WAREHOUSE_URL"):
        PostgresWarehouse(url)


def test_a_read_cannot_write_and_cannot_run_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "READ_SECONDS", 1)
    warehouse = PostgresWarehouse(postgres_url)
    sleep = sa.func.pg_sleep(10, type_=sa.String).label("sleep")
    with pytest.raises(Unavailable, match="gave up"):
        warehouse.read(sa.select(sleep))
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), warehouse._reads.connect() as raw:
        raw.exec_driver_sql("DELETE FROM sales")
    warehouse.close()


def test_two_processes_open_and_merge_at_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: PostgresWarehouse(postgres_url), range(4)))

        def add(turn: int) -> bool:
            day = f"2026-03-{turn // 2 + 1:02}T10:00"
            rows = batch(str(turn // 2), orders=[order(str(turn // 2), "anna", day)])
            return opened[turn % 4].merge(rows).already

        already = list(pool.map(add, range(16)))
    assert sum(already) == 8
    assert places(opened[0]) == {str(n): n + 1 for n in range(8)}
    assert opened[0].versions(("almas-tea",))["orders"] == 8
    for warehouse in opened:
        warehouse.close()


def test_a_database_of_a_newer_product_is_one_sentence(postgres_url: str) -> None:
    PostgresWarehouse(postgres_url).close()
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE layout SET number = 99")
    engine.dispose()
    with pytest.raises(Failure, match="newer version"):
        PostgresWarehouse(postgres_url)


def test_the_big_tables_have_their_indexes(postgres_url: str) -> None:
    warehouse = PostgresWarehouse(postgres_url)
    engine = sa.create_engine(postgres_url)
    found = {
        tuple(index["column_names"])
        for table in (SALES.name, ORDERS.name)
        for index in sa.inspect(engine).get_indexes(table)
    }
    assert {
        ("shop_id", "local_date"),
        ("shop_id", "order_id"),
        ("shop_id", "customer_id"),
    } <= found
    engine.dispose()
    warehouse.close()
