"""Pages of a window: every way of paging, every way in which one can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from agent.errors import Failure, NotConfigured, Refused, Throttled, Unavailable
from agent.sources.http import parsing
from agent.sources.http.asking import Expired, Service
from agent.sources.http.network import Caps, Network, Veil
from agent.sources.http.signing import Signing, passed
from agent.sources.http.templates import Filling, Window
from tests.agent.sources.http.conftest import Local, Reply, Sent, said
from tests.clock import FrozenClock

WINDOW = Window(date(2026, 11, 1), date(2026, 11, 16))
SECRETS = {
    "token": "t0ken-123456",
    "password": "pa55-w0rd",
    "key": "",
    "client_secret": "c5-secret",
}
CAPS = Caps(100_000, 30.0)
COLUMNS = """
[columns]
date = "day"
channel = { value = "x" }
amount = "spent"
"""


@dataclass
class Room:
    """A service asked by a recipe, without a shop or a warehouse."""

    local: Local
    clock: FrozenClock
    failures: list[Failure] = field(default_factory=list)
    veil: Veil = field(default_factory=Veil)

    def __post_init__(self) -> None:
        self.network = Network(self.veil, private=True)

    def service(self, text: str, url: str = "/rows") -> Service:
        head = f'label = "Service"\n[request]\nurl = "{self.local.url}{url}"\n'
        recipe = parsing.parse(head + text + COLUMNS)
        filling = Filling(
            {"account": "1 2/3", "user": "anna"}, lambda name: self.veil.add(SECRETS[name])
        )

        def once(action: Callable[[], Any]) -> Any:
            try:
                return action()
            except Throttled as failure:
                self.failures.append(failure)
                return action()

        signing = Signing(
            recipe.auth, filling, self.veil, self.clock, lambda a: passed(self.network.ask(a, CAPS))
        )
        return Service(recipe, filling, self.network, signing, self.clock, once)

    def rows(self, text: str, url: str = "/rows") -> list[Any]:
        return [r for _, found in self.service(text, url).pages(WINDOW) for r in found]


@pytest.fixture
def room(local: Local, clock: FrozenClock) -> Iterator[Room]:
    found = Room(local, clock)
    yield found
    found.network.close()


def test_one_page(room: Room) -> None:
    room.local.answers = [{"data": {"rows": [{"n": 1}, {"n": 2}]}}]
    assert room.rows('[answer]\npath = "data.rows"\n') == [{"n": 1}, {"n": 2}]


def test_templates_stand_in_address_parameters_headers_and_body(room: Room) -> None:
    room.local.answers = [[]]
    room.rows(
        """method = "POST"
query = { from = "{window.start}", until = "{window.until:%d.%m.%y}", none = "{cursor}" }
headers = { X-Account = "{setting.account}", X-None = "{cursor}" }
[request.body]
range = ["{window.start}", "{window.end:%Y%m%d}"]
limit = "{limit}"
page = "{page}"
text = "page {page} of {setting.account}"
after = "{cursor}"
[settings.account]
label = "Account"
[paging]
kind = "page"
limit = 50
[answer]
""",
        "/a/{setting.account}/b",
    )
    [sent] = room.local.sent
    assert sent.path == "/a/1%202%2F3/b"
    assert sent.query == {"from": "2026-11-01", "until": "17.11.26"}
    assert sent.headers["x-account"] == "1 2/3"
    assert "x-none" not in sent.headers
    assert sent.json == {
        "range": ["2026-11-01", "20261116"], "limit": 50, "page": 1, "text": "page 1 of 1 2/3",
    }  # fmt: skip


def test_a_cursor_stands_in_the_next_body(room: Room) -> None:
    room.local.answers = [
        {"rows": [{"n": 1}], "nextPageToken": "p2"}, {"rows": [{"n": 2}], "nextPageToken": ""},
    ]  # fmt: skip
    text = """method = "POST"
body = { pageToken = "{cursor}", q = 1 }
[paging]
kind = "cursor"
path = "nextPageToken"
[answer]
path = "rows"
"""
    assert room.rows(text) == [{"n": 1}, {"n": 2}]
    assert [sent.json for sent in room.local.sent] == [{"q": 1}, {"pageToken": "p2", "q": 1}]


CURSOR = '[paging]\nkind = "cursor"\npath = "next"\n[answer]\npath = "rows"\n'
NEXT = '[paging]\nkind = "next_url"\npath = "next"\n[answer]\npath = "rows"\n'


def test_a_flag_that_says_that_there_is_no_more_ends_the_pages(room: Room) -> None:
    room.local.answers = [
        {"rows": [{}], "next": "a", "more": True}, {"rows": [{}], "next": "b", "more": False},
    ]  # fmt: skip
    assert len(room.rows(CURSOR.replace("[answer]", 'more = "more"\n[answer]'))) == 2


AWAY = 'others = ["{}/second?from={{window.start}}", "{}/third"]\n'


def others(room: Room, away: tuple[str, ...], text: str = "", *, status: int = 503) -> Service:
    """A service with three addresses; those that are `away` do not answer."""

    def answer(sent: Sent) -> Any:
        if sent.path in away:
            return Reply(b"{}", status)
        last = sent.query.get("page") == "2"
        return {"rows": [{"at": sent.path}], "next": "" if last else "?page=2"}

    room.local.answers = answer
    return room.service(AWAY.format(room.local.url, room.local.url) + text)


def test_the_next_address_stands_in_for_one_that_does_not_answer(room: Room) -> None:
    service = others(room, ("/rows",), '[answer]\npath = "rows"\n')
    found = [[row["at"] for row in rows] for _, rows in service.pages(WINDOW)]
    assert found == [["/second"]]
    assert dict(room.local.sent[-1].query) == {"from": "2026-11-01"}
    assert "503" in service.place.reason
    # It stays with the one that answered until the sync ends.
    list(service.pages(WINDOW))
    assert [sent.path for sent in room.local.sent] == ["/rows", "/second", "/second"]


def test_every_address_is_asked_before_it_fails(room: Room) -> None:
    everybody = ("/rows", "/second", "/third")
    service = others(room, everybody)
    for _ in range(2):
        with pytest.raises(Unavailable):
            list(service.pages(WINDOW))
    # The next sync, or the next try, begins with the first again.
    assert [sent.path for sent in room.local.sent] == [*everybody, *everybody]
    assert service.place.reason == ""


def test_pages_go_on_where_they_began(room: Room) -> None:
    paging = '[paging]\nkind = "next_url"\npath = "next"\n'
    answer = '[answer]\npath = "rows"\n'
    service = others(room, ("/rows",), paging + answer)
    list(service.pages(WINDOW))
    assert [sent.path for sent in room.local.sent] == ["/rows", "/second", "/second"]


@pytest.mark.parametrize("status", [429, 403, 400])
def test_an_address_that_refuses_or_wants_a_pause_has_answered(room: Room, status: int) -> None:
    with pytest.raises(Failure):
        list(others(room, ("/rows",), status=status).pages(WINDOW))
    assert {sent.path for sent in room.local.sent} == {"/rows"}


def test_pages_that_go_in_circles_end(room: Room) -> None:
    room.local.answers = lambda sent: {"rows": [{}], "next": "ab"[len(room.local.sent) % 2]}
    with pytest.raises(Refused, match="go in circles"):
        room.rows(CURSOR)
    assert len(room.local.sent) == 3
    room.local.sent.clear()
    room.local.answers = [{"rows": [{}], "next": "/rows?page=2"}]
    with pytest.raises(Refused, match="go in circles"):
        room.rows(NEXT)
    assert len(room.local.sent) == 2


def test_pages_without_end_end(room: Room) -> None:
    room.local.answers = lambda sent: {"rows": [{}], "next": str(len(room.local.sent))}
    with pytest.raises(Refused, match="more than 4 pages"):
        room.rows(CURSOR + "[limits]\npages = 4\n")
    assert len(room.local.sent) == 4


def test_all_pages_together_have_a_size(room: Room) -> None:
    big = "x" * 400_000
    room.local.answers = lambda sent: {"rows": [{"a": big}], "next": str(len(room.local.sent))}
    with pytest.raises(Refused, match="larger than the recipe allows"):
        room.rows(CURSOR + "[limits]\nmegabytes = 1\n")
    assert len(room.local.sent) == 3


@pytest.mark.parametrize(
    "link", ["https://evil.example/rows", "//evil.example/x", "http://localhost/x"]
)
def test_the_next_page_is_on_the_same_host(room: Room, link: str) -> None:
    room.local.answers = [{"rows": [{}], "next": link}]
    with pytest.raises(Refused, match="The next page of the answer is on another host"):
        room.rows(NEXT)
    assert len(room.local.sent) == 1


@pytest.mark.parametrize("link", [5.5, {"a": 1}, ["x"], True])
def test_a_next_page_of_another_kind_is_said(room: Room, link: Any) -> None:
    room.local.answers = [{"rows": [{}], "next": link}]
    with pytest.raises(Refused, match="'next' of the answer is no text"):
        room.rows(NEXT)


OFFSET = """query = { skip = "{offset}", take = "{limit}" }
[paging]
kind = "offset"
total = "total"
limit = 2
[answer]
path = "rows"
"""


def test_offset_and_total(room: Room) -> None:
    def answers(sent: Sent) -> Any:
        start = int(sent.query["skip"])
        return {"total": "5", "rows": [{"n": n} for n in range(start, min(start + 2, 5))]}

    room.local.answers = answers
    assert [row["n"] for row in room.rows(OFFSET)] == [0, 1, 2, 3, 4]
    assert [sent.query["skip"] for sent in room.local.sent] == ["0", "2", "4"]


def test_pages_that_end_before_their_total_are_said(room: Room) -> None:
    room.local.answers = [{"total": 5, "rows": [{}, {}]}, {"total": 5, "rows": []}]
    with pytest.raises(Refused, match="says that there are 5, and ends after 2"):
        room.rows(OFFSET)


@pytest.mark.parametrize("total", ["many", -1, 1.5, True, [5], "9" * 20])
def test_a_total_of_another_kind_is_said(room: Room, total: Any) -> None:
    room.local.answers = [{"total": total, "rows": [{}]}]
    with pytest.raises(Refused, match="'total' of the answer is no whole number"):
        room.rows(OFFSET)


def test_page_numbers_until_a_short_page(room: Room) -> None:
    room.local.answers = [{"rows": [{}, {}]}, {"rows": [{}]}]
    text = OFFSET.replace('"offset"', '"page"').replace('total = "total"\n', "first = 0\n")
    assert len(room.rows(text.replace("{offset}", "{page}"))) == 3
    assert [sent.query["skip"] for sent in room.local.sent] == ["0", "1"]


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ('kind = "bearer"\ntoken = "{secret.token}"', ("authorization", "Bearer t0ken-123456")),
        ('kind = "header"\nname = "X-Key"\nvalue = "{secret.token}"', ("x-key", "t0ken-123456")),
        (
            'kind = "basic"\nuser = "anna"\npassword = "{secret.password}"',
            ("authorization", "Basic YW5uYTpwYTU1LXcwcmQ="),
        ),
    ],
)
def test_signing_in_by_headers(room: Room, auth: str, header: tuple[str, str]) -> None:
    room.local.answers = [[]]
    questions = "".join(
        f'[settings.{name}]\nlabel = "L"\nsecret = true\n' for name in ("token", "password")
    )
    room.rows(f"[auth]\n{auth}\n{questions}[answer]\n")
    assert room.local.sent[0].headers[header[0]] == header[1]


def test_signing_in_by_a_parameter_that_no_sentence_shows(room: Room) -> None:
    room.local.answers = [said({"error": {"message": "t0ken-123456 is wrong"}}, 400)]
    text = '[auth]\nkind = "query"\nname = "key"\nvalue = "{secret.token}"\n'
    with pytest.raises(Refused, match=r"\(400\): ••• is wrong\.") as caught:
        room.rows(text + '[settings.token]\nlabel = "L"\nsecret = true\n[answer]\n')
    assert room.local.sent[0].query == {"key": "t0ken-123456"}
    assert "t0ken" not in repr(caught.value) + str(caught.value)


CLIENT = """[auth]
kind = "client_credentials"
token_url = "{url}/token"
client_id = "me"
client_secret = "{{secret.client_secret}}"
scope = "read"
[settings.client_secret]
label = "L"
secret = true
[answer]
path = "rows"
"""


def test_a_token_is_renewed_before_it_expires_and_once_when_refused(room: Room) -> None:
    given = iter(range(1, 9))

    def answers(sent: Sent) -> Any:
        if sent.path == "/token":
            return {"access_token": f"token-number-{next(given)}", "expires_in": "600"}
        if sent.headers["authorization"] == "Bearer token-number-2":
            return said({"error": {"message": "expired"}}, 401)
        return {"rows": [{}]}

    room.local.answers = answers
    service = room.service(CLIENT.format(url=room.local.url))
    list(service.pages(WINDOW))
    room.clock.advance(530)
    list(service.pages(WINDOW))
    assert [sent.path for sent in room.local.sent] == ["/token", "/rows", "/rows"]
    room.clock.advance(20)
    list(service.pages(WINDOW))
    used = [sent.headers.get("authorization") for sent in room.local.sent if sent.path == "/rows"]
    assert used == [f"Bearer token-number-{n}" for n in (1, 1, 2, 3)]
    assert room.local.sent[0].form == {
        "grant_type": "client_credentials", "client_id": "me", "client_secret": "c5-secret",
        "scope": "read",
    }  # fmt: skip


def test_a_token_that_stays_refused_is_asked_for_once_more_only(room: Room) -> None:
    room.local.answers = lambda sent: (
        {"access_token": "token-number-1"} if sent.path == "/token" else said({}, 401)
    )
    with pytest.raises(Expired, match=r"refuses the sign-in \(401\)"):
        room.rows(CLIENT.format(url=room.local.url))
    assert [sent.path for sent in room.local.sent] == ["/token", "/rows", "/token", "/rows"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (said({"error": "invalid_client", "error_description": "Bad c5-secret"}, 400), "Bad •••"),
        (said({"error": "invalid_client"}, 401), "invalid_client"),
        (Reply(b"<html>", 404), "404"),
        ({"token_type": "Bearer"}, "gave no token"),
        ({"access_token": 5}, "gave no token"),
        ([1], "refuses the sign-in"),
    ],
)
def test_a_sign_in_that_is_refused_says_why(room: Room, answer: Any, sentence: str) -> None:
    room.local.answers = [answer]
    with pytest.raises(Refused) as caught:
        room.rows(CLIENT.format(url=room.local.url))
    assert sentence in caught.value.message
    assert "c5-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["", "no json", "{}", '{"private_key": "x", "client_email": "a@b"}']
)
def test_a_service_account_without_a_key_is_said(
    room: Room, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SECRETS, "key", key)
    text = '[auth]\nkind = "service_account"\nkey = "{secret.key}"\nscope = "s"\n'
    with pytest.raises(NotConfigured):
        room.rows(text + '[settings.key]\nlabel = "L"\nsecret = true\n[answer]\n')
    assert room.local.sent == []


PLAIN = '[answer]\npath = "rows"\n[retry]\ncodes = ["17"]\n'


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_failures_that_pass_can_be_tried_again(room: Room, status: int) -> None:
    room.local.answers = [Reply(b"<html>Bad gateway</html>", status)]
    with pytest.raises(Unavailable, match=rf"127\.0\.0\.1 fails \({status}\)") as caught:
        room.rows(PLAIN)
    assert not isinstance(caught.value, Throttled)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_failures_that_do_not_pass_are_said(room: Room, status: int) -> None:
    room.local.answers = [said({"error": {"message": "No such\x00 field 'x'"}}, status)]
    with pytest.raises(Refused, match=rf"\({status}\): No such field 'x'\.") as caught:
        room.rows(PLAIN)
    assert caught.value.hint


def test_retry_after_is_kept_in_both_ways_of_writing(room: Room) -> None:
    later = (room.clock.now() + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    good = {"rows": []}
    for header, seconds in (("7", 7.0), (later, 90.0), ("soon", 0.0), ("-5", 0.0), ("9" * 30, 0.0)):
        room.local.sent.clear()
        room.local.answers = [said({}, 429, Retry_After=header), good]
        room.rows(PLAIN)
        failure = room.failures.pop()
        assert isinstance(failure, Throttled)
        assert failure.after == seconds
    room.local.sent.clear()
    room.local.answers = [said({}, 503, Retry_After="3"), good]
    room.rows(PLAIN)
    assert room.failures.pop().after == 3.0  # type: ignore[attr-defined]


def test_errors_in_answers_of_status_200(room: Room) -> None:
    room.local.answers = [{"error": {"code": 100, "message": "Unknown field"}, "rows": [{}]}]
    with pytest.raises(Refused, match=r"\(200\): Unknown field\."):
        room.rows(PLAIN)
    room.local.sent.clear()
    room.local.answers = [
        {"error": {"code": 17, "message": "Limit"}},
        {"rows": [{}], "error": None},
    ]
    assert room.rows(PLAIN) == [{}]
    assert "asks to slow down" in room.failures[0].message


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"rows": {"a": 1}}, "'rows' of the answer is no list"),
        ({"rows": [1]}, "rows of the answer holds something that is no record"),
        ({"other": []}, "The answer has no 'rows'"),
        ([], "The answer has no 'rows'"),
        ("text", "The answer has no 'rows'"),
        (None, "The answer has no 'rows'"),
    ],
)
def test_another_shape_than_the_recipe_says_is_said(room: Room, answer: Any, sentence: str) -> None:
    room.local.answers = [answer]
    with pytest.raises(Refused) as caught:
        room.rows(PLAIN)
    assert sentence in caught.value.message


def test_zips_that_do_not_fit_and_kinds_that_come_twice_are_said(room: Room) -> None:
    room.local.answers = [{"names": [{"n": "a"}, {"n": "b"}], "rows": [{"v": [1]}]}]
    zipped = '[answer]\npath = "rows"\nzip = [{ names = "names.*.n", values = "v.*" }]\n'
    with pytest.raises(Refused, match="names 2 columns and gives 1 values"):
        room.rows(zipped)
    pivot = (
        '[answer]\npath = "rows"\npivot = [{ path = "actions", type = "t", value = "v",'
        ' choose = "buy", into = "sold" }]\n'
    )
    room.local.answers = [
        {"rows": [{"actions": [{"t": "see", "v": 9}, {"t": "buy", "v": 3}]}, {"actions": []}, {}]}
    ]
    assert [row["sold"] for row in room.rows(pivot)] == [3, None, None]
    room.local.answers = [{"rows": [{"actions": [{"t": "buy", "v": 1}, {"t": "buy", "v": 3}]}]}]
    with pytest.raises(Refused, match="'actions' has 'buy' more than once"):
        room.rows(pivot)


def test_who_gives_tokens_may_be_away_for_a_while(room: Room) -> None:
    room.local.answers = [Reply(b"<html>Bad gateway</html>", 502)]
    with pytest.raises(Unavailable, match=r"gives no token now \(502\)"):
        room.rows(CLIENT.format(url=room.local.url))
