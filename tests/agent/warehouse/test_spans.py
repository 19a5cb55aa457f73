"""Days that a batch states anew, in both warehouses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agent.errors import Refused
from agent.ports import Batch, Span, Warehouse
from agent.warehouse.schema import COSTS, INVENTORY, SESSIONS, SPEND
from tests.agent.warehouse.shop import ALMA, BRUNO, at, batch, rows_of

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 28)
META = Span("spend", FIRST, LAST, {"channel": "Meta"})


def spent(day: int, campaign: str, amount: str, **other: Any) -> dict[str, Any]:
    row = {
        "local_date": date(2026, 3, day),
        "channel": "Meta",
        "campaign": campaign,
        "amount": Decimal(amount),
        "impressions": 10,
        "clicks": 1,
        "revision": 5,
    }
    return row | other


def stating(fingerprint: str, *spans: Span, **rows: list[dict[str, Any]]) -> Batch:
    return replace(batch(fingerprint, **rows), spans=spans)


def amounts(warehouse: Warehouse) -> list[tuple[str, int, str, str]]:
    """(shop, day, campaign, amount)."""
    return [
        (row["shop_id"][0], row["local_date"].day, row["campaign"], f"{row['amount']:.2f}")
        for row in rows_of(warehouse, SPEND)
    ]


def test_a_span_replaces_adds_and_removes_and_says_so(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", spend=[spent(2, "x", "1"), spent(3, "x", "2"), spent(4, "x", "3")]))
    rows = [spent(2, "x", "1"), spent(3, "x", "7", revision=4), spent(5, "y", "9")]
    merged = warehouse.merge(stating("b", META, spend=rows))
    assert amounts(warehouse) == [
        ("a", 2, "x", "1.00"),
        ("a", 3, "x", "7.00"),
        ("a", 5, "y", "9.00"),
    ]
    assert (merged.inserted, merged.replaced, merged.unchanged, merged.removed) == (
        {"spend": 1},
        {"spend": 1},
        {"spend": 1},
        {"spend": 1},
    )


def test_rows_beyond_the_days_and_of_other_values_stay(warehouse: Warehouse) -> None:
    others = [
        spent(2, "x", "1", channel="Google"),
        spent(3, "x", "2", local_date=date(2026, 2, 28)),
        spent(3, "x", "3", local_date=date(2026, 3, 29)),
    ]
    warehouse.merge(batch("a", spend=[*others, spent(2, "x", "9")]))
    warehouse.merge(batch("a", BRUNO, spend=[spent(2, "x", "8")]))
    merged = warehouse.merge(stating("b", META))
    assert merged.removed == {"spend": 1}
    assert [row[3] for row in amounts(warehouse)] == ["2.00", "1.00", "3.00", "8.00"]


def test_unchanged_days_read_again_change_no_row_and_no_version(warehouse: Warehouse) -> None:
    rows = [spent(2, "x", "1"), spent(3, "x", "2", attributed_revenue=Decimal("4.5"))]
    warehouse.merge(stating("a", META, spend=rows))
    before, versions = rows_of(warehouse, SPEND, without=()), warehouse.versions((ALMA.shop_id,))
    merged = warehouse.merge(stating("b", META, spend=[row | {"revision": 6} for row in rows]))
    assert merged.unchanged == {"spend": 2}
    assert rows_of(warehouse, SPEND, without=()) == before
    assert warehouse.versions((ALMA.shop_id,)) == versions
    warehouse.merge(stating("c", META, spend=rows[:1]))
    assert warehouse.versions((ALMA.shop_id,))["spend"] == versions["spend"] + 1


def test_a_value_that_becomes_null_is_another_content(warehouse: Warehouse) -> None:
    warehouse.merge(
        stating("a", META, spend=[spent(2, "x", "1", attributed_revenue=Decimal("4.5"))])
    )
    merged = warehouse.merge(stating("b", META, spend=[spent(2, "x", "1")]))
    assert merged.replaced == {"spend": 1}
    assert rows_of(warehouse, SPEND)[0]["attributed_revenue"] is None


def test_several_spans_of_several_tables(warehouse: Warehouse) -> None:
    hour = {
        "local_at": at("2026-03-02T10:00"),
        "local_date": date(2026, 3, 2),
        "channel": "Mail",
        "country": "DE",
        **dict.fromkeys(("product_views", "add_to_cart", "reached_checkout", "purchases"), 0),
        "revision": 1,
    }
    cost = {
        "cost_id": "c1",
        "local_date": date(2026, 3, 2),
        "kind": "shipping",
        "amount": Decimal(4),
        "revision": 1,
    }
    stock = {"product_id": "tea", "local_date": date(2026, 3, 2), "available": 3, "revision": 1}
    rows = {"sessions": [hour | {"sessions": 3}], "costs": [cost], "inventory": [stock]}
    warehouse.merge(batch("a", **rows, spend=[spent(2, "x", "1"), spent(9, "x", "2")]))
    days = (date(2026, 3, 2), date(2026, 3, 2))
    merged = warehouse.merge(
        stating(
            "b",
            Span("sessions", *days, {"channel": "Mail", "country": "DE"}),
            Span("costs", *days, {"kind": "shipping"}),
            Span("inventory", *days),
            Span("spend", *days),
            Span("spend", date(2026, 3, 9), date(2026, 3, 9)),
            sessions=[hour | {"sessions": 4}],
            spend=[spent(9, "x", "2")],
        )
    )
    assert merged.removed == {"sessions": 0, "costs": 1, "inventory": 1, "spend": 1}
    assert [row["sessions"] for row in rows_of(warehouse, SESSIONS)] == [4]
    assert rows_of(warehouse, COSTS) == rows_of(warehouse, INVENTORY) == []
    assert amounts(warehouse) == [("a", 9, "x", "2.00")]


def test_a_row_that_moves_into_the_span_leaves_its_former_day(warehouse: Warehouse) -> None:
    cost = {
        "cost_id": "c1",
        "local_date": date(2026, 2, 2),
        "kind": "shipping",
        "amount": Decimal(4),
        "revision": 9,
    }
    warehouse.merge(batch("a", costs=[cost]))
    moved = cost | {"local_date": date(2026, 3, 2)}
    merged = warehouse.merge(stating("b", Span("costs", FIRST, LAST), costs=[moved]))
    assert merged.replaced == {"costs": 1}
    assert [row["local_date"] for row in rows_of(warehouse, COSTS)] == [date(2026, 3, 2)]


@pytest.mark.parametrize(
    ("span", "row", "words"),
    [
        (META, spent(29, "x", "1"), ["spend", "1 rows", "outside"]),
        (META, spent(2, "x", "1", channel="Google"), ["spend", "outside"]),
        (Span("sales", FIRST, LAST), None, ["sales"]),
        (Span("customers", FIRST, LAST), None, ["customers"]),
        (Span("spend", LAST, FIRST), None, ["2026-03-28"]),
        (Span("spend", FIRST, LAST, {"colour": "red"}), None, ["colour"]),
        (Span("spend", FIRST, LAST, {"amount": "1"}), None, ["amount"]),
        (Span("spend", FIRST, LAST, {"shop_id": "brunos-bikes"}), None, ["shop_id"]),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(
    duckdb_warehouse: Warehouse, span: Span, row: dict[str, Any] | None, words: list[str]
) -> None:
    duckdb_warehouse.merge(batch("a", spend=[spent(2, "x", "1")]))
    with pytest.raises(Refused) as refusal:
        duckdb_warehouse.merge(stating("b", span, spend=[row] if row else []))
    assert all(word in str(refusal.value) for word in words)
    assert amounts(duckdb_warehouse) == [("a", 2, "x", "1.00")]
