"""Where filters leave no order: the one to drop is named, and dropping it brings orders back."""

from __future__ import annotations

from typing import Any

from agent.services import Services
from dashboard import address
from dashboard.callbacks import nothing
from dashboard.callbacks.showing import Showing
from dashboard.pages import PAGES
from tests.dashboard.test_components import tags, text

NOVEMBER = "?from=2026-11-01&to=2026-11-16&cmp=none"


def ways(services: Services, search: str) -> list[tuple[str, str]]:
    showing = Showing(services, PAGES["/"], address.read(services, "/", search))
    links = tags(nothing.no_orders(showing), "Link")
    return [(text(link), str(link.href)) for link in links]


def orders(services: Services, href: str) -> Any:
    query = href.partition("?")[2]
    return services.answer(services.question(f"metrics=orders&{query}")).total("orders")


def test_the_filter_that_stands_in_the_way_is_named(services: Services) -> None:
    """Nobody in Austria bought by e-mail; somebody there bought, and somebody did by e-mail."""
    (drop, href), (clear, _) = ways(services, f"{NOVEMBER}&country=AT&channel=email")
    assert (drop, clear) == ("Drop Channel: email", "Clear filters")
    assert "country=AT" in href and "channel" not in href
    assert orders(services, href) > 0


def test_an_earlier_filter_is_named_where_the_last_is_not_the_reason(services: Services) -> None:
    (drop, href), _ = ways(services, f"{NOVEMBER}&value_tier=High+value&channel=web")
    assert drop == "Drop Value tier: High value"
    assert orders(services, href) > 0


def test_several_that_stand_in_the_way_leave_only_all(services: Services) -> None:
    found = ways(services, f"{NOVEMBER}&value_tier=High+value&abc=C&recency=1&frequency=5")
    assert [words for words, _ in found] == ["Clear filters"]


def test_one_filter_is_cleared_and_not_also_dropped(services: Services) -> None:
    assert [words for words, _ in ways(services, f"{NOVEMBER}&value_tier=High+value")] == [
        "Clear filters"
    ]


def test_an_empty_period_has_nothing_to_drop(services: Services) -> None:
    assert ways(services, "?from=2026-01-05&to=2026-01-11&cmp=none") == []
