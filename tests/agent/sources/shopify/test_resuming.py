"""A sync that is broken off anywhere goes on where it was, and nothing is twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import Failure
from agent.records.connections import Connections
from agent.sources.shopify import raw, wire
from agent.warehouse.duckdb import DuckDBWarehouse
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.agent.sources.shopify.test_sync import is_true
from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop

POINTS = (
    (wire, "post"),
    (wire, "fetched"),
    (raw.Store, "writing"),
    (DuckDBWarehouse, "merge"),
    (Connections, "save_state"),
)


@pytest.fixture
def small(wiring: Wiring, clock: FrozenClock) -> Wired:
    made = wiring(Shop.seeded(clock, orders=15, days=25))
    made.standin.auth.scopes = ORDERS_ONLY
    return made


@pytest.fixture
def longer(wiring: Wiring, clock: FrozenClock) -> Wired:
    """Of two windows."""
    made = wiring(Shop.seeded(clock, orders=15, days=40))
    made.standin.auth.scopes = ORDERS_ONLY
    return made


class Killed(BaseException):
    """What nothing catches."""


class Killer:
    """Ends the program at its nth step: before or after what the step does."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left = 0
        for place, name in POINTS:
            patch.setattr(place, name, self.watched(getattr(place, name)))

    def watched(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **more: Any) -> Any:
            self.count()
            found = real(*args, **more)
            self.count()
            return found

        return step

    def count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


def test_killed_at_every_step_of_the_history(
    longer: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer, kills = Killer(monkeypatch), 0
    for turn in range(1, 400):
        killer.left = turn
        try:
            longer.sync()
        except Killed:
            kills += 1
            continue
        break
    killer.left = 0
    assert kills > 12
    is_true(longer)
    started = len(longer.standin.bulk.operations)
    # One window of a month is started twice where its id could not be kept, and no other.
    assert started <= 3 + kills // 4


def test_killed_while_changes_are_read(
    small: Wired, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    small.sync()
    for _ in small.standin.shop.events(30, seed=5):
        clock.advance(3)
    clock.advance(5)
    killer = Killer(monkeypatch)
    for turn in range(1, 200, 4):
        killer.left = turn
        try:
            small.sync()
        except Killed:
            continue
        break
    is_true(small)


def test_an_export_under_way_is_taken_up_by_its_id(
    small: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.standin.bulk.seconds = 400.0
    monkeypatch.setattr("agent.sources.shopify.bulk.WAIT_SECONDS", 300.0)
    with pytest.raises(Failure, match="is not finished yet"):
        small.sync()
    assert len(small.standin.bulk.operations) == 1
    small.standin.bulk.seconds = 4.0
    small.sync()
    is_true(small)
    windows = [one.query.split('"')[1] for one in small.standin.bulk.operations.values()]
    assert len(set(windows)) == len(windows)


PASSING = (
    ("bulk_failed", "storage_500", "bulk_busy"),
    ("bulk_timeout", "storage_403"),
    ("bulk_canceled", "storage_cut"),
    *(("bulk_expired",), ("bulk_no_url",), ("bulk_lines_missing",)),
    *(("bulk_truncated",), ("bulk_html",)),
)


def test_every_trouble_of_an_export_that_passes(small: Wired) -> None:
    orders = len(small.standin.shop.true_orders())
    for faults in PASSING:
        for fault in faults:
            small.standin.faults.on(fault, 1)
        small.services.records.connections.save_state(ID, "orders", {})
        assert small.sync().read >= orders
    assert set(small.standin.faults.taken) == {fault for some in PASSING for fault in some}
    is_true(small)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("bulk_failed", r"gave the export up \(INTERNAL_SERVER_ERROR\)"),
        ("bulk_expired", "called off by Shopify"),
        ("bulk_no_url", "without a file"),
        ("bulk_lines_missing", "and Shopify counted"),
        ("storage_403", r"does not give the export \(403\)"),
        ("bulk_busy", "Other exports of the shop are under way"),
    ],
)
def test_a_trouble_that_stays_fails_loudly(
    small: Wired, fault: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.sources.shopify.bulk.WAIT_SECONDS", 300.0)
    small.standin.faults.on(fault, None)
    with pytest.raises(Failure, match=sentence):
        small.sync()
    assert "watermark" not in small.services.records.connections.state(ID, "orders")
    assert small.connection.message
    assert small.ledger() == []
    assert not list(raw.store_of(small.link()).folder.glob(".*"))
