"""Findings over HTTP: who may read, who may answer, what is written down, what Undo takes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.services import Services
from tests.agent.anomalies.finding import finding
from tests.clock import FrozenClock
from tests.dashboard.conftest import OURS

ADDRESS = "/api/analytics/findings"
SHOP = "almas-tea"


@pytest.fixture(autouse=True)
def kept(services: Services) -> None:
    services.records.findings.keep(
        [finding(finding_id="one"), finding(finding_id="two", state="acknowledged")]
    )


def post(client: Any, deed: str, **more: str) -> Any:
    return client.post(f"{ADDRESS}/one", data={"deed": deed, **more}, headers=OURS)


def test_a_viewer_reads_them(vic: Any) -> None:
    told = vic.get(ADDRESS).json
    assert [row["id"] for row in told["findings"]] == ["one", "two"]
    first = told["findings"][0]
    assert first["title"] == "Net sales fell 38% below expected"
    assert (first["tab"], first["money"], first["severity"]) == ("open", -38.0, "critical")
    assert told["verdicts"] == {"real": 0, "expected": 0, "wrong": 0}
    assert [row["id"] for row in vic.get(f"{ADDRESS}?tab=handled").json["findings"]] == ["two"]
    assert vic.get(f"{ADDRESS}?tab=lost").status_code == 400
    assert vic.get(f"{ADDRESS}?shop=nowhere").status_code == 404


def test_what_else_is_part_of_one_is_told(vic: Any, services: Services) -> None:
    part = ["conversion_rate", "", "", -0.23]
    one = finding(finding_id="wide")
    services.records.findings.keep([replace(one, content={**one.content, "also": [part]})])
    told = {row["id"]: row["also"] for row in vic.get(ADDRESS).json["findings"]}
    assert told == {"one": "", "two": "", "wide": "Part of it: Conversion rate −23%."}


def test_strangers_read_nothing(stranger: Any) -> None:
    assert stranger.get(ADDRESS).status_code == 401
    assert post(stranger, "acknowledge").status_code == 401


def test_only_analysts_answer_and_only_from_our_own_page(
    ann: Any, vic: Any, services: Services
) -> None:
    assert post(vic, "acknowledge").status_code == 403
    other = {"Sec-Fetch-Site": "cross-site"}
    assert ann.post(f"{ADDRESS}/one", data={"deed": "wrong"}, headers=other).status_code == 403
    assert services.records.findings.get("one").state == "open"


DONE = (
    ("acknowledge", "acknowledged", "real", "acknowledged a finding"),
    ("expected", "acknowledged", "expected", "marked a finding as expected"),
    ("wrong", "acknowledged", "wrong", "dismissed a finding"),
    ("snooze", "snoozed", "", "snoozed a finding"),
    ("reopen", "open", "", "reopened a finding"),
)


def test_what_is_said_is_kept_and_noted(ann: Any, services: Services) -> None:
    for deed, state, verdict, noted in DONE:
        answer = post(ann, deed, days="7")
        assert answer.status_code == 200
        assert answer.json["open"] == (1 if deed == "reopen" else 0)
        assert answer.json["said"][0]
        one = services.records.findings.get("one")
        assert (one.state, one.verdict, one.handled_by) == (state, verdict, "Ann")
        entries = services.records.audit.recent(len(DONE))
        subject = "Net sales fell 38% below expected"
        assert ("Ann", noted, subject) in [(row.who, row.what, row.subject) for row in entries]


def test_undo_puts_it_back(ann: Any, services: Services, clock: FrozenClock) -> None:
    undo = post(ann, "snooze", days="7").json["undo"]
    assert undo == {"deed": "back", "state": "open", "verdict": "", "until": ""}
    until = services.records.findings.get("one").snoozed_until
    assert until == clock.now() + timedelta(days=7)
    further = post(ann, "expected").json["undo"]
    assert len(services.records.events.all(SHOP)) == 1
    back = post(ann, **further)
    assert back.status_code == 200
    assert "undo" not in back.json
    one = services.records.findings.get("one")
    assert (one.state, one.snoozed_until, one.verdict) == ("snoozed", until, "")
    assert services.records.events.all(SHOP) == ()


REFUSED = (
    {"deed": "eat"},
    {"deed": ""},
    {"deed": "snooze", "days": "3"},
    {"deed": "snooze", "days": "-1"},
    {"deed": "back", "state": "lost"},
    {"deed": "back", "state": "open", "verdict": "maybe"},
    {"deed": "back", "state": "snoozed", "until": "soon"},
    {"deed": "back", "state": "snoozed", "until": "2026-11-20T08:00"},
)


def test_what_cannot_be_is_refused(ann: Any, services: Services) -> None:
    for form in REFUSED:
        assert post(ann, **form).status_code == 400, form
    assert services.records.findings.get("one").state == "open"
    assert not [row for row in services.records.audit.recent(9) if "finding" in row.what]


def test_a_finding_that_there_is_not(ann: Any) -> None:
    answer = ann.post(f"{ADDRESS}/none", data={"deed": "wrong"}, headers=OURS)
    assert answer.status_code == 404


def test_the_pulse_says_that_they_changed(ann: Any, clock: FrozenClock) -> None:
    def beat() -> tuple[int, int]:
        told = ann.get(f"/api/analytics/versions?shop={SHOP}").json
        return told["findings"], told["open"]

    before, opened = beat()
    assert opened == 1
    clock.advance(seconds=1)
    post(ann, "acknowledge")
    after, opened = beat()
    assert after != before
    assert opened == 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_a_file(vic: Any, form: str) -> None:
    answer = vic.get(f"/download/alerts/findings.{form}")
    assert answer.status_code == 200
    if form == "csv":
        head, first, second = answer.text.lstrip("\ufeff").replace('"', "").splitlines()
        assert head.startswith("Alert,Severity,Step,From,To,Metric")
        assert first.startswith("Net sales fell 38% below expected,Critical,Day,2026-11-11")
        assert "Handled" in second
