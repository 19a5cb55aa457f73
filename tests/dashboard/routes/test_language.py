"""Whoever asks is answered in their language: by cookie, by what they chose before, by the
setting."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Response

from agent import words
from agent.services import Services, open_services
from agent.settings import Settings
from agent.words import t
from dashboard.build import build_server
from tests.dashboard.conftest import OURS, PASSWORD


def speak(client: Any, name: str, **form: str) -> Any:
    return client.post("/language", data={"language": name, **form}, headers=OURS)


def test_a_page_says_which_language_it_is_in(ann: Any) -> None:
    assert '<html lang="en-US"' in ann.get("/").text
    assert speak(ann, "de_DE").status_code == 204
    page = ann.get("/").text
    assert '<html lang="de-DE"' in page
    assert "Royal Analytics zeichnet" in page
    told = re.search(
        r'<script nonce="[^"]+" type="application/json" id="words">(.*?)</script>', page
    )
    assert told is not None and '"Undo":"Rückgängig"' in told[1]


def test_the_frame_is_drawn_in_the_language(ann: Any) -> None:
    assert "Jump to" in ann.get("/_dash-layout", headers=OURS).text
    speak(ann, "de_DE")
    frame = ann.get("/_dash-layout", headers=OURS).get_json()
    assert "Springen zu" in str(frame) and "Jump to" not in str(frame)


def test_a_choice_follows_a_person_to_the_next_browser(
    server: Any, ann: Any, services: Services
) -> None:
    speak(ann, "de_DE")
    user = services.records.users.by_email("ann@tea.example")
    assert user is not None and user.language == "de_DE"
    other = server.test_client()
    assert 'lang="en-US"' in other.get("/signin").text
    other.post("/signin", data={"email": user.email, "password": PASSWORD}, headers=OURS)
    assert 'lang="de-DE"' in other.get("/").text


def test_a_stranger_may_choose_before_signing_in(stranger: Any) -> None:
    answer = speak(stranger, "de_DE", next="/signin?next=/explore")
    assert (answer.status_code, answer.location) == (303, "/signin?next=/explore")
    page = stranger.get("/signin?next=/explore").text
    assert "Anmelden" in page and 'lang="de-DE"' in page


@pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example", "/\\evil"])
def test_the_way_on_stays_on_this_site(stranger: Any, place: str) -> None:
    assert speak(stranger, "de_DE", next=place).location == "/"


def test_a_language_that_is_not_there_is_refused(ann: Any) -> None:
    answer = speak(ann, "tlh")
    assert answer.status_code == 400
    assert "de_DE" in answer.get_json()["error"]["hint"]
    assert "Set-Cookie" not in answer.headers


def test_another_site_cannot_choose(ann: Any) -> None:
    answer = ann.post("/language", data={"language": "de_DE"}, headers={"Origin": "https://x.test"})
    assert answer.status_code == 403


def test_a_cookie_of_nonsense_is_the_setting(stranger: Any) -> None:
    stranger.set_cookie("language", "../../etc/passwd")
    assert 'lang="en-US"' in stranger.get("/signin").text


def test_the_setting_is_for_whoever_has_not_chosen(tmp_path: Any, clock: Any) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / "de"), "LOCALE": "de_DE"})
    services = open_services(settings, clock)
    try:
        assert "Anmelden" in build_server(services).test_client().get("/signin").text
    finally:
        services.close()


def test_whoever_is_turned_away_is_told_in_their_language(stranger: Any) -> None:
    stranger.set_cookie("language", "de_DE")
    answer = stranger.get("/api/analytics/ask")
    assert answer.get_json()["error"]["message"] == "Sie sind abgemeldet."


def test_a_stream_speaks_to_its_end_and_nothing_stays_spoken(server: Any) -> None:
    closed: list[bool] = []

    def lines() -> Any:
        try:
            yield t("Net sales")
            yield " " + t("Orders")
        finally:
            closed.append(True)

    server.add_url_rule("/signin/stream", view_func=lambda: Response(lines()), endpoint="stream")
    client = server.test_client()
    client.set_cookie("language", "de_DE")
    answer = client.get("/signin/stream")
    assert answer.text == "Nettoumsatz Bestellungen"
    assert closed == [True]
    assert words.locale() == "en_US"
