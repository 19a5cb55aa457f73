"""A shop that goes on selling, and its webhooks over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.shopify_standin import live
from tests.shopify_standin.conftest import asker
from tests.shopify_standin.model import Happened
from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import post, signature

SUBSCRIBE = """mutation($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_CREATE,
  webhookSubscription: {uri: $uri}) { userErrors { message } } }"""


class Ear(HTTPServer):
    """Hears webhooks: (path, headers, raw body)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hears)
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200


class Hears(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def ear() -> Iterator[Ear]:
    server = Ear()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_sells_and_tells_until_it_is_closed(standin: StandIn, ear: Ear) -> None:
    uri = f"http://127.0.0.1:{ear.server_port}/hooks"
    told = asker(standin)(SUBSCRIBE, uri=uri)["data"]["webhookSubscriptionCreate"]
    assert told == {"userErrors": []}
    closing = threading.Event()
    before = len(standin.shop.orders)

    def count(event: Happened) -> None:
        if len(standin.shop.orders) >= before + 4:
            closing.set()

    standin.shop.listeners.append(count)
    live.sell(standin, 0, closing)
    assert len(ear.heard) >= 4
    for path, headers, body in ear.heard:
        assert path == "/hooks"
        assert headers["X-Shopify-Topic"] == "orders/create"
        assert headers["X-Shopify-Hmac-Sha256"] == signature(standin.auth.client_secret, body)


def test_a_redirect_and_silence_are_failures(standin: StandIn, ear: Ear) -> None:
    uri = f"http://127.0.0.1:{ear.server_port}/hooks"
    asker(standin)(SUBSCRIBE, uri=uri)
    ear.status = 302
    standin.shop.place()
    assert standin.courier.deliver(post) == 0
    assert len(ear.heard) == len(standin.courier.waiting) == 1
    nobody = standin.courier.delivery("http://127.0.0.1:1/hooks", "orders/create", {"id": 1})
    assert post(nobody) == 0
