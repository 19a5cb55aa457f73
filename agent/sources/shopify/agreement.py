"""The ledger beside Shopify's own sales report, day by day and component by component.

A difference gets the reason that explains it to the cent: the day lies outside what was read, gift
cards, refunds, or an order that was edited late and is read again on the spot. What nothing
explains says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agent.errors import Refused, Unavailable
from agent.records.checks import Agreement
from agent.sources.connectors import Link
from agent.sources.shopify import gone, hooks, orders, sessions
from agent.sources.shopify.bulk import Window
from agent.sources.shopify.client import Client, client_of
from agent.warehouse.schema import ORDERS, SALES
from agent.words import t

OURS: Mapping[str, str] = {
    "gross_sales": "gross_sales",
    "discounts": "discounts",
    "returns": "sales_reversals",
    "net_sales": "net_sales",
    "taxes": "taxes",
    "shipping_charges": "shipping",
    "total_sales": "total_sales",
    "orders": "orders",
}
"""Shopify's column -> our metric."""

STATEMENT = (
    f"FROM sales SHOW {', '.join(OURS)} TIMESERIES day SINCE {{first}} UNTIL {{last}}"
    " ORDER BY day ASC"
)
SCOPE = "read_reports"
DAYS = 412
AT_ONCE = 365
REREAD = 31
"""Days back, at most, from which changed orders are read again."""

WINDOW, GIFT_CARD, REFUND = "window", "gift card", "refund"
LATE, UNKNOWN = "late change", "unexplained"
COUNTED = {"orders"}
SOLD = {"gross_sales", "net_sales", "total_sales", *COUNTED}
FOLLOWS = {"returns", "net_sales", "total_sales", "taxes", "shipping_charges"}
ZERO = Decimal(0)
Day = Mapping[str, Decimal]
Table = dict[date, Mapping[str, Decimal]]


@dataclass(frozen=True)
class Summary:
    """`equal` of `days` days agree in every component; `worst` is the largest difference left;
    `reasons` counts days. `outside` are days that do not count: not all of them was read."""

    days: int
    equal: int
    worst: Decimal
    reasons: Mapping[str, int]
    at: datetime | None
    outside: int = 0

    @property
    def text(self) -> str:
        """As a person reads it."""
        if not self.days:
            return t("Not compared yet.")
        if self.equal == self.days:
            return t("Matches to 0.00 on {count} of {days} days.", count=self.equal, days=self.days)
        return t(
            "Matches to 0.00 on {count} of {days} days; the largest difference is {worst:,.2f}.",
            count=self.equal,
            days=self.days,
            worst=self.worst,
        )


def compare(link: Link, first: date | None = None, last: date | None = None) -> Summary:
    """Compare whole days, by default all that were read, and keep what was found. Raises Failure;
    Denied where the app may not read reports."""
    services, shop = link.services, link.shop
    yesterday = services.today(shop) - timedelta(days=1)
    begins, cut = _history(link)
    last = min(last or yesterday, yesterday)
    first = max(first or date.min, begins or date.min, yesterday - timedelta(days=DAYS - 1))
    if first > last:
        raise Refused(t("There is no whole day to compare yet."))
    client = client_of(link)
    compared = _Compared(client, begins if cut else None)
    found = compared.between(first, last)
    services.records.agreements.keep(found)
    return summary(services.records.agreements.all(link.connection.connection_id))


def summary(kept: Sequence[Agreement]) -> Summary:
    """What was found last, over all days that were compared."""
    days: dict[str, bool] = {}
    why: dict[str, set[str]] = {}
    worst, at = Decimal(0), None
    outside = {one.local_date for one in kept if one.reason == WINDOW}
    for one in kept:
        if one.local_date in outside:
            continue
        same = Decimal(one.ours) == Decimal(one.theirs)
        days[one.local_date] = days.get(one.local_date, True) and same
        at = max(filter(None, (at, one.at)), default=None)
        if not same:
            worst = max(worst, abs(Decimal(one.ours) - Decimal(one.theirs)))
        if one.reason:
            why.setdefault(one.reason, set()).add(one.local_date)
    reasons = {reason: len(found) for reason, found in why.items()}
    return Summary(len(days), sum(days.values()), worst, reasons, at, len(outside))


@dataclass(frozen=True)
class _Compared:
    client: Client
    begins: date | None

    @property
    def link(self) -> Link:
        return self.client.link

    def between(self, first: date, last: date) -> list[Agreement]:
        theirs = self._theirs(first, last)
        ours = self._ours(first, last)
        gifts = self._gifts(first, last)
        apart = _apart(ours, theirs)
        reasons = self._reasons(apart, gifts)
        unsolved = [day for day, reason in reasons.items() if reason == UNKNOWN]
        # Both, whatever the first one brings.
        if unsolved and self._without_deleted(unsolved) | self._read_again(unsolved):
            ours = self._ours(first, last)
            apart = _apart(ours, theirs)
            late = [day for day in unsolved if day not in apart]
            reasons = self._reasons(apart, gifts) | dict.fromkeys(late, LATE)
        for day, row in apart.items():
            if reasons[day] == UNKNOWN and self._is_older(row):
                reasons[day] = WINDOW
        return [
            one
            for day in sorted(theirs)
            for one in self._rows(day, ours.get(day, {}), theirs[day], reasons.get(day, ""))
        ]

    def _rows(self, day: date, ours: Day, theirs: Day, reason: str) -> list[Agreement]:
        rows = []
        for name in OURS:
            mine, other = ours.get(name, ZERO), theirs.get(name, ZERO)
            why = reason if mine != other or reason == LATE else ""
            key = self.link.connection.connection_id
            rows.append(Agreement(key, day.isoformat(), name, str(mine), str(other), why))
        return rows

    def _reasons(self, apart: Table, gifts: Mapping[date, Decimal]) -> dict[date, str]:
        """Why each day that differs does."""
        moved = Counter(row["returns"] for row in apart.values() if row.get("returns"))
        return {day: self._reason(day, row, gifts, moved) for day, row in apart.items()}

    def _reason(
        self, day: date, row: Day, gifts: Mapping[date, Decimal], moved: Mapping[Decimal, int]
    ) -> str:
        """`row` is ours less theirs, of the components that differ."""
        if self.begins is not None and day <= self.begins:
            return WINDOW
        gift = gifts.get(day)
        if (
            gift
            and set(row) <= SOLD
            and {abs(row[name]) for name in set(row) - COUNTED} == {abs(gift)}
        ):
            return GIFT_CARD
        back = row.get("returns")
        # The same refund, which stands on another day there.
        if back and set(row) <= FOLLOWS and row.get("net_sales") == back and moved.get(-back):
            return REFUND
        return UNKNOWN

    def _is_older(self, row: Day) -> bool:
        """Whether a day differs only by what became later of orders from before what was read:
        they were asked for anew, and did not come."""
        back = row.get("returns")
        alone = set(row) <= FOLLOWS and row.get("net_sales") == back
        return self.begins is not None and bool(back) and alone

    def _read_again(self, days: Sequence[date]) -> bool:
        """Read again what was changed since the first of these days: an order that was edited may
        have come too late. Whether anything did."""
        services, zone = self.link.services, ZoneInfo(self.link.shop.timezone)
        now = services.clock.now()
        recent = [day for day in days if day > now.date() - timedelta(days=REREAD)]
        if not recent:
            return False
        first = min(recent)
        begin = datetime(first.year, first.month, first.day, tzinfo=zone)
        sees_all = self.link.state("history").get("sees_all") is True
        reader = orders.Orders(self.client, now, sees_all)
        return bool(reader.between(Window(begin, now, "updated_at")).changed)

    def _without_deleted(self, days: Sequence[date]) -> bool:
        """Orders of these days that the shop does not have any more are removed: nobody called
        about their deletion. Whether there were any."""
        mine = sa.and_(
            ORDERS.c.shop_id == self.link.shop.shop_id, ORDERS.c.local_date.in_(days[-REREAD:])
        )
        rows = self.link.services.warehouse.read(sa.select(ORDERS.c.order_id).where(mine))
        _, absent = orders.fetch(self.client, rows["order_id"].to_pylist())
        found = gone.deleted(self.link, absent)
        hooks.removed(self.link, found)
        return bool(found)

    def _theirs(self, first: date, last: date) -> Table:
        found: Table = {}
        for start, end in _parts(first, last):
            for row in sessions.table(self.client, STATEMENT.format(first=start, last=end)):
                found[date.fromisoformat(row["day"][:10])] = _numbers(row, OURS)
        return found

    def _ours(self, first: date, last: date) -> Table:
        services = self.link.services
        asked = {
            "metrics": ",".join(OURS.values()),
            "by": "day",
            "shop": self.link.shop.shop_id,
            "from": first.isoformat(),
            "to": last.isoformat(),
        }
        frame = services.answer(services.question(asked), told=False)
        if frame.receipt.stale is not None:
            raise Unavailable(frame.receipt.stale.reason)
        found: Table = {}
        for row in frame.data.to_pylist():
            found[row["day"]] = {theirs: Decimal(row[ours]) for theirs, ours in OURS.items()}
        return found

    def _gifts(self, first: date, last: date) -> Mapping[date, Decimal]:
        """Gift cards sold, day by day: no sales of ours, and in some reports of theirs."""
        mine = sa.and_(
            SALES.c.shop_id == self.link.shop.shop_id,
            SALES.c.line_type == "GIFT_CARD",
            SALES.c.local_date.between(first, last),
        )
        total = sa.cast(sa.func.sum(SALES.c.gross), sa.Numeric(38, 4)).label("total")
        rows = self.link.services.warehouse.read(
            sa.select(SALES.c.local_date, total).where(mine).group_by(SALES.c.local_date)
        )
        return {row["local_date"]: row["total"] for row in rows.to_pylist()}


def _history(link: Link) -> tuple[date | None, bool]:
    """The first day that was read, and whether the shop had orders before it: it is cut somewhere
    in its middle then."""
    state = link.state("history")
    begins, asked = str(state.get("from") or ""), str(state.get("asked") or "")
    first = date.fromisoformat(begins) if begins else None
    return first, bool(state.get("cut")) or not state.get("sees_all") or asked >= (begins or "9")


def _apart(ours: Table, theirs: Table) -> Table:
    """Ours less theirs, of the days and components that differ."""
    found: Table = {}
    for day, other in theirs.items():
        mine = ours.get(day, {})
        row = {name: mine.get(name, ZERO) - other.get(name, ZERO) for name in OURS}
        if odd := {name: amount for name, amount in row.items() if amount}:
            found[day] = odd
    return found


def _parts(first: date, last: date) -> list[tuple[date, date]]:
    step = timedelta(days=AT_ONCE)
    starts = [first + step * place for place in range((last - first) // step + 1)]
    return [(start, min(last, start + step - timedelta(days=1))) for start in starts]


def _numbers(row: Mapping[str, str], names: Mapping[str, str]) -> Day:
    try:
        return {name: Decimal(row[name]) for name in names}
    except (KeyError, InvalidOperation):
        raise Refused(t("Shopify's sales report has a column that is no number.")) from None
