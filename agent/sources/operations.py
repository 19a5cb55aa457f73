"""What whoever runs the house does with its rows: check, rebuild, forget what is old."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agent import quality
from agent.errors import NotConfigured, Refused
from agent.ports import Batch, Shop, Span
from agent.sources.connectors import Keeping, Link, Synced, Watch, connector
from agent.warehouse.schema import ORDERS, SESSIONS, SPEND
from agent.words import n, t

if TYPE_CHECKING:
    from agent.records.checks import Finding
    from agent.services import Services

SOURCE = "retention"
SPANNED = (SESSIONS.name, SPEND.name)
LONGEST_MONTHS = 1200


@dataclass(frozen=True)
class Rebuilt:
    """What each connection that keeps documents brought again, by its name; what was found
    afterwards. `derived_only` says that there were no documents: only what follows from the ledger
    was made anew."""

    shop_id: str
    synced: dict[str, Synced]
    findings: tuple[Finding, ...]

    @property
    def derived_only(self) -> bool:
        return not self.synced

    def sentences(self) -> list[str]:
        said = [
            n(
                "{name}: {count:,} order read again, {changed:,} rows changed.",
                "{name}: {count:,} orders read again, {changed:,} rows changed.",
                done.read,
                name=name,
                count=done.read,
                changed=done.changed,
            )
            for name, done in self.synced.items()
        ]
        if self.derived_only:
            said.append(
                t(
                    "No connection of {shop} keeps its documents: customers and the sums of days"
                    " were made anew from the ledger.",
                    shop=self.shop_id,
                )
            )
        return [*said, *sentences(self.findings)]


@dataclass(frozen=True)
class Forgotten:
    """What was older than a day, and is gone: rows by table, and files of documents."""

    before: date
    rows: dict[str, int]
    files: int

    def sentences(self) -> list[str]:
        named = ", ".join(f"{name} {count:,}" for name, count in self.rows.items()) or t("none")
        return [
            t("Rows from before {day} removed: {rows}.", day=self.before, rows=named),
            n("{count:,} file removed.", "{count:,} files removed.", self.files, count=self.files),
        ]


def sentences(findings: tuple[Finding, ...]) -> list[str]:
    """What did not pass, or that all did."""
    bad = [f"{one.outcome}: {one.message}" for one in findings if one.outcome != "passed"]
    good = len(findings) - len(bad)
    return [*bad, n("{count} check passed.", "{count} checks passed.", good, count=good)]


def inspect(services: Services, shop_id: str = "") -> dict[str, tuple[Finding, ...]]:
    """Check all rows of a shop, without one of every shop."""
    shops = [services.shop(shop_id)] if shop_id else services.warehouse.shops()
    return {s.shop_id: quality.check(services, s.shop_id, first=date.min) for s in shops}


def rebuild(services: Services, shop_id: str, watch: Watch | None = None) -> Rebuilt:
    """Read all kept documents of a shop again, and make anew what follows from its ledger. Raises
    NotFound and Failure."""
    shop = services.shop(shop_id)
    synced = {
        link.connection.name: room.rebuild(link)
        for room, link in _keeping(services, shop, watch or Watch())
    }
    services.warehouse.rederive(shop.shop_id)
    return Rebuilt(shop.shop_id, synced, quality.check(services, shop.shop_id, first=date.min))


def forget_old(services: Services, keep_months: int, *, ledger: bool = False) -> Forgotten:
    """Remove documents, visits and spend from before the last months; orders and their sales only
    with `ledger`: such an order comes back only where the shop changes it. Raises Refused."""
    if not 1 <= keep_months <= LONGEST_MONTHS:
        raise Refused(t("Keep at least one month."), hint=t("Such as --keep-months 36."))
    today = services.clock.now().date()
    before = _months_before(today, keep_months)
    rows: dict[str, int] = {}
    files = 0
    for shop in services.warehouse.shops():
        for name, count in _forgotten(services, shop, before, ledger=ledger).items():
            rows[name] = rows.get(name, 0) + count
        moment = datetime.combine(before, time(), ZoneInfo("UTC"))
        files += sum(room.prune(link, moment) for room, link in _keeping(services, shop, Watch()))
    return Forgotten(before, {name: count for name, count in rows.items() if count}, files)


def _forgotten(services: Services, shop: Shop, before: date, *, ledger: bool) -> dict[str, int]:
    last = before - timedelta(days=1)
    batch = Batch(
        shop,
        SOURCE,
        f"{SOURCE}:{uuid.uuid4().hex}",
        {},
        spans=tuple(Span(name, date.min, last) for name in SPANNED),
        gone=_old_orders(services, shop, before) if ledger else {},
        summary={"before": before.isoformat(), "ledger": ledger},
    )
    return dict(services.warehouse.merge(batch).removed)


def _old_orders(services: Services, shop: Shop, before: date) -> dict[str, int]:
    """Orders placed before a day, at their revision."""
    own = sa.and_(ORDERS.c.shop_id == shop.shop_id, ORDERS.c.local_date < before)
    found = services.warehouse.read(sa.select(ORDERS.c.order_id, ORDERS.c.revision).where(own))
    return dict(zip(found["order_id"].to_pylist(), found["revision"].to_pylist(), strict=True))


def _keeping(services: Services, shop: Shop, watch: Watch) -> Iterator[tuple[Keeping, Link]]:
    """The shop's connections that keep their documents."""
    for connection in services.records.connections.all():
        if connection.shop_id != shop.shop_id:
            continue
        try:
            room = connector(connection.kind)
        except NotConfigured:
            continue
        if isinstance(room, Keeping):
            yield room, Link(services, connection, watch, anew=True)


def _months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months back."""
    place = day.year * 12 + day.month - 1 - months
    return date(max(place // 12, 1), place % 12 + 1, 1)
