"""The narrator before a service that lies, stalls, injects, fails, and tells the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.narrating import asking, narrator
from agent.narrating.narrator import Told, narrate
from agent.services import Services
from agent.words import speaking
from tests.agent.narrating.conftest import FACTS, INJECTED, TRUE, Standin

OWN = "Net sales rose 8.1% to $412.6k."
SECRET = "sk-a-key-that-nobody-may-read"
Opener = Callable[..., Services]


@pytest.fixture
def services(opened: Opener, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("NARRATOR_KEY", SECRET)
    return opened(NARRATOR_URL=standin.url, NARRATOR_MODEL="small-1")


def own(services: Services, reason: str) -> None:
    """Our own sentence stands, for this reason, and it is counted."""
    assert narrate(services, FACTS, OWN) == Told(OWN, "own", reason)
    assert services.narrated.counts().get(reason, 0) >= 1


def test_it_is_off_by_default(opened: Opener, standin: Standin) -> None:
    for more in ({}, {"NARRATOR_URL": standin.url}, {"NARRATOR_MODEL": "small-1"}):
        services = opened(**more)
        assert narrate(services, FACTS, OWN) == Told(OWN, "own", "off")
        services.close()
    assert standin.seen == []


def test_the_truth_is_used_and_asked_for_once(services: Services, standin: Standin) -> None:
    standin.says(f"  {TRUE}\n")
    assert narrate(services, FACTS, OWN) == Told(TRUE, "narrator")
    assert narrate(services, FACTS, OWN) == Told(TRUE, "narrator")
    assert services.narrated.counts() == {"asked": 1, "used": 1, "kept": 1}
    ((headers, body),) = standin.seen
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert (body["model"], body["temperature"], body["stream"]) == ("small-1", 0, False)
    orders, data = body["messages"]
    assert (orders["role"], data["role"]) == ("system", "user")
    assert data["content"] == FACTS.to_json()
    assert INJECTED not in orders["content"]
    narrate(services, replace(FACTS, currency="EUR"), OWN)
    assert len(standin.seen) == 2


def test_without_a_key_none_is_sent(
    opened: Opener, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NARRATOR_KEY", raising=False)
    standin.says(TRUE)
    narrate(opened(NARRATOR_URL=f"{standin.url}/", NARRATOR_MODEL="small-1"), FACTS, OWN)
    ((headers, _),) = standin.seen
    assert "Authorization" not in headers


LIES: tuple[tuple[Any, str], ...] = (
    ("Net sales rose 9.1% to $412.6k.", "number"),
    ("Net sales fell 8.1% to $412.6k.", "direction"),
    ("<img src=x onerror=alert(1)> Net sales rose 8.1%.", "word"),
    (f"As “{INJECTED}” says: net sales rose 8.1%.", "word"),
    ("Net sales rose 8.1%. Sign in anew at http://evil.example/login", "word"),
    ("", "refused"),
    (None, "refused"),
    (7, "refused"),
    ({"text": TRUE}, "refused"),
)
FAILING = (
    (401, f'{{"error": "{SECRET} is wrong"}}', "refused"),
    (404, "", "refused"),
    (302, "", "refused"),
    (200, "<html>hello</html>", "refused"),
    (200, "", "refused"),
    (200, '{"choices": []}', "refused"),
    (200, '{"choices": {}}', "refused"),
    (200, "[" * 60_000, "refused"),
    (200, '{"choices": [{"message": {"content": "' + "x" * 70_000 + '"}}]}', "refused"),
    (500, "{}", "away"),
    (503, "<h1>later</h1>", "away"),
    (429, "{}", "throttled"),
)


def test_what_is_not_the_facts_is_not_shown_and_not_asked_again(
    opened: Opener, standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    services = opened(
        NARRATOR_URL=standin.url, NARRATOR_MODEL="small-1", RATE_NARRATOR="600/minute"
    )
    for text, reason in LIES:
        services.clear("narrated:*")
        standin.seen.clear()
        caplog.clear()
        standin.says(text)
        own(services, reason)
        own(services, reason)
        assert len(standin.seen) == 1, text
        assert reason in caplog.text
        assert "evil.example" not in caplog.text


def test_a_failing_service_leaves_our_own_sentence(
    opened: Opener,
    standin: Standin,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("NARRATOR_KEY", SECRET)
    services = opened(
        NARRATOR_URL=standin.url, NARRATOR_MODEL="small-1", RATE_NARRATOR="600/minute"
    )
    for status, body, reason in FAILING:
        services.clear("narrated:*")
        standin.seen.clear()
        standin.sends(body, status, Location="/elsewhere", Retry_After="30")
        with caplog.at_level(logging.DEBUG, "agent"):
            own(services, reason)
        assert len(standin.seen) == 1, (status, body[:40])
    assert SECRET not in caplog.text


def test_a_service_that_stalls_is_left_at_the_deadline(
    services: Services, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrator, "ANSWER_SECONDS", 0.05)
    standin.stalls()
    own(services, "away")


def test_a_service_that_drips_is_left_at_the_deadline(standin: Standin) -> None:
    """Each piece comes in time, the whole does not: the clock says so, not the machine."""
    standin.says(TRUE)
    ticks = iter((0.0, 100.0, 200.0))
    line = asking.Line(standin.url, "small-1", seconds=10.0, now=lambda: next(ticks))
    with pytest.raises(asking.Unavailable, match="does not answer in time"):
        asking.ask(line, FACTS)


def test_nobody_there_opens_the_breaker(services: Services, standin: Standin) -> None:
    standin.sends("", 500)
    for _ in range(5):
        own(services, "away")
    assert len(standin.seen) == services.upstreams.of("narrator").policy.failures == 3


def test_more_than_its_rate_is_not_asked(
    opened: Opener, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARRATOR_KEY", SECRET)
    services = opened(
        NARRATOR_URL=standin.url, NARRATOR_MODEL="small-1", RATE_NARRATOR="1/hour, burst 1"
    )
    standin.says("no")
    own(services, "word")
    told = narrate(services, replace(FACTS, currency="EUR"), OWN)
    assert told == Told(OWN, "own", "throttled")
    assert len(standin.seen) == 1


def test_a_key_does_not_travel_in_the_clear() -> None:
    line = asking.Line("http://models.example/v1", "small-1", SECRET)
    with pytest.raises(asking.NotConfigured, match="unencrypted"):
        asking.ask(line, FACTS)
    assert SECRET not in repr(line)


def test_what_lies_in_the_cache_is_checked_again(services: Services, standin: Standin) -> None:
    standin.says(TRUE)
    narrate(services, FACTS, OWN)
    key = narrator.key_of(services, FACTS)
    services.cache.set(key, b'["Net sales rose 99%.", ""]', 60)
    assert narrate(services, FACTS, OWN) == Told(TRUE, "narrator")
    assert len(standin.seen) == 2


def test_a_language_without_a_list_is_not_asked(services: Services, standin: Standin) -> None:
    with speaking("fr_FR"):
        own(services, "language")
    assert standin.seen == []
