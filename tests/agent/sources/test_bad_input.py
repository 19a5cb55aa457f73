"""Every source, and everything bad that it may be given: one clear sentence beside the connection,
how far it was read and the warehouse as they were."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from agent.errors import Failure
from agent.ports import Shop
from agent.records.connections import Connection
from agent.resilience import Upstreams
from agent.resilience.policies import policies_of
from agent.resilience.waiting import Time
from agent.services import Services
from agent.sources import syncing
from agent.sources.connectors import connector
from agent.warehouse import schema
from tests.agent.sources.bad_words import OURS
from tests.agent.sources.http.conftest import RECIPES, Local, Reply, said
from tests.clock import FrozenClock
from tests.servers import free_port

SHOP = Shop("tea", "Tea", "EUR", "Europe/Berlin")
SECRET = "tok-Geheim-4711"
ID = "one"
DAY = "2026-11-15"


@dataclass
class Room:
    """Services whose waits cost no time, and one connection of the test."""

    services: Services
    clock: FrozenClock
    place: Path
    url: str = ""
    local: Local | None = None

    def connect(self, kind: str, **settings: str) -> None:
        """The secrets among the settings are sealed, as a form does it."""
        secret = {one.name for one in connector(kind).fields if one.kind == "secret"}
        kept = {
            name: self.services.secrets.put(f"{ID}.{name}", text, "ann") if name in secret else text
            for name, text in settings.items()
        }
        connections = self.services.records.connections
        if any(one.connection_id == ID for one in connections.all()):
            old = connections.get(ID).settings
            connections.change(ID, settings={**old, **kept})
        else:
            connections.add(Connection(ID, kind, "Source", SHOP.shop_id, kept))

    def sync(self) -> None:
        self.clock.advance(60)
        syncing.sync(self.services, ID)

    def watermark(self) -> dict[str, Any]:
        """How far it was read; of a folder, what it has imported: each look is noted beside it."""
        states = self.services.records.connections.states(ID)
        return {
            stream: state["done"] if stream == "files" else state
            for stream, state in states.items()
        }

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the warehouse."""
        read = self.services.warehouse.read
        return {
            table.name: sorted(read(sa.select(table)).to_pylist(), key=repr)
            for table in schema.METADATA.sorted_tables
            if "shop_id" in table.c
        }


Give = Callable[[Room], object]


@dataclass(frozen=True)
class Bad:
    """Something bad, a part of its sentence, and how it is given to the source."""

    says: str
    give: Give


@dataclass(frozen=True)
class Kind:
    """A source that was synced well once, and what is then given to it. `mend` takes the bad
    away."""

    begin: Give
    bad: Mapping[str, Bad]
    mend: Give
    servers: tuple[str, ...] = ()


# HTTP: what a service may answer

RECIPE = """
label = "Ads"
target = "spend"
[settings.token]
label = "Token"
secret = true
[request]
url = "{url}/report"
query = { from = "{window.start}", key = "{secret.token}", page = "{cursor}" }
[paging]
kind = "PAGING"
path = "next"
[answer]
path = "rows"
[window]
days = 3
history = 3
[limits]
pages = 5
megabytes = 1
[columns]
date = "day"
channel = { value = "Ads" }
campaign = "name"
amount = { path = "cost", form = "FORM" }
clicks = { path = "clicks", form = "whole", default = "0" }
"""


def page(**values: Any) -> dict[str, Any]:
    row = {"day": DAY, "name": "A", "cost": "2", **values}
    return {"rows": [{name: value for name, value in row.items() if value is not None}]}


def raw(cost: str) -> Reply:
    return Reply(json.dumps(page(cost="COST")).replace('"COST"', cost).encode())


def going(on: Callable[[int], Any]) -> Callable[[Any], Any]:
    """Pages that always name another one."""
    return lambda sent: {**page(), "next": on(int(sent.query.get("page") or 0) + 1)}


def ads(room: Room, paging: str = "cursor", form: str = "number") -> None:
    assert room.local is not None
    config = RECIPE.replace("{url}", room.local.url)
    config = config.replace("PAGING", paging).replace("FORM", form)
    room.connect("http", config=config)


def answer(content: Any, **recipe: str) -> Give:
    """The service answers so, from now on."""

    def give(room: Room) -> None:
        assert room.local is not None
        room.local.sent.clear()
        room.local.answers = content if callable(content) else [content]
        ads(room, **recipe)

    return give


def meta(content: Any) -> Give:
    """The same of the recipe that comes with the product for Meta."""

    def give(room: Room) -> None:
        assert room.local is not None
        answer(content)(room)
        text = (RECIPES / "meta.toml").read_text(encoding="utf-8")
        text = text.replace("https://graph.facebook.com", room.local.url)
        room.connect("http", config=text, account_id="act_77")

    return give


def begin_ads(room: Room) -> None:
    room.services.warehouse.put_shop(SHOP)
    room.connect("http", recipe="own", allow_private="yes", token=SECRET)
    answer(page())(room)


NEXT = {"paging": "next_url"}
HTTP: Mapping[str, Bad] = {
    "html": Bad("a web page instead of JSON", answer(Reply(b"<html>Sign in</html>"))),
    "html 502": Bad("fails (502)", answer(Reply(b"<html>Bad gateway</html>", 502))),
    "empty": Bad("an empty answer", answer(Reply(b""))),
    "half": Bad("no whole JSON", answer(Reply(b'{"rows": [{"day": "20'))),
    "cut off": Bad("breaks off", answer(Reply(b'{"rows": []}', short=9))),
    "bytes": Bad("no whole JSON", answer(Reply(b"\x00\x00\xff"))),
    "deep": Bad("nested too deep", answer(Reply(b"[" * 200_000))),
    "bomb": Bad(
        "larger than the recipe allows",
        answer(Reply(gzip.compress(b" " * 2_000_000), headers={"Content-Encoding": "gzip"})),
    ),
    "no gzip": Bad(
        "cannot be unpacked", answer(Reply(b"{}", headers={"Content-Encoding": "gzip"}))
    ),
    "null": Bad("has no 'rows'", answer(Reply(b"null"))),
    "other shape": Bad("'rows' of the answer is no list", answer({"rows": {"a": 1}})),
    "no records": Bad("no record", answer({"rows": [1, 2]})),
    "missing column": Bad("The amount is missing", answer(page(cost=None))),
    "wrong type": Bad("is a table, not a number", answer(page(cost={"a": 1}))),
    "yes or no": Bad("is true or false, not a number", answer(page(cost=True))),
    "a part of one": Bad("clicks is not a whole number", answer(page(clicks=1.5))),
    "two of two": Bad("None of the answer's 2 rows", answer({"rows": page(cost=[1])["rows"] * 2})),
    "wrong day": Bad("not a day from 1990", answer(page(day="yesterday"))),
    "far day": Bad("not a day from 1990", answer(page(day="9999-12-31"))),
    "huge": Bad("too large to be real", answer(page(cost="9" * 400))),
    "more than a budget": Bad("too large to be real", answer(page(cost="99999999999"))),
    "huge text": Bad("not an amount", answer(page(cost="9" * 400), form="text")),
    "huge power": Bad("too large to be real", answer(raw("1e999999999"))),
    "huge power as text": Bad("too large to be real", answer(raw("1e999999999"), form="text")),
    "tiny power": Bad("too small to be real", answer(raw("1e-999999999"), form="micros")),
    "beyond numbers": Bad("no whole JSON", answer(raw("1e99999999999999999999"))),
    "huge digits": Bad("no whole JSON", answer(raw("9" * 5_000))),
    "nan": Bad("no whole JSON", answer(raw("NaN"))),
    "nul": Bad("characters that no text has", answer(page(name="a\0b"))),
    "half a character": Bad("characters that no text has", answer(page(name="\ud800"))),
    "long": Bad("is too long", answer(page(name="x" * 9_000))),
    "cyclic": Bad("go in circles", answer(going(lambda number: 1))),
    "endless": Bad("more than 5 pages", answer(going(str))),
    "cyclic links": Bad("go in circles", answer(going(lambda number: "/report?page=1"), **NEXT)),
    "endless links": Bad(
        "more than 5 pages", answer(going(lambda number: f"/report?page={number}"), **NEXT)
    ),
    "another host": Bad(
        "on another host", answer(going(lambda number: f"https://e.test/?t={SECRET}"), **NEXT)
    ),
    "another scheme": Bad("on another host", answer(going(lambda number: "file:///etc/x"), **NEXT)),
    "link of another type": Bad("is no text", answer(going(lambda number: [1]), **NEXT)),
    "redirect": Bad(
        "on to another host", answer(said({}, 302, Location="http://169.254.169.254/"))
    ),
    "redirects in circles": Bad("redirects in circles", answer(said({}, 302, Location="/report"))),
    "refused": Bad(
        "refuses the sign-in", answer(said({"error": {"message": f"{SECRET} is old"}}, 401))
    ),
    "error in 200": Bad(
        "refuses the request", answer({"error": {"message": f"quota of {SECRET}"}})
    ),
    "asks for a pause": Bad("asks to slow down", answer(said({}, 429, Retry_After="5"))),
    "lines in a reason": Bad("one two", answer(said({"error": {"message": "one\ntwo"}}, 500))),
    "meta html": Bad("a web page instead of JSON", meta(Reply(b"<!doctype html>"))),
    "meta other shape": Bad("has no 'data'", meta({"dates": []})),
    "meta cyclic": Bad("go in circles", meta({"data": [], "paging": {"next": "?after=a"}})),
}

# PostgreSQL: what a database may hold

TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.good (day date, at timestamptz, channel text, amount numeric);
INSERT INTO shop.good VALUES ('2026-11-15', '2026-11-15', 'Ads', 5);
CREATE TABLE shop.odd (day text, at timestamptz, channel text, amount text);
INSERT INTO shop.odd VALUES ('2026-11-15', '2026-11-15', 'Ads', 'much');
CREATE TABLE shop.huge (day date, at timestamptz, channel text, amount numeric);
INSERT INTO shop.huge VALUES ('2026-11-15', '2026-11-15', 'Ads', 1e300);
CREATE TABLE shop.nan (day date, at timestamptz, channel text, amount float);
INSERT INTO shop.nan VALUES ('2026-11-15', '2026-11-15', 'Ads', 'NaN');
CREATE TABLE shop.bytes (day date, at timestamptz, channel bytea, amount int[]);
INSERT INTO shop.bytes VALUES ('2026-11-15', '2026-11-15', '\\x00ff', '{1,2}');
CREATE TABLE shop.long (day date, at timestamptz, channel text, amount numeric);
INSERT INTO shop.long VALUES ('2026-11-15', '2026-11-15', repeat('x', 3000000), 5);
CREATE TABLE shop.never (day date, at timestamptz, channel text, amount numeric);
INSERT INTO shop.never VALUES ('2026-11-15', 'infinity', 'Ads', 5);
CREATE VIEW shop.broken AS SELECT day, at, channel, 1 / (amount - 5) AS amount FROM shop.good;
"""
SPEND = """
[spend]
table = "shop.good"
[spend.columns]
date = "day"
channel = "channel"
amount = "amount"
"""
ORDERS = """
[orders]
table = "shop.never"
updated_at = "at"
[orders.columns]
order_id = "channel"
placed_at = "at"
amount = "amount"
"""


def begin_database(room: Room) -> None:
    room.services.warehouse.put_shop(SHOP)
    engine = sa.create_engine(room.url)
    with engine.begin() as connection:
        for statement in TABLES.split(";\n")[:-1]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    room.connect("postgres", address=room.url.replace("+psycopg2", ""), ssl="disable")
    room.connect("postgres", mapping=SPEND)


def mapped(text: str) -> Give:
    return lambda room: room.connect("postgres", mapping=text)


def table(name: str) -> Give:
    return mapped(SPEND.replace("shop.good", f"shop.{name}"))


def address(change: Callable[[str], str]) -> Give:
    plain = re.compile(r"\+psycopg2")
    return lambda room: room.connect("postgres", address=change(plain.sub("", room.url)))


def mend_database(room: Room) -> None:
    address(str)(room)
    mapped(SPEND)(room)


POSTGRES: Mapping[str, Bad] = {
    "missing table": Bad("There is no table shop.nope", table("nope")),
    "missing column": Bad("has no column cost", mapped(SPEND.replace('= "amount"', '= "cost"'))),
    "wrong type": Bad("shop.odd cannot be used", table("odd")),
    "huge": Bad("shop.huge cannot be used", table("huge")),
    "nan": Bad("shop.nan cannot be used", table("nan")),
    "bytes and lists": Bad("shop.bytes cannot be used", table("bytes")),
    "long": Bad("shop.long cannot be used", table("long")),
    "never": Bad("shop.never cannot be used", mapped(ORDERS)),
    "view that fails": Bad("refuses: division by zero", table("broken")),
    "no mark": Bad("cannot say what is new", mapped(ORDERS.replace('= "at"', '= "channel"', 1))),
    "no mapping": Bad("neither TOML nor JSON", mapped("[spend")),
    "deep mapping": Bad("nested too deep", mapped('{"a":' * 5_000)),
    "unknown user": Bad("refuses the connection", address(lambda u: u.replace("postgres@", "x@"))),
    "unknown database": Bad(
        "refuses the connection", address(lambda u: f"{u.rpartition('/')[0]}/nothing")
    ),
    "nobody there": Bad(
        "does not answer", address(lambda u: f"postgresql://a:{SECRET}@127.0.0.1:{free_port()}/x")
    ),
    "no address": Bad("cannot be used", address(lambda u: f"mysql://a:{SECRET}@h/x")),
}

# Files: what a folder may hold

HEADER = "date,channel,campaign,spend\n"


def begin_folder(room: Room) -> None:
    room.services.warehouse.put_shop(SHOP)
    (room.place / "good.csv").write_text(f"{HEADER}{DAY},Meta,A,5\n")
    room.connect("folder", folder=room.place.name, shop="Tea")
    room.sync()


def file(name: str, content: bytes | str) -> Give:
    def give(room: Room) -> None:
        data = content.encode() if isinstance(content, str) else content
        (room.place / name).write_bytes(data)
        room.sync()

    return give


def line(amount: str = "5", *, day: str = DAY, name: str = "B") -> Give:
    return file("x.csv", f"{HEADER}{day},Meta,{name},{amount}\n")


def mend_folder(room: Room) -> None:
    for path in room.place.iterdir():
        if path.name != "good.csv":
            path.unlink()
    room.sync()


FILES: Mapping[str, Bad] = {
    "html": Bad("is a web page", file("x.csv", "<html><body>Sign in</body></html>")),
    "empty": Bad("x.csv is empty.", file("x.csv", "")),
    "no rows": Bad("has a header but no rows", file("x.csv", HEADER)),
    "missing column": Bad("those of no format", file("x.csv", "date,channel\n2026-11-15,Meta\n")),
    "wrong type": Bad("The one line of x.csv cannot be used.", line("much")),
    "wrong day": Bad("The one line of x.csv cannot be used.", line(day="yesterday")),
    "huge": Bad("The one line of x.csv cannot be used.", line("9" * 400)),
    "huge power": Bad("The one line of x.csv cannot be used.", line("1e999999999")),
    "nul": Bad("The one line of x.csv cannot be used.", line(name="a\0b")),
    "nothing but nul": Bad("is not a text file", file("x.csv", b"\0" * 100_000)),
    "no workbook": Bad("x.xlsx", file("x.xlsx", b"PK\x03\x04 nothing")),
    "no parquet": Bad("x.parquet", file("x.parquet", b"PAR1 nothing PAR1")),
    "no gzip": Bad("x.csv.gz", file("x.csv.gz", HEADER)),
    "products of another shop system": Bad("those of no format", file("x.csv", "Handle,A\nx,y\n")),
}

# Redis: what its keys may hold


def begin_redis(room: Room) -> None:
    room.services.warehouse.put_shop(SHOP)
    counted("good")(room)
    room.connect("redis", url=room.url)
    with redis.Redis.from_url(room.url) as there:
        there.set("good", 5)
        there.set("text", "many")
        there.set("nul", b"\0\xff")
        there.set("huge", "9" * 1_000_000)
        there.set("power", "1e999999999")
        there.hset("hash", "a", "1")
        there.xadd("stream", {"y": 1})


def counted(key: str) -> Give:
    return lambda room: room.connect("redis", counters=f"Visitors = {key}")


def at(make: Callable[[Room], str]) -> Give:
    return lambda room: room.connect("redis", url=make(room))


def mend_redis(room: Room) -> None:
    room.connect("redis", url=room.url, counters="Visitors = good")


REDIS: Mapping[str, Bad] = {
    "missing": Bad("There is no key absent", counted("absent")),
    "wrong type": Bad("hash is a hash", counted("hash")),
    "text": Bad("text holds no number", counted("text")),
    "nul": Bad("nul holds no number", counted("nul")),
    "huge": Bad("huge holds no number", counted("huge")),
    "huge power": Bad("power holds no number", counted("power")),
    "missing field": Bad("has no number x", counted("stream#x")),
    "nobody there": Bad(
        "does not answer", at(lambda r: f"redis://:{SECRET}@127.0.0.1:{free_port()}")
    ),
    "no redis": Bad("", at(lambda r: r.local.url.replace("http", "redis") if r.local else "")),
    "no address": Bad("no address of a Redis", at(lambda r: f"http://a:{SECRET}@h/")),
}

KINDS: Mapping[str, Kind] = {
    "http": Kind(begin_ads, HTTP, ads),
    "postgres": Kind(begin_database, POSTGRES, mend_database, ("postgres_url",)),
    "folder": Kind(begin_folder, FILES, mend_folder),
    "redis": Kind(begin_redis, REDIS, mend_redis, ("redis_url",)),
}
"""Shopify's own, with a stand-in shop that fails in each way: shopify/test_bad_answers.py."""


@pytest.fixture
def room(services: Services, clock: FrozenClock) -> Iterator[Room]:
    spent = [0.0]

    def sleep(seconds: float, stopping: Any) -> None:
        del stopping
        spent[0] += seconds

    time = Time(now=lambda: spent[0], monotonic=lambda: spent[0], sleep=sleep)
    # Whoever is asked that often in vain is left alone: not what is looked at here.
    policies = {
        name: replace(policy, rate="", failures=1_000)
        for name, policy in policies_of(services.settings).items()
    }
    upstreams = Upstreams(clock, policies=policies, time=time)
    place = services.settings.watch_root / "files"
    place.mkdir(parents=True)
    local = Local()
    yield Room(replace(services, upstreams=upstreams), clock, place, local=local)
    local.close()


@contextmanager
def nothing_moves(room: Room, what: str) -> Iterator[None]:
    before = room.watermark(), room.services.warehouse.versions((SHOP.shop_id,))
    yield
    after = room.watermark(), room.services.warehouse.versions((SHOP.shop_id,))
    assert after == before, what


def sentence(room: Room) -> str:
    """What the Sources page says of a sync that goes wrong."""
    try:
        room.sync()
    except Failure as failure:
        one = room.services.records.connections.get(ID)
        assert one.message == failure.message
        return f"{one.message} {one.hint}".strip()
    one = room.services.records.connections.get(ID)
    assert one.message == ""
    (note,) = one.notes
    return note


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(name, marks=[pytest.mark.server] if one.servers else [])
        for name, one in KINDS.items()
    ],
)
def test_bad_input_ends_in_one_sentence_and_nothing_moves(
    kind: str, room: Room, request: pytest.FixtureRequest
) -> None:
    source = KINDS[kind]
    room.url = "".join(request.getfixturevalue(name) for name in source.servers)
    source.begin(room)
    room.sync()
    assert room.watermark()
    rows = room.rows()
    for name, bad in source.bad.items():
        with nothing_moves(room, name):
            bad.give(room)
            told = sentence(room)
            assert bad.says in told, name
            assert told.endswith(".") and "\n" not in told and len(told) < 500, (name, told)
            assert not OURS.search(told), (name, told)
            assert SECRET not in told, name
        source.mend(room)
    assert room.rows() == rows
    if room.local is not None:
        room.local.answers = [page()]
    room.sync()
    one = room.services.records.connections.get(ID)
    assert (one.message, list(one.notes)) == ("", [])


def test_a_bug_is_told_too_and_nothing_looks_well(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_ads(room)
    room.sync()
    monkeypatch.setattr("agent.sources.http.work.land", lambda *_: [][0])
    with nothing_moves(room, "a bug"), pytest.raises(IndexError):
        room.sync()
    one = room.services.records.connections.get(ID)
    assert one.message.startswith("The sync ended in an error of this program")
    assert one.hint


def test_the_hint_of_a_source_that_is_left_alone_does_not_grow_old(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = policies_of(room.services.settings)
    upstreams = Upstreams(room.clock, policies=policies)
    room.services = replace(room.services, upstreams=upstreams)
    monkeypatch.setattr("agent.resilience.upstreams._Call._pause", lambda *_: 0.0)
    begin_ads(room)
    answer(Reply(b"", 503))(room)
    for _ in range(2):
        with pytest.raises(Failure) as caught:
            room.sync()
    assert "seconds" in caught.value.hint
    one = room.services.records.connections.get(ID)
    assert "did not answer of late" in one.message
    assert one.hint == "It is asked again by itself."
