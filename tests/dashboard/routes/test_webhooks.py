"""The door for shops that call, as Shopify's own deliveries knock at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from agent.records.connections import Connection
from agent.services import Services
from agent.sources.listening import Listener
from agent.warehouse.schema import ORDERS
from dashboard.build import build_server
from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import Delivery

ID = "alder"
HERE = f"/webhooks/shopify/{ID}"


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def door(services: Services, standin: StandIn, woken: list[str]) -> Iterator[Any]:
    """A client that has no cookie; a connection whose app has the stand-in's secret."""
    secret = services.secrets.put(f"{ID}.client_secret", standin.auth.client_secret, "test")
    given = {"shop": standin.address, "client_secret": secret}
    services.records.connections.add(Connection(ID, "shopify", "Alder", "alma", given))
    yield build_server(services, wake=woken.append).test_client()


def delivery(standin: StandIn) -> Delivery:
    return standin.courier.delivery(HERE, "orders/create", {"id": 9001, "email": "a@b.example"})


def knock(door: Any, one: Delivery, path: str = HERE) -> int:
    return int(door.post(path, data=one.body, headers=dict(one.headers)).status_code)


def test_a_signed_call_is_kept_and_somebody_is_woken(
    door: Any, services: Services, standin: StandIn, woken: list[str]
) -> None:
    one = delivery(standin)
    assert [knock(door, one), knock(door, one)] == [200, 200]
    assert [hook.content for hook in services.records.hooks.waiting()] == [{"id": 9001}]
    assert woken == [ID]


@pytest.mark.parametrize("change", ["body", "signature", "none", "connection", "kind"])
def test_everybody_else_is_turned_away_alike(
    door: Any, services: Services, standin: StandIn, woken: list[str], change: str
) -> None:
    one = delivery(standin)
    path = f"{HERE}x" if change == "connection" else HERE
    if change == "body":
        one.body = one.body.replace(b"9001", b"9002")
    if change == "signature":
        one.headers = {**one.headers, "X-Shopify-Hmac-Sha256": "\u00fcnsigned"}
    if change == "none":
        one.headers = {k: v for k, v in one.headers.items() if "Hmac" not in k}
    if change == "kind":
        services.records.connections.add(Connection("other", "http", "Other", "alma", {}))
        path = "/webhooks/shopify/other"
    assert knock(door, one, path) == 401
    assert services.records.hooks.waiting() == ()
    assert woken == []


def test_a_signed_body_that_is_no_json_is_refused(door: Any, standin: StandIn) -> None:
    from tests.shopify_standin.webhooks import signature

    body = b"<html>"
    headers = {
        "X-Shopify-Hmac-Sha256": signature(standin.auth.client_secret, body),
        "X-Shopify-Topic": "orders/create",
    }
    assert door.post(HERE, data=body, headers=headers).status_code == 400


def test_a_body_without_an_end_is_not_read(door: Any) -> None:
    assert door.post(HERE, data=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_the_door_opens_nothing_else(door: Any) -> None:
    # Where to sign in, and nothing of a page.
    for path in (HERE, f"{HERE}/more", "/webhooks"):
        assert door.get(path).status_code == 302
    assert door.post(f"{HERE}/more").status_code == 401
    assert door.post("/api/analytics/sources").status_code in (401, 403)


def test_a_listener_works_through_what_came(services: Services, standin: StandIn) -> None:
    standin.auth.scopes = ("read_orders", "read_all_orders", "read_customers")
    secret = services.secrets.put(f"{ID}.client_secret", standin.auth.client_secret, "test")
    given = {
        "shop": standin.address,
        "client_id": standin.auth.client_id,
        "client_secret": secret,
    }
    shop = services.warehouse.shops()[0]
    services.records.connections.add(Connection(ID, "shopify", "Alder", shop.shop_id, given))
    order_id = next(iter(standin.shop.orders))
    services.records.hooks.keep("1", ID, "orders/updated", {"id": order_id})
    listener = Listener(services)
    listener.wake(ID)
    listener.wake("nobody")
    for thread in [one for one in threading.enumerate() if one.name == "calls"]:
        thread.join(30)
    assert services.records.hooks.waiting() == ()
    assert (
        str(order_id)
        in services.warehouse.read(sa.select(ORDERS.c.order_id))["order_id"].to_pylist()
    )
    listener.stop()
    services.records.hooks.keep("2", ID, "orders/updated", {"id": order_id})
    listener.wake(ID)
    assert [hook.attempts for hook in services.records.hooks.waiting()] == [0]
