"""Why a metric changed, as the parts of a page share it, and its lead in the narrator's words."""

from __future__ import annotations

from typing import Any

from agent.errors import Refused
from agent.why.explanation import Explanation
from agent.why.facts import facts_of
from dashboard import components, narrated
from dashboard.callbacks.showing import Showing
from dashboard.components import changes
from dashboard.components.foreseen import again
from dashboard.explained import explain


def why(showing: Showing, name: str) -> Explanation:
    """Asked once however many parts say it. Raises Refused where nothing is compared with."""
    found = showing.once(f"why {name}", lambda: explain(showing.services, showing.scope, name))
    showing.note(found)
    return found


def known(showing: Showing, name: str) -> Explanation | None:
    """The same; None where nothing is compared with."""
    try:
        return why(showing, name)
    except Refused:
        return None


def lead(showing: Showing, found: Explanation, words: list[tuple[str, bool]]) -> Any:
    """The sentences in the narrator's words, marked, where there is one and it has answered; until
    then our own, and the page looks again."""
    own = "".join(text for text, _ in words)
    told = narrated.told(showing.services, facts_of(found), own)
    if told.by == "narrator":
        return changes.narrated(told.text)
    drawn = components.lead(tuple(words))
    return [drawn, again(narrated.LOOK_S)] if told.reason == narrated.WAITING else drawn
