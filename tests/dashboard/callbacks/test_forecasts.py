"""The page Forecasts: what is kept is drawn, what is not says how far it is, and files have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from dash import dcc

from agent.errors import Refused
from agent.forecasting import outlook as outlooks
from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import Outlook
from agent.forecasting.scenarios import Change, Scenario
from agent.metrics.questions import Scope
from agent.records.forecasts import Forecast, Key, Score
from agent.services import Services
from dashboard.callbacks import scenarios
from dashboard.callbacks.parts import Sight
from dashboard.callbacks.showing import Showing
from dashboard.faults import Fault
from dashboard.foretold import Making
from dashboard.pages import PAGES
from tests.dashboard.callbacks.test_parts import everything, person
from tests.dashboard.outlooks import friday, outlook, product

PAGE = PAGES["/forecasts"]
PARTS = ("ahead", "lead", "fan", "record", "assumes", "members", "settling", "accuracy")


@pytest.fixture
def kept(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """Every series is kept; the list says which were looked up."""
    looked: list[Wanted] = []

    def find(_: Services, wanted: Wanted, horizon: int) -> Outlook:
        looked.append(wanted)
        shop = services.shop()
        if wanted.dimension == "product":
            parts = (product("T1", 5.0), product("T2", 1.0))
            return replace(product("", 9.0), members=parts)
        parts = tuple(replace(outlook(), member=name) for name in ("DE", "US"))
        made = replace(friday(max(horizon, 28)), wanted=replace(wanted, shop=shop))
        return replace(made, members=parts if wanted.dimension else ())

    monkeypatch.setattr(outlooks, "kept", find)
    return looked


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    """A part's text and content, inside a request of vic's."""

    def draw(name: str, search: str = "", fits: Any = None) -> tuple[str, list[Any]]:
        with server.test_request_context("/"):
            person(services, "vic")
            content, _ = Sight(services, PAGE, search, fits=fits).draw(name)
        found = list(everything(content))
        return " ".join(one for one in found if isinstance(one, str)), found

    return draw


class Waiting:
    """What stands where the forecast is not there."""

    def __init__(self, making: Making) -> None:
        self.making = making

    def of(self, *_: object) -> Making:
        return self.making


def test_the_page_draws_what_is_kept(drawn: Any, kept: list[Wanted]) -> None:
    text, found = drawn("fan")
    graphs = [one for one in found if isinstance(one, dcc.Graph)]
    assert len(graphs) == 1 and "Black Friday lifts net sales" in text
    assert "The last 2 forecasts were off by 7.0% on average" in text
    assert "The 3 days around Black Friday bring 26% of it." in drawn("lead")[0]
    text, _ = drawn("record")
    assert "7.0%" in text and "86%" in text and "24 of 28" in text
    text, _ = drawn("assumes")
    assert "Black Friday" in text and "From 2025." in text and "Change assumptions" in text
    assert "theta 60%" in text
    assert {one.metric for one in kept} == {"net_sales"}


def test_the_address_chooses_metric_step_horizon_and_split(drawn: Any, kept: list[Wanted]) -> None:
    drawn("fan", "?metric=units&h=7&country=DE")
    assert kept[-1].metric == "units"
    assert [(f.dimension, f.values) for f in kept[-1].filters] == [("country", ("DE",))]
    text, found = drawn("ahead", "?metric=units&h=7")
    current = [one.children for one in found if getattr(one, "aria-current", None) == "true"]
    assert "7 days" in current and "Units sold" in current
    text, _ = drawn("members", "?by=country")
    assert kept[-1].dimension == "country" and "Total" in text and "Germany" in text
    assert "Choose a dimension" in drawn("members")[0]


def test_a_filtered_forecast_has_no_scenario(drawn: Any, kept: list[Wanted]) -> None:
    assert "Change assumptions" not in drawn("assumes", "?country=DE")[0]


def test_a_forecast_on_its_way_is_looked_at_again(
    drawn: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlooks, "kept", lambda *_: None)
    fits = Waiting(Making(services.clock.now(), share=0.4))
    text, found = drawn("fan", fits=fits)
    bars = [one for one in found if getattr(one, "role", None) == "progressbar"]
    assert "The forecast is being made" in text
    assert [getattr(bar, "aria-valuenow") for bar in bars] == ["40"]
    for name in ("fan", "lead", "record", "assumes", "members"):
        looks = [getattr(one, "data-look", None) for one in drawn(name, "?by=country", fits)[1]]
        assert any(looks), name


@pytest.mark.parametrize(
    ("making", "says", "looks"),
    [
        (
            {"fault": Fault("A history of 20 days is too short.", "56 days are needed.")},
            ("20 days is too short", "56 days are needed"),
            False,
        ),
        (
            {"fault": Fault("Too many.", permanent=False), "throttled": True, "until": 90},
            ("Too many.", "tried again by itself at"),
            True,
        ),
        ({"fault": Fault("It ended.", permanent=False)}, ("It ended.", "Try again"), False),
    ],
)
def test_what_cannot_be_drawn_says_why_and_when(
    drawn: Any, services: Services, monkeypatch: pytest.MonkeyPatch, making: dict[str, Any],
    says: tuple[str, ...], looks: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(outlooks, "kept", lambda *_: None)
    now = services.clock.now()
    until = now + timedelta(seconds=making["until"]) if "until" in making else None
    fits = Waiting(Making(now, "failed", **{**making, "until": until}))
    text, found = drawn("fan", fits=fits)
    assert all(words in text for words in says)
    assert any(getattr(one, "data-look", None) for one in found) is looks
    assert "–" not in drawn("record", fits=fits)[0]


def test_stock_is_held_against_what_is_sold(
    drawn: Any, kept: list[Wanted], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No stock in this shop" in drawn("shortages")[0]
    monkeypatch.setattr(Showing, "has", lambda *_: True)
    stock = {"T1": ("Assam", 40.0), "T2": ("Sencha", 400.0)}
    monkeypatch.setattr("dashboard.views.outlooks.at_hand", lambda *_: stock)
    text, _ = drawn("shortages")
    assert "1 product is out or likely to run short" in text
    assert "Short from 25 Nov" in text and "Enough" in text


def test_scored_forecasts_are_a_line_and_a_table(drawn: Any, services: Services) -> None:
    assert "Too few forecasts have met their days yet." in drawn("over-time")[0]
    shop_id = services.shop().shop_id
    made = [
        Forecast(
            Key(shop_id, "net_sales"), f"2026-0{month}-01", 1, "theta 100%", 28,
            score=Score(28, 1000.0, 70.0, 100.0, 14, 23, 27),
        )
        for month in (7, 8, 9)
    ]  # fmt: skip
    services.records.forecasts.keep(made)
    assert "3 of 3 forecasts beat the plain guess" in drawn("over-time")[0]
    text, _ = drawn("accuracy")
    assert "Net sales" in text and "7.0%" in text and "82.1%" in text


def test_files_and_paper_have_what_is_kept(
    server: Any, services: Services, kept: list[Wanted]
) -> None:
    from reports.compose import compose

    shop = services.shop()
    scope = Scope.parse("", services.today(shop))
    scope = replace(scope, shops=(shop.shop_id,))
    document = compose(services, "forecasts", scope, own={"h": "7", "by": "country"})
    titles = [part.title for part in document.parts]
    assert titles[:2] == ["Forecast", "How good have forecasts been?"]
    assert document.headline.startswith("We expect") and document.against == ""
    assert "17" in document.period and "23" in document.period
    sheet = document.parts[0].rows().sheet
    labels = [heading.label for heading in sheet.headings]
    assert labels[:4] == ["Date", "Actual", "Forecast", "Plain guess"] and len(labels) == 10
    missing = dict(document.notes)
    assert "Not shown: Accuracy over time" in missing


def test_paper_without_a_forecast_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports.compose import compose

    monkeypatch.setattr(outlooks, "kept", lambda *_: None)
    shop = services.shop()
    scope = replace(Scope.parse("", services.today(shop)), shops=(shop.shop_id,))
    document = compose(services, "forecasts", scope)
    assert document.headline == "No forecast of this is kept yet."
    assert "Not shown: Forecast" in dict(document.notes)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"lever": "wind"}, "Choose what to change"),
        ({"amount": ""}, "Say by how much"),
        ({"amount": "9000", "lever": "spend"}, "at most 500"),
        ({"amount": "ten"}, "is not a number"),
        ({"amount": "1e9"}, "is not a number"),
        ({"amount": "120"}, "at most 100"),
        ({"first": ""}, "from which day to which"),
        ({"first": "soon"}, "is no day"),
        ({"last": "2026-11-01"}, "lies before the first"),
    ],
)
def test_a_scenario_that_cannot_be_says_why(given: dict[str, str], says: str) -> None:
    typed = {"lever": "discount", "amount": "10", "first": "2026-11-20", "last": "2026-11-22"}
    with pytest.raises(Refused, match=says):
        scenarios.change_of({**typed, **given})


def test_a_scenario_is_a_difference_with_its_range_and_no_cause(
    services: Services, server: Any, kept: list[Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard import address

    asked: list[Change] = []

    def scenario(_: Services, shop: Any, metric: str, change: Change, **more: Any) -> Scenario:
        asked.append(change)
        made = outlook()
        return Scenario(change, made, made.point, 300.0, -5.0, 30.0, 65.0, 3, True)

    monkeypatch.setattr(scenarios, "scenario", scenario)
    typed = {"lever": "promotion", "amount": "", "first": "2026-11-20", "last": "2026-11-22"}
    showing = Showing(services, PAGE, address.read(services, "/forecasts", ""))
    with server.test_request_context("/"):
        content = scenarios.result(showing, typed)
    text = " ".join(one for one in everything(content) if isinstance(one, str))
    assert asked == [Change("promotion", 1.0, date(2026, 11, 20), date(2026, 11, 22))]
    assert "+€30" in text and "80% likely between −€5 and +€65." in text
    assert "no clear difference" in text and "It was never so far from usual." in text
    assert "not what causes what" in text
