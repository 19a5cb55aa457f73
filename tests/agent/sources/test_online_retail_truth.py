"""The published file against published totals, to the penny."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.services import Services
from agent.sources.base import ImportSummary
from agent.warehouse.schema import CUSTOMERS, ORDERS, PRODUCTS, SALES
from tests.agent.sources.conftest import Desk, Folder
from tests.clock import FrozenClock
from tests.retail import OPTIONS

pytestmark = pytest.mark.shared
PENNY = Decimal("0.001")
FLAGGED = (
    "(upper(StockCode) IN ('POST', 'DOT', 'M', 'C2', 'C3', 'D', 'S', 'B', 'BANK CHARGES',"
    " 'AMAZONFEE', 'CRUK', 'PADS') OR lower(StockCode) LIKE 'gift_0001%')"
)


@pytest.fixture(scope="module")
def retail(shared: Path) -> Path:
    return shared / "data" / "uci_online_retail_2010_2011"


@pytest.fixture(scope="module")
def truth(retail: Path) -> dict[str, float]:
    return dict(json.loads((retail / "truth" / "totals.json").read_text()))


@pytest.fixture(scope="module")
def filled(retail_shop: Services, retail_said: ImportSummary) -> tuple[Desk, ImportSummary]:
    folder = Folder(retail_shop.settings.data_dir)
    return Desk(retail_shop.warehouse, FrozenClock(), folder), retail_said


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def near(value: Decimal, expected: float | str) -> bool:
    """Equal to the tenth of a penny; the truth was summed in binary floats."""
    return abs(value - Decimal(str(expected))) < PENNY


def ask(desk: Desk, *columns: Any, where: Any = None, by: Any = None) -> list[dict[str, Any]]:
    joined = SALES.join(
        ORDERS, (ORDERS.c.shop_id == SALES.c.shop_id) & (ORDERS.c.order_id == SALES.c.order_id)
    )
    statement = sa.select(*columns).select_from(joined)
    if where is not None:
        statement = statement.where(where)
    if by is not None:
        statement = statement.group_by(by)
    return list(desk.warehouse.read(statement).to_pylist())


GOODS = SALES.c.line_type == "PRODUCT"
GROSS, BACK = sa.func.sum(SALES.c.gross), sa.func.sum(SALES.c.reversal)


def test_kinds_add_up_to_the_whole_file(
    filled: tuple[Desk, ImportSummary], truth: dict[str, float]
) -> None:
    _, summary = filled
    assert summary.lines == sum(rows for rows, _ in summary.kinds.values()) == 541_909
    total = sum((amount for _, amount in summary.kinds.values()), Decimal(0))
    assert total == Decimal("9747747.934")
    assert near(total, truth["R1_net_all_lines"])
    assert summary.rejected == 0


def test_waterfall(filled: tuple[Desk, ImportSummary], truth: dict[str, float]) -> None:
    desk, summary = filled
    (row,) = ask(desk, GROSS.label("gross"), BACK.label("back"), where=GOODS)
    assert near(row["gross"], truth["R4_positive_product_lines"])
    assert near(row["gross"] + row["back"], truth["R6_net_products_incl_cancel"])
    (all_,) = ask(
        desk, sa.func.sum(SALES.c.shipping).label("s"), sa.func.sum(SALES.c.discount).label("d")
    )
    # POST, DOT and C2, and D, in truth/nonproduct_codes.csv.
    assert all_["s"] == Decimal("66230.64") + Decimal("206245.48") + Decimal("6986.00")
    assert all_["d"] == Decimal("-5696.22")
    assert summary.orders == truth["O2_orders_with_product"]


def test_months(filled: tuple[Desk, ImportSummary], retail: Path) -> None:
    desk, _ = filled
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in ask(
        desk, SALES.c.local_date, GROSS.label("gross"), where=GOODS, by=SALES.c.local_date
    ):
        sums[f"{row['local_date']:%Y-%m}"] += row["gross"]
    for month in listed(retail / "truth" / "by_month.csv"):
        assert near(sums.pop(month["month"]), month["R4_positive_product_lines"]), month["month"]
    assert not sums


def test_countries(filled: tuple[Desk, ImportSummary], retail: Path) -> None:
    """The truth's countries hold every positive line; ours less shipping and the like, so those are
    asked for too.
    """
    import duckdb

    desk, _ = filled
    source = str(retail / "online_retail.parquet")
    expected = duckdb.connect().execute(
        f"""SELECT Country, sum(Quantity * cast(UnitPrice AS DECIMAL(12,3))) FROM '{source}'
        WHERE InvoiceNo NOT LIKE 'C%' AND InvoiceNo NOT LIKE 'A%' AND Quantity > 0 AND UnitPrice > 0
        AND NOT {FLAGGED} GROUP BY 1"""
    )
    ours = ask(
        desk,
        ORDERS.c.country,
        GROSS.label("gross"),
        where=GOODS & (SALES.c.gross != 0),
        by=ORDERS.c.country,
    )
    assert {row["country"]: row["gross"] for row in ours} == dict(expected.fetchall())


def test_top_products(filled: tuple[Desk, ImportSummary], retail: Path) -> None:
    desk, _ = filled
    titles = {row["product_id"]: row["title"] for row in desk.rows(PRODUCTS, "product_id")}
    rows = ask(desk, SALES.c.product_id, GROSS.label("gross"), where=GOODS, by=SALES.c.product_id)
    best = sorted(rows, key=lambda row: -row["gross"])[:10]
    wanted = listed(retail / "truth" / "top10_products_revenue_R4.csv")
    assert [row["product_id"] for row in best] == [row["sku"] for row in wanted]
    for row, want in zip(best, wanted, strict=True):
        assert near(row["gross"], want["revenue"])
        assert titles[row["product_id"]] == want["most_common_description"].strip()


def test_customers(filled: tuple[Desk, ImportSummary], retail: Path) -> None:
    """Customers of orders with a product; the truth's 4,338 count those of any positive line."""
    import duckdb

    desk, _ = filled
    ((expected,),) = (
        duckdb.connect()
        .execute(
            f"SELECT count(DISTINCT CustomerID) FROM '{retail / 'online_retail.parquet'}'"
            f" WHERE InvoiceNo NOT LIKE 'C%' AND Quantity > 0 AND UnitPrice > 0 AND NOT {FLAGGED}"
        )
        .fetchall()
    )
    statement = sa.select(sa.func.count(CUSTOMERS.c.customer_id).label("n"))
    (row,) = desk.warehouse.read(statement).to_pylist()
    assert row["n"] == expected
    assert expected <= int(listed(retail / "truth" / "repeat_purchase.csv")[0]["customers"])


def test_parquet_adds_nothing(filled: tuple[Desk, ImportSummary], retail: Path) -> None:
    desk, _ = filled
    again = desk.take(retail / "online_retail.parquet", OPTIONS)
    assert again.inserted == {"orders": 0, "sales": 0, "products": 0}
    assert again.replaced == {"orders": 0, "sales": 0, "products": 0}
