"""A page never waits for the narrator: our sentence stands until it has answered, once."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import Any

import pytest

from agent.narrating import Told, checking
from agent.services import Services
from dashboard import narrated
from dashboard.callbacks import narrators
from dashboard.components.changes import narrated as shown
from tests.agent.narrating.conftest import FACTS, TRUE, Standin, standin
from tests.dashboard.callbacks.test_parts import words

__all__ = ["standin"]
OWN = "Net sales rose 8.1% to $412.6k."


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was begun beside the requests, to be done by the test."""
    waiting = list[Any]()

    class Later:
        def __init__(self, target: Any, **more: Any) -> None:
            self.start = lambda: waiting.append(target)

    monkeypatch.setattr(narrated, "Thread", Later)
    return waiting


def with_narrator(services: Services, url: str) -> Services:
    settings = replace(services.settings, narrator_url=url, narrator_model="small-1")
    return replace(services, settings=settings)


def test_without_a_narrator_nothing_is_begun(services: Services, begun: list[Any]) -> None:
    assert narrated.told(services, FACTS, OWN) == Told(OWN, reason="off")
    assert begun == []


def test_our_own_stands_until_it_is_told(
    services: Services, standin: Standin, begun: list[Any]
) -> None:
    standin.says(TRUE)
    asked = with_narrator(services, standin.url)
    for _ in range(3):
        assert narrated.told(asked, FACTS, OWN) == Told(OWN, reason="waiting")
    (work,) = begun
    assert standin.seen == []
    work()
    assert narrated.told(asked, FACTS, OWN) == Told(TRUE, "narrator")
    assert len(standin.seen) == 1


def test_who_fails_is_left_alone_for_a_while(
    services: Services, standin: Standin, begun: list[Any]
) -> None:
    standin.sends("", status=503)
    asked = with_narrator(services, standin.url)
    narrated.told(asked, FACTS, OWN)
    begun.pop()()
    assert narrated.told(asked, FACTS, OWN) == Told(OWN, reason="away")
    assert begun == []


def test_a_lie_is_never_shown(services: Services, standin: Standin, begun: list[Any]) -> None:
    standin.says("Net sales rose 9.1% to $412.6k.")
    asked = with_narrator(services, standin.url)
    narrated.told(asked, FACTS, OWN)
    begun.pop()()
    assert narrated.told(asked, FACTS, OWN).text == OWN


def test_the_narrators_words_are_marked() -> None:
    assert "In the words of the narrator" in words(shown(TRUE))


def test_the_house_counts_what_became_of_it(
    services: Services, standin: Standin, begun: list[Any]
) -> None:
    assert narrators.told(services) == []
    standin.says("Net sales rose 9.1% to $412.6k.")
    asked = with_narrator(services, standin.url)
    narrated.told(asked, FACTS, OWN)
    begun.pop()()
    said = words(narrators.told(asked))
    assert "Asked1" in said.replace(" ", "")
    assert "Shownforthefirsttime0" in said.replace(" ", "")
    assert "Turned down: A figure that is not in the facts" in said
    assert "Failed" not in said


def test_every_reason_has_words() -> None:
    source = inspect.getsource(checking)
    reasons = set(re.findall(r'Wrong\("(\w+)"', source))
    assert reasons
    assert reasons <= set(narrators.DOWN)
