"""What Shopify calls about: checked, kept, and then only a hint: the orders are asked for anew.

Calls come late, twice, out of order or not at all. What is written is what the shop says now, and
a newer state is never replaced by an older one; what never came is brought by the next sync.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent import quality
from agent.errors import Failure, NotConfigured, Unavailable
from agent.ports import Batch
from agent.records.hooks import DONE, FAILED, WAITING, Hook
from agent.sources import connecting, leaving
from agent.sources.connectors import Link, Stopped, Watch
from agent.sources.shopify import orders, privacy
from agent.sources.shopify.calls import FIELDS, KEPT, KIND, MOST_BYTES, PRIVACY, Call, receive
from agent.sources.shopify.client import Client, client_of
from agent.sources.shopify.faults import TokenRefused
from agent.sources.shopify.gone import deleted
from agent.sources.shopify.load import SOURCE, Loaded
from agent.words import t

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services

__all__ = ["FIELDS", "KEPT", "KIND", "MOST_BYTES", "PRIVACY", "Call", "receive", "work"]
LOG = logging.getLogger(__name__)

TOPICS = (
    *("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_EDITED", "ORDERS_CANCELLED", "ORDERS_DELETE"),
    *("REFUNDS_CREATE", "CUSTOMERS_MERGE", "APP_UNINSTALLED"),
)
"""What a connection asks to be called about."""

UNINSTALLED, DELETED, MERGED = "app/uninstalled", "orders/delete", "customers/merge"
DEEDS = (*PRIVACY, UNINSTALLED)
"""Worked on also while paused: a shop is redacted two days after its app is gone. None asks it."""
PERSONAL = (*PRIVACY, MERGED)
"""Calls that name a person: once they are done, it is not kept whom."""
TRIES = 50
"""After so many failures a call is given up: the sync brings what it was about."""
MOST_GIVEN_UP = 5
"""Where more calls than these can never be worked on in one go, it is not the calls."""

AT_ONCE = 200
CHECKED = timedelta(minutes=10)
"""Calls come one by one: their rows are checked as often as this at most."""


def work(services: Services, connection: Connection, watch: Watch | None = None) -> Loaded:
    """Do what the waiting calls of a connection ask for. Those that could not be worked on wait for
    the next time; one that can never be is marked with its reason, and holds up no other. For a
    paused one only what needs no asking is done, the rest waits. Raises Failure."""
    done = Loaded()
    link = Link(services, connection, watch or Watch(), called=True)
    at_work = _Work(client_of(link))
    more = True
    while more:
        link.watch.check()
        waiting = at_work.waiting()
        with leaving.swept(services, connection):
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

    def waiting(self) -> Sequence[Hook]:
        """What is to be worked on now. Raises NotFound for a connection that was removed."""
        hooks, own = self.client.link.services.records.hooks, self._id
        return hooks.waiting(own, AT_ONCE, () if self._enabled() else DEEDS)

    def round(self, waiting: Sequence[Hook]) -> Loaded:
        """People first, one by one; then what is gone, then every order that was named, once."""
        done = Loaded()
        deeds = [hook for hook in waiting if hook.topic in DEEDS]
        for hook in deeds:
            done += self._tried(_do, [hook])
        if deeds and not self._enabled():
            return done
        told = [hook for hook in waiting if hook.topic == DELETED]
        gone = _gone(told)
        done += self._tried(lambda client, hooks: removed(client.link, _gone(hooks)), told)
        named = [hook for hook in waiting if hook.topic not in (*DEEDS, DELETED)]
        return done + self._tried(lambda client, hooks: _asked_anew(client, hooks, gone), named)

    @property
    def _id(self) -> str:
        return self.client.link.connection.connection_id

    def _enabled(self) -> bool:
        """As it is by now: calls may pause it, and people."""
        return self.client.link.services.records.connections.get(self._id).enabled

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
    return done + removed(client.link, deleted(client.link, absent))


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
    """The connections that have calls to be worked on now: of a paused one only deeds are."""
    hooks, found = services.records.hooks, services.records.connections.all()
    called, deeds = hooks.called(), hooks.called(DEEDS)
    mine = [one for one in found if one.kind == KIND]
    return tuple(one for one in mine if one.connection_id in (called if one.enabled else deeds))
