"""The narrator: facts in other words where somebody set one up, our own sentence where nobody did.

Off unless NARRATOR_URL and NARRATOR_MODEL are set. Asked within its own limits, once for the same
facts; what it says is used only when it repeats the facts (`checking`).
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.errors import Failure, Refused, Stopped, Throttled
from agent.narrating.checking import Wrong, wrong_with
from agent.narrating.facts import Facts
from agent.narrating.vocabulary import VOCABULARIES
from agent.words import locale

if TYPE_CHECKING:
    from agent.services import Services

logger = logging.getLogger(__name__)
UPSTREAM = "narrator"
KEY = "NARRATOR_KEY"
ASKED, USED, KEPT, OFF = "asked", "used", "kept", "off"
USED_SECONDS, LOST_SECONDS = 86_400, 900
"""How long a text serves the same facts, and how long a useless one is not asked for again."""
ANSWER_SECONDS = 8.0
SHOWN = 40


@dataclass(frozen=True)
class Told:
    """What is shown. `by` says whose words they are; `reason` why they are our own: off, away,
    throttled, refused, or what a text was turned down for (see checking.Wrong)."""

    text: str
    by: Literal["own", "narrator"] = "own"
    reason: str = ""


def narrate(services: Services, facts: Facts, own: str) -> Told:
    """The facts in other words, or `own`. Never raises for what a narrator does or leaves undone;
    may take until the deadline of its policy where the facts are new."""
    return kept(services, facts, own) or _asked(services, facts, own, key_of(services, facts))


def kept(services: Services, facts: Facts, own: str) -> Told | None:
    """What is told without asking: what was told of the same facts, or `own` where there is nobody
    to ask or asking was of no use. None where somebody would have to be asked."""
    settings = services.settings
    if not settings.narrator_url or not settings.narrator_model:
        return Told(own, reason=OFF)
    if locale().partition("_")[0] not in VOCABULARIES:
        return _lost(services, own, Wrong("language", locale()))
    known = _known(services, key_of(services, facts))
    if known is not None and known.text:
        # Checked again: what lies in a cache is as foreign as what comes over the line.
        if wrong_with(known.text, facts) is None:
            services.narrated.count(KEPT)
            return known
    elif known is not None:
        return Told(own, reason=known.reason)
    return None


def _asked(services: Services, facts: Facts, own: str, key: str) -> Told:
    # The client is loaded where there is a narrator, and nowhere else.
    from agent.narrating.asking import Line, ask

    upstream = services.upstreams.of(UPSTREAM)

    def once() -> str:
        line = Line(
            services.settings.narrator_url,
            services.settings.narrator_model,
            services.secrets.find(KEY) or "",
            min(ANSWER_SECONDS, upstream.policy.deadline),
        )
        return ask(line, facts)

    try:
        services.narrated.count(ASKED)
        text = upstream.call(once)
    except Stopped:
        return Told(own, reason="away")
    except Failure as failure:
        reason = _reason(failure)
        told = _lost(services, own, Wrong(reason, services.secrets.masked(failure.message)))
        if isinstance(failure, Refused):
            _keep(services, key, Told("", reason=reason), LOST_SECONDS)
        return told
    wrong = wrong_with(text, facts)
    if wrong is not None:
        _keep(services, key, Told("", reason=wrong.reason), LOST_SECONDS)
        return _lost(services, own, wrong)
    services.narrated.count(USED)
    told = Told(text, "narrator")
    _keep(services, key, told, USED_SECONDS)
    return told


def _lost(services: Services, own: str, wrong: Wrong) -> Told:
    """Our own sentence stands; the log says why, and of what it is about no more than a word."""
    services.narrated.count(wrong.reason)
    what = wrong.what if wrong.reason in _OURS else ascii(wrong.what[:SHOWN])
    logger.warning("Our own sentence stands in place of the narrator's: %s %s", wrong.reason, what)
    return Told(own, reason=wrong.reason)


_OURS = ("away", "throttled", "refused")
"""Reasons whose words are sentences of ours."""


def _reason(failure: Failure) -> str:
    if isinstance(failure, Throttled):
        return "throttled"
    return "refused" if failure.permanent else "away"


def key_of(services: Services, facts: Facts) -> str:
    """What a text of these facts is kept under."""
    settings = services.settings
    asked = [locale(), settings.narrator_url, settings.narrator_model, facts.to_json()]
    return f"narrated:{hashlib.sha256(json.dumps(asked).encode()).hexdigest()}"


def _known(services: Services, key: str) -> Told | None:
    content = services.cache.get(key)
    if content is None:
        return None
    text, reason = json.loads(content)
    return Told(text, "narrator" if text else "own", reason)


def _keep(services: Services, key: str, told: Told, seconds: int) -> None:
    services.cache.set(key, json.dumps([told.text, told.reason]).encode(), seconds)
