"""Forecasts over HTTP say what pages say."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from agent.fitting import Fitting
from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import outlook
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard import goingon
from dashboard.charts import Chart
from dashboard.foretold import Asked
from dashboard.views import foretelling, outlooks
from reports.compose import compose
from tests.agent.forecasting import small_shop
from tests.agent.forecasting.small_shop import SHOP, Here

ADDRESS = "/api/analytics/forecast"
ASKED = f"shop={SHOP.shop_id}&metric=net_sales&h=7"


@pytest.fixture(autouse=True)
def _small(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here()
    opened = small_shop.opened(services, monkeypatch)
    monkeypatch.setattr(Fitting, "run", lambda self, *given, **more: here.run(*given, **more))
    outlook(opened, Wanted(SHOP, "net_sales", dimension="country"), 28)


def test_it_is_the_outlook(ann: Any, services: Services) -> None:
    answer = ann.get(f"{ADDRESS}?{ASKED}&by=country")
    assert answer.status_code == 200, answer.text
    told = answer.json
    found = outlook(services, Wanted(SHOP, "net_sales", dimension="country"), 7)
    assert told["dates"][0] == "2026-11-17"
    assert told["point"] == found.point.tolist()
    assert told["bounds"]["80"]["low"] == found.bounds[0.8][0].tolist()
    assert set(told["bounds"]) == {"50", "80", "95"}
    assert told["sums"]["middle"] == found.total(7, 0.5)
    assert [one["member"] for one in told["members"]] == ["DE", "AT"]
    assert told["track"]["sentence"] == found.track.sentence()
    assert told["track"]["tested"] is True


def test_sums_that_are_not_known_are_null(ann: Any) -> None:
    answer = ann.get(f"{ADDRESS}?shop={SHOP.shop_id}&metric=customers&h=7")
    assert answer.json["sums"] == {"steps": 7, "low": None, "middle": None, "high": None}


def test_lines_are_rows(ann: Any) -> None:
    answer = ann.get(f"{ADDRESS}.csv?{ASKED}&by=country")
    assert answer.content_type.startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head[:3] == ["member", "day", "point"]
    assert [row[0] for row in rows] == [""] * 7 + ["DE"] * 7 + ["AT"] * 7
    assert float(rows[0][2]) == 100.0


REFUSED = (
    ("metric=luck", 400, "no metric called 'luck'"),
    ("h=0", 400, "h=0 is no whole number from 1 to 400"),
    ("h=9999999999", 400, "no whole number"),
    ("h=90", 400, "90 days needs 270 days of history"),
    ("step=century", 400, "step=century is not known"),
    ("colour=red", 400, "A question has no word 'colour'."),
    ("country=Atlantis", 400, "no country called"),
    ("by=luck", 400, "no dimension called 'luck'"),
    ("by=week", 400, "A forecast cannot be split by week."),
    ("shop=nobody", 404, "no shop called 'nobody'"),
)


def test_what_cannot_be_told_says_why(ann: Any) -> None:
    for query, status, words in REFUSED:
        start = "" if "shop" in query else f"shop={SHOP.shop_id}&"
        answer = ann.get(f"{ADDRESS}?{start}{query}")
        assert answer.status_code == status, answer.text
        assert words in answer.json["error"]["message"]


def test_page_paper_files_and_api_show_the_same(ann: Any, services: Services) -> None:
    """Whoever asks for what is kept is told the same line, bands, sums and record."""
    found = outlook(services, Wanted(SHOP, "net_sales"), 7)
    told = ann.get(f"{ADDRESS}?{ASKED}").json
    scope = replace(Scope.parse("", services.today(SHOP)), shops=(SHOP.shop_id,))
    own = {"h": "7"}
    page = outlooks.fan(Asked.of(own))(services, scope)
    paper = compose(services, "forecasts", scope, own=own)
    lines = ann.get(f"{ADDRESS}.csv?{ASKED}").text.splitlines()[1:]
    for view in (page.view, paper.parts[0].view):
        assert isinstance(view, Chart)
        (ahead,) = [one.values[-7:] for one in view.series if one.role == "ahead"]
        assert ahead.tolist() == told["point"] == [float(line.split(",")[2]) for line in lines]
        for band in view.bands:
            level = told["bounds"][f"{band.level:.0%}".rstrip("%")]
            assert [band.low[-7:].tolist(), band.high[-7:].tolist()] == [
                level["low"],
                level["high"],
            ]
        assert told["track"]["sentence"] in view.footer
    low, middle, high = (foretelling.said(found, told["sums"][name]) for name in SUMS)
    spoken = outlooks.spoken(services, scope, own).lead[0]
    for text in (spoken, paper.headline, goingon.told(outlook(services, found.wanted, 7))):
        assert all(figure in text for figure in (low, middle, high)), text


SUMS = ("low", "middle", "high")
