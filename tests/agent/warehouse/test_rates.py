"""Exchange rates are no shop's and count for every shop."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.errors import NotFound, Refused
from agent.ports import RATES_SHOP, Shop, Warehouse
from agent.warehouse.schema import RATES
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, order, rows_of


def rate(day: str, currency: str, amount: str, **other: Any) -> dict[str, Any]:
    on = date.fromisoformat(day)
    row = {"local_date": on, "currency": currency, "base": "EUR", "rate": Decimal(amount)}
    return {**row, "quoted_on": on, "revision": 1, **other}


DOLLAR = rate("2026-03-02", "USD", "1.0412345678")


def test_rates_are_kept_to_the_last_digit_and_name_no_shop(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    merged = warehouse.merge(batch("r", RATES_SHOP, rates=[DOLLAR]))
    assert merged.inserted == {"rates": 1}
    assert rows_of(warehouse, RATES) == [DOLLAR | {"shop_id": "*"}]
    assert warehouse.shops() == (ALMA,)
    assert warehouse.batches("*")[0]["source"] == "hand"


def test_new_rates_raise_every_shops_versions(warehouse: Warehouse) -> None:
    for shop in (ALMA, BRUNO):
        warehouse.merge(batch("a", shop, orders=[order("1", "anna", "2026-03-01T10:00")]))
    asked = ((ALMA.shop_id,), (BRUNO.shop_id,), (ALMA.shop_id, BRUNO.shop_id), ())
    assert [warehouse.versions(shops)["rates"] for shops in asked] == [0, 0, 0, 0]
    warehouse.merge(batch("r", RATES_SHOP, rates=[DOLLAR]))
    assert [warehouse.versions(shops)["rates"] for shops in asked] == [1, 1, 1, 1]
    assert warehouse.versions((ALMA.shop_id,))["orders"] == 1
    assert warehouse.merge(batch("r", RATES_SHOP, rates=[DOLLAR])).already
    assert warehouse.versions((ALMA.shop_id,))["rates"] == 1


def test_a_shop_that_goes_leaves_the_rates(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    warehouse.merge(batch("r", RATES_SHOP, rates=[DOLLAR]))
    warehouse.drop_shop(ALMA.shop_id)
    assert len(rows_of(warehouse, RATES)) == 1
    warehouse.backup(str(tmp_path / "copy"))
    with pytest.raises(NotFound):
        warehouse.drop_shop(RATES_SHOP.shop_id)
    later = rate("2026-03-03", "USD", "1.05")
    warehouse.merge(batch("s", RATES_SHOP, rates=[later]))
    assert len(rows_of(warehouse, RATES)) == 2
    warehouse.restore(str(tmp_path / "copy"))
    assert rows_of(warehouse, RATES) == [DOLLAR | {"shop_id": "*"}]


def test_rates_in_another_base_than_those_kept_are_refused(warehouse: Warehouse) -> None:
    warehouse.merge(batch("r", RATES_SHOP, rates=[DOLLAR]))
    other = rate("2026-03-02", "EUR", "0.96", base="USD")
    with pytest.raises(Refused, match="kept are for one EUR, these for one USD"):
        warehouse.merge(batch("s", RATES_SHOP, rates=[other]))
    with pytest.raises(Refused, match="EUR, USD"):
        warehouse.merge(batch("t", RATES_SHOP, rates=[rate("2026-03-03", "USD", "1"), other]))
    assert rows_of(warehouse, RATES) == [DOLLAR | {"shop_id": "*"}]
    assert warehouse.versions(())["rates"] == 1


def test_rates_and_a_shops_rows_do_not_travel_together(duckdb_warehouse: Warehouse) -> None:
    with pytest.raises(Refused, match="cannot carry the table rates"):
        duckdb_warehouse.merge(batch("a", ALMA, rates=[DOLLAR]))
    with pytest.raises(Refused, match="cannot carry the table orders"):
        duckdb_warehouse.merge(
            batch("a", RATES_SHOP, orders=[order("1", "anna", "2026-03-01T10:00")])
        )
    with pytest.raises(Refused, match="cannot be called"):
        duckdb_warehouse.put_shop(Shop("*", "All", "EUR", "UTC"))
