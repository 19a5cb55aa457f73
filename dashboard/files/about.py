"""How a file's figures were made, in pairs of a word and a sentence: on paper and in workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from agent.metrics.frames import Receipt
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.services import Services
from agent.words import mark, t

Pairs = tuple[tuple[str, str], ...]
REFUNDS = {
    "processing_day": mark("Counted on the day they are processed"),
    "order_day": mark("Counted on the day of their order"),
}


def about(services: Services, scope: Scope, receipts: Iterable[Receipt]) -> Pairs:
    """`notes` with the shop and the present moment looked up."""
    shop = services.shop(scope.shops[0] if scope.shops else None)
    made = services.clock.now().astimezone(ZoneInfo(shop.timezone))
    return notes(shop, scope, tuple(receipts), made)


def notes(shop: Shop, scope: Scope, receipts: tuple[Receipt, ...], made_at: datetime) -> Pairs:
    """Shop, period, comparison, filters, refund dating, currency and its rates, time zone, versions
    of the tables, newest rows, and when the file was made (aware, in the shop's zone).
    """
    period, until = span_text(scope.start, scope.end), _last_sync(receipts)
    both = t("{period}, both days included", period=period)
    pairs = [
        (t("Shop"), shop.name),
        (t("Period"), period if scope.start == scope.end or " to " not in period else both),
        (t("Compared with"), _compared(scope)),
        (t("Filters"), _filters(receipts)),
        (t("Refunds"), t(REFUNDS[receipts[0].refunds if receipts else scope.refunds])),
        (t("Currency"), _currency(shop, scope, receipts)),
        (t("Time zone"), t("{zone}; a day is the shop's day", zone=shop.timezone)),
        (t("Data versions"), _versions(receipts)),
    ]
    if until is not None:
        pairs.append((t("Data until"), moment(until.astimezone(made_at.tzinfo))))
    return (*pairs, (t("Made"), f"{moment(made_at)} ({shop.timezone})"))


def _filters(receipts: tuple[Receipt, ...]) -> str:
    said = "; ".join(receipts[0].filters) if receipts else ""
    return said or t("None: all sales of the shop")


def _compared(scope: Scope) -> str:
    previous = scope.previous()
    return span_text(*previous) if previous else t("Nothing")


def _currency(shop: Shop, scope: Scope, receipts: tuple[Receipt, ...]) -> str:
    rates = next((receipt.rates for receipt in receipts if receipt.rates), "")
    if scope.currency and scope.currency != shop.currency:
        return t(
            "{currency}, converted from {own} at each day's rate. {rates}",
            currency=scope.currency,
            own=shop.currency,
            rates=rates,
        ).strip()
    own = t(
        "{currency}, the shop's own; exact amounts, rounded only where shown",
        currency=shop.currency,
    )
    return f"{own}. {rates}" if rates else own


def _versions(receipts: tuple[Receipt, ...]) -> str:
    versions: dict[str, int] = {}
    for receipt in receipts:
        versions |= receipt.tables
    return ", ".join(f"{name} {v}" for name, v in sorted(versions.items()) if v) or t("None")


def _last_sync(receipts: tuple[Receipt, ...]) -> datetime | None:
    found = [r.last_sync for r in receipts if r.last_sync]
    # What a warehouse notes is UTC, with or without saying so.
    zoned = [at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC")) for at in found]
    return max(zoned, default=None)


def moment(at: datetime) -> str:
    """17 Nov 2026 08:41."""
    return f"{at.day} {at:%b %Y %H:%M}"


def span_text(start: date, end: date) -> str:
    """A period in words: "20 October to 16 November 2026", "November 2011", "2011"."""
    last = end + timedelta(days=1)
    if (start.month, start.day, last) == (1, 1, date(start.year + 1, 1, 1)):
        return str(start.year)
    if start.day == 1 and last.day == 1 and (start.year, start.month) == (end.year, end.month):
        return str(format_date(start, "MMMM y", locale="en_GB"))
    if start == end:
        return str(format_date(end, "d MMMM y", locale="en_GB"))
    form = "d MMMM y" if start.year != end.year else "d MMMM"
    first = format_date(start, form, locale="en_GB")
    return f"{first} to {format_date(end, 'd MMMM y', locale='en_GB')}"
