"""Where there is nothing to say a part says so once, and why: no comparison, no value, no name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.ports import Shop
from agent.services import Services
from dashboard.callbacks import parts
from tests import almas_tea
from tests.dashboard.callbacks.test_agreement import of_class
from tests.dashboard.callbacks.test_drill import TO_COME, drawn, marks
from tests.dashboard.callbacks.test_parts import NOVEMBER, links, words

__all__ = ["drawn"]
# The shop's first sale is on 10 November 2025: nothing lies before these days.
FIRST_DAYS = "?from=2025-11-03&to=2025-11-16"
QUIET = "?from=2026-01-05&to=2026-01-11&cmp=none"
NOWHERE = f"{NOVEMBER}&value_tier=High+value"  # Nobody is worth that much.
BARE = Shop("bare", "Bare", "EUR", "Europe/Berlin", "test")


def test_the_first_day_is_the_oldest_sale(services: Services) -> None:
    assert services.engine.first_day(("almas-tea",)) == date(2025, 11, 10)
    assert services.engine.first_day(("nobody",)) is None


def test_the_first_day_moves_with_the_tables(services: Services) -> None:
    services.warehouse.merge(almas_tea.batch("#6", name="bare", shop=BARE))
    assert services.engine.first_day(("bare",)) == date(2026, 11, 5)
    services.warehouse.merge(almas_tea.batch("#12", name="more", shop=BARE))
    assert services.engine.first_day(("bare",)) == date(2025, 11, 10)


def test_days_before_the_first_sale_are_nothing_to_compare_with(drawn: Any) -> None:
    for path, name in (
        ("/", "figures"),
        ("/", "countries"),
        ("/", "products"),
        ("/explore", "hero"),
        ("/explore", "breakdown"),
    ):
        content = drawn(path, name, FIRST_DAYS)
        assert marks(content) == [], name
        assert not {"from", "Change", "Difference"} & set(words(content).split()), name
    for path, name in (("/", "main"), ("/explore", "trend")):
        said = words(drawn(path, name, FIRST_DAYS))
        assert "€8" in said
        assert "Previous" not in said
        assert "Dashed" not in said
    for path in ("/", "/explore"):
        head = words(drawn(path, "head", FIRST_DAYS))
        assert "No figures before 10 Nov 2025" in head
        assert "vs " not in head


def test_the_address_keeps_the_comparison_for_other_days(drawn: Any) -> None:
    assert not any("cmp=none" in href for href in links(drawn("/explore", "breakdown", FIRST_DAYS)))


def test_days_that_reach_behind_the_first_sale_are_compared(drawn: Any) -> None:
    later = "?from=2025-11-11&to=2025-11-24"
    assert "No figures before" not in words(drawn("/", "head", later))
    assert marks(drawn("/", "countries", "?from=2026-11-01&to=2026-11-16&cmp=year"))
    assert "No figures before" not in words(drawn("/", "head", f"{FIRST_DAYS}&cmp=none"))


def tile(content: Any, metric: str) -> Any:
    return next(t for t in of_class(content, "kpi") if t.id["key"] == metric)


def test_an_unknown_figure_is_one_dash_and_its_reason(drawn: Any) -> None:
    for search in (QUIET, "?from=2026-01-05&to=2026-01-11", NOWHERE):
        mean = words(tile(drawn("/", "figures", search), "average_order_value"))
        assert mean == "Average order value – No orders in this period"
        rate = words(drawn("/explore", "hero", f"{search}&metrics=average_order_value"))
        assert rate.startswith("Average order value – No orders in this period")
    nobody = words(tile(drawn("/", "figures", NOWHERE), "repeat_purchase_rate"))
    assert nobody == "Repeat purchase rate – No known customers yet"


def test_days_to_come_have_no_figures(drawn: Any) -> None:
    tiles = of_class(drawn("/", "figures", TO_COME), "kpi")
    assert len(tiles) == 6
    assert all(words(t).endswith(" – Still to come") for t in tiles)
    assert "€" not in words(drawn("/explore", "hero", TO_COME))
    assert "No orders" in words(drawn("/", "main", TO_COME))


def test_a_chart_without_orders_is_no_chart(drawn: Any) -> None:
    for path, name in (("/", "main"), ("/explore", "trend")):
        content = drawn(path, name, NOWHERE)
        assert "No orders match" in words(content), path
        assert of_class(content, "chart") == []
        (clear,) = links(content)
        assert "value_tier" not in clear
        assert of_class(drawn(path, name, clear.partition("?")[2]), "chart")
    assert "There are no orders in this period" in words(drawn("/", "main", QUIET))


def test_a_chart_of_nothing_but_zeros_stays_where_there_are_orders(drawn: Any) -> None:
    # The old tin was sold once, without a discount.
    tin = f"{NOVEMBER}&product=X1&cmp=none&metrics=discounts"
    assert of_class(drawn("/explore", "trend", tin), "chart")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("products", "The part “Top products” could not be drawn."),
        ("main", "The part “Sales over time” could not be drawn."),
        ("chip-country", "The filter Country could not be drawn."),
    ],
)
def test_a_broken_part_is_named(
    drawn: Any, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(parts, "_content", broken)
    assert said in words(drawn("/", name))


@pytest.mark.parametrize("name", ["channel", "country"])
def test_what_no_order_says_is_asked_for(drawn: Any, services: Services, name: str) -> None:
    services.warehouse.merge(almas_tea.batch("#6", name="bare", shop=BARE))
    search = f"{NOVEMBER}&shop=bare&by={name}"
    content = drawn("/explore", "breakdown", search)
    plural = {"channel": "channels", "country": "countries"}[name]
    assert f"No {plural} in this shop's data" in words(content)
    assert "(none)" not in words(content)
    assert "/sources" in links(content)
    assert any("by=" in href for href in links(content)), "the other breakdowns stay in reach"
    overview = drawn("/", {"channel": "channels", "country": "countries"}[name], search)
    assert f"No {plural} in this shop's data" in words(overview)


def test_what_other_orders_do_say_stays_a_table(drawn: Any) -> None:
    table = drawn("/explore", "breakdown", f"{NOVEMBER}&by=channel&country=(none)")
    assert "in this shop's data" not in words(table)
    assert "(none)" in words(table)


def test_orders_without_a_customer_are_guests(drawn: Any) -> None:
    said = words(drawn("/", "segments"))
    assert "Guests" in said
    assert "(none)" not in said


def test_the_highest_day_of_one_year_is_named_without_it(drawn: Any) -> None:
    one_year = words(of_class(drawn("/", "main", NOVEMBER), "foot"))
    assert one_year.startswith("Highest: ")
    assert "2026" not in one_year
    two_years = drawn("/", "main", "?from=2025-11-08&to=2026-11-16&grain=day")
    assert "2026" in words(of_class(two_years, "foot"))
