"""Periods as a person writes them: a month, a week, two days, or a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.errors import Refused
from agent.metrics import periods
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.words import mark, t

if TYPE_CHECKING:
    from agent.services import Services

_FORMS = mark(
    "Write a month (2011-11), a week (2026-W46), a quarter (2026-Q3), a year (2026), "
    "two days (2026-10-01..2026-10-28) or a name such as last_week."
)


def period_scope(
    services: Services, shop: Shop, period_text: str, today: date | None = None
) -> Scope:
    """The scope of a period written by a person. Raises Refused with the forms that work.

    One still running ends today, so that it is compared with as many days. `today` may be an
    earlier day, for a report that is late.
    """
    text = period_text.strip()
    start, end = span_of(text, min(today or date.max, services.today(shop)))
    preset = text if text in periods.PRESETS else ""
    return Scope((shop.shop_id,), start, end, preset=preset)


def in_terms(services: Services, scope: Scope, terms: Mapping[str, str]) -> Scope:
    """The scope with `refunds` and `currency` as a person writes them. Raises Refused."""
    given = {name: terms[name] for name in ("refunds", "currency") if terms.get(name)}
    days = {"from": str(scope.start), "to": str(scope.end)}
    asked = services.scope({"shop": scope.shops[0], **days, **given})
    return replace(scope, refunds=asked.refunds, currency=asked.currency)


def span_of(period_text: str, today: date) -> tuple[date, date]:
    """First and last day of a period written by a person, not after today. Raises Refused."""
    text = period_text.strip()
    if text in periods.PRESETS:
        return periods.PRESETS[text].span(today)
    start, end = _span(text)
    if not 1970 <= start.year <= end.year <= 2199:
        raise Refused(t("The period {text!r} is outside 1970 to 2199.", text=text))
    if start > end:
        raise Refused(
            t("The period {text!r} ends before it starts.", text=text), hint=t("Swap the two days.")
        )
    if start > today:
        raise Refused(
            t("The period {text!r} has not begun; today is {today}.", text=text, today=today)
        )
    return start, min(end, today)


def _span(text: str) -> tuple[date, date]:
    for pattern, span in _READ:
        found = re.fullmatch(pattern, text, re.ASCII)
        if found:
            try:
                return span(*found.groups())
            except (ValueError, OverflowError) as error:
                raise Refused(
                    t("The period {text!r} is not in the calendar.", text=text), hint=t(_FORMS)
                ) from error
    raise Refused(t("The period {text!r} cannot be read.", text=text), hint=t(_FORMS))


def _months(year: str, first: int, count: int) -> tuple[date, date]:
    start = date(int(year), first, 1)
    months = start.year * 12 + start.month - 1 + count
    return start, date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _week(year: str, week: str) -> tuple[date, date]:
    return date.fromisocalendar(int(year), int(week), 1), date.fromisocalendar(
        int(year), int(week), 7
    )


_DAY = r"(\d{4}-\d{2}-\d{2})"
_READ: tuple[tuple[str, Callable[..., tuple[date, date]]], ...] = (
    (r"(\d{4})", lambda y: _months(y, 1, 12)),
    (r"(\d{4})-(\d{2})", lambda y, m: _months(y, int(m), 1)),
    (r"(\d{4})-Q([1-4])", lambda y, q: _months(y, 3 * int(q) - 2, 3)),
    (r"(\d{4})-W(\d{2})", _week),
    (_DAY, lambda d: (date.fromisoformat(d), date.fromisoformat(d))),
    (rf"{_DAY}\.\.{_DAY}", lambda a, b: (date.fromisoformat(a), date.fromisoformat(b))),
)
