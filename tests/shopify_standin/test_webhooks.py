"""Subscriptions, deliveries, and everything that goes wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clock import FrozenClock
from tests.shopify_standin.conftest import asker
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import RETRIES, Delivery, signature

CREATE = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!, $fields: [String!]) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri, includeFields: $fields})
  { webhookSubscription { id topic uri } userErrors { field message } } }"""
LIST = "{ webhookSubscriptions(first: 50) { nodes { id topic uri } } }"
URI = "https://hooks.alder.example/shopify"


@pytest.fixture
def shop(clock: FrozenClock) -> Shop:
    return Shop.seeded(clock, orders=5)


@pytest.fixture
def door(shop: Shop) -> StandIn:
    """A stand-in with orders/create and orders/updated subscribed."""
    standin = StandIn(shop)
    for topic in ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_DELETE"):
        subscribed(standin, topic)
    return standin


def subscribed(standin: StandIn, topic: str, uri: str = URI, fields: Any = None) -> Any:
    told = asker(standin)(CREATE, topic=topic, uri=uri, fields=fields)
    return told["data"]["webhookSubscriptionCreate"]


def listed(standin: StandIn) -> list[str]:
    return [n["topic"] for n in asker(standin)(LIST)["data"]["webhookSubscriptions"]["nodes"]]


class Box:
    """Takes deliveries and answers with a status."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[Delivery] = []

    def __call__(self, one: Delivery) -> int:
        self.got.append(one)
        return self.status

    @property
    def topics(self) -> list[str]:
        return [one.headers["X-Shopify-Topic"] for one in self.got]


def test_a_subscription_is_made_listed_and_deleted(door: StandIn) -> None:
    assert listed(door) == ["ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_DELETE"]
    again = subscribed(door, "ORDERS_CREATE")["userErrors"]
    assert again[0]["message"] == "Address for this topic has already been taken"
    assert subscribed(door, "ORDERS_PAID", "http://shop.example/")["userErrors"]
    delete = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id)"
    delete += " { deletedWebhookSubscriptionId userErrors { message } } }"
    number = "gid://shopify/WebhookSubscription/4567"
    told = asker(door)(delete, id=number)["data"]["webhookSubscriptionDelete"]
    assert told == {"deletedWebhookSubscriptionId": number, "userErrors": []}
    assert listed(door) == ["ORDERS_UPDATED", "ORDERS_DELETE"]
    assert asker(door)(delete, id=number)["data"]["webhookSubscriptionDelete"]["userErrors"]


def test_a_delivery_is_signed_over_its_raw_body(door: StandIn, shop: Shop) -> None:
    order = shop.place()
    box = Box()
    assert door.courier.deliver(box) == 1
    (one,) = box.got
    assert one.headers["X-Shopify-Hmac-Sha256"] == signature(door.auth.client_secret, one.body)
    assert one.headers["X-Shopify-Shop-Domain"] == "alder-demo.myshopify.com"
    told = json.loads(one.body)
    assert told["id"] == order.order_id
    assert told["admin_graphql_api_id"] == f"gid://shopify/Order/{order.order_id}"
    assert told["updated_at"] == "2026-11-17T02:41:00-05:00"
    assert told["total_price"] == "54.00"


def test_one_action_has_one_event_id_and_two_webhook_ids(door: StandIn, shop: Shop) -> None:
    subscribed(door, "REFUNDS_CREATE", fields=["id", "order_id"])
    order = shop.orders[9001]
    shop.refund(order, goodwill=1)
    box = Box()
    door.courier.deliver(box)
    assert sorted(box.topics) == ["orders/updated", "refunds/create"]
    assert len({one.headers["X-Shopify-Event-Id"] for one in box.got}) == 1
    assert len({one.headers["X-Shopify-Webhook-Id"] for one in box.got}) == 2
    refunds = [one for one in box.got if one.headers["X-Shopify-Topic"] == "refunds/create"]
    told = json.loads(refunds[0].body)
    assert told == {"id": order.refunds[-1].refund_id, "order_id": 9001}


def test_a_deleted_order_is_only_a_number(door: StandIn, shop: Shop) -> None:
    shop.delete(shop.orders[9002])
    box = Box()
    door.courier.deliver(box)
    assert [json.loads(one.body) for one in box.got] == [{"id": 9002}]


def test_lost_doubled_late_shuffled_forged(door: StandIn, shop: Shop, clock: FrozenClock) -> None:
    box = Box()
    door.faults.on("hook_lost")
    shop.place()
    assert door.courier.deliver(box) == 0

    door.faults.on("hook_doubled")
    shop.place()
    assert door.courier.deliver(box) == 2
    assert len({one.headers["X-Shopify-Webhook-Id"] for one in box.got}) == 1

    door.faults.on("hook_late")
    shop.place()
    assert door.courier.deliver(box) == 0
    clock.advance(hours=6)
    assert door.courier.deliver(box) == 1

    door.faults.on("hook_shuffled")
    first, second = shop.place(), shop.place()
    clock.advance(60)
    box.got.clear()
    door.courier.deliver(box)
    ids = [json.loads(one.body)["id"] for one in box.got]
    assert ids == [second.order_id, first.order_id]

    door.faults.on("hook_forged")
    shop.place()
    door.courier.deliver(box)
    forged = box.got[-1]
    assert forged.headers["X-Shopify-Hmac-Sha256"] != signature(
        door.auth.client_secret, forged.body
    )


def test_eight_retries_over_four_hours_then_the_subscription_is_gone(
    door: StandIn, shop: Shop, clock: FrozenClock
) -> None:
    shop.place()
    box = Box(500)
    for wait in RETRIES:
        assert door.courier.deliver(box) == 0
        clock.advance(wait.total_seconds())
    assert "ORDERS_CREATE" in listed(door)
    door.courier.deliver(box)
    assert len(box.got) == 1 + len(RETRIES)
    assert len({one.headers["X-Shopify-Webhook-Id"] for one in box.got}) == 1
    assert door.courier.waiting == []
    assert listed(door) == ["ORDERS_UPDATED", "ORDERS_DELETE"]


def test_a_success_forgives_the_failures_before_it(
    door: StandIn, shop: Shop, clock: FrozenClock
) -> None:
    for _ in range(3):
        shop.place()
        door.courier.deliver(Box(500))
        clock.advance(hours=5)
        door.courier.deliver(Box(200))
    assert "ORDERS_CREATE" in listed(door)


def test_the_three_topics_of_the_law(door: StandIn, shop: Shop) -> None:
    door.courier.compliance = "https://hooks.alder.example/privacy"
    who = next(o.customer_id for o in shop.orders.values() if o.customer_id)
    assert who is not None
    mine = [o.order_id for o in shop.orders.values() if o.customer_id == who]
    asked = json.loads(door.courier.comply("customers/data_request", who).body)
    assert (asked["orders_requested"], asked["data_request"]) == (mine, {"id": 9999})
    redact = json.loads(door.courier.comply("customers/redact", who).body)
    assert redact["orders_to_redact"] == mine
    assert json.loads(door.courier.comply("shop/redact").body) == {
        "shop_id": 5001,
        "shop_domain": "alder-demo.myshopify.com",
    }
    assert len(door.courier.waiting) == 3


def test_an_app_that_is_removed(door: StandIn) -> None:
    subscribed(door, "APP_UNINSTALLED")
    door.uninstall()
    box = Box()
    assert door.courier.deliver(box) == 1
    assert json.loads(box.got[0].body)["domain"] == "alder-demo.myshopify.com"
    body = b'{"query": "{ shop { name } }"}'
    assert door.api.answer("2026-10", door.auth.static_token, body).status == 401


def test_an_export_that_ended_is_told_in_lower_case(door: StandIn, clock: FrozenClock) -> None:
    subscribed(door, "BULK_OPERATIONS_FINISH")
    ask = asker(door)
    ask('mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }")'
        " { bulkOperation { id } } }")  # fmt: skip
    clock.advance(60)
    ask("{ shop { name } }")
    box = Box()
    door.courier.deliver(box)
    assert [(json.loads(one.body)["status"]) for one in box.got] == ["completed"]
