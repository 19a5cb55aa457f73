"""Why a metric changed, as pages, files and mails ask for it: worked out once for the same figures,
kept as answers are, and the last good one while the warehouse is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import Refused, Throttled, Unavailable
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Stale
from agent.metrics.keeping import Answers, Lifetimes, place_of
from agent.metrics.questions import Ask, Question, Scope
from agent.why import codec
from agent.why.changes import Why, Wish, why
from agent.why.explanation import Explanation, Names
from agent.why.matching import Holiday

if TYPE_CHECKING:
    from agent.services import Services

EDITION = "why 2"
RUNNING = timedelta(minutes=5)
"""A period that is still running is compared at the same time of day, in steps of this length."""


Holidays = Callable[[date, date], Sequence[Holiday]]
"""Those from the first to the last day, from where they are known; asked only for what is worked
out."""


def explain(
    services: Services,
    scope: Scope,
    name: str,
    expected: float | None = None,
    holidays: Holidays = lambda first, last: (),
) -> Explanation:
    """Why a metric is not what it was, or not what was `expected` of it. Raises Refused where
    nothing is compared with or the metric is known by no dimension; Throttled; Unavailable where
    nothing was kept."""
    scope = services.engine.comparable(scope)
    ask = Ask((name,)).completed(services.catalogue())
    question = ask.within(scope)
    answers = Answers(services.cache, services.clock)
    beside = () if expected is None else (expected,)
    place = place_of(question, (EDITION, services.settings.value_tiers, *beside))
    told = (ask.rows[0], scope)
    try:
        current = _current(services, (question, expected, holidays), answers, place)
        return codec.load(current, *told)
    except Throttled:
        # Nothing is away: whoever asked too often is told to wait.
        raise
    except Unavailable as failure:
        last = answers.last(place)
        if last is None:
            raise
        found = codec.load(last, *told)
        return replace(found, stale=Stale(found.made_at, failure.message))


def _current(
    services: Services,
    asked: tuple[Question, float | None, Holidays],
    answers: Answers,
    place: str,
) -> bytes:
    question, expected, holidays = asked
    if away := services.warehouse.away:
        raise Unavailable(away.reason)
    shop = services.shop(question.scope.shops[0])
    tables = services.warehouse.versions(question.scope.shops)
    state = (question.ask.rows[0], sorted(tables.items()), *_beside(services, question.scope))
    kept = answers.get(place, state)
    if kept is not None:
        return kept
    scope = question.scope
    wish = Wish(holidays=holidays(_first(scope), scope.end))
    found = why(services, scope, question.ask.metrics[0], expected=expected, wish=wish)
    names = _names(services, found)
    made = Explanation(found, scope.currency or shop.currency, names, tables, services.clock.now())
    content = codec.dump(made)
    settings = services.settings
    lives = Lifetimes(settings.cache_seconds, settings.cache_table_seconds)
    answers.keep(place, state, content, lives.of(question, services.today(shop)))
    return content


def _beside(services: Services, scope: Scope) -> tuple[object, ...]:
    """What else decides it: the day, the time of a day that is not over, the calendar of events."""
    shop = services.shop(scope.shops[0])
    now = services.clock.now().astimezone(ZoneInfo(shop.timezone))
    running = scope.start <= now.date() <= scope.end
    first, last = _first(scope), scope.end
    events = [services.records.events.between(each, first, last) for each in scope.shops]
    return now.date(), int(now.timestamp() // RUNNING.total_seconds()) * running, events


def _first(scope: Scope) -> date:
    """Of both periods."""
    previous = scope.previous()
    return scope.start if previous is None else min(scope.start, previous[0])


def _names(services: Services, found: Why) -> Names:
    """What a person reads for values that are no words themselves: titles of products."""
    named: dict[str, dict[str, str]] = {}
    for segment in found.segments:
        for dimension, value in segment.part.where.items():
            if value is not None and DIMENSIONS[dimension].named:
                named.setdefault(dimension, {})[value] = value
    for dimension, values in named.items():
        values |= _titles(services, found, dimension, tuple(values))
    return named


def _titles(
    services: Services, found: Why, dimension: str, values: tuple[str, ...]
) -> dict[str, str]:
    scope = found.scope.alone()
    # What stopped selling has its title in the period before.
    wide = replace(scope, start=_first(found.scope), preset="")
    asked = Ask((found.metric.name,), (dimension,)).completed(services.catalogue())
    try:
        frame = services.answer(asked.within(wide.where(dimension, *values)), told=False)
    except Refused:
        return {}
    pairs = zip(frame.values(dimension), frame.labels(dimension), strict=True)
    return {str(value): str(label) for value, label in pairs if value and label}
