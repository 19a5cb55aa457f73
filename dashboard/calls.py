"""What Shopify lets an app see, and what it called about, in words."""

from __future__ import annotations

from datetime import timedelta

from agent.errors import Failure
from agent.records import hooks
from agent.records.connections import Connection
from agent.services import Services
from agent.sources.connectors import Link
from agent.sources.shopify import identity, subscriptions
from agent.words import mark, n, t

DAY = timedelta(hours=24)


def may_see(services: Services, one: Connection) -> list[str]:
    """The scopes that the app was granted."""
    if one.kind != "shopify":
        return []
    scopes = identity.granted(Link(services, one))
    return [t("Scopes: {scopes}", scopes=", ".join(scopes))] if scopes else []


def called(services: Services, one: Connection) -> list[str]:
    """What Shopify called about in a day, or why it cannot call."""
    if one.kind != "shopify":
        return []
    counts = services.records.hooks.counts(one.connection_id, services.clock.now() - DAY)
    calls = sum(counts.values())
    said = n("{count:,} webhook in 24 h", "{count:,} webhooks in 24 h", calls, count=calls)
    for state, words in (
        (hooks.WAITING, mark("{count:,} waiting")),
        (hooks.FAILED, mark("{count:,} failed")),
    ):
        said += f", {t(words, count=counts[state])}" if counts.get(state) else ""
    try:
        reached = bool(subscriptions.address(Link(services, one)))
    except Failure:
        # Its secret cannot be read now, which the sync says already.
        return [said]
    if reached:
        return [said]
    hint = t("Set BASE_URL to an https address that Shopify can reach.")
    return [*([said] if calls else []), f"{subscriptions.unreachable()} {hint}"]
