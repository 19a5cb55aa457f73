"""Why a figure changed, over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from agent.errors import Refused
from agent.forecasting.foretold import foretold
from agent.metrics.frames import plain, stale_json
from agent.metrics.grammar import pairs_of, unknown_word
from agent.metrics.questions import Scope
from agent.services import Services
from agent.why import telling
from agent.why.bridges import Bridge
from agent.why.changes import Segment
from agent.why.explanation import Explanation
from agent.why.matching import Match
from agent.words import t
from dashboard.explained import explain
from dashboard.routes.api import JSON, as_json, query_string
from dashboard.views.bridges import step_name

ADDRESS = "/api/analytics/why"
OWN = ("metric", "expected")
FORECAST = "forecast"
USUAL = "net_sales"


def why(services: Services) -> Blueprint:
    """GET /api/analytics/why: metric, and a scope as the address bar has it (shop, from and to or
    period, cmp, filters). `expected` is a figure, or the word forecast for what was forecast before
    these days: the change is then what they differ from it, spread as the period before was. Its
    JSON:

    against     before, or expected where the change is what differs from that
    before, now, change   the figure of both periods (or what was expected in the place of the
                first), and by how much it moved
    bridges     each from `before` to `now` by `steps`, whose `change` add up to it
    segments    the largest first: `where` (dimension: value or null), `name`, `before`, `now`,
                `change`, `share` of the whole change, `surprise` (0 to 1), `verdict` (signal,
                unclear, noise), `reason`, and `matches` that speak of this part
    others      what the segments leave: their `change`s and its own add up to the change
    matches     what happened in the same days: `kind`, `name`, `first`, `last`, `period` (now or
                before); matches, not proof
    sentences   the same in words, the headline first
    stale       only while the warehouse is away: of when the answer is, and why
    """
    rooms = Blueprint("why", __name__)

    @rooms.get(ADDRESS)
    def told() -> Response:
        pairs = pairs_of(query_string())
        for key, _ in pairs:
            if refused := unknown_word(key, OWN):
                raise refused
        metric = dict(pairs).get("metric", USUAL)
        scope = services.scope([pair for pair in pairs if pair[0] not in OWN])
        expected = _expected(services, scope, metric, dict(pairs).get("expected", ""))
        found = explain(services, scope, metric, expected)
        body = to_json(found)
        shop = services.shop(scope.shops[0])
        body["sentences"] = [one.text for one in telling.sentences(found, shop)]
        return Response(as_json(body), content_type=JSON)

    return rooms


def _expected(services: Services, scope: Scope, metric: str, text: str) -> float | None:
    """Raises Refused for what is no figure, and where no forecast was made."""
    if not text:
        return None
    if text == FORECAST:
        return foretold(services, scope, metric).value
    try:
        return float(text)
    except ValueError:
        raise Refused(
            t("{text!r} is not what could be expected.", text=text[:40]),
            hint=t("Write a figure, or the word {word}.", word=FORECAST),
        ) from None


def to_json(found: Explanation) -> dict[str, Any]:
    scope, previous = found.why.scope, found.why.scope.previous()
    body: dict[str, Any] = {
        "metric": found.metric.name,
        "label": t(found.metric.label),
        "unit": found.metric.unit,
        "currency": found.currency,
        "period": [scope.start.isoformat(), scope.end.isoformat()],
        "compared_with": [day.isoformat() for day in previous or ()],
        "against": found.why.against,
        "before": plain(found.why.before),
        "now": plain(found.why.after),
        "change": plain(found.moved),
        "bridges": [_bridge(found, bridge) for bridge in found.why.bridges],
        "segments": [_segment(found, segment) for segment in telling.ranked(found)],
        "others": {"change": plain(found.others), "leaves": found.why.others.count},
        "matches": [_match(match) for match in found.why.matches],
        "made_at": found.made_at.isoformat(),
    }
    if found.stale is not None:
        body["stale"] = stale_json(found.stale)
    return body


def _bridge(found: Explanation, bridge: Bridge) -> dict[str, Any]:
    steps = [
        {
            "name": step.name,
            "label": step_name(found.metric, step.name),
            "change": plain(step.change),
            "before": plain(step.before),
            "now": plain(step.after),
        }
        for step in bridge.steps
    ]
    ends = {"before": plain(bridge.before), "now": plain(bridge.after)}
    return {"name": bridge.name, **ends, "steps": steps}


def _segment(found: Explanation, segment: Segment) -> dict[str, Any]:
    part, moved = segment.part, found.moved
    return {
        "where": dict(part.where),
        "name": telling.title(found, segment),
        "before": plain(part.expected),
        "now": plain(part.actual),
        "change": plain(part.change),
        "share": round(float(part.change / moved), 6) if moved else None,
        "surprise": round(part.surprise, 6),
        "verdict": part.verdict,
        "reason": telling.reason(found, segment),
        "matches": [_match(match) for match in telling.near(found, segment)],
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "kind": match.kind,
        "name": match.name,
        "first": match.first.isoformat(),
        "last": match.last.isoformat(),
        "period": "now" if match.now else "before",
        "part": dict(match.part),
    }
