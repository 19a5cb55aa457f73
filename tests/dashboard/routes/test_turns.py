from __future__ import annotations

from typing import Any

import pytest

from agent.errors import Throttled
from agent.kinds import Rate
from agent.resilience import Limits, Time
from agent.services import Services
from tests.clock import FrozenClock
from tests.dashboard.conftest import signed_in

ASK = "/api/analytics/ask?metrics=net_sales&from=2026-11-01&to=2026-11-16&cmp=none"


@pytest.fixture
def services(services: Services, clock: FrozenClock) -> Services:
    """Two questions at once and four pictures, in a minute that does not pass."""

    def now() -> float:
        return clock.now().timestamp()

    rates = {"questions": Rate(2, 60, 2), "charts": Rate(4, 60, 4)}
    limits = Limits(clock, rates, time=Time(now, now, _never))
    object.__setattr__(services, "limits", limits)
    return services


def _never(seconds: float, stopping: object) -> None:
    raise AssertionError("a minute is more than anybody waits")


def days(number: int) -> str:
    return f"{ASK}&country=DE".replace("2026-11-16", f"2026-11-{number:02}")


def test_over_the_limit_an_answer_says_when_to_come_back(ann: Any) -> None:
    assert [ann.get(days(n)).status_code for n in (10, 11, 12)] == [200, 200, 429]
    refused = ann.get(days(12))
    assert refused.headers["Retry-After"] == "61"
    error = refused.json["error"]
    assert error["message"].startswith("More new figures are asked for than 2 a minute")
    assert error["hint"] == "Try again in 61 seconds."
    assert error["permanent"] is False


def test_kept_answers_are_free(ann: Any) -> None:
    assert [ann.get(days(10)).status_code for _ in range(6)] == [200] * 6


def test_each_person_has_their_own(ann: Any, vic: Any) -> None:
    assert [ann.get(days(n)).status_code for n in (10, 11, 12)] == [200, 200, 429]
    assert vic.get(days(12)).status_code == 200


def test_who_asks_in_this_program_is_not_limited(ann: Any, services: Services) -> None:
    assert [ann.get(days(n)).status_code for n in (10, 11, 12)] == [200, 200, 429]
    for day in range(12, 16):
        services.answer(services.question(days(day).partition("?")[2]))


def test_a_token_has_its_own(services: Services, server: Any, ann: Any) -> None:
    from agent.records.roles import Role

    assert [ann.get(days(n)).status_code for n in (10, 11, 12)] == [200, 200, 429]
    bearer = {"Authorization": f"Bearer {services.records.tokens.create('till', Role.VIEWER)}"}
    client = server.test_client()
    found = [client.get(days(n), headers=bearer).status_code for n in (12, 13, 14)]
    assert found == [200, 200, 429]


def test_pictures_are_counted_together(services: Services, server: Any) -> None:
    for _ in range(4):
        services.limits.take("charts")
    for name in ("ann", "vic"):
        refused = signed_in(server, name).get("/download/overview.pdf")
        assert refused.status_code == 429, refused.text
        assert "More pictures and PDF files" in refused.text


def test_a_page_counts_once(services: Services) -> None:
    """All parts of a page at one address; another address is another."""
    from agent.asking import asking
    from dashboard.callbacks.parts import Sight
    from dashboard.pages import PAGES

    page = PAGES["/"]
    own = lambda once: services.limits.take("questions", "ann", once=once)  # noqa: E731

    def failed(search: str) -> list[str]:
        with asking(own, ""):
            sight = Sight(services, page, search)
            drawn = [str(sight.draw(name)[0]) for name in ("lead", "figures", "hero")]
        return [part for part in drawn if "More new figures" in part]

    assert failed("?from=2026-11-01&to=2026-11-09") == []
    assert failed("?from=2026-11-01&to=2026-11-10") == []
    assert failed("?from=2026-11-01&to=2026-11-11") != []
    with pytest.raises(Throttled):
        services.limits.take("questions", "ann")
