"""A finding held against what was expected: the ways in which the difference adds up, and what
happened in the same days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from agent.anomalies import said
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.records.findings import Finding
from agent.services import Services
from agent.why import telling
from agent.why.explanation import Explanation
from agent.why.kept import explain
from agent.words import t
from dashboard.alerts import Alert, matched
from dashboard.components.foreseen import SIGNS
from dashboard.views.bridges import bridge_words

BRIDGES: Mapping[str, str] = {
    "funnel": "shopping-cart",
    "goods": "package",
    "customers": "users",
    "ratio": "chart-line",
}
MATCHES = 3
Lines = list[tuple[str, str]]


def explained(services: Services, alert: Alert) -> Explanation:
    """Why it is not what was expected of its days, or where nobody says what that was, not what was
    before. Raises Refused, Throttled and Unavailable."""
    one = alert.finding
    return explain(services, scope_of(one), one.metric, expected_of(one))


def scope_of(one: Finding) -> Scope:
    """The whole days of a finding, of the part of the shop that it is about."""
    first = said.moment(one.first).date()
    last = (said.ends(one) - timedelta(hours=1)).date()
    scope = Scope((one.shop_id,), first, max(first, last))
    return scope.where(one.dimension, one.member) if one.dimension else scope


def expected_of(one: Finding) -> float | None:
    """What was expected of these days; None where that is known of some of their hours only."""
    return None if one.step == "hour" else one.expected


def lines(services: Services, alert: Alert, found: Explanation) -> Lines:
    """Each way in which the change adds up, and what happened then that is not said above; each
    with the name of its icon."""
    ways = ((BRIDGES[one.name], bridge_words(found, one)) for one in found.why.bridges)
    told = [(sign, f"{words}.") for sign, words in ways if words]
    # What a person said of this very finding is no cause of it.
    known = {alert.title, *(event.name for event in matched(services, alert))}
    beside = [m for m in telling.beside(found) if m.now and m.name not in known]
    for match in beside[:MATCHES]:
        told.append((SIGNS.get(match.kind, "calendar"), telling.match_sentence(match)))
    return told


def against(alert: Alert, found: Explanation) -> str:
    """What it was held against, and what matches are not."""
    match = t("What happened in the same days is a match, not proof.")
    previous = found.why.scope.previous()
    if previous is None:
        return match
    days = formats.date_range(*previous)
    if found.why.before == expected_of(alert.finding):
        held = t("What was expected is spread as {days} was.", days=days)
    else:
        held = t("Held against {days}.", days=days)
    return f"{held} {match}"
