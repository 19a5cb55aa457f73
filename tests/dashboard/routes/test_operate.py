from __future__ import annotations

from typing import Any

import pytest

from agent.services import Services
from tests.dashboard.conftest import OURS, signed_in

CACHE, CLEAR = "/api/analytics/cache", "/api/analytics/cache/clear"
ASK = "/api/analytics/ask?metrics=net_sales&from=2026-11-01&to=2026-11-16"


@pytest.fixture
def ada(server: Any) -> Any:
    return signed_in(server, "ada")


def test_the_numbers_of_each_level(ada: Any, ann: Any) -> None:
    for _ in range(2):
        assert ann.get(ASK).status_code == 200
    told = ada.get(CACHE).json
    (level,) = told["levels"]
    assert level["name"] == "process"
    assert level["hits"] == told["counts"]["hits"] >= 1
    assert level["entries"] >= 1
    assert level["size"] > 500
    assert level["rate"] == level["hits"] / (level["hits"] + level["misses"])
    assert level["whole"]


def test_a_pattern_is_cleared_and_who_did_it_stands_in_the_audit(
    ada: Any, ann: Any, services: Services
) -> None:
    first = ann.get(ASK).json
    assert ada.post(CLEAR, data={"pattern": "*spend*"}, headers=OURS).json["cleared"] == 0
    answer = ada.post(CLEAR, data={"pattern": " shop:almas-tea:answer:* "}, headers=OURS)
    assert answer.json == {"pattern": "shop:almas-tea:answer:*", "cleared": 1}
    misses = services.cache.counts()["misses"]
    assert ann.get(ASK).json["totals"] == first["totals"]
    assert services.cache.counts()["misses"] > misses
    noted = [(row.who, row.what, row.subject) for row in services.records.audit.recent(10)]
    assert ("Ada", "cleared the cache", "shop:almas-tea:answer:*") in noted


def test_only_admins_see_and_clear(ann: Any, vic: Any, stranger: Any) -> None:
    for client in (ann, vic):
        assert client.get(CACHE).status_code == 403
        assert client.post(CLEAR, data={"pattern": "*"}, headers=OURS).status_code == 403
    assert stranger.get(CACHE).status_code == 401
    assert stranger.post(CLEAR, data={"pattern": "*"}, headers=OURS).status_code == 401


def test_a_clearing_from_another_site_is_turned_down(ada: Any) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert ada.post(CLEAR, data={"pattern": "*"}, headers=foreign).status_code == 403


@pytest.mark.parametrize("form", [{}, {"pattern": ""}, {"pattern": "  "}])
def test_clearing_nothing_in_particular_is_asked_back(ada: Any, form: dict[str, str]) -> None:
    answer = ada.post(CLEAR, data=form, headers=OURS)
    assert answer.status_code == 400
    assert answer.json["error"]["message"] == "Name a pattern of keys."


@pytest.mark.parametrize("deed", ["check", "tidy", "rebuild", "retention"])
def test_only_admins_look_after_the_warehouse(
    ada: Any, ann: Any, services: Services, deed: str
) -> None:
    address, form = f"/api/analytics/warehouse/{deed}", {"shop": "almas-tea", "keep_months": "999"}
    assert ann.post(address, data=form, headers=OURS).status_code == 403
    told = ada.post(address, data=form, headers=OURS)
    assert told.status_code == 200
    assert told.json["said"]
    (newest,) = services.records.audit.recent(1)
    assert newest.who == "Ada"


@pytest.mark.parametrize(
    ("deed", "form"),
    [
        ("burn", {}),
        ("rebuild", {}),
        ("retention", {}),
        ("retention", {"keep_months": "-1"}),
        ("retention", {"keep_months": "0"}),
    ],
)
def test_what_the_warehouse_cannot_be_asked(ada: Any, deed: str, form: dict[str, str]) -> None:
    told = ada.post(f"/api/analytics/warehouse/{deed}", data=form, headers=OURS)
    assert 400 <= told.status_code < 500
    assert told.json["error"]["message"]
