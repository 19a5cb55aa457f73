"""What else happened while a report's first number changed, as printed: matches, not proof."""

from __future__ import annotations

from dataclasses import replace

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.records.events import KINDS
from agent.services import Services
from agent.why import telling
from agent.why.explanation import Explanation
from agent.why.matching import Match
from agent.words import mark, t
from dashboard.explained import explain
from dashboard.files.parts import sheet_from, text
from dashboard.files.sheets import Sheet
from dashboard.panels import Cell, Heading, Listed, Row, Table

MATCHED = 8
OWN_PLACE = ("stock", "holiday")
"""What is named with its place already."""
TITLE = mark("What else happened")


def matched(services: Services, scope: Scope, metric: str) -> Listed:
    """Events, holidays and goods without stock of both periods. Raises Refused where nothing is
    known."""
    found = explain(services, scope, metric)
    every = _matches(found)
    if not every:
        raise Refused(
            t("Nothing is known of these days."),
            hint=t("Events are kept on the page Events."),
        )
    table = Table(
        t(TITLE),
        t("In the same days: matches, not proof"),
        (
            Heading(t("Event"), number=False),
            Heading(t("When"), number=False),
            Heading(t("Period"), number=False),
        ),
        tuple(_match(match) for match in every),
    )
    return Listed(table, _matches_sheet(every, found.currency))


def _matches(found: Explanation) -> list[Match]:
    """Those that a segment is matched with, then those of the whole; each once."""
    near = [match for one in telling.telling(found) for match in telling.near(found, one)]
    every = {
        (match.kind, match.name, match.first, match.now): replace(match, near=0)
        for match in (*near, *found.why.matches)
    }
    ordered = sorted(every.values(), key=lambda match: not match.now)
    return ordered[:MATCHED]


def _match(match: Match) -> Row:
    where = _where(match) if match.kind not in OWN_PLACE else ""
    name = telling.match_name(match)
    said = t("{name} ({where})", name=name, where=where) if where else name
    return Row(
        f"{_kind(match)}: {said}",
        (Cell(_days(match)), Cell(_period(match))),
        note="" if match.now else _period(match),
    )


def _kind(match: Match) -> str:
    return t(KINDS.get(match.kind, KINDS["other"]))


def _where(match: Match) -> str:
    if match.kind == "stock":
        return ""
    said = (formats.value_label(name, value) for name, value in match.part.items())
    return ", ".join(said)


def _days(match: Match) -> str:
    return formats.date_range(match.first, match.last)


def _period(match: Match) -> str:
    return t("In this period") if match.now else t("In the period before")


def _matches_sheet(every: list[Match], currency: str) -> Sheet:
    parts = [
        text(t("Kind"), [_kind(match) for match in every]),
        text(t("Event"), [telling.match_name(match) for match in every]),
        text(t("Where"), [_where(match) for match in every]),
        text(t("From"), [match.first.isoformat() for match in every]),
        text(t("To"), [match.last.isoformat() for match in every]),
        text(t("Period"), [_period(match) for match in every]),
    ]
    return sheet_from(parts, t(TITLE), currency)
