"""Whether rows keep coming as they usually do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from agent.quality.looking import Looking, day_text, failed, passed, warned
from agent.records.checks import Finding
from agent.warehouse.schema import COSTS, INVENTORY, ORDERS, SALES, SESSIONS, SPEND
from agent.words import n, t

FRESH, DROP, DAYS = "freshness", "row counts", "whole days"
_LIVING = (ORDERS, SALES, SESSIONS, SPEND, INVENTORY, COSTS)
LIVING = tuple(table.name for table in _LIVING)

ENOUGH = 14
"""Days with rows from which a table has a rhythm."""
WEEKS = 4
BUSY = 10
"""Rows a day below which a drop may be chance."""
STEADY = 5
"""Orders on a usual day from which a day without any is no chance."""
DROPPED, LOST = 0.5, 0.2


def freshness(looking: Looking) -> Iterator[Finding]:
    """The newest row against the longest pause between days with rows."""
    for table in looking.written(_LIVING):
        yield _fresh(looking.today, table.name, _recent(looking, looking.days(table)))


def _fresh(today: date, name: str, days: Mapping[date, int]) -> Finding:
    known = sorted(day for day in days if day <= today)
    if len(known) < ENOUGH:
        return passed(FRESH, name, t("{table} has too few recent days to judge.", table=name))
    usual = max((later - day).days for day, later in pairwise(known))
    age = (today - known[-1]).days
    said = t(
        "The newest row of {table} is of {day}; the longest pause before was {pause}.",
        table=name,
        day=day_text(known[-1]),
        pause=n("{count} day", "{count} days", usual, count=usual),
    )
    # Today's rows may still come, and a day's figures often come a day later.
    outcome = passed if age <= usual + 1 else warned if age <= 2 * usual + 2 else failed
    return outcome(FRESH, name, said, newest=known[-1], age=age, usual=usual)


def drops(looking: Looking) -> Iterator[Finding]:
    """Yesterday against the same weekday of the four weeks before."""
    for table in looking.written(_LIVING):
        yield _drop(looking.today - timedelta(days=1), table.name, looking.days(table))


def _drop(day: date, name: str, days: Mapping[date, int]) -> Finding:
    before = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    young = not any(known <= before[-1] for known in days)
    usual = median(days.get(one, 0) for one in before)
    if young or usual < BUSY:
        return passed(DROP, name, t("{table} has too few rows a day to judge.", table=name))
    found = days.get(day, 0)
    said = t(
        "{table} has {found:,} rows of {day}, where {usual:,.0f} are usual.",
        table=name,
        found=found,
        day=day_text(day),
        usual=usual,
    )
    share = found / usual
    outcome = passed if share >= DROPPED else warned if share >= LOST else failed
    return outcome(DROP, name, said, found=found, usual=usual, day=day)


def whole_days(looking: Looking) -> Iterator[Finding]:
    """Days without any order, where there usually are some."""
    days = _recent(looking, looking.days(ORDERS))
    first = min(days, default=looking.today)
    span = [first + timedelta(days=d) for d in range((looking.today - first).days)]
    # Up to the last day with orders: whether more should have come since is a matter of freshness.
    span = [day for day in span if day <= max(days)]
    counts = [days.get(day, 0) for day in span]
    if len(span) < ENOUGH or median(counts) < STEADY:
        yield passed(DAYS, ORDERS.name, t("Days without an order are usual here."))
        return
    empty = [day for day in span if not days.get(day)]
    if not empty:
        said = n(
            "Each of {count:,} day has orders.",
            "Each of {count:,} days has orders.",
            len(span),
            count=len(span),
        )
        yield passed(DAYS, ORDERS.name, said, days=len(span))
        return
    said = n(
        "{count:,} day has no order, the first is {day}; {usual:,.0f} a day are usual.",
        "{count:,} days have no order, the first is {day}; {usual:,.0f} a day are usual.",
        len(empty),
        count=len(empty),
        day=day_text(empty[0]),
        usual=median(counts),
    )
    yield failed(DAYS, ORDERS.name, said, days=[str(day) for day in empty[:WEEKS]])


def _recent(looking: Looking, days: Mapping[date, int]) -> Mapping[date, int]:
    """A rhythm is that of the last weeks, also where all days are looked at."""
    oldest = looking.today - timedelta(days=RECENT)
    return {day: count for day, count in days.items() if oldest <= day <= looking.today}


RECENT = 60
"""Days that a rhythm is taken from."""
