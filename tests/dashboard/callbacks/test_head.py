"""What stands over a page where its address or its figures are not whole."""

from __future__ import annotations

from typing import Any

from agent.services import Services
from tests.clock import FrozenClock
from tests.dashboard.callbacks.test_drill import drawn
from tests.dashboard.callbacks.test_parts import NOVEMBER, words
from tests.dashboard.test_components import of_class, tags, text

__all__ = ["drawn"]
TODAY = "?from=2026-11-10&to=2026-11-17&cmp=none"


def test_an_unknown_value_is_said_and_the_nearest_offered(drawn: Any) -> None:
    head = drawn("/", "head", f"{NOVEMBER}&country=Germny&country=AT&colour=red")
    loud, quiet = of_class(head, "note")
    assert "There is no country called 'Germny' in this shop." in text(loud)
    (link,) = tags(loud, "A")
    assert text(link) == "Show Germany"
    assert "country=AT&country=DE" in link.href
    assert text(quiet).startswith("A question has no word 'colour'.")
    assert "near" not in quiet.className
    left = drawn("/", "head", f"{NOVEMBER}&not_country=Germny")
    assert "Without Germany" in words(left)


def test_a_known_address_has_nothing_over_it(drawn: Any) -> None:
    assert of_class(drawn("/", "head", f"{NOVEMBER}&country=DE"), "note") == []


def test_what_stopped_arriving_is_said_over_the_days_that_miss_it(
    drawn: Any, services: Services, clock: FrozenClock
) -> None:
    clock.advance(hours=29)
    assert of_class(drawn("/", "head", TODAY), "note") == []
    clock.advance(hours=2)
    said = "Sales stopped arriving at 17 Nov 2026, 08:41. What was sold since then is missing here."
    assert said in text(drawn("/", "head", TODAY))
    assert said in text(drawn("/explore", "head", TODAY))
    assert of_class(drawn("/", "head", NOVEMBER), "note") == [], "the days before are whole"
    assert of_class(drawn("/targets", "head", TODAY), "note") == []


def test_today_is_known_until_the_last_rows_came(drawn: Any, clock: FrozenClock) -> None:
    assert "Today until 08:41." in words(drawn("/", "main", TODAY))
    assert "Today until" not in words(drawn("/", "main", NOVEMBER))
    clock.advance(days=1)
    assert "Today until" not in words(drawn("/", "main", TODAY))
