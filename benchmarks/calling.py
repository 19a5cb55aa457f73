"""A call of Shopify's, from its bytes to the committed ledger: checked and kept, the order asked
for anew, read, merged into a shop of a hundred thousand; and how soon the caller has its answer.

The shop's answers are recorded ones, given over a socket of this machine by a thread whose CPU is
not counted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import statistics
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
from flask import Flask

from agent.records.connections import Connection
from agent.services import Services
from agent.sources.shopify import hooks
from agent.sources.shopify.orders import IDS
from agent.sources.shopify.subscriptions import PATH
from agent.warehouse.schema import SALES
from benchmarks.measuring import Figure, cost
from benchmarks.merging import SHOP, Story, parts
from benchmarks.rooms import Room, opened
from benchmarks.shopify import Document, flat

ID, SECRET = "calling", "a secret of the app"
FIRST = 20_000_000
GOAL_MS, GOAL_ANSWER_MS = 30.0, 50.0


class Recorded(ThreadingHTTPServer):
    """Gives the answers that were put in, in their order, to one caller; `spent` is the CPU of the
    thread that does."""

    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answers: deque[bytes] = deque()
        self.spent = 0.0


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave as one.
    wbufsize = -1
    server: Recorded

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = self.server.answers.popleft()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.spent = time.thread_time()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@dataclass(frozen=True)
class Shop:
    """Services that are called, and what the shop answers when it is asked."""

    services: Services
    recorded: Recorded
    calls: list[int] = field(default_factory=list)

    def worked(self, numbers: Sequence[int], refunded: bool) -> float:
        """CPU seconds of calls about some orders, each received, then worked on together."""
        self.recorded.answers.append(_answer(numbers, refunded))
        called = [self.call(number) for number in numbers]
        connection = self.services.records.connections.get(ID)
        before = self.recorded.spent

        def whole() -> None:
            for one in called:
                hooks.receive(self.services, ID, one)
            hooks.work(self.services, connection)

        return cost(whole).cpu - (self.recorded.spent - before)

    def call(self, number: int) -> hooks.Call:
        """One delivery, as new as it can be."""
        self.calls.append(number)
        told = {"id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}"}
        body = orjson.dumps(told | {"updated_at": "2026-03-02T10:00:00Z"})
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest())
        name = "x-shopify-"
        words = {f"{name}topic": "orders/updated", f"{name}webhook-id": f"call-{len(self.calls)}"}
        return hooks.Call(words | {f"{name}hmac-sha256": signature.decode()}, body)


def run(room: Room) -> list[Figure]:
    story = Story(2_000 if room.quick else 100_000)
    runs = 2 if room.quick else 20
    with _shop(room, story) as shop:
        return [*_figures(shop, runs), _answered(shop, runs)]


def _figures(shop: Shop, runs: int) -> Iterator[Figure]:
    rows = _rows(shop)
    for refunded, name in ((False, "an order that is new"), (True, "the same with a refund")):
        spent = [shop.worked([FIRST + place], refunded) for place in range(runs + 1)]
        cpu = 1000 * statistics.median(spent[1:])
        yield Figure(f"{name}, call to ledger", cpu, "ms CPU", goal=GOAL_MS)
    if _rows(shop) <= rows:
        raise RuntimeError("no call reached the ledger")
    first = FIRST + 1_000
    spent = [
        shop.worked(range(first + IDS * turn, first + IDS * (turn + 1)), False)
        for turn in range(2 + runs // 4)
    ]
    cpu = 1000 * statistics.median(spent[1:]) / IDS
    yield Figure(f"each of {IDS} new ones that wait together", cpu, "ms CPU", goal=GOAL_MS)


def _answered(shop: Shop, runs: int) -> Figure:
    """The route itself: seconds of the clock, which the caller waits for."""
    from dashboard.routes.webhooks import webhooks

    app = Flask("calling")
    app.register_blueprint(webhooks(shop.services, None))
    client = app.test_client()
    spent = []
    for place in range(runs + 1):
        call = shop.call(FIRST + 9_000 + place)
        begun = time.perf_counter()
        answer = client.post(f"{PATH}/{ID}", data=call.body, headers=dict(call.headers))
        spent.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise RuntimeError(f"the call was answered {answer.status_code}")
    worst = 1000 * max(spent[1:])
    return Figure("the slowest answer to a caller", worst, "ms", goal=GOAL_ANSWER_MS)


def _rows(shop: Shop) -> int:
    return sum(shop.services.warehouse.versions((SHOP.shop_id,))[name] for name in (SALES.name,))


@contextmanager
def _shop(room: Room, story: Story) -> Iterator[Shop]:
    recorded = Recorded()
    thread = Thread(target=recorded.serve_forever, name="recorded", daemon=True)
    thread.start()
    services = opened(room.folder / "calling")
    try:
        for part in parts(story):
            services.warehouse.merge(part)
        services.warehouse.checkpoint()
        secret = services.secrets.put(f"{ID}.client_secret", SECRET, "benchmark")
        token = services.secrets.put(f"{ID}.access_token", "shpat_recorded", "benchmark")
        port = recorded.server_address[1]
        settings = {
            "shop": f"http://127.0.0.1:{port}", "client_secret": secret, "access_token": token
        }  # fmt: skip
        made = Connection(ID, "shopify", "Calling", SHOP.shop_id, settings)
        services.records.connections.add(made)
        yield Shop(services, recorded)
    finally:
        services.close()
        recorded.shutdown()
        recorded.server_close()


def _answer(numbers: Sequence[int], refunded: bool) -> bytes:
    """What the shop says of some orders, as the connector asks for them."""
    asked = {
        "requestedQueryCost": 30, "actualQueryCost": 20,
        "throttleStatus": {
            "maximumAvailable": 2000.0, "currentlyAvailable": 1900, "restoreRate": 100.0
        },
    }  # fmt: skip
    nodes = [_nested(number, refunded) for number in numbers]
    return orjson.dumps({"data": {"nodes": nodes}, "extensions": {"cost": asked}})


def _nested(number: int, refunded: bool) -> Document:
    head, *lines = flat(number, ("ORDER", "RETURN") if refunded else ("ORDER",))
    last = {"pageInfo": {"hasNextPage": False}}
    agreements: dict[str, Document] = {}
    for line in lines:
        own = {name: value for name, value in line.items() if name != "__parentId"}
        if line["__parentId"] == head["id"]:
            agreements[line["id"]] = own | {"sales": last | {"nodes": []}}
        else:
            agreements[line["__parentId"]]["sales"]["nodes"].append(own)
    if refunded:
        head = head | {"updatedAt": head["updatedAt"].replace("2026", "2027")}
    return head | {"agreements": last | {"nodes": [*agreements.values()]}}
