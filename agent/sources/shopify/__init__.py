"""Shopify: orders with every dated change, products, stock, customers' groups and visits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.errors import Failure, Refused
from agent.sources.connectors import Field, Link, Probe, Synced
from agent.sources.shopify import (
    catalogue,
    identity,
    orders,
    people,
    privacy,
    raw,
    sessions,
    stock,
)
from agent.sources.shopify.bulk import Window
from agent.sources.shopify.client import Client, client_of
from agent.sources.shopify.faults import Denied, TokenRefused
from agent.sources.shopify.identity import ALL_ORDERS, CUT, Identity
from agent.sources.shopify.load import STREAM, Loaded, load_lines, rebuild
from agent.words import mark, t

FIELDS = (
    Field(
        "shop",
        mark("Shop address"),
        help=mark("my-shop.myshopify.com, as the admin shows it under Settings, Domains."),
        required=True,
        place=True,
    ),
    Field(
        "client_id",
        mark("Client ID"),
        help=mark("Of an app in the Dev Dashboard of the shop's organization."),
    ),
    Field("client_secret", mark("Client secret"), "secret", lingers=True),
    Field(
        "access_token",
        mark("Access token"),
        "secret",
        help=mark("Instead of both, the token of an app made in the admin before 2026."),
    ),
    Field(
        "history_from",
        mark("History from"),
        help=mark("A day such as 2024-01-31; everything that Shopify shows when left empty."),
    ),
)
Stream = Callable[[Client, datetime], Loaded]
# Costs and titles are there before the sales that need them.
BEFORE: Mapping[str, Stream] = {"read_inventory": stock.sync, "read_products": catalogue.sync}
AFTER: Mapping[str, Stream] = {"read_customers": people.sync, "read_reports": sessions.sync}


@dataclass(frozen=True)
class ShopifyConnector:
    kind: str = "shopify"
    label: str = mark("Shopify")
    icon: str = "store"
    help: str = mark("Orders, refunds, products, stock, customers and visits of a Shopify shop.")
    fields: Sequence[Field] = FIELDS
    cron: str = "*/15 * * * *"
    names_shop: bool = True

    def probe(self, link: Link) -> Probe:
        """Who the shop is and what the app may see of it. Raises Failure."""
        _history_from(link)
        return identity.probe(client_of(link))

    def sync(self, link: Link) -> Synced:
        """Everything that is new; the first time all of it, newest orders first. Raises Failure."""
        _history_from(link)
        client, who = _opened(link)
        begun = link.services.clock.now().replace(microsecond=0)
        run = _Run(client, who, begun)
        done = run.each(BEFORE) + run.orders() + run.each(AFTER)
        run.end()
        return Synced(done.orders, done.changed, done.rejected, run.notes())

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        """The orders made on these days again, with all that became of them. Raises Failure."""
        client, who = _opened(link)
        if last < first:
            raise Refused(t("The last day is before the first."))
        zone = ZoneInfo(client.link.shop.timezone)
        begin = datetime(first.year, first.month, first.day, tzinfo=zone)
        end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
        begun = link.services.clock.now().replace(microsecond=0)
        run = _Run(client, who, begun)
        done = orders.Orders(client, begun, who.may(ALL_ORDERS)).between(Window(begin, end))
        return Synced(done.orders, done.changed, done.rejected, run.notes())

    def rebuild(self, link: Link) -> Synced:
        """The ledger made anew of the documents that are kept, in the order in which they came.
        Raises Failure."""
        done = rebuild(link)
        return Synced(done.orders, done.changed, done.rejected)

    def prune(self, link: Link, before: datetime) -> int:
        """Delete the documents that came before a moment; returns how many files."""
        return raw.store_of(link).prune(before)

    def discard(self, link: Link) -> int:
        """Delete the documents, what was told of customers, and the token; returns how many
        files. Raises Refused."""
        with suppress(Refused):
            client_of(link).tokens.forget()
        return privacy.discard(link)

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        """Documents of "orders" or "products" that were rejected, read again."""
        if stream == STREAM:
            return [load_lines(link, document) for document in documents]
        if stream == catalogue.STREAM:
            client = client_of(link)
            return [catalogue.replay(client, document) for document in documents]
        return [t("Documents of this kind come again by themselves.") for _ in documents]


@dataclass
class _Run:
    """One sync: what could not be read does not keep the rest from being read."""

    client: Client
    who: Identity
    begun: datetime
    failure: Failure | None = None

    def each(self, streams: Mapping[str, Stream]) -> Loaded:
        done = Loaded()
        for scope, sync in streams.items():
            self.client.link.watch.check()
            done += self._one(scope, sync)
        return done

    def orders(self) -> Loaded:
        """Without orders there is nothing: their failure is the sync's."""
        if not self.who.may("read_orders"):
            raise Denied(identity.absent("read_orders"), scope="read_orders")
        sees_all = self.who.may(ALL_ORDERS)
        return orders.Orders(self.client, self.begun, sees_all).sync()

    def end(self) -> None:
        if self.failure is not None:
            raise self.failure

    def notes(self) -> tuple[str, ...]:
        cut = self.client.link.state("history").get("cut")
        return (*([t(CUT)] if cut else []), *identity.missing(self.who), *self.client.notes)

    def _one(self, scope: str, sync: Stream) -> Loaded:
        if not self.who.may(scope):
            return Loaded()
        try:
            return sync(self.client, self.begun)
        except Denied as denied:
            self.client.note(denied.message)
        except TokenRefused:
            raise
        except Refused as failure:
            self.failure = self.failure or failure
        return Loaded()


def _opened(link: Link) -> tuple[Client, Identity]:
    """The shop asked who it is, and put into the warehouse."""
    client = client_of(link)
    who = identity.identity(client)
    settled = identity.settled(link, who)
    tokens = replace(client.tokens, link=settled)
    return replace(client, link=settled, tokens=tokens), who


def _history_from(link: Link) -> None:
    day = link.setting("history_from")
    try:
        date.fromisoformat(day or "2026-01-01")
    except ValueError:
        raise Refused(
            t("{day!r} is no day.", day=day[:40]), hint=t("Write it as 2024-01-31.")
        ) from None


CONNECTOR = ShopifyConnector()
