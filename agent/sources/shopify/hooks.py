"""What Shopify calls about: checked, kept, and then only a hint: the orders are asked for anew.

Calls come late, twice, out of order or not at all. What is written is what the shop says now, and
a newer state is never replaced by an older one; what never came is brought by the next sync.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from agent.errors import Failure, NotAllowed, NotFound, Refused, Unavailable
from agent.ports import Batch
from agent.records.hooks import FAILED, WAITING, Hook
from agent.sources.connectors import Link, Stopped, Watch
from agent.sources.shopify import orders, privacy
from agent.sources.shopify.client import Client, client_of
from agent.sources.shopify.load import SOURCE, Loaded
from agent.words import t

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services

KIND = "shopify"
TOPICS = (
    *("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_EDITED", "ORDERS_CANCELLED", "ORDERS_DELETE"),
    *("REFUNDS_CREATE", "CUSTOMERS_MERGE", "APP_UNINSTALLED"),
)
"""What a connection asks to be called about."""

FIELDS = ("id", "admin_graphql_api_id", "updated_at")
PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
KEPT = (*FIELDS, "order_id", "admin_graphql_api_customer_deleted_id")
TRIES = 50
"""After so many failures a call is given up: the sync brings what it was about."""

AT_ONCE = 200
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Call:
    """One delivery as it came: `headers` by lower-case name, `body` unread."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(f"x-shopify-{name}", "")


def signed(secret: str, call: Call) -> bool:
    """Whether the call was signed with the app's secret, in a time that says nothing."""
    wanted = base64.b64encode(hmac.new(secret.encode(), call.body, hashlib.sha256).digest())
    return hmac.compare_digest(wanted, call.header("hmac-sha256").encode("utf-8", "replace"))


def receive(services: Services, connection_id: str, call: Call) -> bool:
    """Keep a call; returns whether it is new. Raises NotAllowed for one that Shopify did not sign
    for this shop, NotFound for a connection that is not there."""
    connection = services.records.connections.get(connection_id)
    if connection.kind != KIND:
        raise NotFound(t("There is no connection {name!r}.", name=connection_id))
    secret = Link(services, connection).secret("client_secret")
    if not secret or not signed(secret, call):
        raise NotAllowed(t("This call is not signed with the secret of the app."))
    # Only now: what nobody signed is not read.
    content, topic = _content(call), call.header("topic")[:100]
    if topic in PRIVACY:
        content = privacy.wanted(orjson.loads(call.body))
    delivery = call.header("webhook-id")[:100] or hashlib.sha256(call.body).hexdigest()
    return services.records.hooks.keep(f"{connection_id}:{delivery}", connection_id, topic, content)


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


def work(services: Services, connection: Connection, watch: Watch | None = None) -> Loaded:
    """Do what the waiting calls of a connection ask for. Those that could not be worked on wait for
    the next time. Raises Failure."""
    done = Loaded()
    link = Link(services, connection, watch or Watch())
    client = client_of(link)
    while waiting := services.records.hooks.waiting(connection.connection_id, AT_ONCE):
        link.watch.check()
        done += _round(client, waiting)
    return done


def _round(client: Client, waiting: Sequence[Hook]) -> Loaded:
    hooks = client.link.services.records.hooks
    names = [hook.hook_id for hook in waiting]
    try:
        done = _done(client, waiting)
    except Stopped:
        raise
    except Failure as failure:
        lasting = failure.permanent or min(hook.attempts for hook in waiting) >= TRIES
        hooks.finish(names, FAILED if lasting else WAITING, failure.message)
        raise
    hooks.finish(names)
    return done


def _done(client: Client, waiting: Sequence[Hook]) -> Loaded:
    """One round: people first, then what is gone, then every order that was named, once."""
    named: dict[str, None] = {}
    gone: dict[str, int] = {}
    for hook in waiting:
        if hook.topic in PRIVACY:
            privacy.honour(client.link, hook.topic, hook.content)
        elif hook.topic == "app/uninstalled":
            _uninstalled(client.link)
        elif hook.topic == "orders/delete":
            gone[_number(hook, "id")] = orders.beyond(hook.received_at)
        elif hook.topic == "customers/merge":
            named |= dict.fromkeys(_orders_of(client.link, hook))
        elif order_id := _number(hook, "order_id" if hook.topic == "refunds/create" else "id"):
            named[order_id] = None
    gone.pop("", None)
    done, absent = orders.fetch(client, [one for one in named if one not in gone])
    if client.link.state("history").get("cut") is False:
        # The app may see every order: one that is not there was deleted. Where it may not, an order
        # older than sixty days is hidden, not gone.
        now = orders.beyond(client.link.services.clock.now())
        gone |= dict.fromkeys(absent, now)
    return done + removed(client.link, gone) if gone else done


def removed(link: Link, gone: Mapping[str, int]) -> Loaded:
    print_ = hashlib.sha256(repr(sorted(gone.items())).encode()).hexdigest()
    merged = link.merge(
        Batch(
            shop=link.shop,
            source=SOURCE,
            fingerprint=f"{SOURCE}:{link.connection.connection_id}:gone-{print_}",
            tables={},
            gone=gone,
        )
    )
    return Loaded(0, sum(merged.removed.values()))


def _number(hook: Hook, name: str) -> str:
    """The bare id that a call is about, "" where it names none."""
    value = str(hook.content.get(name) or hook.content.get("admin_graphql_api_id") or "")
    number = value.rpartition("/")[2]
    return number if number.isdigit() else ""


def _orders_of(link: Link, hook: Hook) -> tuple[str, ...]:
    """The orders of a customer that was merged into another."""
    merged = str(hook.content.get("admin_graphql_api_customer_deleted_id") or "")
    return privacy.orders_of(link, merged.rpartition("/")[2])


def _uninstalled(link: Link) -> None:
    """The token is dead: nothing is asked until somebody connects the shop again."""
    records, one = link.services.records, link.connection
    records.connections.change(one.connection_id, enabled=False)
    records.connections.note_sync(
        one.connection_id,
        t("The app was removed from the shop. What it brought is still here."),
        t("Install the app again, then resume this source."),
    )
    records.audit.note("Shopify", "uninstalled the app", one.name, one.kind)


def waiting_for(services: Services) -> tuple[Connection, ...]:
    """The connections that were called about and not worked on yet."""
    called = {hook.connection_id for hook in services.records.hooks.waiting()}
    found = services.records.connections.all()
    return tuple(one for one in found if one.connection_id in called and one.kind == KIND)


def passing(failure: Failure) -> bool:
    """Whether a round that failed is worth another try."""
    return isinstance(failure, Unavailable)
