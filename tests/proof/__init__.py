"""What takes too long for every run of the tests, proved on demand and printed as it is measured.

python -m tests.proof kills 50      backfills killed (SIGKILL) at random moments, each until it ends
python -m tests.proof events 2000   calls of a shop under every fault; the ledger beside its own
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agent.errors import Failure
from agent.records.connections import Connection
from agent.services import Services, SystemClock, open_services
from agent.settings import Settings
from agent.sources import syncing
from agent.sources.connectors import Link
from agent.sources.shopify import bulk, hooks, subscriptions
from agent.warehouse.schema import SALES
from tests.shopify_standin.faults import FAULTS
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import Delivery

ID = "alder"
SCOPES = ("read_orders", "read_all_orders", "read_customers")
HOOK_FAULTS = {"hook_late": 0.05, "hook_doubled": 0.2, "hook_shuffled": 0.2, "hook_lost": 0.02}
# Not those that end a connection for good: an app that was taken out of the shop.
LASTING = ("shop_not_permitted", "app_not_installed", "hook_forged", *HOOK_FAULTS)
COLUMNS = (
    *("order_id", "sale_id", "happened_at", "local_date", "action", "line_type", "quantity"),
    *("gross", "discount", "reversal", "tax", "shipping", "duty", "fee"),
)


@dataclass(frozen=True)
class Found:
    """What a proof found: whether the ledger is the shop's own, and what it went through."""

    same: bool
    rows: int
    told: str


def services_at(folder: Path) -> Services:
    return open_services(
        Settings.from_env(
            {
                "DATA_DIR": str(folder),
                "DEMO": "no",
                "PORT": "8050",
                "RATE_SHOPIFY": "100000/minute, burst 100000",
            }
        )
    )


def connected(folder: Path, standin: StandIn) -> None:
    standin.auth.scopes = SCOPES
    services = services_at(folder)
    secret = services.secrets.put(f"{ID}.client_secret", standin.auth.client_secret, "proof")
    given = {
        "shop": standin.address,
        "client_id": standin.auth.client_id,
        "client_secret": secret,
    }
    services.records.connections.add(Connection(ID, "shopify", "Alder", "", given))
    services.close()


def sync_alone(folder: str) -> None:
    """One sync in a process of its own, which may be killed at any moment."""
    bulk.POLL_SECONDS = 0.05
    services = services_at(Path(folder))
    syncing.sync(services, ID)
    services.close()


def ledger(services: Services) -> list[dict[str, Any]]:
    rows = services.warehouse.read(sa.select(*(SALES.c[name] for name in COLUMNS))).to_pylist()
    return sorted(rows, key=lambda row: (row["order_id"], row["sale_id"]))


def truth(shop: Shop) -> list[dict[str, Any]]:
    return [{name: row[name] for name in COLUMNS} for row in shop.truth()]


def kills(count: int, orders: int = 400, seed: int = 11) -> Found:
    """First syncs killed at random moments, each until one try comes to its end; in empty folders,
    round after round, until `count` kills have landed."""
    chance = random.Random(seed)
    starts = multiprocessing.get_context("forkserver")
    starts.set_forkserver_preload(["tests.proof", "agent.warehouse.duckdb", "pyarrow"])
    shop = Shop.seeded(SystemClock(), orders=orders, days=400)
    # What all children are forked from takes its time to start, once.
    first = starts.Process(target=int)
    first.start()
    first.join()
    with StandIn(shop) as standin:
        standin.bulk.seconds = 0.1
        # One that is left alone, to know which moments there are.
        rounds = [_round(standin, starts, iter(()))]
        while (killed := sum(one.killed for one in rounds)) < count:
            moments = (chance.uniform(0, rounds[0].seconds) for _ in range(count - killed))
            rounds.append(_round(standin, starts, moments))
    good = [one for one in rounds if one.exited == 0 and one.ledger == truth(shop)]
    told = f"killed {killed} times in {len(rounds)} rounds, {len(good)} of them whole"
    return Found(len(good) == len(rounds), len(rounds[-1].ledger), told)


@dataclass(frozen=True)
class Round:
    """A sync that began in an empty folder: how often it was killed, how the try that nobody killed
    ended and how long that took, and what the ledger held then."""

    killed: int
    exited: int | None
    seconds: float
    ledger: list[dict[str, Any]]


def _round(standin: StandIn, starts: Any, moments: Iterator[float]) -> Round:
    """Tries killed at `moments` (seconds), until one ends before its own or none is left."""
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        connected(Path(folder), standin)
        while True:
            begun = time.perf_counter()
            child = starts.Process(target=sync_alone, args=(folder,))
            child.start()
            child.join(next(moments, None))
            if not child.is_alive():
                break
            child.kill()
            child.join()
            killed += 1
        seconds = time.perf_counter() - begun
        services = services_at(Path(folder))
        try:
            return Round(killed, child.exitcode, seconds, ledger(services))
        finally:
            services.close()


def events(count: int, seed: int = 2) -> Found:
    """`count` things that happen in a shop that calls, while calls and questions fail."""
    clock = _Still()
    shop = Shop.seeded(clock)
    failures = 0
    with StandIn(shop) as standin, tempfile.TemporaryDirectory() as folder:
        connected(Path(folder), standin)
        services = _quick(Path(folder), clock)
        syncing.sync(services, ID)
        subscriptions.repair(Link(services, services.records.connections.get(ID)))
        standin.faults.seconds = 0.05
        _switch(standin, seed)
        for place, _ in enumerate(shop.events(count, seed=seed)):
            clock.advance(20)
            standin.courier.deliver(lambda one: _carried(services, one))
            if place % 20 == 0:
                with suppress(Failure):
                    hooks.work(services, services.records.connections.get(ID))
            if place % 100 == 0:
                try:
                    syncing.sync(services, ID)
                except Failure:
                    failures += 1
        standin.faults.off()
        # A day later: the next sync reads the last week again, as it does every night.
        clock.advance(26 * 3600)
        standin.courier.deliver(lambda one: _carried(services, one), everything=True)
        hooks.work(services, services.records.connections.get(ID))
        syncing.sync(services, ID)
        ours = ledger(services)
        services.close()
        lost = _only_lost(ours, truth(shop), shop)
        told = f"{count} events, {failures} syncs failed on the way, {len(standin.api.asked)} asked"
        return Found(lost, len(ours), told)


def _only_lost(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], shop: Shop) -> bool:
    """The same, but for orders whose deletion nobody called about: no question tells of those."""
    alive = {str(order_id) for order_id in shop.orders}
    return [row for row in ours if row["order_id"] in alive] == theirs


def _switch(standin: StandIn, seed: int) -> None:
    for name, chance in HOOK_FAULTS.items():
        standin.faults.on(name, times=None, probability=chance, seed=seed)
    for name in (name for name in FAULTS if name not in LASTING):
        standin.faults.on(name, times=None, probability=0.01, seed=seed + len(name))


def _carried(services: Services, one: Delivery) -> int:
    call = hooks.Call({name.lower(): text for name, text in one.headers.items()}, one.body)
    hooks.receive(services, ID, call)
    return 200


class _Still:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self._now = SystemClock().now().replace(microsecond=0)

    def now(self) -> Any:
        return self._now

    def advance(self, seconds: float) -> None:
        from datetime import timedelta

        self._now += timedelta(seconds=seconds)


def _quick(folder: Path, clock: _Still) -> Services:
    """Services on a clock on which every wait is over at once."""
    from dataclasses import replace

    from agent.resilience import Time, Upstreams, policies_of

    settings = Settings.from_env(
        {"DATA_DIR": str(folder), "DEMO": "no", "RATE_SHOPIFY": "100000/minute, burst 100000"}
    )
    services = open_services(settings, clock)

    def now() -> float:
        return float(clock.now().timestamp())

    waits = Time(now, now, lambda seconds, stopping: clock.advance(seconds))
    upstreams = Upstreams(clock, None, policies_of(settings), time=waits)
    return replace(services, upstreams=upstreams)
