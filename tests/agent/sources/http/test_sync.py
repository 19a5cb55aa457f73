"""Windows of a service in the warehouse: what is restated, resumed, kept and refused."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest

from agent.errors import Failure, NotConfigured, Refused, Unavailable
from agent.logs import open_logs
from agent.sources import http
from agent.sources.connectors import Stopped
from agent.sources.http.connector import pieces
from agent.warehouse import schema
from tests.agent.sources.http.conftest import Desk, Reply, Sent, said

RECIPE = """
label = "Ads"
target = "spend"
[settings.channel]
label = "Channel"
default = "Ads"
required = false
[settings.token]
label = "Token"
secret = true
required = false
[request]
url = "{url}/report"
query = { from = "{window.start}", to = "{window.end}", key = "{secret.token}" }
[answer]
path = "rows"
[window]
history = 40
piece = 10
[columns]
date = "day"
channel = { value = "{setting.channel}" }
campaign = "name"
amount = { path = "cost", form = "number" }
clicks = { path = "clicks", form = "whole" }
"""
Row = tuple[str, str, Any]


def recipe(desk: Desk) -> str:
    return RECIPE.replace("{url}", desk.local.url)


class Book:
    """A platform's rows by day; it answers the days that are asked for."""

    def __init__(self, *rows: Row) -> None:
        self.rows = list(rows)

    def __call__(self, sent: Sent) -> Any:
        low, high = sent.query["from"], sent.query["to"]
        found = [
            {"day": day, "name": name, "cost": cost, "clicks": 1}
            for day, name, cost in self.rows
            if low <= day <= high
        ]
        return {"rows": found}


def asked(desk: Desk) -> list[tuple[str, str]]:
    return [(sent.query["from"], sent.query["to"]) for sent in desk.local.sent]


def test_the_newest_days_come_first_and_the_next_sync_restates_the_last(desk: Desk) -> None:
    book = Book(("2026-10-10", "Old", "1"), ("2026-11-01", "A", "2"), ("2026-11-16", "B", "3.5"))
    desk.local.answers = book
    link = desk.link(recipe(desk))
    done = desk.sync(link)
    assert asked(desk) == [
        ("2026-11-07", "2026-11-16"), ("2026-10-28", "2026-11-06"), ("2026-10-20", "2026-10-27"),
        ("2026-10-10", "2026-10-19"), ("2026-10-08", "2026-10-09"),
    ]  # fmt: skip
    assert (done.read, done.changed) == (3, 3)
    state = desk.state(link)
    assert (state["newest"], state["oldest"]) == ("2026-11-16", "2026-10-08")

    desk.local.sent.clear()
    desk.clock.advance(days=1)
    book.rows = [("2026-10-10", "Old", "9"), ("2026-11-16", "B", "4"), ("2026-11-17", "C", "5")]
    done = desk.sync(link)
    assert asked(desk)[0] == ("2026-11-08", "2026-11-17")
    assert asked(desk)[-1] == ("2026-10-21", "2026-10-28")
    assert desk.spend() == [
        ("2026-10-10", "Ads", "Old", "1"), ("2026-11-01", "Ads", "A", "2"),
        ("2026-11-16", "Ads", "B", "4"), ("2026-11-17", "Ads", "C", "5"),
    ]  # fmt: skip
    note = "The service has no rows of 2026-10-29 to 2026-11-07 now; those kept stay."
    assert note in done.notes


def test_within_a_piece_what_is_not_said_again_is_gone(desk: Desk) -> None:
    book = Book(("2026-11-15", "A", "2"), ("2026-11-16", "B", "3"))
    desk.local.answers = book
    link = desk.link(recipe(desk))
    desk.sync(link)
    versions = desk.services.warehouse.versions(("tea",))
    desk.clock.advance(60)
    assert desk.sync(link).changed == 0
    assert desk.services.warehouse.versions(("tea",)) == versions
    book.rows.pop(0)
    desk.clock.advance(60)
    desk.sync(link)
    assert desk.spend() == [("2026-11-16", "Ads", "B", "3")]


def test_a_sync_after_a_pause_brings_the_days_between(desk: Desk) -> None:
    desk.local.answers = Book()
    link = desk.link(recipe(desk))
    desk.sync(link)
    desk.local.sent.clear()
    desk.clock.advance(days=60)
    desk.sync(link)
    assert asked(desk)[0] == ("2027-01-06", "2027-01-15")
    assert asked(desk)[-1] == ("2026-11-17", "2026-11-26")


def test_a_sync_that_was_stopped_goes_on_where_it_was(desk: Desk) -> None:
    link = desk.link(recipe(desk))
    book = Book(("2026-11-16", "B", "3"), ("2026-10-10", "Old", "1"))

    def stops(sent: Sent) -> Any:
        if len(desk.local.sent) == 4:
            link.watch.stopping.set()
        return book(sent)

    desk.local.answers = stops
    with pytest.raises(Stopped):
        desk.sync(link)
    assert desk.state(link)["oldest"] == "2026-10-20"
    link.watch.stopping.clear()
    desk.local.sent.clear()
    desk.local.answers = book
    desk.sync(link)
    assert asked(desk)[-2:] == [("2026-10-10", "2026-10-19"), ("2026-10-08", "2026-10-09")]
    assert len(desk.spend()) == 2


def test_rows_that_cannot_be_used_are_kept_once_with_why_and_can_be_asked_for_again(
    desk: Desk,
) -> None:
    book = Book(("2026-11-15", "A", "2"), ("2026-11-15", "Bad", "much"), ("2026-11-16", "B", "3"))
    desk.local.answers = book
    link = desk.link(recipe(desk))
    assert desk.sync(link).rejected == 1
    assert desk.sync(link).rejected == 1
    [reject] = desk.services.records.rejects.all(link.connection.connection_id)
    assert json.loads(reject.document)["name"] == "Bad"
    assert reject.reason == "The amount is no number."
    again = http.CONNECTOR.replay(link, reject.stream, [reject.document, "nothing"])
    assert again == [
        "The amount is no number.",
        "The row has no day that could be asked for again.",
    ]
    book.rows[1] = ("2026-11-15", "Bad", "7")
    desk.clock.advance(60)
    assert http.CONNECTOR.replay(link, reject.stream, [reject.document]) == [""]
    assert ("2026-11-15", "Ads", "Bad", "7") in desk.spend()
    assert ("2026-11-16", "Ads", "B", "3") in desk.spend()


def test_two_connections_of_one_channel_would_remove_each_others_rows(desk: Desk) -> None:
    desk.local.answers = Book(("2026-11-16", "B", "3"))
    first = desk.link(recipe(desk))
    desk.sync(first)
    second = desk.link(recipe(desk))
    with pytest.raises(Refused, match="Service 0 brings Ads of this shop too"):
        desk.sync(second)
    third = desk.link(recipe(desk), channel="Ads, France")
    desk.sync(third)
    assert [row[1] for row in desk.spend()] == ["Ads", "Ads, France"]
    desk.clock.advance(60)
    desk.sync(first)
    assert [row[1] for row in desk.spend()] == ["Ads", "Ads, France"]


def test_a_probe_shows_ten_rows_as_they_would_land_and_writes_nothing(desk: Desk) -> None:
    rows = [("2026-11-16", f"Campaign {n:02}", f"{n}.123456") for n in range(12)]
    desk.local.answers = Book(*rows, ("2026-11-16", "Bad", "x"))
    link = desk.link(recipe(desk))
    probe = http.CONNECTOR.probe(link)
    assert probe.columns == [
        *("local_date", "channel", "campaign", "amount", "impressions", "clicks"),
        "attributed_revenue",
    ]  # fmt: skip
    assert len(probe.rows) == 10
    assert probe.rows[1] == ["2026-11-16", "Ads", "Campaign 01", "1.1235", "0", "1", ""]
    assert dict(probe.facts)["Service"] == "Ads"
    assert "1 row cannot be used: The amount is no number." in probe.notes
    assert asked(desk) == [("2026-11-10", "2026-11-16")]
    assert desk.spend() == []
    assert desk.state(link) == {}


def test_days_are_brought_again_when_asked_for(desk: Desk) -> None:
    book = Book(("2026-05-05", "A", "2"))
    desk.local.answers = book
    link = desk.link(recipe(desk))
    desk.sync(link)
    desk.local.sent.clear()
    http.CONNECTOR.backfill(link, date(2026, 5, 1), date(2026, 5, 12))
    assert asked(desk) == [("2026-05-03", "2026-05-12"), ("2026-05-01", "2026-05-02")]
    assert desk.spend() == [("2026-05-05", "Ads", "A", "2")]
    assert desk.state(link)["newest"] == "2026-11-16"
    with pytest.raises(Refused, match="still to come"):
        http.CONNECTOR.backfill(link, date(2026, 12, 1), date(2026, 12, 2))


def test_another_account_begins_anew(desk: Desk) -> None:
    desk.local.answers = Book()
    link = desk.link(recipe(desk))
    desk.sync(link)
    count = len(desk.local.sent)
    settings = {**link.connection.settings, "channel": "Other"}
    desk.services.records.connections.change(link.connection.connection_id, settings=settings)
    changed = desk.services.records.connections.get(link.connection.connection_id)
    desk.sync(type(link)(desk.services, changed))
    assert len(desk.local.sent) == 2 * count


def test_an_answer_to_a_question_that_is_missing_is_asked_for(desk: Desk) -> None:
    link = desk.link(desk.recipe("meta"), {"token": "x"})
    with pytest.raises(NotConfigured, match="Ad account id is missing"):
        desk.sync(link)
    assert desk.local.sent == []


def test_a_private_address_needs_leave(desk: Desk) -> None:
    desk.local.answers = Book()
    link = desk.link(recipe(desk), allow_private="")
    with pytest.raises(Refused, match="would be asked without encryption"):
        desk.sync(link)
    secure = recipe(desk).replace("http://", "https://")
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is an address of a private network"):
        desk.sync(desk.link(secure, allow_private="no"))
    assert desk.local.sent == []


def test_failures_that_pass_are_tried_again_and_said_at_last(desk: Desk) -> None:
    link = desk.link(recipe(desk))
    book = Book(("2026-11-16", "B", "3"))
    flaky = iter([Reply(b"", 503), Reply(b"<html>", 502)])
    desk.local.answers = lambda sent: next(flaky, None) or book(sent)
    desk.sync(link)
    assert len(desk.pauses) == 2
    assert len(desk.spend()) == 1
    desk.local.answers = [Reply(b"", 503)]
    with pytest.raises(Unavailable):
        desk.sync(link)


def test_no_output_holds_a_secret(desk: Desk) -> None:
    secret = "sEcr3t/Token+1"
    answers = [
        said({"error": {"message": f"Bad key {secret}"}}, 400),
        said({"error": {"message": f"Bad key {secret}"}}, 503),
        {"rows": [{"day": "2026-11-16", "cost": f"{secret}"}, {"day": "2026-11-16", "cost": 1}]},
        Reply(b"<html>" + secret.encode()),
    ]
    link = desk.link(recipe(desk), {"token": secret})
    shown: list[str] = []
    log = StringIO()
    open_logs("DEBUG", log)
    for answer in answers:
        desk.local.sent.clear()
        desk.local.answers = [answer]
        try:
            shown.append(repr(desk.sync(link)))
        except Failure as failure:
            shown.append(f"{failure!r} {failure} {failure.__cause__!r}")
    assert desk.local.sent[0].query["key"] == secret
    kept = desk.services.records
    shown += [repr(kept.connections.all()), repr(desk.state(link))]
    shown += [repr(one) for one in kept.rejects.all(link.connection.connection_id)]
    shown += [repr(one) for one in desk.services.upstreams.standings()]
    shown.append(log.getvalue())
    whole = " ".join(shown)
    assert secret not in whole
    assert "sEcr3t%2FToken" not in whole


ORDERS = """
label = "Till"
target = "orders"
[request]
url = "{url}/orders"
query = { from = "{window.start}", to = "{window.end}" }
[window]
days = 5
history = 5
[columns]
order_id = "id"
placed_at = "at"
line_id = "line"
sku = "sku"
quantity = "n"
amount = { path = "cents", form = "cents" }
"""


def test_orders_become_the_ledger_whole_or_not_at_all(desk: Desk) -> None:
    def line(order: str, number: int, cents: Any) -> dict[str, Any]:
        return {"id": order, "at": "2026-11-15T10:00:00Z", "line": number, "sku": "T-1", "n": 1,
                "cents": cents}  # fmt: skip

    desk.local.answers = [
        [line("1", 1, 1250), line("1", 2, 300), line("2", 1, "x"), line("2", 2, 5)]
    ]
    link = desk.link(ORDERS.replace("{url}", desk.local.url))
    assert desk.sync(link).rejected == 1

    def sold() -> list[tuple[str, str, str]]:
        rows = desk.rows(schema.SALES, "order_id", "line_id")
        return [(r["order_id"], r["line_id"], f"{r['gross']:f}") for r in rows]

    assert sold() == [("1", "1", "12.5000"), ("1", "2", "3.0000")]
    desk.clock.advance(60)
    assert desk.sync(link).changed == 0
    desk.local.sent.clear()
    desk.local.answers = [[line("1", 1, 1250), line("2", 1, 400)]]
    desk.clock.advance(60)
    desk.sync(link)
    assert sold() == [("1", "1", "12.5000"), ("2", "1", "4.0000")]


def test_pieces_cover_every_day_once() -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 7)
    for days in (0, 1, 7, 30, 400):
        windows = list(pieces(first, last, days))
        assert windows[0].end == last
        assert windows[-1].start == first
        for newer, older in pairwise(windows):
            assert (newer.start - older.end).days == 1
        assert all((w.end - w.start).days < (days or 400) for w in windows)
    assert list(pieces(last, first, 7)) == []
