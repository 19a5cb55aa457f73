"""Whose number a receipt is: the page's scope, narrowed to one value, one bucket of time, or what
has no row of its own."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from agent.errors import Refused
from agent.metrics.dimensions import GRAINS
from agent.metrics.frames import NONE
from agent.metrics.questions import Scope
from agent.services import Services
from agent.words import t
from dashboard.address import Address
from dashboard.page_words import OTHERS
from dashboard.pages import PAGES
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.pages.explore import dimension_of

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"hour": 1, "day": 1, "week": 7}


def narrowed(services: Services, here: Address) -> Scope:
    """The scope of the address's receipt. Raises Refused."""
    name, _, value = here.own.get("of", "").partition(":")
    if not name:
        return here.scope
    if name == OTHERS:
        return _rest(services, here, value)
    if name in GRAINS:
        return during(here.scope, name, _day(value))
    # Read as an address is: a value that the dimension cannot have gets the same sentence.
    (chosen,) = Scope.parse([(name, value)], here.scope.end).filters
    services.known.check(here.scope.shops, (chosen,))
    return here.scope.where(name, *chosen.values)


def others(dimension: str) -> str:
    """The word for the smaller values of a dimension, which have no row of their own."""
    return f"{OTHERS}:{dimension}"


def during(scope: Scope, grain: str, first: date) -> Scope:
    """The bucket that begins on a day as the period, within the period it is a part of."""
    if grain in MONTHS:
        month = first.month + MONTHS[grain] - 1
        last = date(first.year, month, monthrange(first.year, month)[1])
    else:
        last = first + timedelta(days=DAYS[grain] - 1)
    return scope.during(max(first, scope.start), min(last, scope.end))


def _rest(services: Services, here: Address, dimension: str) -> Scope:
    """Everything but the groups that the breakdown has a row for."""
    by = dimension_of(here.own, here.scope)
    if here.path != EXPLORE.path or by != dimension:
        raise Refused(
            t("The table is not broken down by that any more."),
            hint=t("Close this sheet and choose a number."),
        )
    panel = PAGES[here.path].panel("breakdown", here.own)
    ask = replace(panel.ask(here.scope), by=(dimension,))
    frame = services.answer(ask.within(panel.scope(here.scope).alone()))
    kept = frame.values(dimension)[: len(frame) - frame.rest_rows]
    names = [NONE if key is None else str(key) for key in kept]
    old = [f for f in here.scope.filters if f.dimension == dimension and f.exclude]
    values = (value for f in old for value in f.values)
    return here.scope.where(dimension, *values, *names, exclude=True)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        hint = t("Write it as 2026-11-17.")
        raise Refused(t("{text} is not a day.", text=text[:40]), hint=hint) from error
    return day
