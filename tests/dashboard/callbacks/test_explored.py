"""Explore: any metrics by any dimension, hierarchies, times, small multiples, targets, receipts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dash.development.base_component import Component

from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.services import Services
from dashboard.callbacks import crumbs, parts
from dashboard.pages import PAGES
from dashboard.pages.explore import GROUPS, steps
from tests.dashboard.callbacks.test_parts import NOVEMBER, everything, links, person, words

YEAR = "?from=2026-01-01&to=2026-11-16"


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    def draw(name: str, search: str = NOVEMBER) -> Any:
        with server.test_request_context("/"):
            person(services)
            return parts.drawn(services, PAGES["/explore"], name, search)[0]

    return draw


def said(href: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(href).query).items()}


def openers(content: Any) -> list[Any]:
    return [x for x in everything(content) if getattr(x, "className", "") == "open"]


def figures(content: Any) -> list[Any]:
    return [x for x in everything(content) if type(x).__name__ == "Graph"]


def test_every_metric_and_dimension_is_offered() -> None:
    offered = [name for _, names in GROUPS for name in names]
    assert sorted(offered) == sorted(METRICS), "the picker's groups hold every metric once"
    levels = [name for _, names in crumbs.GROUPS for name in names]
    assert sorted(levels) == sorted(set(DIMENSIONS) - {"shop"})


def test_any_metric_is_drawn_or_says_why_not(drawn: Any) -> None:
    for metric in METRICS:
        for name in ("hero", "trend", "breakdown"):
            text = words(drawn(name, f"{NOVEMBER}&metrics={metric}"))
            assert text, (metric, name)
            assert "could not be drawn" not in text, (metric, name)


def test_any_dimension_is_drawn_or_says_why_not(drawn: Any) -> None:
    for dimension in sorted(set(DIMENSIONS) - {"shop"}):
        text = words(drawn("breakdown", f"{NOVEMBER}&by={dimension}"))
        assert "could not be drawn" not in text, dimension
        if dimension == "campaign":
            assert "Sales are not known by campaign." in text
        else:
            assert f"by {DIMENSIONS[dimension].label}".lower() in text.lower()


def test_several_metrics_are_columns_and_charts_of_one_question(drawn: Any) -> None:
    search = f"{NOVEMBER}&metrics=net_sales,orders,units"
    assert len(figures(drawn("trend", search))) == 3
    text = words(drawn("breakdown", search))
    for label in ("Net sales", "Orders", "Units sold"):
        assert label in text
    hero = words(drawn("hero", search))
    assert hero.index("Net sales") < hero.index("Orders") < hero.index("Units sold")


def test_the_picker_adds_up_to_four(drawn: Any) -> None:
    one = links(drawn("picker"))
    assert any(said(href)["metrics"] == "net_sales,orders" for href in one)
    four = f"{NOVEMBER}&metrics=net_sales,orders,units,customers"
    kept = [said(href)["metrics"] for href in links(drawn("picker", four))]
    assert max(len(names.split(",")) for names in kept) == 3, "one can only be left out"


def test_a_further_metric_that_the_place_does_not_know_is_left_out(drawn: Any) -> None:
    search = f"{NOVEMBER}&metrics=net_sales,sessions&product=T1"
    assert len(figures(drawn("trend", search))) == 1
    hero = words(drawn("hero", search))
    assert "Sessions are not known by product." in hero
    assert "Net sales" in hero


def test_what_cannot_be_asked_is_a_note_and_not_an_error(drawn: Any) -> None:
    search = f"{NOVEMBER}&metrics=sessions&product=T1"
    for name in ("trend", "breakdown"):
        content = drawn(name, search)
        assert "Sessions are not known by product." in words(content)
        assert not [x for x in everything(content) if getattr(x, "role", "") == "alert"]
        left = [said(href) for href in links(content) if "product" not in said(href)]
        assert left, "there is a way on"


def test_the_next_step_follows_the_hierarchy(services: Services) -> None:
    scope = services.scope("from=2026-11-01&to=2026-11-16")
    assert steps({}, scope)[0] == "country"
    assert steps({}, scope.where("country", "DE"))[:2] == ("region", "city")
    assert steps({}, scope.where("product_type", "Tea"))[:2] == ("product", "variant")
    deeper = scope.where("country", "DE").where("region", "BE")
    assert steps({}, deeper)[0] == "city"
    spend = {"metrics": "marketing_spend"}
    assert steps(spend, scope.where("channel", "Online"))[0] == "campaign"
    assert "campaign" not in steps({}, scope.where("channel", "Online"))
    several = scope.where("country", "DE", "AT")
    assert steps({}, several)[0] == "country", "two countries are still split"


def test_a_level_that_the_metric_does_not_know_says_why(drawn: Any) -> None:
    content = drawn("levels", f"{NOVEMBER}&metrics=sessions")
    assert "Sessions are not known by product." in words(content)
    offered = [said(href)["by"] for href in links(content)]
    assert "country" in offered
    assert "product" not in offered


def test_a_row_of_a_time_is_that_time(drawn: Any) -> None:
    content = drawn("breakdown", f"{YEAR}&by=month")
    row = next(x for x in openers(content) if x.children == "Nov 2026" or x.children == "Nov")
    there = said(row.href)
    assert (there["from"], there["to"]) == ("2026-11-01", "2026-11-16")
    assert there["by"] == "day"
    day = openers(drawn("breakdown", f"?from={there['from']}&to={there['to']}&by=day"))[0]
    assert said(day.href)["from"] == said(day.href)["to"] == "2026-11-01"
    assert said(day.href)["by"] == "hour"
    assert openers(drawn("breakdown", "?from=2026-11-02&to=2026-11-02&by=hour")) == []


def test_small_multiples_have_one_scale_and_end_in_the_others(drawn: Any) -> None:
    content = drawn("breakdown", f"{NOVEMBER}&split=product")
    drawings = figures(content)
    assert 2 <= len(drawings) <= 7
    ranges = {tuple(x.figure["layout"]["yaxis"]["range"]) for x in drawings}
    assert len(ranges) == 1
    assert len({str(x.figure["layout"]["xaxis"]["range"]) for x in drawings}) == 1
    assert "One scale for all." in words(content)


def test_against_the_target_every_row_says_its_part(drawn: Any, services: Services) -> None:
    services.records.targets.put("almas-tea", "net_sales", 300.0)
    compared = f"{NOVEMBER}&cmp=target"
    text = words(drawn("breakdown", f"{compared}&by=country"))
    assert "Share of target" in text
    assert "Target €160, gap −€" in text, "300 for 16 of 30 days"
    days = words(drawn("breakdown", f"{compared}&by=day"))
    assert "Gap" in days
    assert "€10" in days, "a day's own part of the month"
    assert "a part of it has none" in words(drawn("breakdown", f"{compared}&country=DE"))
    chart = figures(drawn("trend", compared))[0].figure
    assert chart["layout"]["shapes"], "the target's line"


def test_every_number_of_the_table_leads_to_its_receipt(drawn: Any) -> None:
    content = drawn("breakdown", f"{NOVEMBER}&by=country&metrics=net_sales,orders")
    made = [x for x in everything(content) if getattr(x, "className", "") == "made"]
    asked = [(said(x.href)["receipt"], said(x.href).get("of", "")) for x in made]
    assert ("net_sales", "country:DE") in asked
    assert ("orders", "country:DE") in asked
    assert ("net_sales", "") in asked, "the total"
    assert [x for x in everything(drawn("hero")) if getattr(x, "className", "") == "made"]


def test_the_terms_are_said_and_can_be_changed(drawn: Any) -> None:
    assert "Refunds on the processing day" in words(drawn("crumbs"))
    other = next(h for h in links(drawn("crumbs")) if "refunds=order_day" in h)
    changed = words(drawn("crumbs", "?" + urlsplit(other).query))
    assert "Refunds on the order's day" in changed


def test_a_control_does_not_carry_the_receipt_on(drawn: Any) -> None:
    content = drawn("breakdown", f"{NOVEMBER}&receipt=net_sales&of=country:DE")
    opening = [x.href for x in openers(content)]
    assert opening
    assert not any("receipt=" in href for href in opening)


def test_panels_know_whose_receipt_their_menu_opens(drawn: Any) -> None:
    content = drawn("trend", f"{NOVEMBER}&metrics=orders")
    found = [x for x in everything(content) if isinstance(x, Component)]
    assert [getattr(x, "data-made-of") for x in found if hasattr(x, "data-made-of")] == ["orders"]
