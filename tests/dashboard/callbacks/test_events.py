"""The page Events on Alma's Tea: what it shows, and what its form does and refuses."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import g

from agent.forecasting import given
from agent.forecasting.feasts import Feast
from agent.records.events import Event
from agent.services import Services
from agent.sources.base import ImportOptions
from agent.sources.ingest import import_file
from dashboard import scheduled
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from dashboard.routes.people import Person
from tests.dashboard.callbacks.test_targets import Form, send, words, wrong

SHOP = "almas-tea"
BLACK = Event(SHOP, "Black Week", "promotion", date(2026, 11, 23), date(2026, 11, 30),
              effect={"discount": 0.25}, note="All teas")  # fmt: skip
CLOSED = Event(SHOP, "Inventory", "closure", date(2025, 1, 4), date(2025, 1, 5), repeats="year")
FAIR = Event(SHOP, "-10% at the fair", "campaign", date(2026, 10, 1), date(2026, 10, 3),
             part={"country": "DE"}, effect={"spend": 1200.5})  # fmt: skip
TYPED = {
    **dict.fromkeys(("editing", *scheduled.FIELDS), ""),
    "name": "Tea fair",
    "kind": "campaign",
    "first": "2026-12-03",
    "dimension": "all",
    "repeats": "once",
}


def draw(server: Any, services: Services, part: str, name: str = "ann") -> Any:
    user = services.records.users.by_email(f"{name}@tea.example")
    assert user is not None
    with server.test_request_context("/"):
        g.person = Person(user.name, user.role, "cookie", user.user_id)
        return parts.drawn(services, PAGES["/events"], part, "")[0]


@pytest.fixture
def form(ann: Any) -> Form:
    return Form(ann, "event")


@pytest.fixture
def full(services: Services) -> Iterator[tuple[Event, ...]]:
    yield services.records.events.put_all([BLACK, CLOSED, FAIR])


def kept(services: Services) -> tuple[Event, ...]:
    return services.records.events.all(SHOP)


def test_without_events_the_page_says_what_they_are_for(server: Any, services: Services) -> None:
    said = words(draw(server, services, "events"))
    assert "No event is ahead" in said
    assert "forecasts know of promotions ahead; findings and “why” name them as matches" in said
    assert "No past events" in words(draw(server, services, "past-events"))


def test_what_comes_and_what_was(server: Any, services: Services, full: Any) -> None:
    ahead = words(draw(server, services, "events"))
    assert "Black Week All teas Promotion, All of the shop" in ahead
    assert "23 – 30 Nov 2026 In 6 days" in ahead
    assert "Discount 25%" in ahead
    assert "4 – 5 Jan 2027, every year" in ahead
    assert "at the fair" not in ahead
    over = words(draw(server, services, "past-events"))
    assert "1 – 3 Oct 2026" in over
    assert "Germany" in over
    assert "Spend €1,200" in over
    assert "Inventory" not in over


def test_a_viewer_sees_events_but_no_form(server: Any, services: Services, full: Any) -> None:
    assert "needs the role analyst" in words(draw(server, services, "event-form", "vic"))
    assert "event-remove" not in str(draw(server, services, "events", "vic"))
    assert "event-remove" in str(draw(server, services, "events"))


def test_given_days_stand_there_whatever_the_library_does(
    server: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "public_days", lambda *asked: None)
    said = words(draw(server, services, "given"))
    assert "Black Friday Fri 27 Nov 2026 Everywhere" in said
    assert "Public holidays cannot be read now" in said
    found = (Feast(date(2026, 12, 25), "Christmas Day", "DE"),)
    monkeypatch.setattr(given, "public_days", lambda *asked: found)
    said = words(draw(server, services, "given"))
    assert "Christmas Day Fri 25 Dec 2026" in said
    assert "Christmas, " not in said
    assert "cannot be read" not in said


def test_an_event_is_added_noted_and_taken_back(form: Form, services: Services) -> None:
    told = send(form, **TYPED | {"dimension": "country", "value": "germany", "spend": "1,200.50"})
    assert told["event-said"] == {"children": []}
    assert told["redraw"]["data"]["parts"] == ["events.events", "events.past-events"]
    (one,) = kept(services)
    assert (one.name, one.kind, one.first, one.last) == (
        "Tea fair", "campaign", date(2026, 12, 3), date(2026, 12, 3),
    )  # fmt: skip
    assert (one.part, one.effect, one.made_by) == ({"country": "DE"}, {"spend": 1200.5}, "Ann")
    entry = services.records.audit.recent(1)[0]
    assert (entry.what, entry.subject) == ("added an event", "almas-tea: Tea fair")
    form.fire("undo", "data", told["told"]["data"]["undo"])
    assert kept(services) == ()
    assert services.records.audit.recent(1)[0].what == "took back an event"


def test_an_event_is_filled_in_changed_and_put_back(
    form: Form, services: Services, full: tuple[Event, ...]
) -> None:
    black = full[0]
    filled = form.fire({"type": "event-edit", "event": black.event_id}, "n_clicks", 1)
    typed = {
        name: filled[key]["value"]
        for name in TYPED
        if (key := f'{{"name":"{name}","type":"event-field"}}') in filled
    }
    assert typed["discount"] == "25"
    assert (typed["dimension"], typed["repeats"]) == ("all", "once")
    told = send(form, **typed | {"discount": "30", "last": "2026-12-01"})
    changed = services.records.events.get(black.event_id)
    assert (changed.effect, changed.last) == ({"discount": 0.3}, date(2026, 12, 1))
    assert changed.made_at == black.made_at
    form.fire("undo", "data", told["told"]["data"]["undo"])
    back = services.records.events.get(black.event_id)
    assert (back.effect, back.last) == (black.effect, black.last)


def test_an_event_is_removed_and_put_back(
    form: Form, services: Services, full: tuple[Event, ...]
) -> None:
    told = form.fire({"type": "event-remove", "event": full[2].event_id}, "n_clicks", 1)
    assert len(kept(services)) == 2
    form.fire("undo", "data", told["told"]["data"]["undo"])
    back = services.records.events.get(full[2].event_id)
    assert scheduled.to_json(back) == scheduled.to_json(full[2]) | {"made_by": "Ann"}
    assert "told" not in form.fire(
        {"type": "event-remove", "event": full[2].event_id}, "n_clicks", None
    )


def test_what_cannot_be_an_event_is_said_under_the_form(form: Form, services: Services) -> None:
    for change, why in (
        ({"name": ""}, "needs a name"),
        ({"first": ""}, "needs its first day"),
        ({"first": "soon"}, "soon is no day"),
        ({"first": "0001-01-01"}, "is no day of a shop's calendar"),
        ({"last": "2026-12-01"}, "ends before it begins"),
        ({"kind": "party"}, "no kind of event called"),
        ({"dimension": "country", "value": "Atlantis"}, "no country called"),
        ({"dimension": "shop", "value": "x"}, "cannot be about"),
        ({"discount": "many"}, "is not a number"),
        ({"discount": "140"}, "Discount lies between 0% and 100%"),
        ({"editing": "gone"}, "no such event"),
    ):
        assert why in wrong(send(form, **TYPED | change), "event"), change
    assert kept(services) == ()


def test_a_viewer_changes_nothing(vic: Any, services: Services, full: tuple[Event, ...]) -> None:
    form, before = Form(vic, "event"), kept(services)
    assert "needs the role analyst" in wrong(send(form, **TYPED), "event")
    gone = form.fire({"type": "event-remove", "event": full[0].event_id}, "n_clicks", 1)
    assert "needs the role analyst" in wrong(gone, "event")
    back = form.fire("undo", "data", {"what": "event", "event_id": full[0].event_id})
    assert "needs the role analyst" in wrong(back, "event")
    assert kept(services) == before


def test_a_downloaded_file_is_imported_as_it_is(
    ann: Any, services: Services, full: tuple[Event, ...], tmp_path: Any
) -> None:
    answer = ann.get("/download/events/events.csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["Black Week", "'-10% at the fair", "Inventory"]
    assert rows[1]["Spend (EUR)"] == "1200.5"
    path = tmp_path / "events.csv"
    path.write_bytes(answer.data)
    summary = import_file(services, path, ImportOptions("", "almas tea"), lambda step: None)
    assert (summary.unchanged, summary.inserted) == ({"events": 3}, {"events": 0})


def test_the_api_reads_adds_changes_and_removes(
    ann: Any, vic: Any, stranger: Any, services: Services, full: tuple[Event, ...]
) -> None:
    url, ours = "/api/analytics/events", {"Sec-Fetch-Site": "same-origin"}
    assert stranger.get(url).status_code == 401
    seen = vic.get(url, query_string={"from": "2027-01-01", "to": "2027-01-31"}).json
    assert [one["first"] for one in seen["events"]] == ["2027-01-04"]
    assert len(vic.get(url).json["events"]) == 3
    assert vic.get(url, query_string={"from": "2027-01-01"}).status_code == 400
    sent = {"shop": SHOP, "name": "Sale", "kind": "promotion", "first": "2026-12-27",
            "discount": "0.2"}  # fmt: skip
    assert vic.post(url, data=sent, headers=ours).status_code == 403
    made = ann.post(url, data=sent, headers=ours)
    assert (made.status_code, made.json["last"], made.json["discount"]) == (201, "2026-12-27", 0.2)
    one = f"{url}/{made.json['event_id']}"
    assert ann.post(one, data=sent | {"discount": "x"}, headers=ours).status_code == 400
    assert ann.post(one, data=sent | {"discount": "0.4"}, headers=ours).json["discount"] == 0.4
    assert vic.delete(one, headers=ours).status_code == 403
    assert ann.delete(one, headers=ours).json["name"] == "Sale"
    assert ann.delete(one, headers=ours).status_code == 404
    deeds = [entry.what for entry in services.records.audit.recent(3)]
    assert deeds == ["removed an event", "changed an event", "added an event"]
