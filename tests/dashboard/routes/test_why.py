"""Why a figure changed, over HTTP: it adds up, and a question that cannot be answered says why."""

from __future__ import annotations

from typing import Any

import pytest

ADDRESS = "/api/analytics/why"
ASKED = "shop=almas-tea&from=2026-11-01&to=2026-11-16"


def test_it_adds_up(ann: Any) -> None:
    answer = ann.get(f"{ADDRESS}?metric=net_sales&{ASKED}")
    assert answer.status_code == 200, answer.text
    told = answer.json
    asked = ann.get(f"/api/analytics/ask?metrics=net_sales&{ASKED}").json
    assert told["now"] == asked["totals"]["net_sales"]
    assert told["change"] == pytest.approx(told["now"] - told["before"])
    parts = [one["change"] for one in told["segments"]]
    assert sum(parts) + told["others"]["change"] == pytest.approx(told["change"])
    for bridge in told["bridges"]:
        steps = sum(step["change"] for step in bridge["steps"])
        assert bridge["before"] + steps == pytest.approx(bridge["now"])
    assert told["sentences"][0].startswith("Net sales ")
    assert "stale" not in told


def test_against_what_was_expected(ann: Any) -> None:
    told = ann.get(f"{ADDRESS}?metric=net_sales&{ASKED}&expected=1000").json
    assert (told["against"], told["before"]) == ("expected", 1000)
    assert told["change"] == pytest.approx(told["now"] - 1000)
    parts = [one["change"] for one in told["segments"]]
    assert sum(parts) + told["others"]["change"] == pytest.approx(told["change"])
    for bridge in told["bridges"]:
        steps = sum(step["change"] for step in bridge["steps"])
        assert bridge["before"] + steps == pytest.approx(bridge["now"])
        assert bridge["before"] == pytest.approx(1000, abs=0.02)
    assert "than expected" in told["sentences"][0]
    assert ann.get(f"{ADDRESS}?metric=net_sales&{ASKED}").json["against"] == "before"


def test_filters_and_other_metrics(ann: Any) -> None:
    told = ann.get(f"{ADDRESS}?metric=orders&{ASKED}&country=DE").json
    asked = ann.get(f"/api/analytics/ask?metrics=orders&{ASKED}&country=DE").json
    assert told["now"] == asked["totals"]["orders"]
    assert told["metric"] == "orders"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        (f"{ASKED}&cmp=none", 400, "There is no period to compare with."),
        (f"metric=luck&{ASKED}", 400, "luck"),
        ("shop=nobody", 404, "no shop called 'nobody'"),
        (f"{ASKED}&colour=red", 400, "A question has no word 'colour'."),
        (f"{ASKED}&expected=much", 400, "'much' is not what could be expected."),
        (f"{ASKED}&expected=inf", 400, "What was expected is no figure."),
        (f"{ASKED}&expected=forecast", 400, "No forecast was made of these days"),
        (f"{ASKED}&country=Atlantis", 400, "no country called 'Atlantis'"),
    ],
)
def test_what_cannot_be_told_says_why(ann: Any, query: str, status: int, words: str) -> None:
    answer = ann.get(f"{ADDRESS}?{query}")
    assert answer.status_code == status, answer.text
    assert words in answer.json["error"]["message"]


def test_a_stranger_is_told_nothing(stranger: Any) -> None:
    assert stranger.get(f"{ADDRESS}?{ASKED}").status_code in (302, 303, 401)
