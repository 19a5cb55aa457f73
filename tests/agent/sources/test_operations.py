"""What whoever runs the house does with its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.errors import NotFound, Refused
from agent.records.connections import Connection
from agent.scheduling.job import JobContext
from agent.scheduling.quality import JOB
from agent.sources import connectors, operations, taking
from agent.sources.base import ImportOptions
from agent.sources.connectors import Link, Synced
from agent.warehouse.schema import DAILY_SALES, ORDERS, SALES, SESSIONS, SPEND
from tests.agent.warehouse.shop import ALMA, at, batch, order, rows_of, sale

if TYPE_CHECKING:
    from agent.services import Services
    from tests.clock import FrozenClock

GIFTS = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom
"""


@dataclass
class Keeps:
    """A connector that keeps one document: an order with a sale of what is told."""

    gross: str = "5"
    pruned: list[datetime] = field(default_factory=list)

    def rebuild(self, link: Link) -> Synced:
        made = batch("kept", orders=[order("1", "anna", OLD)], sales=[sale("1:a", "1", self.gross)])
        done = link.merge(replace(made, whole_orders=True))
        return Synced(1, sum(done.replaced.values()))

    def prune(self, link: Link, before: datetime) -> int:
        self.pruned.append(before)
        return 3

    def discard(self, link: Link) -> int:
        raise AssertionError("nobody removes it here")


OLD, NEW = "2026-03-01T10:00", "2026-11-01T10:00"


@pytest.fixture
def keeps(monkeypatch: pytest.MonkeyPatch) -> Keeps:
    room = Keeps()
    monkeypatch.setattr(
        operations, "connector", lambda kind: room if kind == "shopify" else object()
    )
    return room


def connected(services: Services) -> None:
    for kind, shop in (("shopify", ALMA.shop_id), ("http", ALMA.shop_id), ("shopify", "another")):
        services.records.connections.add(Connection("", kind, f"{kind} of {shop}", shop))


def visits(when: str) -> dict[str, Any]:
    counts = dict.fromkeys(("product_views", "add_to_cart", "reached_checkout", "purchases"), 0)
    own = {"local_at": at(when), "local_date": at(when).date(), "channel": "Mail", "country": "DE"}
    return own | counts | {"sessions": 3, "revision": 1}


def spent(when: str) -> dict[str, Any]:
    own = {"local_date": at(when).date(), "channel": "Meta", "campaign": "x"}
    return own | {"amount": Decimal(5), "impressions": 1, "clicks": 1, "revision": 1}


def filled(services: Services) -> None:
    services.warehouse.merge(
        batch(
            "a",
            orders=[order("1", "anna", OLD), order("2", "anna", NEW)],
            sales=[sale("1:a", "1", "9", when=OLD), sale("2:a", "2", "7", when=NEW)],
            sessions=[visits(OLD), visits(NEW)],
            spend=[spent(OLD), spent(NEW)],
        )
    )


def test_a_rebuild_reads_kept_documents_by_the_rules_of_today(
    services: Services, keeps: Keeps
) -> None:
    connected(services)
    filled(services)
    done = operations.rebuild(services, ALMA.shop_id)
    assert [row["gross"] for row in rows_of(services.warehouse, SALES)] == [Decimal(5), Decimal(7)]
    assert list(done.synced) == [f"shopify of {ALMA.shop_id}"]
    assert "1 order read again, 1 rows changed." in done.sentences()[0]
    assert {one.outcome for one in done.findings} == {"passed"}
    assert (
        operations.rebuild(services, ALMA.shop_id).synced[f"shopify of {ALMA.shop_id}"].changed == 0
    )


def test_without_documents_only_what_is_derived_is_made_anew(services: Services) -> None:
    filled(services)
    days = rows_of(services.warehouse, DAILY_SALES)
    done = operations.rebuild(services, ALMA.shop_id)
    assert done.derived_only
    assert "No connection of almas-tea keeps its documents" in done.sentences()[0]
    assert rows_of(services.warehouse, DAILY_SALES) == days
    with pytest.raises(NotFound):
        operations.rebuild(services, "nobody")


def test_what_is_old_goes_and_the_ledger_stays(
    services: Services, clock: FrozenClock, keeps: Keeps
) -> None:
    connected(services)
    filled(services)
    clock.set(datetime(2026, 11, 17, tzinfo=UTC))
    done = operations.forget_old(services, 2)
    assert done.before == date(2026, 9, 1)
    assert (done.rows, done.files) == ({"sessions": 1, "spend": 1}, 3)
    assert keeps.pruned == [datetime(2026, 9, 1, tzinfo=UTC)]
    for table in (SESSIONS, SPEND):
        assert [row["local_date"].month for row in rows_of(services.warehouse, table)] == [11]
    assert len(rows_of(services.warehouse, ORDERS)) == len(rows_of(services.warehouse, SALES)) == 2
    assert "sessions 1, spend 1" in done.sentences()[0]


def test_the_ledger_goes_when_asked_and_does_not_come_back(services: Services) -> None:
    filled(services)
    assert operations.forget_old(services, 2, ledger=True).rows["orders"] == 1
    services.warehouse.merge(batch("again", orders=[order("1", "anna", OLD)]))
    assert [row["order_id"] for row in rows_of(services.warehouse, ORDERS)] == ["2"]
    assert operations.forget_old(services, 2, ledger=True).rows == {}


@pytest.mark.parametrize("months", [0, -1, 5000])
def test_months_that_cannot_be_kept(services: Services, months: int) -> None:
    with pytest.raises(Refused):
        operations.forget_old(services, months)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-11-17", 1, "2026-10-01"),
        ("2026-01-31", 1, "2025-12-01"),
        ("2026-03-31", 14, "2025-01-01"),
    ],
)
def test_the_first_month_that_is_kept(day: str, months: int, before: str) -> None:
    assert operations._months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


def test_shopify_keeps_its_documents() -> None:
    assert isinstance(connectors.connector("shopify"), connectors.Keeping)


def test_an_imported_file_is_checked(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "gifts.csv"
    path.write_text(GIFTS)
    options = ImportOptions("", "Gift Shop", "GBP", "Europe/London")
    taking.take(services, path, options, lambda step: None)
    kept = services.records.checks.all(("gift-shop",))
    assert {one.outcome for one in kept} == {"passed"}
    assert kept


def test_every_night_all_rows_of_every_shop_are_checked(services: Services) -> None:
    filled(services)
    services.warehouse.merge(batch("b", sales=[sale("x:a", "x", "9", when=OLD)]))
    done = JOB.run(services, JobContext("run", "quality", "2026-11-17T04:20"))
    assert done.message.startswith("1 check failed.")
    assert done.message.endswith("checks passed.")
    (failed,) = [c for c in services.records.checks.all((ALMA.shop_id,)) if c.outcome == "failed"]
    assert (failed.check_name, failed.table_name) == ("orphans", "sales")
