"""Jump to: what is offered by name, and the values that are found while one types."""

from __future__ import annotations

from typing import Any

import pytest

from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import ATTRIBUTES
from agent.services import Services
from dashboard.pages import PAGES
from dashboard.routes.palette import values

DAYS = "?from=2026-11-01&to=2026-11-16"


def groups(client: Any, **asked: str) -> dict[str, list[dict[str, Any]]]:
    answer = client.get("/palette", query_string=asked)
    assert answer.status_code == 200, answer.text
    return {group["name"]: group["entries"] for group in answer.get_json()["groups"]}


def labels(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["label"] for entry in entries]


def test_everything_with_a_name_is_there(ann: Any) -> None:
    found = groups(ann)
    assert [entry["path"] for entry in found["pages"]] == list(PAGES)
    assert {entry["set"]["metrics"] for entry in found["metrics"]} >= set(METRICS)
    assert {entry["set"]["by"] for entry in found["dimensions"]} == set(ATTRIBUTES) - {"shop"}
    assert "Last 28 days" in labels(found["periods"])
    assert "Sign out" in labels(found["actions"])
    every = [entry["id"] for entries in found.values() for entry in entries]
    assert len(set(every)) == len(every)


def test_every_entry_leads_somewhere(ann: Any) -> None:
    for entry in (entry for entries in groups(ann).values() for entry in entries):
        assert entry["path"] or entry["set"] or entry["href"] or entry["act"], entry["id"]


def test_it_speaks_the_language(ann: Any) -> None:
    ann.set_cookie("language", "de_DE")
    found = groups(ann)
    assert "Nettoumsatz" in labels(found["metrics"])
    assert "Sprache: English" in labels(found["actions"])
    assert labels(groups(ann, q="deutsch", at=DAYS)["country"]) == ["Deutschland"]


@pytest.mark.parametrize(
    ("text", "dimension", "label", "words"),
    [
        ("germ", "country", "Germany", {"country": "DE"}),
        ("AUSTR", "country", "Austria", {"country": "AT"}),
        ("ass", "product", "Assam", {"product": "T1"}),
        ("tea", "product_type", "Tea", {"product_type": "Tea"}),
        ("ema", "channel", "email", {"channel": "email"}),
    ],
)
def test_values_are_found_by_what_a_person_reads(
    ann: Any, text: str, dimension: str, label: str, words: dict[str, str]
) -> None:
    (entry,) = groups(ann, q=text, at=DAYS)[dimension]
    assert (entry["label"], entry["path"], entry["set"]) == (label, "/explore", words)


def test_a_value_is_worth_its_net_sales_without_the_pages_filters(
    ann: Any, services: Services
) -> None:
    frame = services.answer(services.question(f"metrics=net_sales&country=DE&{DAYS[1:]}"))
    (entry,) = groups(ann, q="germany", at=f"{DAYS}&country=AT&channel=web")["country"]
    assert entry["worth"] == f"€{frame.total('net_sales'):,.0f}"


@pytest.mark.parametrize(
    "text", ["", "   ", "zzzz", "%", "_", "'; drop table sales; --", "é" * 500]
)
def test_what_fits_nothing_finds_nothing(ann: Any, text: str) -> None:
    assert groups(ann, q=text, at=DAYS) == {}


def test_a_bad_address_is_no_reason_to_find_nothing(ann: Any) -> None:
    assert "country" in groups(ann, q="ger", at="?from=tomorrow&kpi=nonsense&country=ZZ")


def test_a_shop_without_sales_has_no_values(empty_services: Services) -> None:
    assert values(empty_services, "ger", DAYS) == []


def test_strangers_get_nothing(stranger: Any) -> None:
    assert stranger.get("/palette", headers={"Accept": "application/json"}).status_code == 401
