"""An explanation as bytes, and back: every amount exactly as it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.why.bridges import Bridge, Step
from agent.why.changes import Segment, Why
from agent.why.explanation import Explanation
from agent.why.matching import Match
from agent.why.parts import Part


def dump(found: Explanation) -> bytes:
    why = found.why
    body = {
        "before": why.before,
        "after": why.after,
        "bridges": [asdict(bridge) for bridge in why.bridges],
        "segments": [asdict(segment) for segment in why.segments],
        "others": asdict(why.others),
        "total": asdict(why.total),
        "matches": [asdict(match) for match in why.matches],
        "against": why.against,
        "currency": found.currency,
        "names": found.names,
        "tables": dict(found.tables),
        "made_at": found.made_at,
    }
    return json.dumps(body, default=_told).encode()


def load(content: bytes, metric: Metric, scope: Scope) -> Explanation:
    """Of a metric within a scope, as it was dumped."""
    body = json.loads(content, object_hook=_read)
    why = Why(
        metric,
        scope,
        body["before"],
        body["after"],
        tuple(map(_bridge, body["bridges"])),
        tuple(map(_segment, body["segments"])),
        Part(**body["others"]),
        Part(**body["total"]),
        tuple(Match(**match) for match in body["matches"]),
        body["against"],
    )
    return Explanation(why, body["currency"], body["names"], body["tables"], body["made_at"])


def _told(value: Any) -> dict[str, str]:
    """What JSON has no word for, under a name that nothing else has."""
    if isinstance(value, Decimal):
        return {"=decimal": str(value)}
    if isinstance(value, datetime):
        return {"=moment": value.isoformat()}
    if isinstance(value, date):
        return {"=day": value.isoformat()}
    raise TypeError(f"no way to write {type(value).__name__}")


def _read(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((name, value),) = found.items()
    if name == "=decimal":
        return Decimal(value)
    if name == "=moment":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "=day" else found


def _bridge(row: dict[str, Any]) -> Bridge:
    steps = tuple(Step(**step) for step in row["steps"])
    return Bridge(row["name"], row["before"], row["after"], steps)


def _segment(row: dict[str, Any]) -> Segment:
    return Segment(Part(**row["part"]), tuple(Match(**match) for match in row["matches"]))
