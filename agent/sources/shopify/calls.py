"""The door for calls of Shopify: believed by their signature alone, kept once, worked on later
(hooks.py)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from agent.errors import NotAllowed, NotConfigured, NotFound, Refused
from agent.sources import formers
from agent.sources.connectors import Link
from agent.sources.shopify import privacy
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

KIND = "shopify"
SIGNS = "client_secret"
FIELDS = ("id", "admin_graphql_api_id", "updated_at")
KEPT = (*FIELDS, "order_id", "admin_graphql_api_customer_deleted_id")
PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Call:
    """One delivery as it came: `headers` by lower-case name, `body` unread."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(f"x-shopify-{name}", "")


def signed(secrets: Iterable[str], call: Call) -> bool:
    """Whether the call was signed with one of the app's secrets, in a time that says nothing."""
    given, fits = call.header("hmac-sha256").encode("utf-8", "replace"), False
    for secret in filter(None, secrets):
        wanted = base64.b64encode(hmac.new(secret.encode(), call.body, hashlib.sha256).digest())
        fits |= hmac.compare_digest(wanted, given)
    return fits


def receive(services: Services, connection_id: str, call: Call) -> bool:
    """Keep a call; returns whether it is new. Raises NotAllowed for one that Shopify did not sign
    for this shop, NotFound for a connection that is not there."""
    connection = services.records.connections.get(connection_id)
    if connection.kind != KIND:
        raise NotFound(t("There is no connection {name!r}.", name=connection_id))
    if not signed(_secrets(Link(services, connection)), call):
        raise NotAllowed(t("This call is not signed with the secret of the app."))
    # Only now: what nobody signed is not read.
    content, topic = _content(call), call.header("topic")[:100]
    if topic in PRIVACY:
        content = privacy.wanted(orjson.loads(call.body))
    delivery = call.header("webhook-id")[:100] or hashlib.sha256(call.body).hexdigest()
    return services.records.hooks.keep(f"{connection_id}:{delivery}", connection_id, topic, content)


def _secrets(link: Link) -> tuple[str, str]:
    """The app's secret, and the one before it while it still counts."""
    try:
        secret = link.secret(SIGNS)
    except NotConfigured:
        secret = ""
    return secret, formers.find(link, SIGNS)


def _content(call: Call) -> dict[str, Any]:
    """Of a body only ids and times: who bought what is asked for where it is needed."""
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        raise Refused(t("This call is no JSON.")) from None
    if not isinstance(body, dict):
        raise Refused(t("This call is no JSON object."))
    plain = (int, str)
    return {name: body[name] for name in KEPT if isinstance(body.get(name), plain)}
