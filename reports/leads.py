"""What a report opens with: how its first number moved, and what made it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import insights
from agent.errors import Refused
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.narrating import narrate
from agent.ports import Shop
from agent.why import telling
from agent.why.explanation import Explanation
from agent.why.facts import facts_of
from agent.words import t
from dashboard.explained import explain

if TYPE_CHECKING:
    from agent.services import Services

Lead = tuple[str, ...]


def lead_of(services: Services, series: Frame | None, scope: Scope, shop: Shop) -> Lead:
    """The sentences on the first of the headline numbers; none where there is none."""
    if series is None:
        return ()
    first = series.metrics[0].name
    found = _why(services, scope, first)
    try:
        said = telling.lead(found, services.answer, scope, shop, first)
    except Refused:
        # What made it so is not known of every number; how it moved is.
        row = series.metric(first)
        said = (insights.headline(row, series.total(first), series.before(first), shop),)
    own = tuple(sentence.text for sentence in said)
    return own if found is None else _narrated(services, found, own)


def _why(services: Services, scope: Scope, metric: str) -> Explanation | None:
    try:
        return explain(services, scope, metric)
    except Refused:
        return None


def _narrated(services: Services, found: Explanation, own: Lead) -> Lead:
    """Under our own headline, in the narrator's words where there is one, marked as that."""
    told = narrate(services, facts_of(found), " ".join(own))
    if told.by != "narrator":
        return own
    return own[0], t("{text} (In the words of the narrator, held to the figures.)", text=told.text)
