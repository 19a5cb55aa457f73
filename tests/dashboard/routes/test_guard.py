from __future__ import annotations

import re
from typing import Any

import pytest

from agent.services import Services
from dashboard.routes.guard import NOWHERE, inside
from tests.dashboard.conftest import OURS

OPEN = {
    "/signin",
    "/link/<token>",
    "/language",
    "/assets/<path:name>",
    "/api/analytics/health",
    "/favicon.ico",
    "/_favicon.ico",
    "/assets/dash/<path:filename>",
}


def test_every_address_but_the_open_ones_is_shut_to_strangers(server: Any, stranger: Any) -> None:
    rules = [rule for rule in server.url_map.iter_rules() if rule.rule not in OPEN]
    shut = [rule for rule in rules if rule.endpoint != NOWHERE]
    assert len(shut) > 12
    for rule in shut:
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in rule.methods & {"GET", "POST", "PUT", "DELETE", "PATCH"}:
            answer = stranger.open(path, method=method, headers=OURS)
            assert answer.status_code in (302, 401), (method, path, answer.status_code)
            if answer.status_code == 302:
                assert answer.location.startswith("/signin"), path


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/analytics/nothing"])
def test_what_is_not_there_is_not_there_for_strangers_either(stranger: Any, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 404
    assert answer.json["error"]["message"].startswith("There is no /api/")


@pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/_reload-hash"])
def test_dash_itself_answers_401_as_json(stranger: Any, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert answer.json["error"]["message"] == "You are signed out."
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_page_sends_strangers_to_sign_in_and_back(stranger: Any) -> None:
    answer = stranger.get("/explore?country=DE&by=product")
    assert answer.location == "/signin?next=%2Fexplore%3Fcountry%3DDE%26by%3Dproduct"


def test_a_bearer_token_opens_the_api_and_its_role_counts(
    server: Any, services: Services, stranger: Any
) -> None:
    from agent.records.roles import Role

    token = services.records.tokens.create("night", Role.VIEWER)
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/analytics/versions", headers=headers).status_code == 200
    posted = stranger.post("/api/analytics/imports", headers=headers)
    assert posted.status_code == 403, "a token needs no page of ours, but the role still counts"
    services.records.tokens.revoke(services.records.tokens.all()[0].token_id)
    assert stranger.get("/api/analytics/versions", headers=headers).status_code == 401


def test_a_bad_token_is_refused_even_beside_a_good_cookie(ann: Any) -> None:
    answer = ann.get("/api/analytics/versions", headers={"Authorization": "Bearer ra_wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/localhost"},
    ],
)
def test_another_site_cannot_change_anything(ann: Any, headers: dict[str, str]) -> None:
    answer = ann.post("/signout", headers=headers)
    assert answer.status_code == 403
    assert ann.get("/api/analytics/versions").status_code == 200, "still signed in"


def test_our_own_origin_may(ann: Any) -> None:
    assert ann.post("/signout", headers={"Origin": "http://localhost"}).status_code == 303
    assert ann.get("/api/analytics/versions").status_code == 401


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/explore?country=DE", "/explore?country=DE"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/signin?next=/", "/"),
        ("/link/abc", "/"),
        ("explore", "/"),
        ("", "/"),
    ],
)
def test_going_on_never_leaves_the_site(asked: str, given: str) -> None:
    assert inside(asked) == given
