"""A stand-in shop, and a connection to it on a clock that only waiting moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from agent.errors import NotFound
from agent.records.connections import Connection
from agent.resilience import Upstreams
from agent.resilience.policies import policies_of
from agent.resilience.waiting import Time
from agent.sources import syncing
from agent.sources.connectors import Link, Synced, Watch
from agent.sources.shopify.auth import memory_of
from agent.sources.shopify.client import Client, client_of
from agent.warehouse.schema import ORDERS, SALES
from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

if TYPE_CHECKING:
    from agent.services import Services

import sqlalchemy as sa

ID = "alder"
ORDERS_ONLY = ("read_orders", "read_all_orders")
"""Scopes of an app that is quickly synced."""


@dataclass(frozen=True)
class Wired:
    """A connection to a stand-in; `slept` is every wait, in seconds."""

    standin: StandIn
    services: Services
    slept: list[float]

    @property
    def connection(self) -> Connection:
        return self.services.records.connections.get(ID)

    def link(self, watch: Watch | None = None) -> Link:
        return Link(self.services, self.connection, watch or Watch())

    def client(self) -> Client:
        return client_of(self.link())

    def sync(self, watch: Watch | None = None) -> Synced:
        return syncing.sync(self.services, ID, watch)

    def set(self, **settings: str) -> None:
        kept = {**self.connection.settings, **settings}
        self.services.records.connections.change(ID, settings=kept)

    def rows(self, table: sa.Table, *names: str) -> list[dict[str, Any]]:
        columns = [table.c[name] for name in names]
        return self.services.warehouse.read(sa.select(*columns)).to_pylist()

    def ledger(self) -> list[dict[str, Any]]:
        """Sales as Shop.truth() tells them."""
        names = (
            *("order_id", "sale_id", "happened_at", "local_date", "action", "line_type"),
            *("quantity", "gross", "discount", "reversal", "tax", "shipping", "duty", "fee"),
            *("presentment_currency", "presentment_amount", "revision"),
        )
        found = [_timed(row) for row in self.rows(SALES, *names)]
        return sorted(found, key=lambda row: (row["order_id"], row["sale_id"]))

    def orders(self) -> list[dict[str, Any]]:
        """Orders as Shop.true_orders() tells them."""
        names = ("order_id", "name", "customer_id", "placed_at", "local_date", "country")
        found = self.rows(ORDERS, *names, "cancelled_at", "revision")
        for row in found:
            row["cancelled"] = row.pop("cancelled_at") is not None
            _timed(row)
        return sorted(found, key=lambda row: str(row["order_id"]))


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    """A revision as the time of change alone: ours tells states within that second apart."""
    row["revision"] = row["revision"] // 1000 * 1000
    return row


Wiring = Callable[..., Wired]


@pytest.fixture
def wiring(opened: Callable[..., Services], clock: FrozenClock) -> Iterator[Wiring]:
    """Makes a connection to a stand-in, a new one of 60 orders where none is given."""
    running: list[StandIn] = []
    # A port may come again: what was known of another shop behind it must not.
    memory_of.cache_clear()

    def make(shop: Shop | None = None, **settings: str) -> Wired:
        standin = StandIn(shop or Shop.seeded(clock)).start()
        running.append(standin)
        services = opened(RATE_SHOPIFY="100000/minute, burst 100000")
        slept: list[float] = []

        def sleep(seconds: float, stopping: Event | None) -> None:
            slept.append(seconds)
            clock.advance(seconds)

        def now() -> float:
            return clock.now().timestamp()

        time = Time(now, now, sleep)
        policies = policies_of(services.settings)
        services = replace(services, upstreams=Upstreams(clock, None, policies, time=time))
        secret = services.secrets.put(f"{ID}.client_secret", standin.auth.client_secret, "test")
        given = {
            "shop": standin.address,
            "client_id": standin.auth.client_id,
            "client_secret": secret,
            **settings,
        }
        with suppress(NotFound):
            services.records.connections.remove(ID)
        services.records.connections.add(Connection(ID, "shopify", "Alder", "", given))
        return Wired(standin, services, slept)

    yield make
    for standin in running:
        standin.stop()


@pytest.fixture
def wired(wiring: Wiring) -> Wired:
    return wiring()
