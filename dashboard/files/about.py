"""How a file's figures were made, in pairs of a word and a sentence: on paper and in workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.metrics import aging, formats
from agent.metrics.exchange import QUOTED
from agent.metrics.frames import Receipt
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.services import Services
from agent.sources import histories
from agent.words import mark, retold, t
from dashboard.particulars import filter_words

Pairs = tuple[tuple[str, str], ...]
REFUNDS = {
    "processing_day": mark("Counted on the day they are processed"),
    "order_day": mark("Counted on the day of their order"),
}


def about(
    services: Services, scope: Scope, receipts: Iterable[Receipt], first: date | None = None
) -> Pairs:
    """`notes` with the shop and the present moment looked up, and that its history is cut at the
    `first` day, as sources.histories.begins says it."""
    shop = services.shop(scope.shops[0] if scope.shops else None)
    made = services.clock.now().astimezone(ZoneInfo(shop.timezone))
    return (*notes(shop, scope, tuple(receipts), made), *cut(first, scope))


def warning(
    services: Services, scope: Scope, receipts: Iterable[Receipt], first: date | None = None
) -> str:
    """What a file says first: that its figures are old, or that days of it are not there."""
    old = aging.explained(receipts, services.clock.now())
    return f"{old} {histories.said(first, scope)}".strip()


def cut(first: date | None, scope: Scope) -> Pairs:
    """That days of a scope lie before what a platform shows; nothing where none do."""
    said = histories.said(first, scope)
    return ((t("History"), said),) if said else ()


def notes(shop: Shop, scope: Scope, receipts: tuple[Receipt, ...], made_at: datetime) -> Pairs:
    """Shop, period, comparison, filters, refund dating, currency and its rates, time zone, versions
    of the tables, newest rows, and when the file was made (aware, in the shop's zone).
    """
    period, until = span_text(scope.start, scope.end), _last_sync(receipts)
    both = t("{period}, both days included", period=period)
    alone = scope.start == scope.end or _whole(scope.start, scope.end)
    pairs = [
        (t("Shop"), shop.name),
        (t("Period"), period if alone else both),
        (t("Compared with"), _compared(scope)),
        (t("Filters"), filters_text(scope) or t("None: all sales of the shop")),
        (t("Refunds"), t(REFUNDS[receipts[0].refunds if receipts else scope.refunds])),
        (t("Currency"), _currency(shop, scope, receipts)),
        (t("Time zone"), t("{zone}; a day is the shop's day", zone=shop.timezone)),
        (t("Data versions"), _versions(receipts)),
    ]
    if until is not None:
        pairs.append((t("Data until"), moment(until.astimezone(made_at.tzinfo))))
    if old := aging.explained(receipts, made_at):
        pairs.append((t("Age"), old))
    return (*pairs, (t("Made"), f"{moment(made_at)} ({shop.timezone})"))


def filters_text(scope: Scope) -> str:
    """Country is Germany; Channel is not web."""
    return "; ".join(map(filter_words, scope.filters))


def _compared(scope: Scope) -> str:
    previous = scope.previous()
    return span_text(*previous) if previous else t("Nothing")


def _currency(shop: Shop, scope: Scope, receipts: tuple[Receipt, ...]) -> str:
    rates = retold(next((r.rates for r in receipts if r.rates), ""), *QUOTED)
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
    return f"{formats.day(at.date(), year=True)} {at:%H:%M}"


def span_text(start: date, end: date) -> str:
    """A period in words: "20 October to 16 November 2026", "November 2011", "2011"."""
    whole = _whole(start, end)
    if whole == "year":
        return str(start.year)
    if whole == "month":
        return formats.long_day(start, "yMMMM")
    if start == end:
        return formats.long_day(end, "yMMMMd")
    first = formats.long_day(start, "yMMMMd" if start.year != end.year else "MMMMd")
    return t("{first} to {last}", first=first, last=formats.long_day(end, "yMMMMd"))


def _whole(start: date, end: date) -> str:
    """Whether days are a whole year or month; empty where neither."""
    last = end + timedelta(days=1)
    if (start.month, start.day, last) == (1, 1, date(start.year + 1, 1, 1)):
        return "year"
    same = (start.year, start.month) == (end.year, end.month)
    return "month" if start.day == 1 and last.day == 1 and same else ""
