"""What a forecast goes by: events and feasts ahead that it knows, and days that it was not taught.

Kept as facts, and said in the language of whoever reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from agent.forecasting import calendar, feasts
from agent.forecasting.foreseen import Assumption
from agent.forecasting.gathering import Holidays
from agent.forecasting.series import moved
from agent.forecasting.teaching import Taught
from agent.metrics.formats import value_label
from agent.records.events import Event
from agent.words import n, t

FEAST, HOLIDAY, OUT = "feast", "holiday", "left out"
DAY = timedelta(days=1)


def assumed(given: Taught, holidays: Holidays, until: date) -> list[dict[str, Any]]:
    """The facts, for JSON: of the days after the history up to `until`, in order."""
    dates, step = given.history.dates, given.history.wanted.step
    first = date.fromisoformat(str(dates[0])[:10])
    days = (date.fromisoformat(str(moved(dates[-1:], step, 1)[0])[:10]), until)
    facts = [
        *_events(calendar.touching(given.events, given.history.of[0]), first, days),
        *_feasts(first, days),
        *(
            {
                **{"kind": HOLIDAY, "name": name, "also": dict(also)},
                **{"first": day, "last": day, "place": country},
            }
            for day, name, country, also in holidays
            if days[0].isoformat() <= day <= until.isoformat()
        ),
    ]
    facts.sort(key=lambda one: (one["first"], one["kind"], one["name"]))
    return [*facts, *_out(given.days_out)]


def of_json(fact: Mapping[str, Any]) -> Assumption:
    """One fact as people read it."""
    first, last = date.fromisoformat(fact["first"]), date.fromisoformat(fact["last"])
    kind, name = fact["kind"], fact["name"]
    if kind in (FEAST, HOLIDAY):
        name = feasts.spoken(name, fact.get("also", {}))
    if kind == OUT:
        name = n("Unusual day", "Unusual days", fact["days"])
    return Assumption(kind, name, first, last, _note(fact))


def _note(fact: Mapping[str, Any]) -> str:
    kind = fact["kind"]
    if kind == OUT:
        return n(
            "Left out of training.",
            "{count} days left out of training.",
            fact["days"],
            count=fact["days"],
        )
    if kind == HOLIDAY:
        return value_label("country", fact.get("place") or "")
    if kind == FEAST:
        years = ", ".join(map(str, fact["years"]))
        if years:
            return t("What it brings is learnt from {years}.", years=years)
        return t("No earlier one is in the history: what it brings cannot be known.")
    if not fact["seen"]:
        return t("No earlier one is in the history: what it changes cannot be known.")
    return n(
        "What it changes is learnt from {count} earlier one.",
        "What it changes is learnt from {count} earlier ones.",
        fact["seen"],
        count=fact["seen"],
    )


def _events(
    events: Iterable[Event], first: date, days: tuple[date, date]
) -> Iterator[dict[str, Any]]:
    known = [one for one in events if one.kind in calendar.EVENTS]
    for one in known:
        if one.first > days[1] or one.last < days[0]:
            continue
        seen = [other for other in known if other.kind == one.kind]
        earlier = sum(first <= other.last and other.first < days[0] for other in seen)
        yield {
            "kind": one.kind,
            "name": one.name,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "seen": earlier,
        }


def _feasts(first: date, days: tuple[date, date]) -> Iterator[dict[str, Any]]:
    for name, rule in feasts.FEASTS.items():
        for year in range(days[0].year, days[1].year + 1):
            day = rule(year)
            if days[0] <= day <= days[1]:
                years = [y for y in range(first.year, year) if first <= rule(y) < days[0]]
                one = {"kind": FEAST, "name": name, "years": years}
                yield one | {"first": day.isoformat(), "last": day.isoformat()}


def _out(days: tuple[date, ...]) -> Iterator[dict[str, Any]]:
    """Stretches of days that follow each other, as one."""
    for _, run in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0] * DAY):
        stretch = [day for _, day in run]
        ends = {"first": stretch[0].isoformat(), "last": stretch[-1].isoformat()}
        yield {"kind": OUT, "name": "", "days": len(stretch), **ends}
