"""The calls that Shopify makes: listed, and made again where Shopify has dropped them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agent.errors import Refused
from agent.settings import is_loopback
from agent.sources.connectors import Link
from agent.sources.shopify import texts
from agent.sources.shopify.client import Client, client_of
from agent.sources.shopify.hooks import FIELDS, TOPICS
from agent.words import n, t

PATH = "/webhooks/shopify"
STREAM = "calls"
PAGES = 20
# Only these bodies have what the fields name; of the others the whole body is a few numbers.
NARROWED = tuple(topic for topic in TOPICS if topic.startswith("ORDERS_") and "DELETE" not in topic)


@dataclass(frozen=True)
class Repaired:
    """Subscriptions that were there, made anew, and taken back."""

    kept: int = 0
    made: int = 0
    dropped: int = 0

    def __str__(self) -> str:
        kept = n("{count} was there", "{count} were there", self.kept, count=self.kept)
        made = n("{count} was made", "{count} were made", self.made, count=self.made)
        return f"{kept}, {made}."


def address(link: Link) -> str:
    """Where Shopify calls; "" where it cannot: it takes https only, and no call without the app's
    secret can be believed."""
    base = link.services.settings.base_url
    if not link.secret("client_secret"):
        return ""
    parts = urlsplit(base)
    near = is_loopback(parts.hostname or "") and is_loopback(_shop_host(link))
    if parts.scheme != "https" and not near:
        return ""
    return f"{base}{PATH}/{link.connection.connection_id}"


def unreachable() -> str:
    return t("Shopify cannot call this app: it is read at its times only, and not at once.")


def repair(link: Link) -> Repaired:
    """Every topic subscribed once, at our address. Raises Failure; Refused where Shopify will not
    have it."""
    uri = address(link)
    if not uri:
        return Repaired()
    client = client_of(link)
    there: dict[str, Mapping[str, Any]] = {}
    dropped = 0
    ours = {uri, str(link.state(STREAM).get("uri") or uri)}
    for one in _listed(client):
        # Others that this app has are another installation's.
        if one.get("uri") not in ours:
            continue
        if one.get("topic") in there or not _right(one, uri):
            _drop(client, str(one["id"]))
            dropped += 1
        else:
            there[str(one["topic"])] = one
    missing = [topic for topic in TOPICS if topic not in there]
    for topic in missing:
        _make(client, topic, uri)
    link.save(STREAM, {"uri": uri})
    return Repaired(len(there), len(missing), dropped)


def _right(one: Mapping[str, Any], uri: str) -> bool:
    fields = list(FIELDS) if one.get("topic") in NARROWED else []
    same = sorted(one.get("includeFields") or []) == sorted(fields)
    return one.get("uri") == uri and one.get("topic") in TOPICS and same


def _listed(client: Client) -> Iterator[Mapping[str, Any]]:
    after: str | None = None
    for _ in range(PAGES):
        page: Any = client.ask(texts.text("webhooks_list"), {"after": after}).get(
            "webhookSubscriptions"
        )
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _make(client: Client, topic: str, uri: str) -> None:
    fields = list(FIELDS) if topic in NARROWED else None
    words = {"topic": topic, "uri": uri, "fields": fields}
    made: Any = client.ask(texts.text("webhooks_create"), words).get("webhookSubscriptionCreate")
    errors = (made or {}).get("userErrors") or []
    if errors:
        raise Refused(
            t(
                "Shopify will not call about {topic}: {reason}",
                topic=topic,
                reason=str(errors[0].get("message", ""))[:300],
            )
        )


def _drop(client: Client, number: str) -> None:
    client.ask(texts.text("webhooks_delete"), {"id": number})


def _shop_host(link: Link) -> str:
    text = link.setting("shop")
    return urlsplit(text if "://" in text else f"//{text}").hostname or ""
