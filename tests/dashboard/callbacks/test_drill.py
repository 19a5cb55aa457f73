"""The way down, a period without orders, and pages without a comparison."""

from __future__ import annotations

from typing import Any

import pytest
from dash.development.base_component import Component

from agent.records.kpis import Kpi
from agent.services import Services
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from tests import almas_tea
from tests.agent.metrics.test_exchange import rates
from tests.dashboard.callbacks.test_parts import NOVEMBER, everything, links, person, words

TO_COME = "?from=2027-03-01&to=2027-03-28"
ONE_DAY = "?from=2026-11-05&to=2026-11-05"


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    def draw(path: str, name: str, search: str = NOVEMBER) -> Any:
        with server.test_request_context("/"):
            person(services)
            return parts.drawn(services, PAGES[path], name, search)[0]

    return draw


def marks(content: Any) -> list[str]:
    """Everything that only a comparison has: changes, former values, ticks on bars."""
    found = [x for x in everything(content) if isinstance(x, Component)]
    names = [str(getattr(x, "className", "") or "") for x in found]
    told = [n for n in names if n.startswith("delta") or "i-arrow-up" in n or "was" in n.split()]
    # The tick on a track is a target's.
    bars = [x for x in found if getattr(x, "className", "") == "bar"]
    ticks = [type(x).__name__ for x in everything(bars) if type(x).__name__ == "U"]
    return told + ticks


def test_a_level_more_is_any_dimension_that_the_path_has_not(drawn: Any) -> None:
    offered = links(drawn("/explore", "levels"))
    assert any("by=country" in href for href in offered)
    assert any("by=weekday" in href for href in offered)
    below = links(drawn("/explore", "levels", f"{NOVEMBER}&country=DE"))
    assert len(below) == len(offered) - 1
    assert not any("by=country" in href for href in below)
    assert all("country=DE" in href for href in below)


def test_a_level_more_can_be_opened_and_gone_down(drawn: Any) -> None:
    table = drawn("/explore", "breakdown", f"{NOVEMBER}&by=weekday")
    assert "Monday" in words(table)
    assert "By weekday" in words(table)
    tabs = [x for x in everything(table) if getattr(x, "aria-current", "")]
    assert next(str(x.children) for x in tabs) == "Weekday"
    monday = next(href for href in links(table) if "weekday=1" in href)
    crumbs = drawn("/explore", "crumbs", monday.partition("?")[2])
    assert "Weekday: Monday" in words(crumbs)
    further = links(drawn("/explore", "levels", monday.partition("?")[2]))
    assert further
    assert not any("by=weekday" in href for href in further)


def test_a_share_of_all_needs_a_path_and_something_to_add_up(drawn: Any) -> None:
    assert "Share of all" not in words(drawn("/explore", "hero"))
    assert "Share of all net sales" in words(drawn("/explore", "hero", f"{NOVEMBER}&country=DE"))
    mean = f"{NOVEMBER}&country=DE&metrics=average_order_value"
    assert "Share of all" not in words(drawn("/explore", "hero", mean))


@pytest.mark.parametrize("period", [NOVEMBER, ONE_DAY, TO_COME])
@pytest.mark.parametrize("rest", ["", "&country=DE"])
def test_without_a_comparison_nothing_is_compared(drawn: Any, period: str, rest: str) -> None:
    for path, name in (
        ("/", "figures"),
        ("/", "countries"),
        ("/", "products"),
        ("/explore", "hero"),
        ("/explore", "breakdown"),
    ):
        content = drawn(path, name, f"{period}{rest}&cmp=none")
        assert marks(content) == [], name
        assert not {"from", "Change", "Difference"} & set(words(content).split()), name
    for path in ("/", "/explore"):
        assert "vs " not in words(drawn(path, "head", f"{period}{rest}&cmp=none"))
    for path, name in (("/", "main"), ("/explore", "trend")):
        assert "Dashed" not in words(drawn(path, name, f"{period}{rest}&cmp=none"))


def test_with_a_comparison_the_same_parts_do_compare(drawn: Any) -> None:
    assert marks(drawn("/", "figures"))
    assert marks(drawn("/explore", "breakdown"))
    assert "from" in words(drawn("/explore", "hero"))


def test_one_day_is_drawn_by_the_hour(drawn: Any) -> None:
    assert "Net sales per hour" in words(drawn("/", "main", ONE_DAY))
    assert "Net sales per hour" in words(drawn("/explore", "trend", ONE_DAY))


def test_days_to_come_are_said_to_be_to_come(drawn: Any) -> None:
    assert words(drawn("/", "lead", TO_COME)) == "These days are still to come."
    assert "still to come" not in words(drawn("/", "head", TO_COME)), "it is said once"
    assert "still to come" in words(drawn("/explore", "head", TO_COME))
    assert "still to come" not in words(drawn("/explore", "head"))
    assert "still to come" not in words(drawn("/", "lead"))
    assert "no orders in this period" in words(drawn("/explore", "breakdown", TO_COME))


def test_a_kpi_is_led_down_only_where_all_of_it_is_known(drawn: Any, services: Services) -> None:
    """Sessions are not known by campaign, the step after channel; sales are not either."""
    services.warehouse.merge(almas_tea.beside())
    services.records.kpis.add(
        Kpi("visit_value", "Visit value", "money", "net_sales / sessions"), lambda _: None
    )
    for metric in ("visit_value", "marketing_spend"):
        table = drawn("/explore", "breakdown", f"{NOVEMBER}&metrics={metric}&by=channel")
        assert "not known" not in words(table), metric
        assert any("channel=" in href for href in links(table)), metric
    assert not any(
        "by=product" in href
        for href in links(drawn("/explore", "breakdown", f"{NOVEMBER}&metrics=visit_value"))
    )


def test_the_line_beside_the_filters_names_the_currency_that_is_shown(
    drawn: Any, services: Services
) -> None:
    """Money converted to pounds is never called the shop's euros there."""
    services.warehouse.merge(rates(("GBP",)))
    assert "euros, net of returns" in words(drawn("/", "chips"))
    assert "British pounds, net of returns" in words(
        drawn("/", "chips", f"{NOVEMBER}&currency=GBP")
    )
