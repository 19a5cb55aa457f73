"""The page Alerts without a browser: tabs, rows, the finding beside them, and who may answer."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from agent.anomalies.handling import handle
from agent.metrics import formats
from agent.records.events import Event
from agent.records.findings import Finding
from agent.records.runs import Ticket
from agent.services import Services
from dashboard import alerts, unexpected
from dashboard.callbacks import pages, parts
from dashboard.pages import PAGES
from dashboard.views.findings import chart_of
from tests.agent.anomalies.finding import finding
from tests.clock import FrozenClock
from tests.dashboard.callbacks.test_parts import links, person, words
from tests.dashboard.test_components import of_class, tags, text

PATH = "/alerts"
SHOP = "almas-tea"


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    def draw(search: str = "", name: str = "inbox", who: str = "ann") -> Any:
        with server.test_request_context("/"):
            person(services, who)
            return parts.drawn(services, PAGES[PATH], name, search)[0]

    return draw


@pytest.fixture
def kept(services: Services) -> tuple[Finding, ...]:
    return services.records.findings.keep(
        [
            finding(finding_id="one"),
            finding(finding_id="two", metric="orders", severity="warning"),
            finding(
                finding_id="old",
                severity="notice",
                dimension="country",
                member="DE",
                first="2026-10-25",
                last="2026-10-25",
            ),
        ]
    )


def pressed(content: Any) -> set[str]:
    buttons = [b for b in tags(content, "Button") if hasattr(b, "data-deed")]
    return {getattr(button, "data-body") for button in buttons}


def test_what_is_open_stands_by_its_gravity(drawn: Any, kept: Any) -> None:
    page = drawn()
    rows = of_class(page, "al")
    assert [text(of_class(row, "open")[0]) for row in rows[:2]] == [
        "Net sales fell 38% below expected",
        "Orders fell 38% below expected",
    ]
    said = text(rows[0])
    for part in ("Critical", "Wed 11 Nov", "€62 instead of €100", "Found in"):
        assert part in said, part
    (nav,) = of_class(page, "tabs")
    assert text(nav) == "Open2Snoozed0Handled1"
    assert len(of_class(page, "ring")) == 3
    assert "Recently handled" in text(page)


def test_the_first_is_beside_the_list_unless_the_address_names_another(
    drawn: Any, kept: Any
) -> None:
    def beside(search: str) -> str:
        (panel,) = of_class(drawn(search), "side-panel")
        return text(tags(panel, "H2")[0])

    assert beside("") == "Net sales fell 38% below expected"
    assert beside("?id=two") == "Orders fell 38% below expected"
    assert beside("?id=old") == "Net sales in Germany fell 38% below expected"
    assert beside("?id=gone") == "Net sales fell 38% below expected"


def test_the_chart_has_the_grey_range_and_one_ring(services: Services, kept: Any) -> None:
    found = alerts.alerts(services, services.shop(SHOP))
    chart = chart_of(found[0])
    (band,) = chart.bands
    assert (band.kind, band.level, band.low[0], band.high[0]) == ("usual", 0.95, 80.0, 120.0)
    assert [series.role for series in chart.series] == ["past", "previous"]
    (mark,) = chart.marks
    assert (mark.kind, mark.label, mark.note) == ("anomaly", "€62", "expected €100")
    assert chart.measure == "Net sales per day, EUR. Grey: 95% range."


def test_the_answers_are_an_analysts(drawn: Any, kept: Any) -> None:
    wanted = {"deed=acknowledge", "deed=snooze&days=1", "deed=snooze&days=7"}
    assert pressed(drawn()) == wanted | {"deed=expected", "deed=wrong"}
    viewers = drawn(who="vic")
    assert pressed(viewers) == set()
    assert "needs the role analyst" in text(viewers)


def test_what_was_handled_can_be_opened_again(drawn: Any, services: Services, kept: Any) -> None:
    handle(services, "one", "acknowledge", "Ann")
    handle(services, "two", "snooze", "Ann")
    handled = drawn("?tab=handled&id=one")
    assert "Acknowledged by Ann" in text(handled)
    assert pressed(handled) == {"deed=reopen"}
    snoozed = drawn("?tab=snoozed")
    assert "Snoozed by Ann until Wed 18 Nov, 08:41" in text(snoozed)


def test_matches_of_days_are_named_as_such(drawn: Any, services: Services, kept: Any) -> None:
    first, last = (date.fromisoformat(day) for day in (kept[0].first, kept[0].last))
    services.records.events.put(Event(SHOP, "Card payments fail", "outage", first, last))
    part = {"country": "AT"}
    services.records.events.put(Event(SHOP, "Snow", "shipping", first, last, part))
    said = text(drawn("?id=one"))
    assert "Outage: Card payments fail, 11 Nov" in said
    assert "not proof of a cause" in said
    assert "Snow" in said  # it may have moved the whole
    services.records.findings.keep([finding(finding_id="de", dimension="country", member="DE")])
    assert "Snow" not in text(of_class(drawn("?id=de"), "side-panel")[0])


def test_explore_shows_the_days_around(drawn: Any, kept: Any) -> None:
    (way,) = [link for link in links(drawn("?id=old")) if link.startswith("/explore")]
    assert "country=DE" in way
    assert "metrics=net_sales" in way
    assert "from=2026-10-14" in way


def test_nothing_out_of_the_ordinary(drawn: Any, services: Services, clock: FrozenClock) -> None:
    assert "The first look at the shop's series comes within minutes." in words(drawn())
    ticket = Ticket("watch", SHOP)
    run = services.records.runs.claim(f"watch:{SHOP}", "2026-11-17T08:40", ticket)
    assert run is not None
    services.records.runs.begin(run.run_id)
    services.records.runs.progress(run.run_id, 24, 24, "")
    services.records.runs.finish(run.run_id, "ok")
    clock.advance(minutes=10)
    said = words(drawn())
    assert "Nothing is out of the ordinary" in said
    assert "24 series are watched; the last look was 10 min ago." in said


def test_a_shop_whose_figures_ended_is_not_called_ordinary(
    drawn: Any, services: Services, clock: FrozenClock
) -> None:
    last = services.engine.last_day((SHOP,))
    assert last is not None
    clock.advance(days=(last - services.today(services.shop(SHOP))).days + 22)
    said = words(drawn())
    assert f"Nothing has come since {formats.day(last, year=True)}" in said
    assert "Nothing is out of the ordinary" not in said
    assert f"No figures after {formats.day(last, year=True)}" in words(drawn(name="head"))


def test_too_little_history_is_not_called_ordinary(
    drawn: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = services.today(services.shop(SHOP)) - timedelta(days=5)
    monkeypatch.setattr(type(services.engine), "first_day", lambda *_: begun)
    said = words(drawn())
    assert "It takes 14 days to learn what is usual; there are 5." in said
    assert "Nothing is out of the ordinary" not in said


def test_the_record_of_verdicts_by_month(drawn: Any, services: Services, kept: Any) -> None:
    assert "Nobody has judged a finding yet." in text(drawn(name="precision"))
    handle(services, "one", "acknowledge", "Ann")
    handle(services, "two", "wrong", "Ann")
    handle(services, "old", "expected", "Ann")
    page = drawn(name="precision")
    assert "Of 3 findings that people judged, 1 was real." in text(page)
    (row,) = tags(tags(page, "Tbody")[0], "Tr")
    assert text(row) == "Nov 2026311133.3%"


def test_the_head_counts(drawn: Any, kept: Any) -> None:
    assert "2 open, 1 handled in the last 28 days" in text(drawn(name="head"))


def test_what_is_drawn_is_drawn_anew_when_a_finding_changes(
    server: Any, services: Services, kept: Any, clock: FrozenClock
) -> None:
    def read() -> int:
        with server.test_request_context("/"):
            person(services)
            made = parts.drawn(services, PAGES[PATH], "inbox", "")[1]
        return int(made["tables"]["findings"])

    before = read()
    assert read() == before
    clock.advance(seconds=1)
    handle(services, "one", "acknowledge", "Ann")
    assert read() != before


def test_the_navigation_says_how_many_wait(server: Any, services: Services, kept: Any) -> None:
    def waits() -> list[str]:
        from dashboard.components import navigation

        with server.test_request_context("/alerts"):
            person(services)
            layout = pages.layout(services, "Shop")
        said = str(layout.to_plotly_json())
        assert navigation.WAITING in said
        return re.findall(r"data-open[^>]*>(\d*)<", said)

    assert waits() == ["2", "2"]  # beside the page's name, and on a phone's bar
    for one in kept:
        handle(services, one.finding_id, "acknowledge", "Ann")
    assert waits() == ["", ""]


def test_a_snooze_that_is_over_is_open_again(
    drawn: Any, services: Services, kept: Any, clock: FrozenClock
) -> None:
    handle(services, "one", "snooze", "Ann")
    assert "Net sales fell" not in text(of_class(drawn(), "al")[0])
    clock.advance(**{"seconds": timedelta(days=1, minutes=1).total_seconds()})
    assert "Net sales fell" in text(of_class(drawn(), "al")[0])


def test_why_is_not_drawn_with_the_page(
    drawn: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: Any) -> None:
        raise AssertionError("the page waited for it")

    monkeypatch.setattr(unexpected, "explain", asked)
    (place,) = of_class(drawn("?id=old"), "reasons")
    assert "id=old" in getattr(place, "data-search")
    assert of_class(place, "awaited")


def test_why_adds_up_to_the_gap(drawn: Any, services: Services, kept: Any) -> None:
    one = finding(
        finding_id="week", first="2026-11-09", last="2026-11-15", actual=110.0, expected=260.0
    )
    services.records.findings.keep([one])
    days = date(2026, 11, 10), date(2026, 11, 12)
    services.records.events.put(Event(SHOP, "Autumn letter", "campaign", *days))
    found = unexpected.explained(services, alerts.one_of(services, services.shop(SHOP), "week"))
    assert (found.why.before, len(found.why.bridges)) == (260.0, 3)
    said = text(drawn("?id=week", "reasons"))
    # The sign never stands at the end of a line, without its amount.
    assert "Orders −\u2060€" in said and "Order value" in said
    assert "What was expected is spread as 2 – 8 Nov was." in said
    said_of_it = alerts.one_of(services, services.shop(SHOP), "week").title
    services.records.events.put(Event(SHOP, said_of_it, "expected", *days, event_id="week"))
    assert said_of_it not in text(drawn("?id=week", "reasons")), "a verdict is no reason"
    # The evidence above names it already.
    assert "Autumn letter" not in said
    assert "Autumn letter" in text(drawn("?id=week"))


def test_why_of_some_hours_is_held_against_days_before(services: Services, kept: Any) -> None:
    one = finding(finding_id="hours", step="hour", first="2026-11-11T10", last="2026-11-11T12")
    scope = unexpected.scope_of(one)
    assert (scope.start, scope.end) == (date(2026, 11, 11), date(2026, 11, 11))
    assert unexpected.expected_of(one) is None


def test_why_that_cannot_be_told_says_so(drawn: Any, services: Services, kept: Any) -> None:
    early = finding(finding_id="early", first="2025-01-01", last="2025-01-02")
    services.records.findings.keep([early])
    assert "There is no period to compare with." in text(drawn("?id=early", "reasons"))
    assert "There is no such finding" in text(drawn("?id=gone", "reasons"))
