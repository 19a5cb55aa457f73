"""A service on this machine that answers as a test says, and connections to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa

from agent.ports import Shop
from agent.records.connections import Connection
from agent.resilience import Policy, Upstreams
from agent.resilience.waiting import Time
from agent.sources import http
from agent.sources.connectors import Link, Synced, Watch
from agent.warehouse import schema
from tests.clock import FrozenClock

RECIPES = Path(http.__file__).parent / "recipes"
HOSTS = (
    "https://analyticsdata.googleapis.com", "https://graph.facebook.com",
    "https://googleads.googleapis.com", "https://oauth2.googleapis.com",
    "https://api.frankfurter.dev",
)  # fmt: skip
SHOP = Shop("tea", "Tea", "EUR", "Europe/Berlin")


@dataclass(frozen=True)
class Sent:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Reply:
    """Bytes with a status; `short` leaves out the last bytes that the length promises."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    short: int = 0


def said(value: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(json.dumps(value).encode(), status, named)


class Local:
    """A service. `answers` turns a request into a Reply, or into JSON that is sent with 200; a list
    is said one after the other, its last for ever."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: Callable[[Sent], Any] | list[Any] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._desk())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, sent: Sent) -> Reply:
        place = len(self.sent)
        self.sent.append(sent)
        if isinstance(self.answers, list):
            found = self.answers[min(place, len(self.answers) - 1)]
        else:
            found = self.answers(sent)
        return found if isinstance(found, Reply) else said(found)

    def _desk(self) -> type[BaseHTTPRequestHandler]:
        local = self

        class Desk(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                found = local.reply(
                    Sent(
                        self.command, parts.path, dict(parse_qsl(parts.query)),
                        {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length),
                    )
                )  # fmt: skip
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(found.content) + found.short))
                self.end_headers()
                self.wfile.write(found.content)

            do_GET = do_POST = handle_one

            def log_message(self, *words: Any) -> None:
                del words

        return Desk


@pytest.fixture
def local() -> Iterator[Local]:
    service = Local()
    yield service
    service.close()


@dataclass
class Desk:
    """Connections of the kind http for the shop Tea, whose waits cost no time."""

    services: Any
    local: Local
    clock: FrozenClock
    pauses: list[float]

    def recipe(self, name: str) -> str:
        """A recipe of the product that asks the local service."""
        text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
        for host in HOSTS:
            text = text.replace(host, self.local.url)
        return text

    def link(self, config: str, typed: Mapping[str, str] | None = None, **settings: str) -> Link:
        given = {"recipe": "own", "config": config, "allow_private": "yes", **settings}
        made = self.services.records.connections.add(
            Connection("", "http", f"Service {len(self.all())}", SHOP.shop_id, given)
        )
        return Link(self.services, made, Watch(), dict(typed or {}))

    def all(self) -> tuple[Connection, ...]:
        found: tuple[Connection, ...] = self.services.records.connections.all()
        return found

    def sync(self, link: Link) -> Synced:
        return http.CONNECTOR.sync(link)

    def rows(self, table: sa.Table, *order: str) -> list[dict[str, Any]]:
        columns = [c for c in table.columns if c.name not in ("batch_id", "revision", "shop_id")]
        return list(
            self.services.warehouse.read(
                sa.select(*columns).order_by(*(table.c[name] for name in order))
            ).to_pylist()
        )

    def spend(self) -> list[tuple[str, str, str, str]]:
        return [
            (str(r["local_date"]), r["channel"], r["campaign"], f"{r['amount'].normalize():f}")
            for r in self.rows(schema.SPEND, "local_date", "channel", "campaign")
        ]

    def state(self, link: Link) -> dict[str, Any]:
        return link.state("days")


@pytest.fixture
def desk(services: Any, local: Local, clock: FrozenClock) -> Desk:
    services.warehouse.put_shop(SHOP)
    pauses: list[float] = []
    spent = [0.0]

    def sleep(seconds: float, stopping: Any) -> None:
        pauses.append(seconds)
        spent[0] += seconds

    time = Time(now=lambda: spent[0], monotonic=lambda: spent[0], sleep=sleep)
    quiet = replace(services, upstreams=Upstreams(clock, policies={"http": Policy()}, time=time))
    return Desk(quiet, local, clock, pauses)
