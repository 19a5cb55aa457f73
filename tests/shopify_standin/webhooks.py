"""Webhooks: who wants to know what, and deliveries: late, doubled or lost at times."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.shopify_standin import payloads
from tests.shopify_standin.faults import Switchboard
from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.model import Happened
from tests.shopify_standin.paging import Row
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]
# Eight tries over four hours, then a subscription made by API is deleted.
RETRIES = tuple(timedelta(minutes=m) for m in (1, 3, 10, 20, 40, 80, 160, 240))
LATE = timedelta(hours=6)
SHUFFLED = timedelta(seconds=45)


def enum_of(topic: str) -> str:
    """ "orders/create" -> ORDERS_CREATE."""
    return topic.replace("/", "_").upper()


@dataclass
class Subscription:
    number: int
    topic: str  # ORDERS_CREATE
    uri: str
    version: str
    created_at: datetime
    updated_at: datetime
    include: tuple[str, ...] = ()
    failures: int = 0


@dataclass(eq=False)
class Delivery:
    """One webhook on its way. The id stays the same however often it is tried."""

    uri: str
    body: bytes
    headers: Mapping[str, str]
    due: datetime
    number: int = 0
    attempts: int = 0


class Subscriptions:
    """What the app asked to be told."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.found: dict[str, Subscription] = {}
        self._next = 4567

    def create(self, topic: str, wanted: Mapping[str, Any], version: str) -> Doc:
        uri = wanted.get("uri") or ""
        wrong = _wrong(uri)
        if any(s.topic == topic and s.uri == uri for s in self.found.values()):
            wrong = "Address for this topic has already been taken"
        if wrong:
            return _refused(wrong)
        now = self.shop.now()
        include = tuple(wanted.get("includeFields") or ())
        made = Subscription(self._next, topic, uri, version, now, now, include)
        self._next += 1
        self.found[gid("WebhookSubscription", made.number)] = made
        return {"webhookSubscription": _doc(made), "userErrors": []}

    def update(self, number: str, wanted: Mapping[str, Any]) -> Doc:
        found = self.found.get(number)
        if found is None:
            return _refused("Webhook subscription does not exist", "id")
        uri = wanted.get("uri") or found.uri
        if wrong := _wrong(uri):
            return _refused(wrong)
        found.uri, found.updated_at = uri, self.shop.now()
        if wanted.get("includeFields") is not None:
            found.include = tuple(wanted["includeFields"])
        return {"webhookSubscription": _doc(found), "userErrors": []}

    def delete(self, number: str) -> Doc:
        if self.found.pop(number, None) is None:
            errors = [{"field": ["id"], "message": "Webhook subscription does not exist"}]
            return {"deletedWebhookSubscriptionId": None, "userErrors": errors}
        return {"deletedWebhookSubscriptionId": number, "userErrors": []}

    def one(self, number: str) -> Doc | None:
        found = self.found.get(number)
        return _doc(found) if found else None

    def rows(self) -> list[Row]:
        return [
            Row(
                s.number,
                {"id": s.number, "topic": s.topic, "uri": s.uri, "created_at": s.created_at},
                lambda s=s: _doc(s),  # type: ignore[misc]
            )
            for s in self.found.values()
        ]

    def failed(self, number: int) -> None:
        """Eight failures in a row, and it is gone: nobody is told."""
        key = gid("WebhookSubscription", number)
        found = self.found.get(key)
        if found is not None:
            found.failures += 1
            if found.failures > len(RETRIES):
                self.found.pop(key)

    def reached(self, number: int) -> None:
        found = self.found.get(gid("WebhookSubscription", number))
        if found is not None:
            found.failures = 0


def _wrong(uri: str) -> str:
    local = uri.startswith(("http://127.0.0.1", "http://localhost"))  # as no real shop would
    return "" if uri.startswith("https://") or local else "Address is invalid"


def _refused(message: str, name: str = "webhookSubscription") -> Doc:
    return {"webhookSubscription": None, "userErrors": [{"field": [name], "message": message}]}


def _doc(one: Subscription) -> Doc:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", one.number),
        "legacyResourceId": str(one.number),
        "topic": one.topic,
        "uri": one.uri,
        "format": "JSON",
        "filter": None,
        "name": None,
        "includeFields": list(one.include),
        "metafieldNamespaces": [],
        "apiVersion": {"handle": one.version, "displayName": one.version, "supported": True},
        "createdAt": moment(one.created_at),
        "updatedAt": moment(one.updated_at),
    }


def signature(secret: str, body: bytes) -> str:
    """X-Shopify-Hmac-Sha256: base64 of HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


Post = Callable[[Delivery], int]


@dataclass
class Courier:
    """Carries what happened to those who asked; `secret` is the app's client secret.

    `compliance` is where the three topics of the app's own configuration go.
    """

    shop: Shop
    subscriptions: Subscriptions
    faults: Switchboard
    secret: str
    compliance: str = ""
    waiting: list[Delivery] = field(default_factory=list)
    _ids: int = 0

    def hear(self, event: Happened) -> None:
        """Something happened in the shop: a listener of it."""
        for one in list(self.subscriptions.found.values()):
            if one.topic == enum_of(event.topic):
                body = payloads.body(self.shop, event, one.include)
                if body is not None:
                    self._send(one, event.topic, body, event)

    def _send(self, one: Subscription, topic: str, body: Doc, event: Happened | None) -> None:
        if self.faults.take("hook_lost"):
            return
        now = self.shop.clock.now()
        made = self.delivery(one.uri, topic, body, version=one.version)
        made.number = one.number
        if event is not None:
            headers = dict(made.headers)
            headers["X-Shopify-Event-Id"] = _uuid(f"event {event.action}")
            made.headers = headers
        made.due = now
        if self.faults.take("hook_late"):
            made.due = now + LATE
        if self.faults.take("hook_shuffled"):
            made.due = now + SHUFFLED
        self.waiting.append(made)
        if self.faults.take("hook_doubled"):
            self.waiting.append(Delivery(made.uri, made.body, made.headers, now, made.number))

    def delivery(self, uri: str, topic: str, payload: Doc, *, version: str = "2026-10") -> Delivery:
        """A webhook ready to be sent: headers, body, signature."""
        self._ids += 1
        now = self.shop.clock.now()
        body = json.dumps(payload, separators=(",", ":")).encode()
        forged = self.faults.take("hook_forged")
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature("another" if forged else self.secret, body),
            "X-Shopify-Shop-Domain": self.shop.profile.domain,
            "X-Shopify-API-Version": version,
            "X-Shopify-Webhook-Id": _uuid(f"{self.shop.seed} webhook {self._ids}"),
            "X-Shopify-Event-Id": _uuid(f"{self.shop.seed} alone {self._ids}"),
            "X-Shopify-Triggered-At": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z",
        }
        return Delivery(uri, body, headers, now)

    def comply(self, topic: str, customer_id: int = 0) -> Delivery:
        """customers/data_request, customers/redact or shop/redact, on its way to `compliance`."""
        made = self.delivery(
            self.compliance, topic, payloads.compliance(self.shop, topic, customer_id)
        )
        self.waiting.append(made)
        return made

    def uninstall(self) -> None:
        """app/uninstalled to whoever subscribed to it; the token is dead at once elsewhere."""
        for one in list(self.subscriptions.found.values()):
            if one.topic == "APP_UNINSTALLED":
                body = {"id": 5001, "domain": self.shop.profile.domain}
                self._send(one, "app/uninstalled", body, None)

    def deliver(self, post: Post, *, everything: bool = False) -> int:
        """Send what is due (`everything`: also what is late); returns how many arrived. `post`
        returns the status that was answered, 0 where nobody did."""
        now = self.shop.clock.now()
        due = self._due(now, everything)
        arrived = 0
        for one in sorted(due, key=lambda d: d.due):
            if 200 <= post(one) < 300:
                arrived += 1
                self.subscriptions.reached(one.number)
                continue
            self.subscriptions.failed(one.number)
            one.attempts += 1
            if one.attempts <= len(RETRIES):
                one.due = now + RETRIES[one.attempts - 1]
                self.waiting.append(one)
        return arrived

    def _due(self, now: datetime, everything: bool) -> list[Delivery]:
        """Takes what is to be sent out of what waits; others may add to that meanwhile."""
        due = [d for d in self.waiting if everything or d.due <= now]
        for one in due:
            self.waiting.remove(one)
        return due


def post(one: Delivery) -> int:
    """Over HTTP, within five seconds; a redirect is a failure. 0: nobody answered."""
    try:
        answer = requests.post(
            one.uri, one.body, headers=dict(one.headers), timeout=(1, 5), allow_redirects=False
        )
    except requests.RequestException:
        return 0
    return answer.status_code


def _uuid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))
