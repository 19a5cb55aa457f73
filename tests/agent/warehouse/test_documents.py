"""Orders as whole documents, in both warehouses: whatever comes in whatever order, the newest
document of each order is what stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from agent.errors import Refused
from agent.ports import Batch, Merged, Shop, Warehouse
from agent.warehouse import writing
from agent.warehouse.schema import CUSTOMER_DAYS, CUSTOMERS, DAILY_SALES, ORDERS, SALES
from tests.agent.warehouse.shop import (
    ALMA,
    BRUNO,
    batch,
    customers,
    everything,
    order,
    places,
    rows_of,
    sale,
)

DAY = "2026-03-02T10:00"
LATER = "2026-03-05T10:00"


@dataclass(frozen=True)
class Document:
    """An order at a revision with its ledger rows, name -> (gross, moment); `gone`: its
    deletion."""

    order_id: str
    revision: int
    rows: tuple[tuple[str, str, str], ...] = ()
    customer: str | None = "anna"
    placed: str = DAY
    country: str = "DE"
    gone: bool = False


def arriving(fingerprint: str, *documents: Document, shop: Shop = ALMA) -> Batch:
    live = [one for one in documents if not one.gone]
    orders = [
        order(o.order_id, o.customer, o.placed, revision=o.revision, country=o.country)
        for o in live
    ]
    sales = [
        sale(f"{o.order_id}:{name}", o.order_id, gross, when=when, revision=o.revision)
        for o in live
        for name, gross, when in o.rows
    ]
    made = batch(fingerprint, shop, **({"orders": orders, "sales": sales} if live else {}))
    gone = {one.order_id: one.revision for one in documents if one.gone}
    return replace(made, whole_orders=True, gone=gone)


def merged(warehouse: Warehouse, *documents: Document, name: str = "") -> Merged:
    return warehouse.merge(arriving(name or repr(documents), *documents))


def state(warehouse: Warehouse, shop: Shop = ALMA) -> dict[str, list[Any]]:
    """The ledger and all that is derived from it, without the names of batches."""
    return {
        table.name: sorted(
            (
                {key: value for key, value in row.items() if key != "shop_id"}
                for row in rows_of(warehouse, table)
                if row["shop_id"] == shop.shop_id
            ),
            key=repr,
        )
        for table in (ORDERS, SALES, CUSTOMERS, DAILY_SALES, CUSTOMER_DAYS)
    }


def gross(warehouse: Warehouse) -> dict[str, str]:
    return {row["sale_id"]: f"{row['gross']:.0f}" for row in rows_of(warehouse, SALES)}


def test_a_newer_document_takes_the_place_of_all_rows(warehouse: Warehouse) -> None:
    rows = (("a", "5", DAY), ("b", "7", LATER))
    merged(warehouse, Document("1", 5, rows), Document("2", 5, rows))
    done = merged(warehouse, Document("1", 6, (("a", "6", DAY), ("c", "9", DAY))))
    assert gross(warehouse) == {"1:a": "6", "1:c": "9", "2:a": "5", "2:b": "7"}
    assert done.inserted == {"orders": 0, "sales": 1}
    assert done.replaced == {"orders": 1, "sales": 1}
    assert done.removed == {"orders": 0, "sales": 1}
    days = sorted((r["local_date"].day, r["gross"]) for r in rows_of(warehouse, DAILY_SALES))
    assert days == [(2, Decimal(5)), (2, Decimal(15)), (5, Decimal(7))]


def test_an_order_may_lose_all_its_rows(warehouse: Warehouse) -> None:
    merged(warehouse, Document("1", 5, (("a", "5", LATER),)))
    only = batch("b", orders=[order("1", "anna", DAY, revision=6)])
    assert warehouse.merge(replace(only, whole_orders=True)).removed["sales"] == 1
    assert gross(warehouse) == {}
    assert rows_of(warehouse, DAILY_SALES) == []


def test_an_older_document_that_arrives_late_changes_nothing(warehouse: Warehouse) -> None:
    merged(warehouse, Document("1", 6, (("a", "6", DAY),), customer="ben"))
    before, versions = everything(warehouse), warehouse.versions((ALMA.shop_id,))
    late = Document("1", 5, (("a", "5", DAY), ("b", "7", LATER)))
    done = merged(warehouse, late)
    assert done.unchanged == {"orders": 1, "sales": 2}
    assert everything(warehouse) == before
    assert warehouse.versions((ALMA.shop_id,)) == versions
    done = merged(warehouse, late, Document("2", 1, (("a", "1", DAY),)), name="with another")
    assert done.unchanged == {"orders": 1, "sales": 2}
    assert done.inserted == {"orders": 1, "sales": 1}
    assert gross(warehouse) == {"1:a": "6", "2:a": "1"}


def test_the_same_document_again_changes_nothing(warehouse: Warehouse) -> None:
    one = Document("1", 6, (("a", "6", DAY), ("b", "7", LATER)))
    merged(warehouse, one)
    before, versions = everything(warehouse), warehouse.versions((ALMA.shop_id,))
    assert merged(warehouse, one, name="again").unchanged == {"orders": 1, "sales": 2}
    assert everything(warehouse) == before
    assert warehouse.versions((ALMA.shop_id,)) == versions


def test_two_versions_of_an_order_in_one_batch_are_its_newest(warehouse: Warehouse) -> None:
    old = Document("1", 5, (("a", "5", DAY), ("b", "7", LATER)))
    merged(warehouse, Document("1", 6, (("a", "6", DAY),)), old)
    assert gross(warehouse) == {"1:a": "6"}


def test_a_sale_without_its_order_is_refused_where_orders_are_whole(
    duckdb_warehouse: Warehouse,
) -> None:
    lone = replace(batch("a", orders=[], sales=[sale("9:a", "9", "1")]), whole_orders=True)
    with pytest.raises(Refused, match="'9'"):
        duckdb_warehouse.merge(lone)


def test_a_row_of_another_orders_key_is_still_one_row(warehouse: Warehouse) -> None:
    """Keys that do not begin with their order's may stand under another order already."""
    warehouse.merge(batch("a", orders=[order("1", None, DAY)], sales=[sale("x", "1", "5")]))
    moved = batch(
        "b",
        orders=[order("2", None, DAY, revision=2)],
        sales=[sale("x", "2", "6", revision=2)],
    )
    warehouse.merge(replace(moved, whole_orders=True))
    assert [(row["sale_id"], row["order_id"]) for row in rows_of(warehouse, SALES)] == [("x", "2")]


def test_a_deleted_order_is_gone_with_all_that_came_of_it(warehouse: Warehouse) -> None:
    rows = (("a", "5", DAY), ("b", "7", LATER))
    merged(warehouse, Document("1", 5, rows), Document("2", 5, rows, placed=LATER))
    versions = warehouse.versions((ALMA.shop_id,))
    done = merged(warehouse, Document("1", 5, gone=True))
    assert done.removed == {"orders": 1, "sales": 2}
    assert places(warehouse) == {"2": 1}
    assert customers(warehouse) == [("anna", "2026-03-05 10:00", None, 1)]
    kinds = {row["customer_kind"] for row in rows_of(warehouse, DAILY_SALES)}
    assert kinds == {"new"}
    raised = {n for n, v in warehouse.versions((ALMA.shop_id,)).items() if v > versions[n]}
    assert raised == {"orders", "sales", "customers"}


def test_a_deleted_order_comes_back_only_as_a_newer_one(warehouse: Warehouse) -> None:
    rows = (("a", "5", DAY),)
    merged(warehouse, Document("1", 7, gone=True))
    versions = warehouse.versions((ALMA.shop_id,))
    for revision in (6, 7):
        done = merged(warehouse, Document("1", revision, rows))
        assert done.unchanged == {"orders": 1, "sales": 1}
    plain = batch("plain", orders=[order("1", "anna", DAY)], sales=[sale("1:a", "1", "5")])
    assert warehouse.merge(plain).unchanged == {"orders": 1, "sales": 1}
    assert not any(state(warehouse).values())
    assert warehouse.versions((ALMA.shop_id,)) == versions
    merged(warehouse, Document("1", 8, rows))
    assert gross(warehouse) == {"1:a": "5"}


def test_a_deletion_that_is_older_than_the_order_changes_nothing(warehouse: Warehouse) -> None:
    merged(warehouse, Document("1", 8, (("a", "5", DAY),)))
    before = state(warehouse)
    assert merged(warehouse, Document("1", 7, gone=True)).removed == {"orders": 0, "sales": 0}
    assert state(warehouse) == before


def test_the_earlier_of_two_deletions_does_not_lower_the_later(warehouse: Warehouse) -> None:
    for revision in (7, 3):
        merged(warehouse, Document("1", revision, gone=True))
    merged(warehouse, Document("1", 5))
    assert rows_of(warehouse, ORDERS) == []


def test_a_deletion_in_one_shop_leaves_the_same_order_of_another(warehouse: Warehouse) -> None:
    one = Document("1", 5, (("a", "5", DAY),))
    warehouse.merge(arriving("a", one, shop=BRUNO))
    merged(warehouse, one)
    merged(warehouse, Document("1", 9, gone=True))
    assert state(warehouse, BRUNO)["orders"] != []
    warehouse.merge(arriving("b", replace(one, revision=6), shop=BRUNO))
    assert state(warehouse, BRUNO)["orders"][0]["revision"] == 6


def test_deletions_outlive_a_backup(warehouse: Warehouse, tmp_path: Any) -> None:
    merged(warehouse, Document("1", 7, gone=True))
    warehouse.backup(str(tmp_path / "copy"))
    warehouse.restore(str(tmp_path / "copy"))
    merged(warehouse, Document("1", 5))
    assert rows_of(warehouse, ORDERS) == []


def story(dice: Random) -> list[Document]:
    """Documents of a few orders, each at several revisions; some end deleted, a few come back.
    A revision of an order is always the same document."""
    told = []
    for number in range(6):
        for revision in range(1, dice.randrange(2, 6)):
            rows = tuple(
                (name, str(dice.randrange(1, 90)), f"2026-03-{dice.randrange(1, 7):02}T10:00")
                for name in "abcd"
                if dice.random() < 0.6
            )
            told.append(
                Document(
                    str(number),
                    revision,
                    rows,
                    customer=dice.choice(["anna", "ben", None]),
                    placed=f"2026-03-{dice.randrange(1, 7):02}T1{dice.randrange(3)}:00",
                    country=dice.choice(["DE", "AT"]),
                    gone=dice.random() < 0.15,
                )
            )
    return told


def last_of_each(documents: Iterable[Document]) -> list[Document]:
    newest = {one.order_id: one for one in sorted(documents, key=lambda one: one.revision)}
    return [one for one in newest.values() if not one.gone]


@pytest.mark.parametrize(("seed", "few"), [(seed, few) for seed in range(3) for few in (0, 40)])
def test_in_any_order_and_doubled_the_newest_documents_are_what_stands(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(writing, "FEW", few)
    dice = Random(seed)
    told = story(dice)
    heard = [*told, *dice.sample(told, len(told) // 3)]
    dice.shuffle(heard)
    turn = 0
    while heard:
        turn += 1
        count = dice.choice([1, 1, 2, 5])
        together = heard[:count]
        heard = heard[count:]
        warehouse.merge(arriving(f"turn {turn}", *together))
    warehouse.merge(arriving("at once", *last_of_each(told), shop=BRUNO))
    assert state(warehouse, ALMA) == state(warehouse, BRUNO)


def test_documents_read_anew_replace_rows_of_the_same_revision(warehouse: Warehouse) -> None:
    merged(warehouse, Document("1", 5, (("a", "5", DAY), ("b", "7", LATER))), Document("2", 6))
    versions = warehouse.versions((ALMA.shop_id,))
    other = arriving("b", Document("1", 5, (("a", "6", DAY),)), Document("2", 5, country="AT"))
    assert warehouse.merge(other).replaced["sales"] == 0
    assert warehouse.versions((ALMA.shop_id,)) == versions
    done = warehouse.merge(replace(other, fingerprint="c", anew=True))
    assert (done.replaced, done.removed) == ({"orders": 0, "sales": 1}, {"orders": 0, "sales": 1})
    assert gross(warehouse) == {"1:a": "6"}
    assert {row["country"] for row in rows_of(warehouse, ORDERS)} == {"DE"}
    again = warehouse.merge(replace(other, fingerprint="d", anew=True))
    assert (again.replaced["sales"], again.unchanged["sales"]) == (0, 1)


def test_what_is_derived_can_be_made_anew(warehouse: Any) -> None:
    rows = (("a", "5", DAY), ("b", "7", LATER))
    merged(warehouse, Document("1", 5, rows), Document("2", 5, rows, customer=None))
    warehouse.merge(arriving("b", Document("1", 5, rows), shop=BRUNO))
    before, other = state(warehouse), state(warehouse, BRUNO)
    versions = warehouse.versions((ALMA.shop_id,))
    shop = (ALMA.shop_id,) if warehouse.dialect == "postgresql" else ()
    with warehouse._transaction(*shop) as inside:
        for table in ("customers", "daily_sales", "customer_days"):
            inside.run(f"DELETE FROM {table} WHERE shop_id = :shop", shop=ALMA.shop_id)
        inside.run("UPDATE orders SET order_index = 9 WHERE shop_id = :shop", shop=ALMA.shop_id)
    assert state(warehouse) != before
    warehouse.rederive(ALMA.shop_id)
    assert state(warehouse) == before
    assert state(warehouse, BRUNO) == other
    raised = {n for n, v in warehouse.versions((ALMA.shop_id,)).items() if v > versions[n]}
    assert raised == {"orders", "sales", "customers"}
