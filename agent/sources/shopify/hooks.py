"""What Shopify calls about: checked, kept, and then only a hint: the orders are asked for anew.

Calls come late, twice, out of order or not at all. What is written is what the shop says now, and
a newer state is never replaced by an older one; what never came is brought by the next sync.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from agent import quality
from agent.errors import Failure, NotAllowed, NotConfigured, NotFound, Refused, Unavailable
from agent.ports import Batch
from agent.records.hooks import DONE, FAILED, WAITING, Hook
from agent.sources import connecting
from agent.sources.connectors import Link, Stopped, Watch
from agent.sources.shopify import orders, privacy
from agent.sources.shopify.client import Client, client_of
from agent.sources.shopify.faults import TokenRefused
from agent.sources.shopify.load import SOURCE, Loaded
from agent.words import t

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services

LOG = logging.getLogger(__name__)

KIND = "shopify"
TOPICS = (
    *("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_EDITED", "ORDERS_CANCELLED", "ORDERS_DELETE"),
    *("REFUNDS_CREATE", "CUSTOMERS_MERGE", "APP_UNINSTALLED"),
)
"""What a connection asks to be called about."""

FIELDS = ("id", "admin_graphql_api_id", "updated_at")
PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
UNINSTALLED, DELETED, MERGED = "app/uninstalled", "orders/delete", "customers/merge"
DEEDS = (*PRIVACY, UNINSTALLED)
PERSONAL = (*PRIVACY, MERGED)
"""Calls that name a person: once they are done, it is not kept whom."""
KEPT = (*FIELDS, "order_id", "admin_graphql_api_customer_deleted_id")
TRIES = 50
"""After so many failures a call is given up: the sync brings what it was about."""
MOST_GIVEN_UP = 5
"""Where more calls than these can never be worked on in one go, it is not the calls."""

AT_ONCE = 200
CHECKED = timedelta(minutes=10)
"""Calls come one by one: their rows are checked as often as this at most."""
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
    try:
        secret = Link(services, connection).secret("client_secret")
    except NotConfigured:
        secret = ""
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
    the next time; one that can never be is marked with its reason, and holds up no other. Raises
    Failure."""
    done = Loaded()
    link = Link(services, connection, watch or Watch())
    at_work = _Work(client_of(link))
    more = True
    while more:
        link.watch.check()
        waiting = services.records.hooks.waiting(connection.connection_id, AT_ONCE)
        done += at_work.round(waiting)
        # Who calls meanwhile wakes us again.
        more = len(waiting) == AT_ONCE
    if done.changed:
        quality.after_load(services, connection.shop_id, once_in=CHECKED)
    return done


Act = Callable[[Client, Sequence[Hook]], Loaded]


@dataclass
class _Work:
    """The calls of one connection being worked on, and how many were given up on the way."""

    client: Client
    given_up: int = 0

    def round(self, waiting: Sequence[Hook]) -> Loaded:
        """People first, one by one; then what is gone, then every order that was named, once."""
        done = Loaded()
        for hook in waiting:
            if hook.topic in DEEDS:
                done += self._tried(_do, [hook])
        deleted = [hook for hook in waiting if hook.topic == DELETED]
        gone = _gone(deleted)
        done += self._tried(lambda client, hooks: removed(client.link, _gone(hooks)), deleted)
        named = [hook for hook in waiting if hook.topic not in (*DEEDS, DELETED)]
        return done + self._tried(lambda client, hooks: _asked_anew(client, hooks, gone), named)

    def _tried(self, act: Act, calls: Sequence[Hook]) -> Loaded:
        """Work on calls together; where that can never work, on each half, down to the one that is
        to blame."""
        if not calls:
            return Loaded()
        try:
            done = act(self.client, calls)
        except Stopped:
            raise
        except Failure as failure:
            if passing(failure) or self.given_up >= MOST_GIVEN_UP:
                self._put_back(calls, failure)
                raise
            if len(calls) > 1:
                half = len(calls) // 2
                return self._tried(act, calls[:half]) + self._tried(act, calls[half:])
            self.given_up += 1
            self._finish(calls, FAILED, failure.message)
            LOG.warning("A call (%s) cannot be worked on: %s", calls[0].topic, failure)
            return Loaded()
        self._finish(calls)
        return done

    def _put_back(self, calls: Sequence[Hook], failure: Failure) -> None:
        """What failed often enough is given up; what the law asks for never is."""
        tried = [c for c in calls if c.attempts + 1 >= TRIES and c.topic not in PRIVACY]
        self._finish(tried, FAILED, failure.message)
        self._finish([call for call in calls if call not in tried], WAITING, failure.message)

    def _finish(self, calls: Sequence[Hook], state: str = DONE, message: str = "") -> None:
        hooks = self.client.link.services.records.hooks
        if calls:
            hooks.finish([call.hook_id for call in calls], state, message)
        people = [call.hook_id for call in calls if call.topic in PERSONAL]
        if people and state == DONE:
            hooks.blank(people)


def passing(failure: Failure) -> bool:
    """Whether another try can help, or the connection itself is at fault and may be mended."""
    return isinstance(failure, Unavailable | NotConfigured | TokenRefused)


def _do(client: Client, hooks: Sequence[Hook]) -> Loaded:
    """What people, or the app's removal, ask for."""
    for hook in hooks:
        if hook.topic in PRIVACY:
            privacy.honour(client.link, hook.topic, hook.content)
        else:
            _uninstalled(client.link)
    return Loaded()


def _gone(hooks: Sequence[Hook]) -> dict[str, int]:
    """The orders that were deleted, each with a revision beyond all that it had."""
    gone = {_number(hook, "id"): orders.beyond(hook.received_at) for hook in hooks}
    gone.pop("", None)
    return gone


def _asked_anew(client: Client, hooks: Sequence[Hook], gone: Collection[str]) -> Loaded:
    """The orders that calls name, as they are now; those that are gone are not asked for."""
    named: dict[str, None] = {}
    for hook in hooks:
        if hook.topic == MERGED:
            named |= dict.fromkeys(_orders_of(client.link, hook))
        elif order_id := _number(hook, "order_id" if hook.topic == "refunds/create" else "id"):
            named[order_id] = None
    done, absent = orders.fetch(client, [one for one in named if one not in gone])
    if not absent or client.link.state("history").get("sees_all") is not True:
        # An app that may not see every order is not told of one older than sixty days: that is
        # hidden, not deleted.
        return done
    now = orders.beyond(client.link.services.clock.now())
    return done + removed(client.link, dict.fromkeys(absent, now))


def removed(link: Link, gone: Mapping[str, int]) -> Loaded:
    """Take orders out of the ledger that are gone, each up to a revision."""
    if not gone:
        return Loaded()
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
    connecting.pause(link.services, one.connection_id, True, privacy.WHO)
    records.connections.note_sync(
        one.connection_id,
        t("The app was removed from the shop. What it brought is still here."),
        t("Install the app again, then resume this source."),
    )
    records.audit.note(privacy.WHO, "uninstalled the app", one.name, one.kind)


def waiting_for(services: Services) -> tuple[Connection, ...]:
    """The connections that were called about and not worked on yet."""
    called = services.records.hooks.called()
    found = services.records.connections.all()
    return tuple(one for one in found if one.connection_id in called and one.kind == KIND)
